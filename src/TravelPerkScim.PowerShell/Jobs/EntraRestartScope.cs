namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>What a restart of a hosted job forgets. The names are Graph's.</summary>
[Flags]
public enum EntraRestartScope : long
{
    /// <summary>Entries that failed are no longer waited for.</summary>
    Escrows = 2,

    /// <summary>The next cycle reads everything.</summary>
    Watermark = 4,

    /// <summary>The quarantine ends.</summary>
    QuarantineState = 8,

    /// <summary>All of these, and who is linked to whom.</summary>
    Full = 15,

    /// <summary>Disables and deletes that the threshold held back are carried out: "Allow deletes" of the admin center.</summary>
    ForceDeletes = 32,
}

/// <summary>Whom a hosted job provisions.</summary>
public enum EntraJobScope : long
{
    /// <summary>Users and groups that are assigned to the application.</summary>
    Assigned,

    /// <summary>All users and groups.</summary>
    All,
}
