using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell;

/// <summary>A signed-in connection to one TravelPerk. It shows where it leads and how it signs in, never the secret.</summary>
public sealed class TravelPerkConnection : IDisposable
{
    private readonly ScimCredential _credential;

    internal TravelPerkConnection(TravelPerkEnvironment environment, ScimClientOptions options, ScimCredential credential, string authentication)
    {
        _credential = credential;
        Client = new ScimClient(options with { Trace = AsyncCmdlet.TraceRequest }, credential);
        Environment = environment;
        Authentication = authentication;
    }

    /// <summary>Production, Sandbox or Custom.</summary>
    public TravelPerkEnvironment Environment { get; }

    /// <summary>Base address of the SCIM service.</summary>
    public Uri BaseUri => Client.BaseUri;

    /// <summary>How requests sign in: <c>ApiKey</c> or <c>Bearer</c>.</summary>
    public string Authentication { get; }

    /// <summary>Requests sent over this connection, retries included.</summary>
    public long RequestCount => Client.RequestCount;

    internal ScimClient Client { get; }

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
