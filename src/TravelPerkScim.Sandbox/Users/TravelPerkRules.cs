using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>What TravelPerk asks of values beyond their type, with its texts; brings dates into the form it answers with.</summary>
internal sealed class TravelPerkRules(SandboxOptions options)
{
    private static readonly SearchValues<char> s_phoneSigns = SearchValues.Create("0123456789 .-()");
    private static readonly string[] s_dateFormats = ["yyyy-MM-dd", "yyyy/MM/dd"];

    private static readonly (string Name, Func<JsonObject, JsonNode?> Of)[] s_required =
    [
        ("userName", content => content["userName"]),
        ("name.givenName", content => content["name"]?["givenName"]),
        ("name.familyName", content => content["name"]?["familyName"]),
    ];

    private readonly FrozenSet<string>? _costCenters = options.CostCenters?.ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string>? _travelPolicies = options.TravelPolicies?.ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string>? _invoiceProfiles = options.InvoiceProfiles?.ToFrozenSet(StringComparer.Ordinal);
    private readonly TimeProvider _timeProvider = options.TimeProvider;

    /// <param name="content">What <see cref="ResourceReader"/> read; changed in place.</param>
    /// <exception cref="ScimErrorException">400 invalidValue with TravelPerk's text.</exception>
    public void Apply(JsonObject content)
    {
        if (MissingAttribute(content) is { } missing)
            throw ScimErrorException.InvalidValue($"Attribute '{missing}' is required.");
        // Every user is active or not: without a value the server assigns its default (RFC 7644 section 3.5.1).
        content["active"] ??= true;
        CheckUserName(content["userName"]!.GetValue<string>());
        foreach (string number in Values(content["phoneNumbers"]))
            CheckPhone(number);
        CheckKnown(_costCenters, "costCenter", ScimJson.Text(content[SchemaDefinition.Enterprise.Urn]?["costCenter"]));
        JsonNode? travelPerk = content[SchemaDefinition.TravelPerk.Urn];
        CheckGender(ScimJson.Text(travelPerk?["gender"]));
        if (ScimJson.Text(travelPerk?["dateOfBirth"]) is { } date)
            travelPerk!["dateOfBirth"] = NormalizeDate(date);
        CheckKnown(_travelPolicies, "travelPolicy", ScimJson.Text(travelPerk?["travelPolicy"]));
        foreach (string profile in Values(travelPerk?["invoiceProfiles"]))
            CheckKnown(_invoiceProfiles, "invoiceProfiles", profile);
    }

    /// <summary>The first required attribute that has no value; null when all have.</summary>
    public static string? MissingAttribute(JsonObject content) =>
        s_required.FirstOrDefault(attribute => IsBlank(attribute.Of(content))).Name;

    private static bool IsBlank(JsonNode? value) => string.IsNullOrWhiteSpace(ScimJson.Text(value));

    private static IEnumerable<string> Values(JsonNode? elements) =>
        ScimJson.Objects(elements).Select(element => ScimJson.Text(element["value"]) ?? "");

    private static void CheckUserName(string userName)
    {
        bool hasBothParts = userName.Split('@') is [{ Length: > 0 }, { Length: > 0 }];
        if (!hasBothParts || userName.Any(char.IsWhiteSpace))
            throw ScimErrorException.InvalidValue($"Value {userName} is not valid for attribute 'userName'. It must be an e-mail address.");
    }

    /// <summary>Country code and number: a "+", then 7 to 15 digits (E.164), with spaces, dots, hyphens and brackets between.</summary>
    private static void CheckPhone(string number)
    {
        int digits = number.Count(char.IsAsciiDigit);
        bool valid = number.StartsWith('+') && digits is >= 7 and <= 15 && !number.AsSpan(1).ContainsAnyExcept(s_phoneSigns);
        if (!valid)
            throw ScimErrorException.InvalidValue($"No valid phone number found in {number}");
    }

    private static void CheckGender(string? gender)
    {
        if (gender is not (null or "M" or "F"))
            throw ScimErrorException.InvalidValue($"Value {gender} is not valid for attribute 'gender'. It must be M or F.");
    }

    private string NormalizeDate(string text)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        var today = DateOnly.FromDateTime(_timeProvider.GetUtcNow().UtcDateTime);
        if (DateOnly.TryParseExact(text, s_dateFormats, invariant, DateTimeStyles.None, out DateOnly date) && date <= today)
            return date.ToString("yyyy-MM-dd", invariant);
        throw ScimErrorException.InvalidValue(
            $"Value {text} is not valid for attribute 'dateOfBirth'. It must be a past date, YYYY-MM-DD."
        );
    }

    private static void CheckKnown(FrozenSet<string>? known, string attribute, string? value)
    {
        if (value is not null && known?.Contains(value) == false)
        {
            throw ScimErrorException.InvalidValue(
                $"Value {value} is not valid for attribute '{attribute}'. The object with that name does not exist"
            );
        }
    }
}
