namespace TravelPerkScim.Provisioning.Review;

/// <summary>How two engines differ in the state to which they bring one user: Microsoft's hosted provisioning job, and a job of this
/// module.</summary>
public enum EngineDifference : long
{
    /// <summary>Both jobs bring the user to the same state.</summary>
    None,

    /// <summary>The hosted job wrote the user, and this job leaves the user alone.</summary>
    OnlyHosted,

    /// <summary>This job would write the user, and the hosted job did not.</summary>
    OnlyHere,

    /// <summary>Both jobs act, with different actions: one disables the user, for example, and the other updates the user.</summary>
    OtherAction,

    /// <summary>Both jobs write the user, with different values.</summary>
    OtherValues,

    /// <summary>The hosted job failed.</summary>
    HostedFails,

    /// <summary>This job would fail.</summary>
    FailsHere,

    /// <summary>Both jobs fail.</summary>
    BothFail,
}
