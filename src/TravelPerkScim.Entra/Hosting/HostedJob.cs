using System.Globalization;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>The state of a hosted job, in the words of the admin center.</summary>
public enum HostedJobStatus : long
{
    /// <summary>The service gives a state that is not known here.</summary>
    Unknown,

    /// <summary>The job was made, and never started.</summary>
    NotConfigured,

    /// <summary>The job does not run: it was stopped, or was never started.</summary>
    Off,

    /// <summary>The job runs at its interval.</summary>
    On,

    /// <summary>The job runs rarely, because it failed.</summary>
    Quarantine,
}

/// <summary>The users and groups that a hosted job provisions.</summary>
public enum HostedScope : long
{
    /// <summary>Users and groups that are assigned to the application.</summary>
    Assigned,

    /// <summary>All users and groups.</summary>
    All,
}

/// <summary>Microsoft's provisioning job of an enterprise application (Graph synchronizationJob).</summary>
public sealed record HostedJob
{
    /// <summary>Object id of the application's service principal.</summary>
    public required string ApplicationId { get; init; }

    /// <summary>Name of the application.</summary>
    public required string Application
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>The job's id.</summary>
    public required string Id
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>The synchronization template that it was made from.</summary>
    public string? Template
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>The job's state.</summary>
    public HostedJobStatus Status { get; init; }

    /// <summary>Time between two cycles; the service decides it (40 minutes as a rule). Null while the job is not scheduled.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The last cycle; null before the first one.</summary>
    public HostedCycle? LastCycle { get; init; }

    /// <summary>The last cycle without a failure; null before the first one.</summary>
    public HostedCycle? LastSuccessfulCycle { get; init; }

    /// <summary>The progress of the cycle under way; empty while the service does not tell.</summary>
    public IReadOnlyList<HostedProgress> Progress { get; init; } = [];

    /// <summary>Entries that the job keeps in step, by kind.</summary>
    public IReadOnlyDictionary<string, long> Entries { get; init; } = new Dictionary<string, long>();

    /// <summary>Why it is in quarantine; null when it is not.</summary>
    public HostedQuarantine? Quarantine { get; init; }

    /// <summary>Cycles in a row that failed as a whole.</summary>
    public long FailuresInARow { get; init; }

    /// <summary>Its settings; null when the sign-in may not read them.</summary>
    public HostedSettings? Settings { get; init; }

    /// <summary>The service's own page about the trouble of the job; null when it gives none.</summary>
    public string? TroubleshootingUrl
    {
        get;
        init => field = ShownText.OfAny(value);
    }
}

/// <summary>One cycle of a hosted job (Graph synchronizationTaskExecution).</summary>
public sealed record HostedCycle
{
    /// <summary>Succeeded, Failed, or EntryLevelErrors: some entries failed.</summary>
    public required string State
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>When it began, UTC.</summary>
    public DateTimeOffset? Began { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Entries read from Entra.</summary>
    public long Imported { get; init; }

    /// <summary>Entries in scope.</summary>
    public long Entitled { get; init; }

    /// <summary>Entries written to TravelPerk.</summary>
    public long Exported { get; init; }

    /// <summary>Entries that failed and are tried again.</summary>
    public long Escrowed { get; init; }

    /// <summary>The service's error code and text; null when it succeeded.</summary>
    public string? Error
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{State}: {Imported} imported, {Entitled} entitled, {Exported} exported, {Escrowed} escrowed"
        );
}

/// <summary>How far a hosted job is (Graph synchronizationProgress).</summary>
/// <param name="Units">What is counted.</param>
/// <param name="Completed">Done.</param>
/// <param name="Total">In all.</param>
public sealed record HostedProgress(string Units, long Completed, long Total)
{
    /// <summary>What is counted.</summary>
    public string Units { get; init; } = ShownText.Of(Units);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Completed} of {Total} {Units}");
}
