using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.SingleSignOn;

/// <summary>A claim of the token, as the portal shows it.</summary>
/// <param name="Name">Its name, without its namespace; <c>Unique User Identifier</c> is the NameID.</param>
/// <param name="Source">Where its value comes from, such as <c>user.userprincipalname</c>.</param>
public sealed record SignOnClaim(string Name, string Source);

/// <summary>
/// The claims that TravelPerk reads, in the policy that the portal's "Attributes and claims" edits (beta <c>claimsPolicy</c>). Source:
/// TravelPerk's support page on Entra, whose emailaddress is the userPrincipalName where the gallery's default is the mail address.
/// </summary>
internal static class SignOnClaims
{
    private const string NameId = "Unique User Identifier";
    private const string Namespace = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
    private const string NameIdType = "samlNameIdClaim";

    public static IReadOnlyList<SignOnClaim> Wanted { get; } =
    [
        new(NameId, "user.userprincipalname"),
        new("emailaddress", "user.userprincipalname"),
        new("name", "user.userprincipalname"),
        new("givenname", "user.givenname"),
        new("surname", "user.surname"),
    ];

    /// <summary>The claims of a policy.</summary>
    public static IReadOnlyList<SignOnClaim> Read(JsonObject? policy) =>
        [.. Claims(policy).Select(claim => new SignOnClaim(NameOf(claim), SourceOf(claim)))];

    /// <summary>The wanted claims that the policy lacks, or takes from another source.</summary>
    public static IReadOnlyList<SignOnClaim> Different(JsonObject? policy) =>
        [
            .. Wanted.Where(wanted =>
                Claims(policy).Where(claim => Is(claim, wanted)).ToList() is not [var only] || !IsAsWanted(only, wanted)
            ),
        ];

    /// <summary>The claims to send: TravelPerk's as they should be, all others as they are.</summary>
    public static JsonArray Merge(JsonObject? policy)
    {
        var merged = new JsonArray();
        foreach (JsonObject claim in Claims(policy).Where(claim => !Wanted.Any(wanted => Is(claim, wanted))))
            merged.Add(claim.DeepClone());
        foreach (SignOnClaim wanted in Wanted)
            merged.Add(Make(wanted, Claims(policy).FirstOrDefault(claim => Is(claim, wanted))));
        return merged;
    }

    private static JsonObject Make(SignOnClaim wanted, JsonObject? before)
    {
        var configuration = new JsonObject
        {
            ["condition"] = null,
            ["attribute"] = new JsonObject
            {
                ["@odata.type"] = "#microsoft.graph.sourcedAttribute",
                ["id"] = wanted.Source["user.".Length..],
                ["source"] = "user",
                ["isExtensionAttribute"] = false,
            },
            ["transformations"] = new JsonArray(),
        };
        return wanted.Name == NameId
            ? new JsonObject
            {
                ["@odata.type"] = "#microsoft.graph." + NameIdType,
                ["nameIdFormat"] = JsonText.Of(before, "nameIdFormat") ?? "emailAddress",
                ["configurations"] = new JsonArray(configuration),
            }
            : new JsonObject
            {
                ["@odata.type"] = "#microsoft.graph.customClaim",
                ["name"] = wanted.Name,
                ["namespace"] = Namespace,
                ["tokenFormat"] = new JsonArray("saml"),
                ["samlAttributeNameFormat"] = JsonText.Of(before, "samlAttributeNameFormat"),
                ["configurations"] = new JsonArray(configuration),
            };
    }

    private static IEnumerable<JsonObject> Claims(JsonObject? policy) =>
        policy?["claims"] is JsonArray claims ? claims.OfType<JsonObject>() : [];

    private static bool Is(JsonObject claim, SignOnClaim wanted)
    {
        bool isNameId = IsNameId(claim);
        if (isNameId || wanted.Name == NameId)
            return isNameId == (wanted.Name == NameId);
        return wanted.Name.Equals(JsonText.Of(claim, "name"), StringComparison.OrdinalIgnoreCase)
            && Namespace.Equals(JsonText.Of(claim, "namespace")?.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsAsWanted(JsonObject claim, SignOnClaim wanted) =>
        SourceOf(claim).Equals(wanted.Source, StringComparison.OrdinalIgnoreCase) && IsInSaml(claim);

    private static bool IsNameId(JsonObject claim) =>
        JsonText.Of(claim, "@odata.type")?.EndsWith(NameIdType, StringComparison.OrdinalIgnoreCase) is true;

    private static bool IsInSaml(JsonObject claim)
    {
        if (IsNameId(claim))
            return true;
        IEnumerable<JsonValue> formats = (claim["tokenFormat"] as JsonArray ?? []).OfType<JsonValue>();
        return formats.Any(format => format.TryGetValue(out string? text) && text.Equals("saml", StringComparison.OrdinalIgnoreCase));
    }

    private static string NameOf(JsonObject claim) => IsNameId(claim) ? NameId : JsonText.Of(claim, "name") ?? "";

    private static string SourceOf(JsonObject claim)
    {
        if (claim["configurations"] is not JsonArray { Count: > 0 } configurations)
            return "nothing";
        if (configurations is not [JsonObject one] || one["condition"] is not null)
            return "several, by condition";
        if (one["transformations"] is JsonArray { Count: > 0 })
            return "a transformation";
        if (one["attribute"] is not JsonObject attribute)
            return "nothing";
        if (JsonText.Of(attribute, "value") is { } value)
            return $"\"{value}\"";
        return $"{JsonText.Of(attribute, "source") ?? "user"}.{JsonText.Of(attribute, "id")?.Trim()}";
    }

    /// <summary>
    /// The policy in an answer, which the reference shows as a list and the service gives as an object; null when there is none.
    /// </summary>
    public static JsonObject? PolicyOf(JsonDocument? answer)
    {
        if (answer is null)
            return null;
        JsonElement root = JsonText.Property(answer.RootElement, "value") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().FirstOrDefault()
            : answer.RootElement;
        return JsonText.Property(root, "claims") is { ValueKind: JsonValueKind.Array } ? JsonObject.Create(root.Clone()) : null;
    }
}
