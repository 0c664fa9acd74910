namespace TravelPerkScim.Provisioning.Model;

/// <summary>What happened to a user in TravelPerk behind the job's back.</summary>
public enum ProvisioningDrift : long
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Values that the job wrote were changed by hand.</summary>
    EditedByHand,

    /// <summary>The user was made inactive by hand; the source has them active.</summary>
    DisabledByHand,

    /// <summary>The job disabled the user, and somebody made them active again.</summary>
    Reactivated,

    /// <summary>The linked user was deleted by hand.</summary>
    Vanished,

    /// <summary>The linked user was deleted by hand, and another one with the matching attributes is there.</summary>
    Recreated,

    /// <summary>The user was another account's, which is gone, disabled or out of scope; given and family name agree, so the account takes
    /// the user over.</summary>
    Inherited,

    /// <summary>The user was another account's, and given or family name differ: the takeover waits for an approval.</summary>
    Takeover,

    /// <summary>The user's manager was deleted by hand; the reference has to name the manager's new user.</summary>
    ManagerLost,

    /// <summary>No source user in scope matches this TravelPerk user. Reported, never written.</summary>
    Orphan,

    /// <summary>Several TravelPerk users have the same matching attribute. Reported, never written.</summary>
    Duplicate,
}
