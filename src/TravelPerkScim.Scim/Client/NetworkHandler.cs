using System.Net;

namespace TravelPerkScim.Scim;

/// <summary>How connections to a service are made and kept.</summary>
internal static class NetworkHandler
{
    public static SocketsHttpHandler For(Uri baseUri) => new()
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // Below the fifteen seconds after which servers begin to close idle connections: a POST on one that is being closed has an unknown outcome.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
        ConnectTimeout = TimeSpan.FromSeconds(15),
        AutomaticDecompression = DecompressionMethods.All,
        // Followed by hand by nobody: the credential goes where the user said and nowhere else.
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy from the environment would carry loopback traffic, in the clear, off this machine.
        UseProxy = !Scim.BaseUri.IsLoopback(baseUri),
    };
}
