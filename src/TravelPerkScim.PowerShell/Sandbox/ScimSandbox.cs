using System.Security;
using TravelPerkScim.Sandbox;

namespace TravelPerkScim.PowerShell;

/// <summary>An embedded TravelPerk that Start-ScimSandbox started in this process.</summary>
public sealed class ScimSandbox
{
    private readonly TravelPerkSandbox _server;

    internal ScimSandbox(TravelPerkSandbox server, int id, SecureString apiKey)
    {
        _server = server;
        BaseUri = server.BaseUri;
        Id = id;
        ApiKey = apiKey;
    }

    /// <summary>Its number in this runspace.</summary>
    public int Id { get; }

    /// <summary>Base address of its SCIM service, on this machine only.</summary>
    public Uri BaseUri { get; }

    /// <summary>The API key it takes.</summary>
    public SecureString ApiKey { get; }

    /// <summary>False when it has been stopped.</summary>
    public bool Running { get; private set; } = true;

    /// <inheritdoc/>
    public override string ToString() => BaseUri.ToString();

    internal void Stop()
    {
        Running = false;
        _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
