using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TravelPerkScim.Operations.Channels;

/// <summary>Posts a signed event after Standard Webhooks. The receiver knows an event that is sent again by its
/// <c>webhook-id</c>.</summary>
/// <param name="http">Sends it.</param>
/// <param name="address">The receiver's URL.</param>
/// <param name="keys">The signing keys; more than one while a key is changed.</param>
/// <param name="time">The clock of the timestamp.</param>
internal sealed class WebhookChannel(ChannelHttp http, Uri address, IReadOnlyList<byte[]> keys, TimeProvider time)
    : HttpChannel(http, "The webhook's receiver")
{
    internal const int MostBytes = 20 << 10;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public override ValueTask DisposeAsync()
    {
        foreach (byte[] key in keys)
            CryptographicOperations.ZeroMemory(key);
        return base.DisposeAsync();
    }

    private protected override Task<HttpRequestMessage> RequestAsync(Notification notification, CancellationToken cancellationToken)
    {
        byte[] body = Fitting.Fit(notification, MostBytes, Event);
        string timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{notification.Id}.{timestamp}."), .. body];
        HttpRequestMessage request = Post(address, body);
        request.Headers.Add("webhook-id", notification.Id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add(
            "webhook-signature",
            string.Join(' ', keys.Select(key => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}"))
        );
        return Task.FromResult(request);
    }

    private static byte[] Event(Notification notification)
    {
        string rule = notification.Rule is { } of ? Named(of.ToString()) : "test";
        string change = Named(notification.Change.ToString());
        return JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                type = $"provisioning.{rule}.{change}",
                timestamp = notification.Time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                data = new
                {
                    notification.Id,
                    notification.Job,
                    Rule = rule,
                    Change = change,
                    notification.Title,
                    notification.Text,
                    notification.Facts,
                    notification.Commands,
                    Names = notification.Names.Count > 0 ? notification.Names : null,
                },
            },
            s_json
        );
    }

    private static string Named(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
