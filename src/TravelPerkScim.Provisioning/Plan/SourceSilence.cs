using System.Globalization;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>
/// What a source as a whole does not say. A file that was exported without an attribute looks just like one in which everybody lost it:
/// nothing is cleared because of that, and an admin is told.
/// </summary>
internal sealed class SourceSilence(SourceReading reading, BoundMapping bound, CompiledScope scope, StateSnapshot snapshot, string source)
{
    /// <summary>So many entries had a value, and none has one now: an export without the attribute, and no coincidence. An attribute that
    /// is missing altogether needs no such proof.</summary>
    private const int NoCoincidence = 3;

    /// <summary>Lines fewer than in the cycle before that an admin is told of.</summary>
    private const int ManyFewer = 5;

    private const double ManyFewerShare = 0.1;

    /// <summary>Brings what was read in accord with what the source says at all. Call it when the read is over.</summary>
    /// <param name="listsEverybody">The read listed every user.</param>
    /// <param name="knowsAttributes">What was noted of attributes is of all users: the read listed every user, or looked for some of them
    /// among all.</param>
    public void Apply(bool listsEverybody, bool knowsAttributes)
    {
        // Without a readable entry nothing is known of attributes.
        if (reading.Attributes is not { Entries: > 0 } attributes)
            return;

        HashSet<string> lost = LostSince(attributes);
        KeepValues(lost, attributes);
        string[] scoping =
        [
            .. scope
                .Attributes.Select(SourceAttributeNames.Canonical)
                .Where(name => lost.Contains(name) || (knowsAttributes && IsNeverGiven(name, attributes)))
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        if (scoping.Length > 0)
            LeaveScopeAlone(scoping, known: scoping.All(lost.Contains));
        if (listsEverybody)
            TellOfLines(attributes);
        Remember(attributes, lost);
    }

    // Attributes that the source gave in an earlier cycle.
    private HashSet<string> LostSince(SourceAttributes now) =>
        snapshot
            .Given.Where(before => before.Value > 0 && IsLost(before.Key, before.Value, now))
            .Select(before => before.Key)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    // Users who exist keep the values that are made of what the source does not say.
    private void KeepValues(HashSet<string> lost, SourceAttributes attributes)
    {
        TargetAttribute[] silent = [.. bound.Attributes.Where(a => Reads(a, lost.Contains))];
        TargetAttribute[] ungiven = [.. silent, .. bound.Attributes.Where(a => Reads(a, name => !attributes.Given.ContainsKey(name)))];
        foreach (DesiredUser user in reading.Changed.Concat(reading.AwaitingManager))
            Hush(user.Values, silent, ungiven);
        foreach (Assessment.Invalid invalid in reading.All<Assessment.Invalid>().ToList())
            Reconsider(invalid.User, invalid.Code, silent, ungiven);
        if (silent.Length > 0)
            reading.Warnings.Add(Lost(lost, silent));
    }

    // The module itself says of each user whether it is soft-deleted.
    private static bool IsNeverGiven(string name, SourceAttributes attributes) =>
        !attributes.Given.ContainsKey(name) && !string.Equals(name, "IsSoftDeleted", StringComparison.OrdinalIgnoreCase);

    // A filter over an attribute that no entry has puts every user in scope, or none.
    private void LeaveScopeAlone(string[] scoping, bool known)
    {
        foreach (Assessment assessed in reading.Assessments.ToList())
        {
            if (assessed is Assessment.Leaves { Releases: true } or Assessment.Changed { User.Link: not { Enabled: true } })
                reading.Forget(assessed.Anchor);
            else if (assessed is Assessment.Skipped { Departure: Departure.OutOfScope or Departure.NotEntitled } left)
                reading.Assess(WithoutDeparture(left));
        }
        string names = string.Join(", ", scoping);
        (string lacks, string again) = known ? ("no longer has", " again") : ("does not have", "");
        reading.Warnings.Add(
            $"{source} {lacks} {names}, which the scoping filter reads, so who is in scope is not known. "
                + "No user is created, enabled, or disabled for leaving the scope. "
                + $"Export the users with it{again}, or change the filter with Set-ScimScope."
        );
    }

    // A user whom an earlier cycle saw leave has left all the same.
    private Assessment.Skipped WithoutDeparture(Assessment.Skipped left)
    {
        bool leftNow = snapshot.LinkOf(left.Anchor) is { Enabled: true };
        return left with { Released = false, Departure = leftNow ? Departure.None : left.Departure };
    }

    private static bool IsLost(string name, long before, SourceAttributes now) =>
        !now.Given.TryGetValue(name, out long count) || (count == 0 && before >= NoCoincidence);

    private static bool Reads(TargetAttribute attribute, Func<string, bool> isSo) =>
        attribute.Inputs.Select(SourceAttributeNames.Canonical).Any(isSo);

    // A value made of several attributes would lose a part without one of them.
    private static void Hush(object?[] values, TargetAttribute[] silent, TargetAttribute[] ungiven)
    {
        foreach (TargetAttribute attribute in silent)
        {
            if (values[attribute.Slot] is not (null or IgnoredFlow or SourceReference) and var value)
                values[attribute.Slot] = IgnoredFlow.ExceptOnCreate(value);
        }
        foreach (TargetAttribute attribute in ungiven)
            values[attribute.Slot] ??= IgnoredFlow.NotGiven;
    }

    // A user who exists keeps the values that TravelPerk requires and the source no longer gives.
    private void Reconsider(DesiredUser user, string code, TargetAttribute[] silent, TargetAttribute[] ungiven)
    {
        if (code != "MissingValues" || user.Link is null)
            return;
        Hush(user.Values, silent, ungiven);
        if (ValueRules.FirstBroken(bound, user.Values, exists: true) is null)
            reading.Assess(new Assessment.Changed(user));
    }

    private string Lost(HashSet<string> lost, TargetAttribute[] silent)
    {
        string names = string.Join(", ", lost.Where(name => silent.Any(a => Reads(a, name.Equals))).Order(StringComparer.Ordinal));
        string mapped = string.Join(", ", silent.Select(a => a.Flow.TargetName));
        return $"{source} no longer has {names}, which the mapping of {mapped} reads. Users who exist keep these values. "
            + "Export the users with it again, or change the mapping with Set-ScimMapping.";
    }

    // A CSV that is cut off in the middle of a line shows it; at a line end only the number of lines does.
    private void TellOfLines(SourceAttributes attributes)
    {
        long missing = snapshot.LinesBefore - attributes.Entries;
        if (attributes.HasEndMark || missing < ManyFewer || missing < snapshot.LinesBefore * ManyFewerShare)
            return;
        reading.Warnings.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{source} lists {attributes.Entries} users, {missing} fewer than in the last cycle. "
                    + $"A file of lines that was cut off at the end of one looks complete: "
                    + $"in case it was, export the users again. JSON (one array) shows where it ends."
            )
        );
    }

    private void Remember(SourceAttributes attributes, HashSet<string> lost)
    {
        var given = new Dictionary<string, long>(attributes.Given, StringComparer.OrdinalIgnoreCase);
        foreach (string name in lost)
            given[name] = snapshot.Given[name];
        reading.Given = new GivenAttributes(given, attributes.Entries);
    }
}
