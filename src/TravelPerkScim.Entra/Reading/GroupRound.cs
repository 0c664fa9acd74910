namespace TravelPerkScim.Entra.Reading;

/// <summary>Members of one group that a round lists.</summary>
/// <param name="Came">New members.</param>
/// <param name="Left">Former members.</param>
internal sealed record MemberChanges(KeptGroup Came, KeptGroup Left);

/// <summary>The changes of groups in one round, while the round is read.</summary>
internal sealed class GroupRound(Membership membership)
{
    public Membership Membership { get; } = membership;

    /// <summary>Groups to be read whole.</summary>
    public HashSet<Guid> Unknown { get; } = [];

    /// <summary>Groups that the round lists as existing.</summary>
    public HashSet<Guid> Named { get; } = [];

    /// <summary>Groups that the round lists as removed.</summary>
    public HashSet<Guid> Removed { get; } = [];

    /// <summary>The round lists the group as removed, and not as existing.</summary>
    public bool IsRemoved(Guid id) => Removed.Contains(id) && !Named.Contains(id);

    /// <summary>Groups as they were known before they were looked up. They still count when the look-up finds nothing.</summary>
    public Dictionary<Guid, KeptGroup> Former { get; } = [];

    /// <summary>Groups whose changes the links of the read before tell. What a new link lists of them may be older.</summary>
    public HashSet<Guid> Followed { get; } = FollowedBy(membership);

    private readonly Dictionary<Guid, List<MemberChanges>> _changes = [];

    private static HashSet<Guid> FollowedBy(Membership membership) =>
        membership.GroupLinks.Exists(link => !link.HasFilter)
            ? [.. membership.Groups.Keys]
            : [.. membership.GroupLinks.SelectMany(link => link.Ids!)];

    /// <summary>The group is to be read whole.</summary>
    /// <param name="id">The group's object id.</param>
    /// <param name="changes">The changes of its members in the round.</param>
    public void LookUp(Guid id, MemberChanges? changes = null)
    {
        if (Membership.Groups.Remove(id, out KeptGroup? kept))
            Former.TryAdd(id, kept);
        Unknown.Add(id);
        if (changes is not null)
            (_changes.TryGetValue(id, out List<MemberChanges>? before) ? before : _changes[id] = []).Add(changes);
    }

    /// <summary>A first round lists the group whole. A member that it does not list has left.</summary>
    public void ListAgain(Guid id)
    {
        if (Membership.Groups.Remove(id, out KeptGroup? kept))
            Former.TryAdd(id, kept);
    }

    /// <summary>Takes over the round's changes of the members. The next round has the later changes.</summary>
    public void ApplyChanges(Guid id, KeptGroup group)
    {
        foreach (MemberChanges changes in _changes.GetValueOrDefault(id) ?? [])
        {
            group.Users.UnionWith(changes.Came.Users);
            group.Users.ExceptWith(changes.Left.Users);
            group.Groups.UnionWith(changes.Came.Groups);
            group.Groups.ExceptWith(changes.Left.Groups);
        }
    }

    /// <summary>All groups are read again.</summary>
    public void BeginAgain()
    {
        Membership.GroupLinks = [];
        foreach (Guid id in Membership.Groups.Keys.ToList())
            LookUp(id);
        Followed.Clear();
        _changes.Clear();
        Unknown.Clear();
        Named.Clear();
        Removed.Clear();
    }
}
