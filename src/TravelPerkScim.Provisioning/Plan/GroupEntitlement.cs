using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Who can be a member once the users' operations of a cycle are done: users with a counterpart who are enabled.</summary>
internal sealed class GroupEntitlement
{
    private readonly StateSnapshot _snapshot;
    private readonly Lazy<Dictionary<string, string>> _owners;
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _coming = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leaving;

    /// <param name="snapshot">Links so far.</param>
    /// <param name="operations">What the cycle does to users.</param>
    /// <param name="lost">Anchors whose link leads to no user any more, or to another person.</param>
    public GroupEntitlement(StateSnapshot snapshot, IEnumerable<ProvisioningOperation> operations, IEnumerable<string> lost)
    {
        _snapshot = snapshot;
        // A cycle without groups asks for no owner.
        _owners = new(snapshot.OwnersByTarget);
        _leaving = lost.ToHashSet(StringComparer.Ordinal);
        foreach (
            ProvisioningOperation operation in operations.Where(o =>
                o is { Staged: false, Problem: null, ObjectType: ProvisioningObjectType.User }
            )
        )
        {
            bool leaves = operation is { Action: ProvisioningAction.Disable, ByMapping: false } or { Action: ProvisioningAction.Delete };
            if (leaves)
            {
                _leaving.Add(operation.SourceId);
                continue;
            }
            if (operation.Action != ProvisioningAction.None)
                _coming.TryAdd(operation.SourceId, operation.TargetId);
            if (operation.TargetId is { } id)
                _written[id] = operation.SourceId;
        }
    }

    public bool IsLeaving(string? anchor) => anchor is not null && _leaving.Contains(anchor) && !_coming.ContainsKey(anchor);

    /// <summary>A user of this job.</summary>
    public bool Knows(string targetId) => OwnerOf(targetId) is not null;

    public string? OwnerOf(string targetId) => _written.GetValueOrDefault(targetId) ?? _owners.Value.GetValueOrDefault(targetId);

    public List<GroupMember> MembersOf(SourceGroup group)
    {
        var members = new List<GroupMember>();
        foreach (string anchor in group.Members.Distinct(StringComparer.Ordinal))
        {
            if (_coming.TryGetValue(anchor, out string? id))
                members.Add(new GroupMember(anchor, id));
            else if (!_leaving.Contains(anchor) && _snapshot.LinkOf(anchor) is { Enabled: true } link)
                members.Add(new GroupMember(anchor, link.TargetId));
        }
        return members;
    }
}
