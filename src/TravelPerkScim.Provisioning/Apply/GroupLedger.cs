using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>Hands changes of groups to the recorder after each request, so that the next cycle knows the members that a stopped cycle put
/// in or took out.</summary>
internal sealed class GroupLedger(StateSnapshot snapshot, CycleRecorder recorder, CycleContext context)
{
    public void Linked(string anchor, string targetId, string displayName)
    {
        ulong hash = GroupMemory.Hash(snapshot.Salt, displayName);
        bool another = snapshot.Groups.Links.TryGetValue(anchor, out GroupLink? former) && former.TargetId != targetId;
        recorder.Add(state =>
        {
            // The members of the former group are not members of this one.
            if (another)
                state.RemoveGroup(anchor);
            state.SetGroupLink(anchor, targetId, hash);
        });
    }

    public void Added(string anchor, IReadOnlyList<string> members) => recorder.Add(state => state.AddGroupMembers(anchor, members));

    public void Removed(string anchor, IReadOnlyList<string> members) => recorder.Add(state => state.RemoveGroupMembers(anchor, members));

    /// <summary>Forgets a group that is gone, with its members.</summary>
    public void Forget(string anchor) => recorder.Add(state => state.RemoveGroup(anchor));

    public void ClearEscrow(string anchor)
    {
        if (snapshot.Groups.Escrows.ContainsKey(anchor))
            recorder.Add(state => state.RemoveGroupEscrow(anchor));
    }

    /// <summary>Keeps the group for retry, with the same pauses as a user.</summary>
    public void Failed(ProvisioningOperation operation)
    {
        int attempts = Escrow.AttemptsAfter(snapshot.Groups.Escrows.GetValueOrDefault(operation.SourceId));
        var escrow = new Escrow(
            attempts,
            context.Began + Escrow.PauseAfter(attempts),
            GroupMemory.Hash(snapshot.Salt, operation.Group!.State)
        );
        recorder.Add(state => state.SetGroupEscrow(operation.SourceId, escrow));
    }
}
