using Microsoft.Graph;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Authentication.Azure;

namespace TravelPerkScim.Entra.Http;

/// <summary>A connection to one Entra tenant: one Graph client. The connections to a tenant share one pace of requests.</summary>
public sealed class EntraDirectory : IDisposable
{
    private readonly RepeatHandler _repeats;
    private readonly HttpClient _http;

    /// <exception cref="ArgumentException">An endpoint is neither https nor on loopback.</exception>
    public EntraDirectory(EntraDirectoryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Uri endpoint = options.GraphEndpoint;
        if (!IsSafe(endpoint) || !IsSafe(options.AuthorityHost))
        {
            throw new ArgumentException(
                "The Graph endpoint and the authority host must be https URIs; http is for this machine only.",
                nameof(options)
            );
        }
        Options = options;
        Gate = new ThrottleGate(TenantPace.Of(options), options.TimeProvider);
        _repeats = new RepeatHandler(Gate, options.TimeProvider, options.Bounds) { InnerHandler = options.Handler ?? OwnHandler() };
        // Each attempt has its own timeout: the client's would count the pauses too.
        _http = new HttpClient(_repeats, disposeHandler: options.Handler is null) { Timeout = Timeout.InfiniteTimeSpan };
        string[] scopes = [.. options.Scopes ?? [endpoint.GetLeftPart(UriPartial.Authority) + "/.default"]];
        IAuthenticationProvider sign = new AzureIdentityAuthenticationProvider(options.Credential, [endpoint.Host], null, true, scopes);
        Client = new GraphServiceClient(_http, sign, endpoint.AbsoluteUri.TrimEnd('/'));
    }

    /// <summary>The options of the connection.</summary>
    public EntraDirectoryOptions Options { get; }

    /// <summary>HTTP requests sent so far, repeats included; a batch is one.</summary>
    public long RequestCount => _repeats.Sent;

    /// <summary>The directory's name in a log: the tenant, or the endpoint's host.</summary>
    public string DisplayName => Options.TenantId ?? Options.GraphEndpoint.Host;

    internal GraphServiceClient Client { get; }

    internal ThrottleGate Gate { get; }

    /// <summary>Reads a public page. No token is sent, and redirects are not followed.</summary>
    internal Task<HttpResponseMessage> GetWithoutTokenAsync(Uri address, CancellationToken cancellationToken) =>
        _http.GetAsync(address, cancellationToken);

    public void Dispose()
    {
        Client.Dispose();
        _http.Dispose();
    }

    private static bool IsSafe(Uri uri) =>
        uri.IsAbsoluteUri && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    // A redirect could lead the token to another host.
    private static SocketsHttpHandler OwnHandler() =>
        new()
        {
            AllowAutoRedirect = false,
            // Graph needs no cookies, and a server could recognize the client by a cookie.
            UseCookies = false,
            AutomaticDecompression = System.Net.DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(30),
        };
}
