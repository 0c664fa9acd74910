namespace TravelPerkScim.Entra.Reading;

/// <summary>One assignment to the application.</summary>
/// <param name="Principal">User or group.</param>
/// <param name="Role">All zeros is default access.</param>
/// <param name="IsGroup">Whether the principal is a group.</param>
internal readonly record struct Assignment(Guid Principal, Guid Role, bool IsGroup);

/// <summary>A group that matters, with its members as far as they do.</summary>
internal sealed class KeptGroup(string displayName)
{
    public string DisplayName { get; set; } = displayName;

    public HashSet<Guid> Users { get; init; } = [];

    /// <summary>Kept only where nested groups count.</summary>
    public HashSet<Guid> Groups { get; init; } = [];

    /// <summary>It is assigned, and counts as absent; a change of it is a reason to look again.</summary>
    public bool Missing { get; init; }

    /// <summary>It could not be read, though it was named: what is here is what was known before, and the next read asks again.</summary>
    public bool Pending { get; init; }

    /// <summary>When it was first not found, and since then never found.</summary>
    public DateTimeOffset? NotFoundSince { get; init; }

    /// <summary>It was read at some time, so that its name and members are known.</summary>
    public bool Known { get; init; } = true;
}

/// <summary>Who is entitled, and why: what a watermark carries from cycle to cycle beside the links.</summary>
internal sealed class Membership
{
    /// <summary>What a reason calls the application.</summary>
    public string ApplicationName { get; set; } = "";

    /// <summary>Values of the application's roles by their ids; empty for a role without one.</summary>
    public Dictionary<Guid, string> Roles { get; init; } = [];

    public List<Assignment> Assignments { get; set; } = [];

    /// <summary>
    /// Assignments of the last read that are of another form than Graph gives. Not part of a watermark: each read reads all assignments.
    /// </summary>
    public int UnreadAssignments { get; set; }

    public Dictionary<Guid, KeptGroup> Groups { get; set; } = [];

    /// <summary>Where the next round of the groups' changes begins; null when groups are not read.</summary>
    public string? GroupsLink { get; set; }

    public IEnumerable<Guid> AssignedGroups =>
        Assignments.Where(assignment => assignment.IsGroup).Select(assignment => assignment.Principal).Distinct();

    /// <summary>Groups that are assigned, or inside assigned ones, and could not be read.</summary>
    public IEnumerable<Guid> PendingGroups()
    {
        if (!Groups.Values.Any(group => group.Pending))
            return [];
        HashSet<KeptGroup> reached = [.. AssignedGroups.SelectMany(WithNested)];
        return Groups.Where(pair => pair.Value.Pending && reached.Contains(pair.Value)).Select(pair => pair.Key).Order();
    }

    /// <summary>The group and the groups inside it, each once, however they contain each other.</summary>
    public IEnumerable<KeptGroup> WithNested(Guid group)
    {
        var seen = new HashSet<Guid> { group };
        var waiting = new Queue<Guid>(seen);
        while (waiting.TryDequeue(out Guid next))
        {
            if (!Groups.TryGetValue(next, out KeptGroup? kept))
                continue;
            yield return kept;
            foreach (Guid nested in kept.Groups.Where(seen.Add))
                waiting.Enqueue(nested);
        }
    }
}
