using System.Security;

namespace TravelPerkScim.Scim.Client;

/// <summary>
/// The credential put on each request; the secret is held as a SecureString and unwrapped for each request, whose copies stay in
/// memory until it is used again.
/// </summary>
public abstract class ScimCredential : IDisposable
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

    /// <summary>The kind only, such as <c>ApiKey</c>.</summary>
    public abstract override string ToString();

    /// <summary>Puts the credential on a request that is about to be sent.</summary>
    protected internal abstract ValueTask ApplyAsync(HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>Counts the secrets this credential has had; read before a request and given back with its 401, so that the requests that
    /// met one stale secret renew it once.</summary>
    protected internal virtual int Generation => 0;

    /// <summary>Called once when a request was answered with 401: true when a new secret is there or will be applied, and the request is
    /// worth repeating.</summary>
    /// <param name="generation">The <see cref="Generation"/> when the request was about to be sent.</param>
    /// <param name="cancellationToken">Of the request.</param>
    protected internal virtual ValueTask<bool> RefreshAsync(int generation, CancellationToken cancellationToken) =>
        ValueTask.FromResult(false);

    /// <summary>Takes the secret out of a text that came from outside.</summary>
    protected internal abstract string Redact(string text);

    protected abstract void Dispose(bool disposing);
}
