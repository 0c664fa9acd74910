using System.Net.Http.Headers;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Client.Rate;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>A signed-in connection to one TravelPerk. It shows where it leads and how it signs in, never the secret.</summary>
public sealed class TravelPerkConnection : IDisposable
{
    private readonly ScimCredential _credential;
    private readonly ScimClientOptions _options;
    private long _probed;

    internal TravelPerkConnection(
        TravelPerkEnvironment environment,
        ScimClientOptions options,
        ScimCredential credential,
        string authentication
    )
    {
        _credential = credential;
        _options = options with { Trace = AsyncCmdlet.TraceRequest };
        Client = new ScimClient(_options, credential);
        Environment = environment;
        Authentication = authentication;
    }

    /// <summary>Production, Sandbox or Custom.</summary>
    public TravelPerkEnvironment Environment { get; }

    /// <summary>Base address of the SCIM service.</summary>
    public Uri BaseUri => Client.BaseUri;

    /// <summary>How requests sign in: <c>ApiKey</c>, <c>Bearer</c> or <c>OAuth</c>.</summary>
    public string Authentication { get; }

    /// <summary>What TravelPerk granted; null when it did not say, as for keys and tokens that were given.</summary>
    public IReadOnlyList<string>? Scopes => OAuth?.Scopes;

    /// <summary>When the access token in use expires, if that is known. It is renewed before.</summary>
    public DateTimeOffset? TokenExpiresOn => OAuth?.ExpiresOn;

    /// <summary>Requests sent over this connection, retries included.</summary>
    public long RequestCount => Client.RequestCount + Interlocked.Read(ref _probed);

    /// <summary>How fast requests go, and whether the service holds them back.</summary>
    public ScimRate Rate => Client.Rate;

    /// <summary>What was learned so far of what the service accepts.</summary>
    public ScimDialect Dialect => Client.Dialect;

    internal ScimClient Client { get; }

    internal OAuthCredential? OAuth => _credential as OAuthCredential;

    /// <summary>A client that gives up after one retry: whoever tests a connection wants to know now. To be given back to
    /// <see cref="Absorb"/>.</summary>
    internal ScimClient CreateProbe(Action<HttpResponseHeaders>? answered = null)
    {
        ScimClient probe = new(_options with { MaxRetries = 1, Answered = answered }, _credential);
        probe.Recall(Client.Dialect);
        return probe;
    }

    /// <summary>Counts a probe's requests as this connection's, takes over what it learned, and disposes of it.</summary>
    internal void Absorb(ScimClient probe)
    {
        Interlocked.Add(ref _probed, probe.RequestCount);
        Client.Learn(probe.Dialect.Over);
        probe.Dispose();
    }

    /// <summary>Users seen over this connection, for completion.</summary>
    internal RecentUsers RecentUsers { get; } = new();

    /// <summary>Forgets the secret; the connection cannot be used any more.</summary>
    public void Dispose()
    {
        Client.Dispose();
        _credential.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => BaseUri.ToString();
}
