using System.Globalization;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;

namespace TravelPerkScim.Mapping.Compare;

/// <summary>Compares the user mappings of two synchronization schemas by what they do, and not by how they are written: order, ids, blanks
/// in expressions and trees beside their text count for nothing.</summary>
public static class MappingComparison
{
    private static readonly string[] s_actions = ["Add", "Update", "Delete"];

    /// <summary>The differences: users as a whole first, then attribute by attribute in the order of the reference, and what the difference
    /// adds at the end. None when both do the same.</summary>
    /// <param name="reference">What is compared with.</param>
    /// <param name="difference">What is compared.</param>
    /// <exception cref="MappingException"><c>NoUserMapping</c>: one of them maps no users.</exception>
    public static IReadOnlyList<MappingDifference> Compare(SynchronizationSchema reference, SynchronizationSchema difference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(difference);
        ObjectMapping before = reference.UserMapping,
            after = difference.UserMapping;
        var found = new List<MappingDifference?>
        {
            Actions(before, after),
            Scope(before.Scope?.Groups, after.Scope?.Groups, leaves: true),
            Scope(before.Scope?.InputFilterGroups, after.Scope?.InputFilterGroups, leaves: false),
        };
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (AttributeMapping one in before.AttributeMappings.Concat(after.AttributeMappings))
        {
            if (seen.Add(one.TargetAttributeName))
                found.Add(
                    Attribute(
                        one.TargetAttributeName,
                        before.Find(one.TargetAttributeName),
                        after.Find(one.TargetAttributeName),
                        reference,
                        difference
                    )
                );
        }
        return [.. found.OfType<MappingDifference>()];
    }

    private static MappingDifference? Attribute(
        string name,
        AttributeMapping? before,
        AttributeMapping? after,
        SynchronizationSchema reference,
        SynchronizationSchema difference
    )
    {
        if (after is null)
            return new(
                name,
                MappingDifferenceKinds.Missing,
                Source(before!),
                null,
                $"{name} is not written any more: TravelPerk keeps what it has.{Matched(before!, " Users are no longer matched by it.")}"
            );
        if (before is null)
            return new(
                name,
                MappingDifferenceKinds.Added,
                null,
                Source(after),
                $"{name} is written "
                    + $"too{(after.FlowType == AttributeFlowType.ObjectAddOnly ? ", when a user is created" : "")}.{Matched(after, " Users are matched by it as well.")}"
            );
        (string? was, string? now) = (Source(before), Source(after));
        MappingDifferenceKinds what = MappingDifferenceKinds.None;
        var effects = new List<string>();
        Note(
            was != now,
            MappingDifferenceKinds.Source,
            () =>
                now is null ? $"{name} is left alone: it has no source any more."
                : was is null ? $"{name} gets the value of {now}; it had no source before."
                : $"{name} gets the value of {now} instead of {was}."
        );
        (string? oldDefault, string? newDefault) = (Some(before.DefaultValue), Some(after.DefaultValue));
        Note(
            oldDefault != newDefault,
            MappingDifferenceKinds.Default,
            () =>
                newDefault is null
                    ? $"New users without a value get none instead of \"{oldDefault}\"."
                    : $"New users without a value get \"{newDefault}\" instead of {(oldDefault is null ? "none" : $"\"{oldDefault}\"")}."
        );
        Note(
            before.FlowType != after.FlowType || before.FlowBehavior != after.FlowBehavior,
            MappingDifferenceKinds.Flow,
            () => $"It is written {When(after)} instead of {When(before)}."
        );
        Note(
            before.MatchingPriority != after.MatchingPriority,
            MappingDifferenceKinds.Matching,
            () =>
                after.MatchingPriority == 0 ? "Users are no longer matched by it."
                : before.MatchingPriority == 0
                    ? string.Create(CultureInfo.InvariantCulture, $"Users are matched by it, with precedence {after.MatchingPriority}.")
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"Its matching precedence is {after.MatchingPriority} instead of {before.MatchingPriority}."
                )
        );
        string? defined = Definition(reference.TargetDefinition(name), difference.TargetDefinition(name));
        Note(defined is not null, MappingDifferenceKinds.Definition, () => defined!);
        return what == MappingDifferenceKinds.None ? null : new(name, what, was, now, string.Join(" ", effects));

        void Note(bool differs, MappingDifferenceKinds kind, Func<string> effect)
        {
            if (!differs)
                return;
            what |= kind;
            effects.Add(effect());
        }
    }

    private static MappingDifference? Scope(SchemaList<FilterGroup>? before, SchemaList<FilterGroup>? after, bool leaves)
    {
        string? was = Filter(before),
            now = Filter(after);
        if (was == now)
            return null;
        string effect =
            now is null ? "Everyone is in scope."
            : was is null ? $"Only users with {now} are in scope."
            : $"Users with {now} are in scope instead of those with {was}.";
        string leavers =
            now is null ? ""
            : leaves ? " Users who leave the scope are disabled."
            : " Users who leave this filter are not looked at any more, and stay as they are.";
        return new(null, MappingDifferenceKinds.Scope, was, now, effect + leavers);
    }

    // The order of groups and the titles that administrators gave them change nothing.
    private static string? Filter(SchemaList<FilterGroup>? groups)
    {
        IEnumerable<string> filters =
            from filterGroup in groups ?? Enumerable.Empty<FilterGroup>()
            where filterGroup.Clauses.Count > 0
            select string.Join(" AND ", filterGroup.Clauses.Select(ScopeText.Print).Order(StringComparer.Ordinal));
        string[] texts = [.. filters.Distinct().Order(StringComparer.Ordinal)];
        return texts.Length == 0 ? null : string.Join(" OR ", texts);
    }

    private static MappingDifference? Actions(ObjectMapping before, ObjectMapping after)
    {
        string was = Allowed(before),
            now = Allowed(after);
        return was == now
            ? null
            : new(
                null,
                MappingDifferenceKinds.Actions,
                was,
                now,
                $"The mapping allows {(now.Length == 0 ? "nothing" : now)} instead of {(was.Length == 0 ? "nothing" : was)}."
            );
    }

    // No flow types at all allow everything.
    private static string Allowed(ObjectMapping mapping) =>
        mapping.FlowTypes is not { } types
            ? "Add, Update, Delete"
            : string.Join(", ", s_actions.Intersect(types.Split(',', StringSplitOptions.TrimEntries), StringComparer.OrdinalIgnoreCase));

    private static string? Definition(AttributeDefinition? before, AttributeDefinition? after)
    {
        if (before is null || after is null)
            return null;
        var parts = new List<string>();
        if (before.Type != after.Type)
            parts.Add($"Its type is {after.Type} instead of {before.Type}.");
        if (before.Multivalued != after.Multivalued)
            parts.Add(after.Multivalued ? "It is a list of values." : "It is a single value.");
        if (before.FlowNullValues != after.FlowNullValues)
            parts.Add(
                after.FlowNullValues
                    ? "A value that is cleared in the source is cleared in TravelPerk."
                    : "A value that is cleared in the source stays in TravelPerk."
            );
        return parts.Count == 0 ? null : string.Join(" ", parts);
    }

    private static string? Source(AttributeMapping mapping)
    {
        if (mapping.IsNone)
            return null;
        try
        {
            return mapping.Source!.ToString();
        }
        catch (MappingException)
        {
            // What does not parse is compared as it is written.
            return mapping.Source!.Expression ?? mapping.Source.Name;
        }
    }

    private static string When(AttributeMapping mapping) =>
        mapping.FlowType switch
        {
            AttributeFlowType.ObjectAddOnly => "only when a user is created",
            AttributeFlowType.ValueAddOnly => "only where TravelPerk has no value",
            AttributeFlowType.AttributeAddOnly => "only where TravelPerk lacks the attribute",
            AttributeFlowType.MultiValueAddOnly => "so that values are only added",
            _ => mapping.FlowBehavior == AttributeFlowBehavior.FlowAlways ? "at any change of the user" : "whenever it changes",
        };

    private static string Matched(AttributeMapping mapping, string text) => mapping.MatchingPriority > 0 ? text : "";

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
