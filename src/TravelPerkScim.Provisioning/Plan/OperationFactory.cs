using TravelPerkScim.Provisioning.Diff;
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
    /// <param name="reason">Why.</param>
    public static ProvisioningOperation Write(DesiredUser user, ProvisioningAction action, OperationReason reason) =>
        new()
        {
            Action = action,
            Identity = user.Identity,
            SourceId = user.Anchor,
            TargetId = user.TargetId,
            Reason = reason.Text,
            Drift = reason.Drift,
            Desired = user,
        };

    /// <summary>The desired state cannot be sent.</summary>
    /// <param name="user">The desired user.</param>
    /// <param name="code">Entra's error code, or a code of the module.</param>
    /// <param name="message">What is wrong and what to do.</param>
    public static ProvisioningOperation Refuse(DesiredUser user, string code, string message)
    {
        var reason = new OperationReason(code == "DuplicateTargetEntries" ? ReasonKind.DuplicateTarget : ReasonKind.CannotBeSent);
        return new()
        {
            Action = user.Link is null ? ProvisioningAction.Create : ProvisioningAction.Update,
            Identity = user.Identity,
            SourceId = user.Anchor,
            TargetId = user.Link?.TargetId,
            Reason = reason.Text,
            Problem = message,
            ProblemCode = code,
            Drift = reason.Drift,
            Desired = user,
        };
    }

    /// <summary>The operation, which cannot be sent.</summary>
    /// <param name="operation">What was to be done.</param>
    /// <param name="problem">What is wrong and what to do.</param>
    public static ProvisioningOperation Refuse(ProvisioningOperation operation, MatchProblem problem) =>
        operation with
        {
            ProblemCode = problem.Code,
            Problem = problem.Message,
        };

    /// <summary>A disable of a linked user who left.</summary>
    public static ProvisioningOperation Disable(Assessment.Leaves leaver) =>
        new()
        {
            Action = ProvisioningAction.Disable,
            Identity = leaver.User.Identity,
            SourceId = leaver.Anchor,
            TargetId = leaver.User.Link!.TargetId,
            Reason = leaver.Reason.Text,
            Drift = leaver.Reason.Drift,
            Desired = leaver.User,
            Releases = leaver.Releases,
            Send = leaver.Send,
            // What TravelPerk holds has not been read.
            Changes = [.. leaver.Send.Select(a => AttributeDiff.Written(a, leaver.User.Values[a.Slot]))],
            Names = leaver.Names,
            Problem = leaver.Problem?.Message,
            ProblemCode = leaver.Problem?.Code,
        };

    /// <summary>A disable of a user whom the job had disabled before, and who is active in TravelPerk.</summary>
    public static ProvisioningOperation DisableAgain(Assessment.Leaves leaver) =>
        Disable(leaver with { Reason = new OperationReason(ReasonKind.ReactivatedInTarget, leaver.Reason.Text) }) with
        {
            Confirm = true,
        };

    /// <summary>A delete of a linked user whose source user was permanently deleted.</summary>
    public static ProvisioningOperation Delete(Assessment.Removed removed) =>
        new()
        {
            Action = ProvisioningAction.Delete,
            Identity = removed.Anchor,
            SourceId = removed.Anchor,
            TargetId = removed.Link.TargetId,
            Reason = new OperationReason(ReasonKind.Deleted).Text,
        };

    /// <summary>The user is left as it is.</summary>
    /// <param name="anchor">The source id.</param>
    /// <param name="explanation">What is told of the user.</param>
    public static ProvisioningOperation Skip(string anchor, Explanation explanation) =>
        new()
        {
            Action = ProvisioningAction.None,
            Identity = explanation.Identity,
            SourceId = anchor,
            TargetId = explanation.TargetId,
            Reason = explanation.Reason.Text,
            Drift = explanation.Reason.Drift,
            Problem = explanation.Unread,
            ProblemCode = explanation.Unread is null ? null : "SourceUserNotRead",
        };

    /// <summary>The user failed before, and its next attempt is not due.</summary>
    public static ProvisioningOperation Wait(string anchor, string? targetId, Escrow escrow) =>
        Skip(anchor, new Explanation(anchor, targetId, OperationReason.Waiting(escrow)));

    /// <summary>A TravelPerk user that no user of the source accounts for, or that shares a matching attribute. Reported only.</summary>
    public static ProvisioningOperation Report(Orphan orphan) => Skip("", new Explanation(orphan.Name, orphan.TargetId, orphan.Reason));

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
            Reason = new OperationReason(ReasonKind.NoGroupMatch).Text,
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
            Reason = new OperationReason(ReasonKind.GroupNotEntitled).Text,
            Group = new GroupChange { DisplayName = anchor },
        };
}
