using System.Globalization;
using System.Net;
using System.Security;
using System.Text.Json;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Operations.Channels;

/// <summary>Gets tokens for an application with its client secret, from Microsoft's sign-in service and from nowhere else.</summary>
internal sealed class AppTokens(ChannelHttp http, ChannelNetwork network, string tenant, string clientId, SecureString secret, string scope)
    : IDisposable
{
    private const string Service = "Microsoft's sign-in service";

    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(5);

    private string? _token;
    private DateTimeOffset _until;

    public void Dispose() => secret.Dispose();

    /// <exception cref="ChannelFailure">There is no token.</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        if (_token is not null && network.Time.GetUtcNow() < _until)
            return _token;
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            new Uri(network.SignIn, $"{Uri.EscapeDataString(tenant)}/oauth2/v2.0/token")
        )
        {
            Content = new FormUrlEncodedContent([
                new("grant_type", "client_credentials"),
                new("client_id", clientId),
                new("client_secret", SecretText.Reveal(secret)),
                new("scope", scope),
            ]),
        };
        HttpAnswer answer = await http.SendAsync(request, Service, cancellationToken).ConfigureAwait(false);
        (string? token, int seconds, int? error) = Read(answer.Body);
        if (answer.Status == HttpStatusCode.OK && token is not null)
        {
            _until = network.Time.GetUtcNow() + TimeSpan.FromSeconds(seconds) - s_margin;
            return _token = token;
        }
        bool later = (int)answer.Status is 429 or >= 500;
        string code = error is { } number ? FormattableString.Invariant($" (AADSTS{number})") : "";
        string advice = later ? "" : " Check the tenant, the client id, and that the client secret is right and has not run out.";
        throw new ChannelFailure(
            later ? ChannelResult.TryLater : ChannelResult.Refused,
            string.Create(CultureInfo.InvariantCulture, $"{Service} answered {(int)answer.Status}{code}.{advice}"),
            answer.RetryAfter
        );
    }

    /// <summary>Forgets a token that was refused.</summary>
    public void Forget() => _token = null;

    private static (string? Token, int Seconds, int? Error) Read(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            JsonElement root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return default;
            string? token = Find(root, "access_token", JsonValueKind.String)?.GetString();
            int? seconds = WholeNumber(Find(root, "expires_in", JsonValueKind.Number));
            JsonElement.ArrayEnumerator codes = Find(root, "error_codes", JsonValueKind.Array)?.EnumerateArray() ?? default;
            return (token, seconds ?? 0, codes.Select(code => WholeNumber(code)).FirstOrDefault());
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static JsonElement? Find(JsonElement root, string name, JsonValueKind kind) =>
        root.TryGetProperty(name, out JsonElement found) && found.ValueKind == kind ? found : null;

    private static int? WholeNumber(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int whole) ? whole : null;
}
