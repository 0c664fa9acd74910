namespace TravelPerkScim.Provisioning.Model;

/// <summary>Why an operation is in a plan. <see cref="OperationReason"/> has the sentence and the drift of each.</summary>
internal enum ReasonKind
{
    // A create.
    NoMatch,
    VanishedNoMatch,
    ForeignLinkNoMatch,

    // A link, an update or an enable.
    Matched,
    MatchedInstead,
    MatchDiffers,
    VanishedMatchDiffers,
    ForeignLinkMatchDiffers,
    SourceChanged,
    BackInScope,
    DisabledByHand,
    EditedByHand,
    ManagerLost,
    AcceptedNotShown,

    // A disable by the mapping.
    MappedInactive,
    MappedInactiveInstead,
    MappedInactiveReactivated,

    // Found out while the operation is applied.
    HiddenInTarget,
    FoundByConflict,
    FoundWithOtherValues,
    NotCreated,
    ManagerWithoutUser,
    OtherAttributesRefused,
    GoneBefore,
    FormerValueBack,
    FormerValueRefused,
    GroupGone,
    GroupFoundByConflict,
    GroupGoneBefore,

    // A part of an operation.
    ManagersInACircle,
    ManagerToCome,
    ValuesExchanged,

    // A takeover.
    Inherited,
    TakeoverStaged,
    TakeoverApproved,

    // A departure.
    SoftDeleted,
    AccountDisabled,
    NotEntitled,
    GroupLost,
    OutOfScope,
    NotListed,
    Deleted,
    DeletedMappingKeeps,
    DeletedTakeoverWaits,
    ReactivatedInTarget,
    FoundElsewhere,

    // Nothing is written.
    CannotBeSent,
    DuplicateTarget,
    MappingDoesNotCreate,
    MappingDoesNotUpdate,
    MappingDoesNotDisable,
    InDesiredState,
    InDesiredStateButUnkept,
    NeverProvisioned,
    NeverProvisionedDeleted,
    DisabledBefore,
    DisabledBeforeMappingKeeps,
    ReleasedBefore,
    DeletedLeft,
    LeftBySettings,
    IgnoredByMapping,
    AccountUnsaid,
    NoLongerFound,
    InEscrow,
    NotGiven,

    // A TravelPerk user without a source user.
    Orphan,
    OrphanOfKnownUser,
    SecondOfOneUser,
    SharedAttribute,

    // A group.
    NoGroupMatch,
    GroupMatched,
    GroupMatchDiffers,
    GroupChanged,
    GroupNotEntitled,
    GroupVanished,
    ForeignGroupLink,
    GroupFoundElsewhere,
}
