using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>
/// Log lines of writes that an earlier cycle sent and did not live to log: a stop, a kill or a lost answer came between. The cycle that
/// finds what they did logs them, so that each write is in the log.
/// </summary>
internal sealed class CutOffWrites(ProvisioningPlan plan, StateSnapshot snapshot, CycleContext context)
{
    private const string Created =
        "An earlier cycle that was cut off created the user without learning of it; this cycle found the user in TravelPerk.";
    private const string Changed =
        "An earlier cycle that was cut off sent this without learning of it; this cycle found the user in TravelPerk as it should be.";

    public IEnumerable<ProvisioningOutcome> Found()
    {
        Dictionary<string, string> names = Names();
        foreach ((string anchor, string id) in plan.FollowUps.Resolution.Created)
            yield return Line(ProvisioningAction.Create, anchor, id, names.GetValueOrDefault(anchor, anchor), Created);
        foreach (DesiredUser user in plan.FollowUps.AlreadyInDesiredState)
        {
            if (snapshot.Intents.TryGetValue(user.Anchor, out Intent? intent) && IsAsSent(intent.Action, user))
                yield return Line(intent.Action, user.Anchor, user.TargetId!, user.Identity, Changed);
        }
    }

    // A disable through the mapping of active; a user who left and is back is active again.
    private bool IsAsSent(ProvisioningAction sent, DesiredUser user) =>
        sent == ProvisioningAction.Disable
            ? plan.FollowUps.Bound.IsInactive(user)
            : sent is ProvisioningAction.Update or ProvisioningAction.Enable;

    // The state keeps no names: the plan has those of users who are in the source, the log those who were.
    private Dictionary<string, string> Names()
    {
        string[] anchors = [.. plan.FollowUps.Resolution.Created.Keys];
        Dictionary<string, string> names = snapshot.IdentitiesOf(anchors);
        foreach (
            ProvisioningOperation operation in plan.Operations.Where(o =>
                o.ObjectType == ProvisioningObjectType.User && o.Identity != o.SourceId
            )
        )
        {
            names[operation.SourceId] = operation.Identity;
        }

        foreach (DesiredUser user in plan.FollowUps.AlreadyInDesiredState)
            names[user.Anchor] = user.Identity;
        return names;
    }

    private ProvisioningOutcome Line(ProvisioningAction action, string anchor, string targetId, string identity, string reason) =>
        new()
        {
            Time = context.Time.GetUtcNow(),
            CycleId = context.CycleId,
            Action = action,
            Status = OutcomeStatus.Success,
            Identity = identity,
            SourceId = anchor,
            TargetId = targetId,
            Reason = reason,
        };
}
