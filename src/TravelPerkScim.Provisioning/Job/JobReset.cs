namespace TravelPerkScim.Provisioning.Job;

/// <summary>Parts of a job's state that can be forgotten (Graph synchronizationJob restart: resetScope).</summary>
[Flags]
public enum JobReset
{
    /// <summary>The next cycle reads everything.</summary>
    Watermark = 1,

    /// <summary>How often entries failed: the next cycle retries them all.</summary>
    Escrows = 2,

    /// <summary>The job runs again. What is staged still waits for an approval.</summary>
    Quarantine = 4,

    /// <summary>Which TravelPerk user belongs to whom; the next cycle matches everybody anew.</summary>
    Links = 8,

    /// <summary>All of these.</summary>
    All = Watermark | Escrows | Quarantine | Links,
}
