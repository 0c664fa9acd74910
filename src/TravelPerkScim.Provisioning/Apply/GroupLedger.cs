using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>Hands what happened to groups to the recorder, request by request: what a stopped cycle put in or took out is known to the
/// next.</summary>
internal sealed class GroupLedger(StateSnapshot snapshot, CycleRecorder recorder, CycleContext context)
{
    public void Linked(string anchor, string targetId, string displayName)
    {
        ulong hash = GroupMemory.Hash(snapshot.Salt, displayName);
        bool another = snapshot.Groups.Links.TryGetValue(anchor, out GroupLink? former) && former.TargetId != targetId;
        recorder.Add(state =>
        {
            // Who was in the former group is not in this one.
            if (another)
                state.RemoveGroup(anchor);
            state.SetGroupLink(anchor, targetId, hash);
        });
    }

    public void Added(string anchor, IReadOnlyList<string> members) => recorder.Add(state => state.AddGroupMembers(anchor, members));

    public void Removed(string anchor, IReadOnlyList<string> members) => recorder.Add(state => state.RemoveGroupMembers(anchor, members));

    /// <summary>The group is gone, and who was in it no longer matters.</summary>
    public void Forget(string anchor) => recorder.Add(state => state.RemoveGroup(anchor));

    public void Settled(string anchor)
    {
        if (snapshot.Groups.Escrows.ContainsKey(anchor))
            recorder.Add(state => state.RemoveGroupEscrow(anchor));
    }

    /// <summary>Keeps the group for retry, with the pauses that users have.</summary>
    public void Failed(ProvisioningOperation operation)
    {
        int attempts = (snapshot.Groups.Escrows.GetValueOrDefault(operation.SourceId)?.Attempts ?? 0) + 1;
        var escrow = new Escrow(
            attempts,
            context.Began + Escrow.PauseAfter(attempts),
            GroupMemory.Hash(snapshot.Salt, operation.Group!.State)
        );
        recorder.Add(state => state.SetGroupEscrow(operation.SourceId, escrow));
    }
}
