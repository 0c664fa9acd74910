using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TravelPerkScim.Operations.Channels;

/// <summary>A channel that posts JSON to a web service.</summary>
/// <param name="http">Sends it.</param>
/// <param name="service">The other side in words, at the begin of a sentence.</param>
internal abstract partial class HttpChannel(ChannelHttp http, string service) : INotificationChannel
{
    protected ChannelHttp Http => http;

    public async Task<ChannelAnswer> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notification);
        try
        {
            using HttpRequestMessage request = await RequestAsync(notification, cancellationToken).ConfigureAwait(false);
            HttpAnswer answer = await http.SendAsync(request, service, cancellationToken).ConfigureAwait(false);
            return Read(answer, request);
        }
        catch (ChannelFailure failure)
        {
            return failure.Answer;
        }
    }

    public virtual ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The request that delivers a notification.</summary>
    /// <exception cref="ChannelFailure">It cannot be made now, such as without a token.</exception>
    private protected abstract Task<HttpRequestMessage> RequestAsync(Notification notification, CancellationToken cancellationToken);

    /// <summary>What to do about an answer that will stay the same; null where it says enough.</summary>
    private protected virtual string? Advice(HttpStatusCode status) => null;

    private protected static HttpRequestMessage Post(Uri address, byte[] json) =>
        new(HttpMethod.Post, address)
        {
            Content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } },
        };

    private ChannelAnswer Read(HttpAnswer answer, HttpRequestMessage request)
    {
        int status = (int)answer.Status;
        if (status is >= 200 and < 300)
            return new ChannelAnswer(ChannelResult.Sent);
        if (status is >= 300 and < 400)
        {
            return new ChannelAnswer(
                ChannelResult.Refused,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{service} answered {status}, a redirect to another address, and "
                        + $"a redirect is not followed. Set the channel to the final address."
                )
            );
        }
        string? code = ErrorCode(answer.Body);
        string shown = code is null || IsSecret(code, request) ? "" : $" ({code})";
        string said = FormattableString.Invariant($"{service} answered {status}{shown}.");
        if (answer.Status == HttpStatusCode.Gone)
            return new ChannelAnswer(ChannelResult.Gone, $"{said} It wants no more notifications. Set the channel again when it does.");
        bool later = status is 408 or 425 or 429 or >= 500;
        return new ChannelAnswer(
            later ? ChannelResult.TryLater : ChannelResult.Refused,
            later || Advice(answer.Status) is not { } advice ? said : $"{said} {advice}",
            answer.RetryAfter
        );
    }

    /// <summary>What a service calls its error, where that is a name and no sentence: Slack's whole body, or the code of
    /// Microsoft's.</summary>
    private protected static string? ErrorCode(string body)
    {
        string text = body.Trim();
        if (ErrorName().IsMatch(text))
            return text;
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("error", out JsonElement error))
                return null;
            JsonElement code =
                error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out JsonElement inner) ? inner : error;
            return code.ValueKind == JsonValueKind.String && code.GetString() is { } name && ErrorName().IsMatch(name) ? name : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A service may send back a part of what it was sent.
    private static bool IsSecret(string code, HttpRequestMessage request) =>
        request.RequestUri!.PathAndQuery.Contains(code, StringComparison.OrdinalIgnoreCase)
        || request.Headers.Authorization?.Parameter?.Contains(code, StringComparison.OrdinalIgnoreCase) == true;

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z_]{2,59}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorName();
}
