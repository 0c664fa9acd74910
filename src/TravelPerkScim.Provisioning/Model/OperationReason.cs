using System.Collections.Frozen;
using System.Globalization;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Why an operation is in a plan: the kind, and the one or two texts that its sentence names. The table is the only place with
/// these sentences.</summary>
/// <param name="Kind">Which reason.</param>
/// <param name="First">What the sentence names first: a group, a user, or another reason in words; null when it names nothing.</param>
/// <param name="Second">What the sentence names second; null when it names one thing at most.</param>
internal readonly record struct OperationReason(ReasonKind Kind, string? First = null, string? Second = null)
{
    /// <summary>The sentence.</summary>
    public string Text => string.Format(CultureInfo.InvariantCulture, s_rows[Kind].Text, First, Second);

    /// <summary>What had happened to the user in TravelPerk behind the job's back.</summary>
    public ProvisioningDrift Drift => s_rows[Kind].Drift;

    /// <summary>A user in escrow is left alone.</summary>
    public static OperationReason Waiting(Escrow escrow)
    {
        string attempts = escrow.Attempts.ToString(CultureInfo.InvariantCulture);
        return new OperationReason(ReasonKind.InEscrow, attempts, ShownTime.Text(escrow.NextAttempt));
    }

    private static readonly FrozenDictionary<ReasonKind, Row> s_rows = new Dictionary<ReasonKind, Row>
    {
        [ReasonKind.NoMatch] = new("No TravelPerk user has the matching attributes."),
        [ReasonKind.VanishedNoMatch] = new(
            "TravelPerk user {0} no longer exists, and no other has the matching attributes.",
            ProvisioningDrift.Vanished
        ),
        [ReasonKind.ForeignLinkNoMatch] = new(
            "TravelPerk user {0} is another person by now, and no other has the matching attributes.",
            ProvisioningDrift.Vanished
        ),

        [ReasonKind.Matched] = new("A TravelPerk user with the matching attributes has the desired values already."),
        [ReasonKind.MatchedInstead] = new(
            "A TravelPerk user with the matching attributes has the desired values already.",
            ProvisioningDrift.Recreated
        ),
        [ReasonKind.MatchDiffers] = new("A TravelPerk user with the matching attributes has other values."),
        [ReasonKind.VanishedMatchDiffers] = new(
            "TravelPerk user {0} no longer exists; another one with the matching attributes has other values.",
            ProvisioningDrift.Recreated
        ),
        [ReasonKind.ForeignLinkMatchDiffers] = new(
            "TravelPerk user {0} is another person by now; another one with the matching attributes has other values.",
            ProvisioningDrift.Recreated
        ),
        [ReasonKind.SourceChanged] = new("The source user changed."),
        [ReasonKind.BackInScope] = new("The source user is active and in scope again."),
        [ReasonKind.DisabledByHand] = new(
            "The user was disabled in TravelPerk; the source user is active and in scope.",
            ProvisioningDrift.DisabledByHand
        ),
        [ReasonKind.EditedByHand] = new(
            "The user was changed in TravelPerk since the job last wrote it; the source user did not change.",
            ProvisioningDrift.EditedByHand
        ),
        [ReasonKind.ManagerLost] = new(
            "The manager's TravelPerk user was deleted there; the reference follows the new one.",
            ProvisioningDrift.ManagerLost
        ),
        [ReasonKind.AcceptedNotShown] = new("TravelPerk accepted the values before and does not show them."),

        [ReasonKind.MappedInactive] = new("The source user is in scope, and the mapping of '{0}' gives False."),
        [ReasonKind.MappedInactiveInstead] = new(
            "The source user is in scope, and the mapping of '{0}' gives False.",
            ProvisioningDrift.Recreated
        ),
        [ReasonKind.MappedInactiveReactivated] = new(
            "The source user is in scope, and the mapping of '{0}' gives False. "
                + "The job had made the user inactive, and TravelPerk shows the user as active.",
            ProvisioningDrift.Reactivated
        ),

        [ReasonKind.HiddenInTarget] = new("TravelPerk did not show the user, but has it."),
        [ReasonKind.FoundByConflict] = new("TravelPerk answered that the user exists; it was found by its matching attributes."),
        [ReasonKind.FoundWithOtherValues] = new("TravelPerk has the user with other values, and the mapping does not update users."),
        [ReasonKind.NotCreated] = new("The user was not created, so there is nothing to update."),
        [ReasonKind.ManagerWithoutUser] = new("The manager has no TravelPerk user yet; the reference follows when it has."),
        [ReasonKind.OtherAttributesRefused] = new("TravelPerk refused the other attributes, so that only '{0}' was written: {1}"),
        [ReasonKind.GoneBefore] = new("{0} TravelPerk no longer had the user."),
        [ReasonKind.FormerValueBack] = new("{0} The user has its former {1} again."),
        [ReasonKind.FormerValueRefused] = new("The user still has a {0} for the moment. TravelPerk refused the former one: {1}"),
        [ReasonKind.GroupGone] = new("TravelPerk group {0} no longer exists."),
        [ReasonKind.GroupFoundByConflict] = new(
            "TravelPerk answered that the group exists; it was found by its externalId or displayName."
        ),
        [ReasonKind.GroupGoneBefore] = new("{0} TravelPerk no longer had the group."),

        [ReasonKind.ManagersInACircle] = new("The user and its manager manage each other; the reference follows once both exist."),
        [ReasonKind.ManagerToCome] = new("The reference follows once the manager exists."),
        [ReasonKind.ValuesExchanged] = new(
            "Users exchange their {0}: " + "this one has a value of its own for the moment, so that another one can take the one it has."
        ),

        [ReasonKind.Inherited] = new("{0} Given and family name agree, so this account takes the user over.", ProvisioningDrift.Inherited),
        [ReasonKind.TakeoverStaged] = new(
            "{0} Given or family name differ from what TravelPerk holds. "
                + "This account gets the user, with its trips and documents, only when Invoke-Provisioning "
                + "-ApproveCycle approves it; to reject, correct the matching attribute of one of them.",
            ProvisioningDrift.Takeover
        ),
        [ReasonKind.TakeoverApproved] = new(
            "{0} Given or family name differ from what TravelPerk holds; the takeover was approved.",
            ProvisioningDrift.Takeover
        ),

        [ReasonKind.SoftDeleted] = new("The source user is soft-deleted."),
        [ReasonKind.AccountDisabled] = new("The source account is disabled."),
        [ReasonKind.NotEntitled] = new("The source user {0}."),
        [ReasonKind.GroupLost] = new("The source user is no longer a member of {0}, which gave the assignment."),
        [ReasonKind.OutOfScope] = new("The source user left the scope: {0}"),
        [ReasonKind.NotListed] = new("The source no longer lists the user."),
        [ReasonKind.Deleted] = new("The source user was permanently deleted."),
        [ReasonKind.DeletedMappingKeeps] = new("The source user was permanently deleted, and the mapping does not delete users."),
        [ReasonKind.DeletedTakeoverWaits] = new(
            "The source user was permanently deleted. Another account may take the "
                + "TravelPerk user over, so it is not deleted while that waits for an approval."
        ),
        [ReasonKind.ReactivatedInTarget] = new(
            "The job disabled the user, and the user was enabled in TravelPerk since. {0}",
            ProvisioningDrift.Reactivated
        ),
        [ReasonKind.FoundElsewhere] = new("{0} The user is TravelPerk user {1} by now."),

        [ReasonKind.CannotBeSent] = new("The desired state cannot be sent."),
        [ReasonKind.DuplicateTarget] = new("The desired state cannot be sent.", ProvisioningDrift.Duplicate),
        [ReasonKind.MappingDoesNotCreate] = new("The mapping does not create users."),
        [ReasonKind.MappingDoesNotUpdate] = new("The values differ, and the mapping does not update users."),
        [ReasonKind.MappingDoesNotDisable] = new("{0} The mapping of 'active' does not disable users, so nothing is done."),
        [ReasonKind.InDesiredState] = new("TravelPerk has the desired values already."),
        [ReasonKind.InDesiredStateButUnkept] = new(
            "TravelPerk has the desired values already, but for those that it accepted before and did not keep."
        ),
        [ReasonKind.NeverProvisioned] = new("Never provisioned, and not now: {0}"),
        [ReasonKind.NeverProvisionedDeleted] = new("Never provisioned, and permanently deleted in the source."),
        [ReasonKind.DisabledBefore] = new("Disabled by an earlier cycle: {0}"),
        [ReasonKind.DisabledBeforeMappingKeeps] = new(
            "Disabled by an earlier cycle; the source user was permanently deleted, and the mapping does not delete users."
        ),
        [ReasonKind.ReleasedBefore] = new("The job no longer manages the user, who left the scope or the assignment: {0}"),
        [ReasonKind.DeletedLeft] = new("The source user was permanently deleted, and its TravelPerk user is left as it is."),
        [ReasonKind.LeftBySettings] = new("Left as it is, as the job's settings say: {0}"),
        [ReasonKind.IgnoredByMapping] = new("Left alone in this cycle: the mapping of '{0}' gives IgnoreObjectFlow."),
        [ReasonKind.AccountUnsaid] = new("Disabled by an earlier cycle, and the source does not say whether the account is enabled."),
        [ReasonKind.NoLongerFound] = new("Not provisioned, and no longer found in the source."),
        [ReasonKind.InEscrow] = new(
            "Waits in escrow; failed attempts: {0}. " + "The next attempt is due at {1}, or as soon as the source entry changes."
        ),
        [ReasonKind.NotGiven] = new("The source gave no such user."),

        [ReasonKind.Orphan] = new(
            "No source user in scope matches this {0} TravelPerk user. It is left as it is.",
            ProvisioningDrift.Orphan
        ),
        [ReasonKind.OrphanOfKnownUser] = new(
            "This {0} TravelPerk user has the externalId of {1}, who is not in scope or has an error, and to whom the job has no link. "
                + "It is left as it is; disable it in TravelPerk if the person must leave.",
            ProvisioningDrift.Orphan
        ),
        [ReasonKind.SecondOfOneUser] = new(
            "This {0} TravelPerk user has the externalId of {1}. Remove or correct one of them in TravelPerk.",
            ProvisioningDrift.Duplicate
        ),
        [ReasonKind.SharedAttribute] = new("{0} Remove or correct one of them in TravelPerk.", ProvisioningDrift.Duplicate),

        [ReasonKind.NoGroupMatch] = new("No TravelPerk group has this externalId or displayName."),
        [ReasonKind.GroupMatched] = new("A TravelPerk group with this externalId or displayName is as desired already."),
        [ReasonKind.GroupMatchDiffers] = new("A TravelPerk group with this externalId or displayName differs."),
        [ReasonKind.GroupChanged] = new("The source group or its entitled members changed."),
        [ReasonKind.GroupNotEntitled] = new("The group is no longer entitled, or was deleted in the source."),
        [ReasonKind.GroupVanished] = new("TravelPerk group {0} no longer exists. {1}"),
        [ReasonKind.ForeignGroupLink] = new("TravelPerk group {0} is another group by now. {1}"),
        [ReasonKind.GroupFoundElsewhere] = new("{0} The group is TravelPerk group {1} by now."),
    }.ToFrozenDictionary();

    private readonly record struct Row(string Text, ProvisioningDrift Drift = ProvisioningDrift.None);
}
