using System.Globalization;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Makes the operations of a plan. No other place makes one; later steps of a plan change copies.</summary>
internal static class OperationFactory
{
    /// <summary>A create, an update, an enable, a disable by the mapping, or a link.</summary>
    /// <param name="user">The desired user.</param>
    /// <param name="action">What is to be done.</param>
    /// <param name="reason">Why, in a sentence.</param>
    public static ProvisioningOperation Write(DesiredUser user, ProvisioningAction action, string reason) =>
        new()
        {
            Action = action,
            Identity = user.Identity,
            SourceId = user.Anchor,
            TargetId = user.TargetId,
            Reason = reason,
            Desired = user,
        };

    /// <summary>The desired state cannot be sent.</summary>
    /// <param name="user">The desired user.</param>
    /// <param name="code">Entra's error code, or a code of the module.</param>
    /// <param name="message">What is wrong and what to do.</param>
    public static ProvisioningOperation Refuse(DesiredUser user, string code, string message) =>
        new()
        {
            Action = user.Link is null ? ProvisioningAction.Create : ProvisioningAction.Update,
            Identity = user.Identity,
            SourceId = user.Anchor,
            TargetId = user.Link?.TargetId,
            Reason = "The desired state cannot be sent.",
            Problem = message,
            ProblemCode = code,
            Drift = code == "DuplicateTargetEntries" ? ProvisioningDrift.Duplicate : ProvisioningDrift.None,
            Desired = user,
        };

    /// <summary>A disable of a linked user who left. What is to be written is added by <see cref="LeaverValues"/>.</summary>
    /// <param name="leaver">The user, without values.</param>
    /// <param name="reason">Why, in a sentence.</param>
    /// <param name="releases">The user left the scope or the assignment: the job no longer manages it.</param>
    public static ProvisioningOperation Disable(DesiredUser leaver, string reason, bool releases) =>
        new()
        {
            Action = ProvisioningAction.Disable,
            Identity = leaver.Identity,
            SourceId = leaver.Anchor,
            TargetId = leaver.Link!.TargetId,
            Reason = reason,
            Desired = leaver,
            Releases = releases,
        };

    /// <summary>A delete of a linked user whose source user was permanently deleted.</summary>
    public static ProvisioningOperation Delete(string anchor, Link link) =>
        new()
        {
            Action = ProvisioningAction.Delete,
            Identity = anchor,
            SourceId = anchor,
            TargetId = link.TargetId,
            Reason = "The source user was permanently deleted.",
        };

    /// <summary>The user is left as it is.</summary>
    /// <param name="anchor">The source id.</param>
    /// <param name="identity">The user's name, or the source id.</param>
    /// <param name="targetId">The TravelPerk user; null when there is none.</param>
    /// <param name="reason">Why, in a sentence.</param>
    public static ProvisioningOperation Skip(string anchor, string identity, string? targetId, string reason) =>
        new()
        {
            Action = ProvisioningAction.None,
            Identity = identity,
            SourceId = anchor,
            TargetId = targetId,
            Reason = reason,
        };

    /// <summary>The user failed before, and its next attempt is not due.</summary>
    public static ProvisioningOperation Wait(string anchor, string identity, string? targetId, Escrow escrow) =>
        Skip(
            anchor,
            identity,
            targetId,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Waits in escrow; failed attempts: {escrow.Attempts}. "
                    + $"The next attempt is due at {ShownTime.Text(escrow.NextAttempt)}, or as soon as the source entry changes."
            )
        );

    /// <summary>A user was asked for by name, and the source did not give it.</summary>
    public static ProvisioningOperation NotRead(SourceFault fault)
    {
        string who = fault.Anchor ?? fault.Position;
        return Skip(who, who, null, "The source gave no such user.") with { Problem = fault.Message, ProblemCode = "SourceUserNotRead" };
    }

    /// <summary>A TravelPerk user that no user of the source accounts for, or that shares a matching attribute. Reported only.</summary>
    public static ProvisioningOperation Report(Orphan orphan) =>
        Skip("", orphan.Name, orphan.TargetId, orphan.Reason) with
        {
            Drift = orphan.Drift,
        };

    /// <summary>A create of a group, or the update of the group that is linked or was found.</summary>
    /// <param name="group">The source group.</param>
    /// <param name="targetId">The TravelPerk group; null when there is none.</param>
    /// <param name="problem">Why the group cannot be matched; null when it can.</param>
    public static ProvisioningOperation Create(SourceGroup group, string? targetId, MatchProblem? problem) =>
        new()
        {
            ObjectType = ProvisioningObjectType.Group,
            Action = ProvisioningAction.Create,
            Identity = group.DisplayName,
            SourceId = group.Anchor,
            TargetId = targetId,
            Reason = "No TravelPerk group has this externalId or displayName.",
            Problem = problem?.Message,
            ProblemCode = problem?.Code,
        };

    /// <summary>A delete of a linked group that the source no longer gives.</summary>
    public static ProvisioningOperation Delete(string anchor, GroupLink link) =>
        new()
        {
            ObjectType = ProvisioningObjectType.Group,
            Action = ProvisioningAction.Delete,
            Identity = anchor,
            SourceId = anchor,
            TargetId = link.TargetId,
            Reason = "The group is no longer entitled, or was deleted in the source.",
            Group = new GroupChange { DisplayName = anchor },
        };
}
