using System.Globalization;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;

namespace TravelPerkScim.Mapping.Compare;

/// <summary>Compares the user mappings of two synchronization schemas by their effect. Order, ids, blanks in expressions, and trees beside
/// their text are no difference.</summary>
public static class MappingComparison
{
    private static readonly string[] s_actions = ["Add", "Update", "Delete"];

    private static readonly Dictionary<AttributeFlowType, string> s_flows = new()
    {
        [AttributeFlowType.ObjectAddOnly] = "only when a user is created",
        [AttributeFlowType.ValueAddOnly] = "only where TravelPerk has no value",
        [AttributeFlowType.AttributeAddOnly] = "only where TravelPerk lacks the attribute",
        [AttributeFlowType.MultiValueAddOnly] = "so that values are only added",
    };

    /// <summary>The differences: users as a whole first, then the attributes in the order of the reference, then the attributes that only
    /// the difference has. Empty when both mappings have the same effect.</summary>
    /// <param name="reference">The schema to compare with.</param>
    /// <param name="difference">The schema that is compared.</param>
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
            Scope(before.ScopeOrEveryone.Groups, after.ScopeOrEveryone.Groups, leaves: true),
            Scope(before.ScopeOrEveryone.InputFilterGroups, after.ScopeOrEveryone.InputFilterGroups, leaves: false),
        };
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (AttributeMapping one in before.AttributeMappings.Concat(after.AttributeMappings))
        {
            if (seen.Add(one.TargetAttributeName))
            {
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
            return Missing(name, before!);
        if (before is null)
            return Added(name, after);
        (string? was, string? now) = (Source(before), Source(after));
        MappingDifferenceKinds what = MappingDifferenceKinds.None;
        var effects = new List<string>();
        Note(was != now, MappingDifferenceKinds.Source, SourceEffect(name, was, now));
        (string oldDefault, string newDefault) = (DefaultOf(before), DefaultOf(after));
        Note(
            oldDefault != newDefault,
            MappingDifferenceKinds.Default,
            $"New users without a value get {newDefault} instead of {oldDefault}."
        );
        Note(
            before.FlowType != after.FlowType || before.FlowBehavior != after.FlowBehavior,
            MappingDifferenceKinds.Flow,
            $"It is written {When(after)} instead of {When(before)}."
        );
        Note(
            before.MatchingPriority != after.MatchingPriority,
            MappingDifferenceKinds.Matching,
            MatchingEffect(before.MatchingPriority, after.MatchingPriority)
        );
        string defined = Definition(reference.TargetDefinition(name), difference.TargetDefinition(name));
        Note(defined.Length > 0, MappingDifferenceKinds.Definition, defined);
        return what == MappingDifferenceKinds.None ? null : new(name, what, was, now, string.Join(" ", effects));

        void Note(bool differs, MappingDifferenceKinds kind, string effect)
        {
            if (!differs)
                return;
            what |= kind;
            effects.Add(effect);
        }
    }

    private static MappingDifference Missing(string name, AttributeMapping before)
    {
        string matching = before.MatchingPriority > 0 ? " Users are no longer matched by it." : "";
        string effect = $"{name} is not written any more: TravelPerk keeps its value.{matching}";
        return new MappingDifference(name, MappingDifferenceKinds.Missing, Source(before), null, effect);
    }

    private static MappingDifference Added(string name, AttributeMapping after)
    {
        string when = after.FlowType == AttributeFlowType.ObjectAddOnly ? ", when a user is created" : "";
        string matching = after.MatchingPriority > 0 ? " Users are matched by it as well." : "";
        return new MappingDifference(name, MappingDifferenceKinds.Added, null, Source(after), $"{name} is written too{when}.{matching}");
    }

    private static string SourceEffect(string name, string? was, string? now)
    {
        if (now is null)
            return $"{name} is left alone: it has no source any more.";
        return was is null
            ? $"{name} gets the value of {now}; it had no source before."
            : $"{name} gets the value of {now} instead of {was}.";
    }

    private static string MatchingEffect(int was, int now)
    {
        if (now == 0)
            return "Users are no longer matched by it.";
        return was == 0
            ? string.Create(CultureInfo.InvariantCulture, $"Users are matched by it, with precedence {now}.")
            : string.Create(CultureInfo.InvariantCulture, $"Its matching precedence is {now} instead of {was}.");
    }

    private static string DefaultOf(AttributeMapping mapping) =>
        string.IsNullOrEmpty(mapping.DefaultValue) ? "none" : $"\"{mapping.DefaultValue}\"";

    private static MappingDifference? Scope(SchemaList<FilterGroup> before, SchemaList<FilterGroup> after, bool leaves)
    {
        string? was = Filter(before),
            now = Filter(after);
        if (was == now)
            return null;
        if (now is null)
            return new(null, MappingDifferenceKinds.Scope, was, now, "Everyone is in scope.");
        string effect = was is null
            ? $"Only users with {now} are in scope."
            : $"Users with {now} are in scope instead of those with {was}.";
        string leavers = leaves
            ? "Users who leave the scope are disabled."
            : "Users who leave this filter are not looked at any more, and stay as they are.";
        return new(null, MappingDifferenceKinds.Scope, was, now, $"{effect} {leavers}");
    }

    // The order of groups and the titles that administrators gave them change nothing.
    private static string? Filter(SchemaList<FilterGroup> groups)
    {
        IEnumerable<string> filters =
            from filterGroup in groups
            where filterGroup.HasClauses
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
            : new(null, MappingDifferenceKinds.Actions, was, now, $"The mapping allows {OrNothing(now)} instead of {OrNothing(was)}.");
    }

    private static string OrNothing(string actions) => actions.Length == 0 ? "nothing" : actions;

    private static string Allowed(ObjectMapping mapping) => string.Join(", ", s_actions.Where(mapping.Allows));

    private static string Definition(AttributeDefinition? before, AttributeDefinition? after)
    {
        if (before is null || after is null)
            return "";
        var parts = new List<string>();
        if (before.Type != after.Type)
            parts.Add($"Its type is {after.Type} instead of {before.Type}.");
        if (before.Multivalued != after.Multivalued)
            parts.Add(after.Multivalued ? "It is a list of values." : "It is a single value.");
        if (before.FlowNullValues != after.FlowNullValues)
        {
            parts.Add(
                after.FlowNullValues
                    ? "A value that is cleared in the source is cleared in TravelPerk."
                    : "A value that is cleared in the source stays in TravelPerk."
            );
        }
        return string.Join(" ", parts);
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
            // A source that does not parse is compared as it is written.
            return mapping.Source!.Expression ?? mapping.Source.Name;
        }
    }

    private static string When(AttributeMapping mapping)
    {
        if (s_flows.TryGetValue(mapping.FlowType, out string? when))
            return when;
        return mapping.FlowBehavior == AttributeFlowBehavior.FlowAlways ? "at any change of the user" : "whenever it changes";
    }
}
