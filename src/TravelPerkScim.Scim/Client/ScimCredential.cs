using System.Security;

namespace TravelPerkScim.Scim.Client;

/// <summary>
/// The credential that each request carries. The secret is held as a SecureString and unwrapped for each request. The copies that a request
/// makes stay in memory until the memory is used again.
/// </summary>
public abstract class ScimCredential : IDisposable, IAsyncDisposable
{
    /// <summary><c>Authorization: ApiKey key</c>, the key from TravelPerk's Settings, Developer, API tools. The key is copied; the caller
    /// keeps its own.</summary>
    /// <exception cref="ScimException"><c>InvalidCredential</c>: empty, or not one line of printable ASCII.</exception>
    public static ScimCredential ApiKey(SecureString key) => new StaticCredential("ApiKey", key);

    /// <summary><c>Authorization: Bearer token</c>. The token is copied; the caller keeps its own.</summary>
    /// <exception cref="ScimException"><c>InvalidCredential</c>: empty, or not one line of printable ASCII.</exception>
    public static ScimCredential Bearer(SecureString token) => new StaticCredential("Bearer", token);

    /// <summary>Releases the secret.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the secret, and waits until a renewal that is under way has reached its store. The wait is half a minute at
    /// most.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        await EndAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>The kind only, such as <c>ApiKey</c>.</summary>
    public abstract override string ToString();

    /// <summary>Puts the credential on a request that is about to be sent.</summary>
    protected internal abstract ValueTask ApplyAsync(HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>Counts the secrets that this credential has had. A request reads it before it leaves and gives it back with a 401, so that
    /// several requests with one stale secret renew it once.</summary>
    protected internal virtual int Generation => 0;

    /// <summary>Called once when a request was answered with 401. True when the next request carries another secret, so that the request is
    /// worth repeating.</summary>
    /// <param name="generation">The <see cref="Generation"/> when the request was about to be sent.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    protected internal virtual ValueTask<bool> RefreshAsync(int generation, CancellationToken cancellationToken) =>
        ValueTask.FromResult(false);

    /// <summary>Takes the secret out of a text that came from outside.</summary>
    protected internal abstract string Redact(string text);

    protected abstract void Dispose(bool disposing);

    /// <summary>Waits for what a disposed credential still has to do.</summary>
    protected virtual Task EndAsync() => Task.CompletedTask;
}
