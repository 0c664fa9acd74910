namespace TravelPerkScim.Entra.Reading;

/// <summary>One assignment to the application.</summary>
/// <param name="Principal">User or group.</param>
/// <param name="Role">All zeros is default access.</param>
/// <param name="IsGroup">Whether the principal is a group.</param>
internal readonly record struct Assignment(Guid Principal, Guid Role, bool IsGroup);

/// <summary>A group that matters, with the members that matter.</summary>
internal sealed class KeptGroup(string displayName)
{
    public string DisplayName { get; set; } = displayName;

    public HashSet<Guid> Users { get; init; } = [];

    /// <summary>Groups inside the group. Kept only where nested groups count.</summary>
    public HashSet<Guid> Groups { get; init; } = [];

    /// <summary>The group is assigned and counts as absent. The next read looks for it again.</summary>
    public bool Missing { get; init; }

    /// <summary>The group was named and could not be read. Name and members are those known before, and the next read asks again.</summary>
    public bool Pending { get; init; }

    /// <summary>The next read looks for the group again.</summary>
    public bool IsUnsettled => Pending || Missing;

    /// <summary>When the group was first not found, if it was never found since.</summary>
    public DateTimeOffset? NotFoundSince { get; init; }

    /// <summary>The group was read at some time, so its name and members are known.</summary>
    public bool Known { get; init; } = true;

    public bool HasName => Known && DisplayName.Length > 0;

    /// <summary>The group is there, under a name.</summary>
    public bool IsListed => !Missing && HasName;
}

/// <summary>The assignments and groups that entitle users. A watermark carries them from cycle to cycle beside the links.</summary>
internal sealed class Membership
{
    /// <summary>The application's name in a reason.</summary>
    public string ApplicationName { get; set; } = "";

    /// <summary>Values of the application's roles by their ids; empty for a role without one.</summary>
    public Dictionary<Guid, string> Roles { get; init; } = [];

    public List<Assignment> Assignments { get; set; } = [];

    /// <summary>
    /// Number of assignments of the last read that have another form than Graph's. It is not part of a watermark, because each read reads
    /// all assignments.
    /// </summary>
    public int UnreadAssignments { get; set; }

    public Dictionary<Guid, KeptGroup> Groups { get; set; } = [];

    /// <summary>Where the next rounds of the groups' changes begin; none when groups are not read, or none matters.</summary>
    public List<TrackedLink> GroupLinks { get; set; } = [];

    /// <summary>Users and groups of the tenant; null when they were not counted yet.</summary>
    public TenantSize? Size { get; set; }

    /// <summary>Users who were entitled and are soft-deleted.</summary>
    public RecycleBin Bin { get; init; } = new();

    public IEnumerable<Guid> AssignedGroups =>
        Assignments.Where(assignment => assignment.IsGroup).Select(assignment => assignment.Principal).Distinct();

    /// <summary>Groups that are assigned, or inside assigned ones, and could not be read.</summary>
    public IEnumerable<Guid> PendingGroups()
    {
        if (!Groups.Values.Any(group => group.Pending))
            return [];
        HashSet<KeptGroup> reached = [.. AssignedGroups.SelectMany(WithNested)];
        return Groups.Keys.Where(id => Groups[id].Pending && reached.Contains(Groups[id])).Order();
    }

    /// <summary>The users whom an assignment entitles: the user that is assigned, or the members of the group.</summary>
    public IEnumerable<Guid> UsersOf(Assignment assignment) =>
        assignment.IsGroup ? WithNested(assignment.Principal).SelectMany(group => group.Users) : [assignment.Principal];

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
