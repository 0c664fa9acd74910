namespace TravelPerkScim.Provisioning.Review;

/// <summary>How the ends differ to which two engines bring one user: Microsoft's hosted provisioning job, and a job of this
/// module.</summary>
public enum EngineDifference : long
{
    /// <summary>Both end alike.</summary>
    None,

    /// <summary>The hosted job wrote the user, and this one leaves the user alone.</summary>
    OnlyHosted,

    /// <summary>This job would write the user, and the hosted one did not.</summary>
    OnlyHere,

    /// <summary>Both act, and do another thing: one disables, say, whom the other updates.</summary>
    OtherAction,

    /// <summary>Both write the user, with other values.</summary>
    OtherValues,

    /// <summary>The hosted job failed.</summary>
    HostedFails,

    /// <summary>This job would fail.</summary>
    FailsHere,

    /// <summary>Both fail.</summary>
    BothFail,
}
