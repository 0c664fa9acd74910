namespace TravelPerkScim.Provisioning.Model;

/// <summary>What happened to a user in TravelPerk behind the job's back.</summary>
public enum ProvisioningDrift : long
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Values that the job wrote were changed by hand.</summary>
    EditedByHand,

    /// <summary>The user was made inactive by hand. The source has the account enabled.</summary>
    DisabledByHand,

    /// <summary>The job disabled the user, and the user was made active again by hand.</summary>
    Reactivated,

    /// <summary>The linked user was deleted by hand.</summary>
    Vanished,

    /// <summary>The linked user was deleted by hand, and TravelPerk has another user with the matching attributes.</summary>
    Recreated,

    /// <summary>The user belonged to another account, which is gone, disabled or out of scope. Given and family name agree, so the account
    /// takes the user over.</summary>
    Inherited,

    /// <summary>The user belonged to another account, and given or family name differ. The takeover waits for an approval.</summary>
    Takeover,

    /// <summary>The user's manager was deleted by hand. The reference has to name the manager's new user.</summary>
    ManagerLost,

    /// <summary>No source user in scope matches this TravelPerk user. Reported, never written.</summary>
    Orphan,

    /// <summary>Several TravelPerk users have the same matching attribute. Reported, never written.</summary>
    Duplicate,
}
