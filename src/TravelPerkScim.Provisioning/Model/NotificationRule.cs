namespace TravelPerkScim.Provisioning.Model;

/// <summary>The conditions that a job tells of by itself.</summary>
public enum NotificationRule : long
{
    /// <summary>Two cycles in a row failed.</summary>
    CycleFailing,

    /// <summary>The job is in quarantine because cycles or entries fail.</summary>
    Quarantine,

    /// <summary>Disables or deletes wait for an approval.</summary>
    DeletesStaged,

    /// <summary>TravelPerk users that would go over to another account wait for an approval.</summary>
    TakeoversStaged,

    /// <summary>More entries than before wait in escrow.</summary>
    EscrowGrowing,

    /// <summary>A credential or certificate runs out.</summary>
    CredentialExpiring,

    /// <summary>The job is On, and no cycle began for three intervals.</summary>
    NoCycle,

    /// <summary>The totals of a day's or a week's cycles.</summary>
    Digest,

    /// <summary>The source file was not written for days, so that cycles see nothing new.</summary>
    SourceStale,

    /// <summary>Two cycles in a row could not read the source whole.</summary>
    SourceIncomplete,
}
