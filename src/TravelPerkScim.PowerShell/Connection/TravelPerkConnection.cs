using System.Net.Http.Headers;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Client.Rate;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>A signed-in connection to one TravelPerk. It shows the address and the kind of sign-in, never the secret.</summary>
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

    /// <summary>The kind of sign-in: <c>ApiKey</c>, <c>Bearer</c> or <c>OAuth</c>.</summary>
    public string Authentication { get; }

    /// <summary>The granted scopes; null when TravelPerk does not name them, as with a given key or token.</summary>
    public IReadOnlyList<string>? Scopes => OAuth?.Scopes;

    /// <summary>The expiry of the access token, if it is known. The token is renewed before.</summary>
    public DateTimeOffset? TokenExpiresOn => OAuth?.ExpiresOn;

    /// <summary>Requests sent over this connection, retries included.</summary>
    public long RequestCount => Client.RequestCount + Interlocked.Read(ref _probed);

    /// <summary>The rate of requests, and the limits of the service.</summary>
    public ScimRate Rate => Client.Rate;

    /// <summary>The dialect of the service, as far as it was learned.</summary>
    public ScimDialect Dialect => Client.Dialect;

    internal ScimClient Client { get; }

    internal OAuthCredential? OAuth => _credential as OAuthCredential;

    /// <summary>A client that gives up after one retry, so that a test of the connection ends soon. The client must be passed to <see
    /// cref="Absorb"/>.</summary>
    internal ScimClient CreateProbe(Action<HttpResponseHeaders>? answered = null)
    {
        var probe = new ScimClient(_options with { MaxRetries = 1, Answered = answered }, _credential);
        probe.Recall(Client.Dialect);
        return probe;
    }

    /// <summary>Adds a probe's requests and dialect to this connection, and disposes of the probe.</summary>
    internal void Absorb(ScimClient probe)
    {
        Interlocked.Add(ref _probed, probe.RequestCount);
        Client.Learn(probe.Dialect);
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
