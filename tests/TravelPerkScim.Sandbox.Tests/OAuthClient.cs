using System.Net;
using System.Security;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

/// <summary>A sandbox in a clock of its own, and an OAuth client that speaks plain HTTP.</summary>
internal sealed class OAuthClient : IAsyncDisposable
{
    public const string Redirect = "http://127.0.0.1:4711/callback";

    // The pair of RFC 7636 appendix B.
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    public const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    public OAuthClient()
    {
        Sandbox = TravelPerkSandbox.Start(new SandboxOptions { TimeProvider = Time });
        using SecureString secret = Sandbox.GetClientSecret();
        Secret = Server.Reveal(secret);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public TravelPerkSandbox Sandbox { get; }

    public string Secret { get; }

    public static Dictionary<string, string?> Asked =>
        new()
        {
            ["client_id"] = "sandbox-client",
            ["redirect_uri"] = Redirect,
            ["scope"] = "scim:read scim:write scim:delete",
            ["response_type"] = "code",
            ["state"] = "a state&more",
            ["code_challenge"] = Challenge,
            ["code_challenge_method"] = "S256",
        };

    public async Task<(HttpStatusCode Status, Uri? Location)> AuthorizeAsync(params (string Name, string? Value)[] changes)
    {
        string query = string.Join('&', Changed(Asked, changes).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"));
        using HttpResponseMessage response = await _http.GetAsync(new Uri($"{Sandbox.AuthorizeUri}?{query}"));
        return (response.StatusCode, response.Headers.Location);
    }

    public async Task<string> CodeAsync(params (string Name, string? Value)[] changes)
    {
        (_, Uri? location) = await AuthorizeAsync(changes);
        return HttpUtility.ParseQueryString(location!.Query)["code"]!;
    }

    public async Task<Answer> TokenAsync(
        IEnumerable<KeyValuePair<string, string?>> parameters,
        string? authorization = null,
        string? mediaType = null
    )
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Sandbox.TokenUri) { Content = new FormUrlEncodedContent(parameters!) };
        if (mediaType is not null)
            request.Content.Headers.ContentType = new(mediaType);
        if (authorization is not null)
            request.Headers.Add("Authorization", authorization);
        using HttpResponseMessage response = await _http.SendAsync(request);
        Answer answer = await Answer.ReadAsync(response);
        Assert.Equal("application/json", answer.ContentType?.MediaType);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Equal("no-cache", answer.Headers.Pragma.ToString());
        return answer;
    }

    public Dictionary<string, string?> Redeeming(string code) =>
        new()
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = Redirect,
            ["code_verifier"] = Verifier,
            ["client_id"] = "sandbox-client",
            ["client_secret"] = Secret,
        };

    public Dictionary<string, string?> Refreshing(string refreshToken) =>
        new()
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = refreshToken,
            ["client_id"] = "sandbox-client",
            ["client_secret"] = Secret,
        };

    public async Task<JsonObject> SignInAsync(params (string Name, string? Value)[] changes) =>
        (await TokenAsync(Redeeming(await CodeAsync(changes)))).Json;

    public async Task<Answer> ScimAsync(string method, string path, string accessToken)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(Sandbox.BaseUri, path));
        request.Headers.Add("Authorization", "Bearer " + accessToken);
        if (method == "POST")
            request.Content = new StringContent(Server.User("a@x.com"), null, "application/scim+json");
        using HttpResponseMessage response = await _http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    public static Dictionary<string, string?> Changed(Dictionary<string, string?> parameters, params (string Name, string? Value)[] changes)
    {
        foreach ((string name, string? value) in changes)
        {
            if (value is null)
                _ = parameters.Remove(name);
            else
                parameters[name] = value;
        }
        return parameters;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Sandbox.DisposeAsync();
    }
}
