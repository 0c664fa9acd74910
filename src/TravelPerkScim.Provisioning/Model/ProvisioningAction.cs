namespace TravelPerkScim.Provisioning.Model;

/// <summary>What an operation does to one user (Entra provisioning log: provisioningAction).</summary>
public enum ProvisioningAction : long
{
    /// <summary>The source user has no counterpart: POST.</summary>
    Create,

    /// <summary>Attributes differ: PATCH.</summary>
    Update,

    /// <summary>The user is inactive in TravelPerk, disabled by an earlier cycle or by hand, and should be active: PATCH with active
    /// true.</summary>
    Enable,

    /// <summary>The user left, or the mapping of active gives False for an active user: PATCH with active false.</summary>
    Disable,

    /// <summary>The user was permanently deleted in the source: DELETE.</summary>
    Delete,

    /// <summary>A user that exists in TravelPerk already, with the desired values, is remembered as the counterpart: no request.</summary>
    Link,

    /// <summary>Nothing is written, and the reason says why. For users that were asked for by name, and for findings in TravelPerk that no
    /// cycle may write over.</summary>
    None,
}
