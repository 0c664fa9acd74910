namespace TravelPerkScim.Sandbox;

/// <summary>An embedded TravelPerk on a loopback socket, in process.</summary>
public sealed class TravelPerkSandbox : IAsyncDisposable
{
    /// <summary>Starts listening on 127.0.0.1 at a free port.</summary>
    public static TravelPerkSandbox Start(SandboxOptions options) => throw new NotImplementedException();

    /// <summary><c>http://127.0.0.1:port/api/v2/scim/</c>.</summary>
    public Uri BaseUri => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>How the sandbox behaves.</summary>
public sealed record SandboxOptions;
