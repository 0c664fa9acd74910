using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>The shared database that keeps states of jobs, as this session uses it. It shows the database, never the connection
/// string.</summary>
public sealed class ProvisioningStore : IDisposable
{
    // PostgreSQL's client is loaded when the first store is connected: cmdlets may mention this type, but not the type of its field.
    private readonly SharedStates _states;

    private ProvisioningStore(SharedStates states, string? path) => (_states, Path) = (states, path);

    /// <summary>The database and its host.</summary>
    public string Database => _states.ToString();

    /// <summary>The file with the connection string, absolute; null when the connection string was given itself.</summary>
    public string? Path { get; }

    /// <summary>Names the database whose connection string is in a file.</summary>
    /// <exception cref="ArgumentException">The file holds no connection string.</exception>
    /// <exception cref="ProvisioningException">The file is not there, or other accounts can read it.</exception>
    internal static async Task<ProvisioningStore> AtFileAsync(string path, CancellationToken cancellationToken) =>
        new(await SharedStates.AtFileAsync(path, TimeProvider.System, keys: null, cancellationToken).ConfigureAwait(false), path);

    /// <summary>Names the database.</summary>
    /// <exception cref="ArgumentException">The text is no connection string.</exception>
    internal static ProvisioningStore At(string connection) => new(SharedStates.At(connection), path: null);

    /// <summary>Lets a shared job keep its state here.</summary>
    internal void Attach(ProvisioningJob job) => _states.Attach(job);

    /// <inheritdoc cref="SharedStates.Claim"/>
    internal IDisposable Claim(ProvisioningJob job) => _states.Claim(job);

    /// <inheritdoc cref="SharedStates.MoveHere"/>
    internal ProvisioningStateMove MoveHere(ProvisioningJob job, string key, Action<long> progress, CancellationToken cancellationToken) =>
        _states.MoveHere(job, key, progress, cancellationToken);

    /// <inheritdoc cref="SharedStates.MoveToFile"/>
    internal ProvisioningStateMove MoveToFile(ProvisioningJob job, Action<long> progress, CancellationToken cancellationToken) =>
        _states.MoveToFile(job, progress, cancellationToken);

    /// <summary>How the jobs stand, the worst first; for a job whose state cannot be read, why not.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    internal IEnumerable<(string Key, StoredJobStatus? Status, ProvisioningException? Error)> ReadJobs() =>
        _states.ReadJobs().Select(job => (job.Key, job.Status, job.Error));

    /// <summary>Tries the connection.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: the database does not answer, or refuses.</exception>
    internal void Test() => _states.ReadChanges();

    /// <summary>Closes the connections to the database.</summary>
    public void Dispose() => _states.Dispose();

    /// <inheritdoc/>
    public override string ToString() => Database;
}
