namespace TravelPerkScim.Provisioning.Job;

/// <summary>Parts of a job's state that can be forgotten (Graph synchronizationJob restart: resetScope).</summary>
[Flags]
public enum JobReset
{
    /// <summary>The watermark. The next cycle reads everything.</summary>
    Watermark = 1,

    /// <summary>The numbers of failures. The next cycle retries all entries in escrow.</summary>
    Escrows = 2,

    /// <summary>The quarantine. The job runs again, and staged operations still wait for an approval.</summary>
    Quarantine = 4,

    /// <summary>The links. The next cycle matches all users again.</summary>
    Links = 8,

    /// <summary>All of these.</summary>
    All = Watermark | Escrows | Quarantine | Links,
}
