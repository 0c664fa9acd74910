using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>
/// The keys and values that Graph calls synchronization secrets: one set with credentials and settings.
/// </summary>
/// <remarks>
/// <para>A PUT replaces the whole set, and there is no PATCH (Graph, "Add synchronization secrets"). Graph shows a sensitive value as "*".
/// A "*" that is sent back would be saved as the value; entra-docs, "Skip deletion of out of scope users", has the password typed again for
/// that reason. So a key that is shown as "*" is not written, and a change that would lose it is refused unless the caller gives the
/// value.</para> <para>SyncNotificationSettings and SyncAll are always written: a PUT without them is said to keep nothing.</para>
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

    // Keys of credentials, of which a tenant may show the values.
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

    /// <param name="fallbackThreshold">The job's own threshold, for a set that has none.</param>
    public HostedSettings Settings(int? fallbackThreshold)
    {
        JsonObject notify = Notifications();
        return new HostedSettings
        {
            NotificationEmail = Recipients(notify),
            DeleteThreshold = Threshold(notify, fallbackThreshold),
            Scope = IsTrue(AllKey) ? HostedScope.All : HostedScope.Assigned,
            SkipOutOfScopeDeletions = IsTrue(SkipKey),
            BaseAddress = _values.GetValueOrDefault(BaseAddressKey),
            Credentials = [.. _values.Keys.Where(key => _values[key] == Hidden || s_credentials.Contains(key))],
        };
    }

    private static string? Recipients(JsonObject notify) =>
        Flag(notify, "Enabled") && JsonText.Of(notify, "Recipients") is { Length: > 0 } recipients ? recipients : null;

    private static int? Threshold(JsonObject notify, int? fallback)
    {
        if (notify["DeleteThresholdEnabled"] is null)
            return fallback;
        return Flag(notify, "DeleteThresholdEnabled") ? Number(notify, "DeleteThresholdValue") ?? fallback : null;
    }

    /// <summary>The credentials for a test before they are saved.</summary>
    public static JsonArray Credentials(string baseAddress, string token) => [Pair(BaseAddressKey, baseAddress), Pair(TokenKey, token)];

    /// <summary>The set with a change, as a PUT takes it.</summary>
    /// <param name="change">The settings to change.</param>
    /// <param name="defaultAddress">The base address for a set that has none; null writes none.</param>
    /// <param name="token">The token; null when none was given.</param>
    /// <exception cref="SourceException"><c>EntraCredentialsWouldBeLost</c>.</exception>
    public JsonObject With(HostedSettingsChange change, string? defaultAddress, string? token)
    {
        var values = new SortedDictionary<string, string>(_values, StringComparer.Ordinal);
        HostedSettings now = Settings(null);
        if (change.BaseAddress is { } address)
            values[BaseAddressKey] = address.AbsoluteUri.TrimEnd('/');
        else if (defaultAddress is not null && now.BaseAddress is null or Hidden)
            values[BaseAddressKey] = defaultAddress;
        if (token is not null)
            ReplaceCredentials(values, token);
        string[] lost = HiddenOf(values);
        if (lost.Length > 0)
            throw WouldBeLost(lost);
        values[NotificationsKey] = Notifications(change).ToJsonString();
        values[AllKey] = Lower((change.Scope ?? now.Scope) == HostedScope.All);
        values[SkipKey] = Lower(change.SkipOutOfScopeDeletions ?? now.SkipOutOfScopeDeletions);
        return new JsonObject { ["value"] = new JsonArray([.. values.Select(pair => Pair(pair.Key, pair.Value))]) };
    }

    // The token takes the place of the credentials that the job signed in with before.
    private static void ReplaceCredentials(SortedDictionary<string, string> values, string token)
    {
        foreach (string key in HiddenOf(values).Where(s_credentials.Contains))
            values.Remove(key);
        values[TokenKey] = token;
    }

    private static string[] HiddenOf(SortedDictionary<string, string> values) => [.. values.Keys.Where(key => values[key] == Hidden)];

    /// <summary>True when the set has every setting of the change already.</summary>
    public bool Has(HostedSettingsChange change)
    {
        HostedSettings now = Settings(null);
        return IsUnchanged(change.NotificationEmail, now.NotificationEmail ?? "")
            && IsUnchanged(change.DeleteThreshold, now.DeleteThreshold ?? 0)
            && IsUnchanged(change.Scope, now.Scope)
            && IsUnchanged(change.SkipOutOfScopeDeletions, now.SkipOutOfScopeDeletions)
            && IsUnchanged(change.BaseAddress?.AbsoluteUri.TrimEnd('/'), now.BaseAddress);
    }

    private static bool IsUnchanged(string? wanted, string? now) => wanted is null || wanted == now;

    private static bool IsUnchanged<T>(T? wanted, T now)
        where T : struct => wanted is null || EqualityComparer<T>.Default.Equals(wanted.Value, now);

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
            return JsonNode.Parse(_values.GetValueOrDefault(NotificationsKey, "{}")) as JsonObject ?? [];
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return [];
        }
    }

    private static SourceException WouldBeLost(string[] keys)
    {
        string names = string.Join(", ", keys);
        return new SourceException(
            "EntraCredentialsWouldBeLost",
            "Graph saves the settings and the credentials of a job as one set, "
                + $"and does not give back {names}: the change would lose the credentials. Give the token again with -SecretToken. "
                + "An application that was authorized in the admin center is changed there (Provisioning, Settings), "
                + "so that its authorization stays."
        );
    }

    private bool IsTrue(string key)
    {
        string? text = _values.GetValueOrDefault(key);
        return text == "1" || string.Equals(text, "true", StringComparison.OrdinalIgnoreCase);
    }

    private static string Lower(bool value) => value ? "true" : "false";

    // Graph writes true, and "true" as text.
    private static bool Flag(JsonObject item, string name) => bool.TryParse(item[name]?.ToString(), out bool flag) && flag;

    private static int? Number(JsonObject item, string name) =>
        int.TryParse(item[name]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static JsonObject Pair(string key, string value) => new() { ["key"] = key, ["value"] = value };
}
