using System.Text.Json;

namespace TravelPerkScim.Entra.Connection;

/// <summary>
/// The claims of an access token about its owner. Graph's tokens are opaque by contract, so every claim may be absent. A token that cannot
/// be read is not wrong: the service decides.
/// </summary>
/// <param name="TenantId">The tenant (<c>tid</c>).</param>
/// <param name="ClientId">The application (<c>appid</c>).</param>
/// <param name="Account">The person's userPrincipalName, or the application's name.</param>
/// <param name="Permissions">Names of the permissions that were granted (<c>roles</c> of an application, <c>scp</c> of a person); null when
/// the token does not say.</param>
/// <param name="ExpiresOn">When it ends (<c>exp</c>).</param>
internal sealed record AccessTokenClaims(
    string? TenantId,
    string? ClientId,
    string? Account,
    IReadOnlyList<string>? Permissions,
    DateTimeOffset? ExpiresOn
)
{
    private const int MaxLength = 64 * 1024;

    private static AccessTokenClaims Opaque { get; } = new(null, null, null, null, null);

    public static AccessTokenClaims Of(string token)
    {
        string[] parts = token.Length <= MaxLength ? token.Split('.') : [];
        if (parts.Length != 3)
            return Opaque;
        try
        {
            using var payload = JsonDocument.Parse(Decode(parts[1]));
            return payload.RootElement.ValueKind == JsonValueKind.Object ? Read(payload.RootElement) : Opaque;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return Opaque;
        }
    }

    // RFC 7515, appendix C.
    private static byte[] Decode(string base64Url) =>
        Convert.FromBase64String(base64Url.Replace('-', '+').Replace('_', '/').PadRight((base64Url.Length + 3) / 4 * 4, '='));

    private static AccessTokenClaims Read(JsonElement claims) =>
        new(
            Text(claims, "tid"),
            FirstText(claims, "appid", "azp"),
            FirstText(claims, "upn", "unique_name", "preferred_username", "app_displayname"),
            Permitted(claims),
            ExpiresOnOf(claims)
        );

    private static DateTimeOffset? ExpiresOnOf(JsonElement claims)
    {
        if (Find(claims, "exp", JsonValueKind.Number) is not { } exp)
            return null;
        bool isTime = exp.TryGetInt64(out long seconds) && seconds is > 0 and < 253_402_300_800;
        return isTime ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }

    // An application without any permission has neither claim; a token of Graph that names its tenant would show them.
    private static string[]? Permitted(JsonElement claims)
    {
        string[] scopes = Text(claims, "scp")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        string[] all = [.. Roles(claims).Concat(scopes).Order(StringComparer.Ordinal)];
        return all.Length > 0 || Text(claims, "tid") is not null ? all : null;
    }

    private static IEnumerable<string> Roles(JsonElement claims)
    {
        JsonElement.ArrayEnumerator roles = Find(claims, "roles", JsonValueKind.Array)?.EnumerateArray() ?? default;
        return roles.Where(role => role.ValueKind == JsonValueKind.String).Select(role => role.GetString()!);
    }

    private static JsonElement? Find(JsonElement claims, string name, JsonValueKind kind) =>
        claims.TryGetProperty(name, out JsonElement value) && value.ValueKind == kind ? value : null;

    private static string? FirstText(JsonElement claims, params string[] names) =>
        names.Select(name => Text(claims, name)).FirstOrDefault(text => text is not null);

    private static string? Text(JsonElement claims, string name) =>
        Find(claims, name, JsonValueKind.String)?.GetString() is { Length: > 0 } text ? text : null;
}
