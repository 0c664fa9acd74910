namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>The parts of a hosted job's state that a restart resets. The names are Graph's.</summary>
[Flags]
public enum EntraRestartScope : long
{
    /// <summary>Failed entries are tried again at once.</summary>
    Escrows = 2,

    /// <summary>The next cycle reads everything.</summary>
    Watermark = 4,

    /// <summary>The quarantine ends.</summary>
    QuarantineState = 8,

    /// <summary>All of these, and the links between users.</summary>
    Full = 15,

    /// <summary>Disables and deletes that the threshold held back are carried out: "Allow deletes" of the admin center.</summary>
    ForceDeletes = 32,
}

/// <summary>The users and groups that a hosted job provisions.</summary>
public enum EntraJobScope : long
{
    /// <summary>Users and groups that are assigned to the application.</summary>
    Assigned,

    /// <summary>All users and groups.</summary>
    All,
}
