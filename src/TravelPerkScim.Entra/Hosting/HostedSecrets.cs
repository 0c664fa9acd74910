using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>
/// The keys and values that Graph calls synchronization secrets: credentials and settings in one set.
/// </summary>
/// <remarks>
/// <para>A PUT replaces the whole set, and there is no PATCH (Graph, "Add synchronization secrets"). Graph shows a sensitive value as "*".
/// "*" sent back would be saved as the value: entra-docs, "Skip deletion of out of scope users",
/// has the password typed again for that reason. So a key that is shown as "*" is left out of what is written, and a change that would lose
/// it is refused unless the caller gives the value.</para>
/// <para>SyncNotificationSettings and SyncAll are always written: a PUT without them is said to keep nothing.</para>
/// </remarks>
internal sealed class HostedSecrets
{
    private const string Hidden = "*";
    private const string BaseAddressKey = "BaseAddress";
    private const string TokenKey = "SecretToken";
    private const string NotificationsKey = "SyncNotificationSettings";
    private const string AllKey = "SyncAll";
    private const string SkipKey = "SkipOutOfScopeDeletions";
    private const int MostDeletes = 500;

    // Credentials of other kinds than the token, should a tenant show their values.
    private static readonly HashSet<string> s_credentials = new(StringComparer.OrdinalIgnoreCase)
    {
        TokenKey,
        "Password",
        "AppKey",
        "ClientSecret",
        "ConsumerSecret",
        "TokenKey",
        "Oauth2AccessToken",
        "Oauth2RefreshToken",
        "Oauth2ClientSecret",
        "Oauth2AuthorizationCode",
    };

    private readonly SortedDictionary<string, string> _values;

    private HostedSecrets(SortedDictionary<string, string> values) => _values = values;

    public bool IsEmpty => _values.Count == 0;

    public static HostedSecrets Of(IEnumerable<(string Key, string Value)> pairs)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in pairs)
        {
            if (key.Length > 0 && value.Length > 0)
                values[key] = value;
        }
        return new HostedSecrets(values);
    }

    /// <param name="fallbackThreshold">The job's own threshold, where the set has none.</param>
    public HostedSettings Settings(int? fallbackThreshold)
    {
        JsonObject notify = Notifications();
        bool enabled = Flag(notify, "Enabled");
        int? threshold =
            notify["DeleteThresholdEnabled"] is null ? fallbackThreshold
            : Flag(notify, "DeleteThresholdEnabled") ? Number(notify, "DeleteThresholdValue") ?? fallbackThreshold
            : null;
        return new HostedSettings
        {
            NotificationEmail = enabled && Text(notify, "Recipients") is { Length: > 0 } mail ? mail : null,
            DeleteThreshold = threshold,
            Scope = IsTrue(AllKey) ? HostedScope.All : HostedScope.Assigned,
            SkipOutOfScopeDeletions = IsTrue(SkipKey),
            BaseAddress = _values.GetValueOrDefault(BaseAddressKey),
            Credentials = [.. _values.Where(pair => pair.Value == Hidden || s_credentials.Contains(pair.Key)).Select(pair => pair.Key)],
        };
    }

    /// <summary>The credentials that validate before anything is saved.</summary>
    public static JsonArray Credentials(string baseAddress, string token) => [Pair(BaseAddressKey, baseAddress), Pair(TokenKey, token)];

    /// <summary>The set with a change, as a PUT takes it.</summary>
    /// <param name="change">What is to change.</param>
    /// <param name="defaultAddress">The base address where there is none; null writes none.</param>
    /// <param name="token">The token; null when none was given.</param>
    /// <exception cref="SourceException"><c>EntraCredentialsWouldBeLost</c>.</exception>
    public JsonObject With(HostedSettingsChange change, string? defaultAddress, string? token)
    {
        var values = new SortedDictionary<string, string>(_values, StringComparer.Ordinal);
        if (change.BaseAddress is { } address)
            values[BaseAddressKey] = address.AbsoluteUri.TrimEnd('/');
        else if (defaultAddress is not null && values.GetValueOrDefault(BaseAddressKey) is null or Hidden)
            values[BaseAddressKey] = defaultAddress;
        if (token is not null)
        {
            // The token takes the place of whatever the job signed in with before.
            string[] replaced =
            [
                .. values.Where(pair => pair.Value == Hidden && s_credentials.Contains(pair.Key)).Select(pair => pair.Key),
            ];
            foreach (string key in replaced)
                values.Remove(key);
            values[TokenKey] = token;
        }
        string[] lost = [.. values.Where(pair => pair.Value == Hidden).Select(pair => pair.Key)];
        if (lost.Length > 0)
            throw WouldBeLost(lost);
        values[NotificationsKey] = Notifications(change).ToJsonString();
        values[AllKey] = Lower(change.Scope is { } scope ? scope == HostedScope.All : IsTrue(AllKey));
        values[SkipKey] = Lower(change.SkipOutOfScopeDeletions ?? IsTrue(SkipKey));
        return new JsonObject { ["value"] = new JsonArray([.. values.Select(pair => Pair(pair.Key, pair.Value))]) };
    }

    /// <summary>Whether the set has all of that already.</summary>
    public bool Has(HostedSettingsChange change)
    {
        HostedSettings now = Settings(null);
        return (change.NotificationEmail is null || change.NotificationEmail == (now.NotificationEmail ?? ""))
            && (change.DeleteThreshold is null || change.DeleteThreshold == (now.DeleteThreshold ?? 0))
            && (change.Scope is null || change.Scope == now.Scope)
            && (change.SkipOutOfScopeDeletions is null || change.SkipOutOfScopeDeletions == now.SkipOutOfScopeDeletions)
            && (change.BaseAddress is null || change.BaseAddress.AbsoluteUri.TrimEnd('/') == now.BaseAddress);
    }

    private JsonObject Notifications(HostedSettingsChange change)
    {
        JsonObject notify = Notifications();
        if (change.NotificationEmail is { } mail)
        {
            notify["Enabled"] = mail.Length > 0;
            notify["Recipients"] = mail;
        }
        if (change.DeleteThreshold is { } threshold)
        {
            notify["DeleteThresholdEnabled"] = threshold > 0;
            if (threshold > 0)
                notify["DeleteThresholdValue"] = threshold;
        }
        notify["Enabled"] ??= false;
        notify["DeleteThresholdEnabled"] ??= true;
        notify["DeleteThresholdValue"] ??= MostDeletes;
        return notify;
    }

    // A JSON object as text within the JSON.
    private JsonObject Notifications()
    {
        try
        {
            return _values.GetValueOrDefault(NotificationsKey) is { } text ? JsonNode.Parse(text) as JsonObject ?? [] : [];
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return [];
        }
    }

    private static SourceException WouldBeLost(string[] keys) =>
        new(
            "EntraCredentialsWouldBeLost",
            $"Graph saves the settings and the credentials of a job as one set, and does not "
                + $"give back {string.Join(", ", keys)}: the change would lose the credentials. "
                + "Give the token again with -SecretToken. An application that was authorized in the "
                + "admin center is changed there (Provisioning, Settings), so that its authorization stays."
        );

    private bool IsTrue(string key) =>
        _values.GetValueOrDefault(key) is { } text && (text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase));

    private static string Lower(bool value) => value ? "true" : "false";

    private static bool Flag(JsonObject item, string name) =>
        item[name] is { } value
        && (
            value.GetValueKind() == JsonValueKind.True
            || (value.GetValueKind() == JsonValueKind.String && bool.TryParse((string?)value, out bool flag) && flag)
        );

    private static int? Number(JsonObject item, string name) =>
        int.TryParse(item[name]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static string? Text(JsonObject item, string name) =>
        item[name] is { } value && value.GetValueKind() == JsonValueKind.String ? (string?)value : null;

    private static JsonObject Pair(string key, string value) => new() { ["key"] = key, ["value"] = value };
}
