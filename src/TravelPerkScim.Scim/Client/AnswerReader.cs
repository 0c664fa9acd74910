using System.Net;

namespace TravelPerkScim.Scim.Client;

/// <summary>Judges one HTTP answer: a success with its JSON, or the exception for it.</summary>
internal static class AnswerReader
{
    public static async Task<ScimResponse> ReadAsync(
        ScimRequest request,
        HttpResponseMessage response,
        long limit,
        Func<string, string> redact,
        TimeSpan? retryAfter,
        CancellationToken cancellationToken
    )
    {
        var status = response.StatusCode;
        if ((int)status is >= 300 and < 400)
            throw Redirected(request, response, redact);

        ReadOnlyMemory<byte>? read;
        try
        {
            read = await ResponseReader.ReadAsync(response.Content, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!response.IsSuccessStatusCode && IsBroken(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // The status was read and decides; the rest of the explanation is lost.
            throw ErrorReader.Read(request, status, null, redact, retryAfter);
        }
        catch (Exception e) when (IsBroken(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failure(
                ScimFailure.Truncated,
                "ResponseTruncated",
                "the answer was cut off before its end, or damaged on its way",
                "Try again; if it goes on, look for a proxy in between",
                e
            );
        }

        if (read is not { } body)
        {
            throw response.IsSuccessStatusCode
                ? Failure(
                    ScimFailure.Unreadable,
                    "ResponseTooLarge",
                    $"the answer is larger than {limit} bytes",
                    "Check the base URI, or ask for fewer users at a time"
                )
                : ErrorReader.Read(request, status, null, redact, retryAfter);
        }

        var kind = ResponseReader.Parse(body.Span, out var json);
        // A 404 that no SCIM service wrote says that the address is wrong, not that the user is gone.
        var mustBeScim = response.IsSuccessStatusCode || status is HttpStatusCode.NotFound or HttpStatusCode.Gone;
        if (
            mustBeScim
            && kind is BodyKind.Other or BodyKind.Truncated
            && (!ResponseReader.IsJson(response.Content) || ResponseReader.IsHtml(response.Content, body.Span))
        )
            throw Failure(
                ScimFailure.WrongAddress,
                "NotScimService",
                $"{Came(response.Content, body.Span, redact)} came instead of SCIM",
                "Check that the base URI is the SCIM root, such as https://app.travelperk.com/api/v2/scim, "
                    + "and that no login page or proxy is in between"
            );
        if (!response.IsSuccessStatusCode)
            throw ErrorReader.Read(request, status, json, redact, retryAfter);
        return kind switch
        {
            BodyKind.Truncated => throw Failure(
                ScimFailure.Truncated,
                "ResponseTruncated",
                "the JSON stops before its end",
                "Try again; if it goes on, look for a proxy in between"
            ),
            BodyKind.Other => throw Failure(
                ScimFailure.Unreadable,
                "InvalidResponse",
                "the answer is not valid JSON",
                "Check that the base URI is the SCIM root"
            ),
            _ => new ScimResponse(request, status, json),
        };

        ScimException Failure(ScimFailure kind, string errorId, string problem, string advice, Exception? inner = null) =>
            new(kind, errorId, $"{request}: {problem} ({(int)status}). {advice}.", inner)
            {
                StatusCode = status,
                OutcomeUnknown = request.IsWrite && response.IsSuccessStatusCode,
            };
    }

    // Of data that is not what its Content-Encoding says, one decompressor says the last and another the one before.
    private static bool IsBroken(Exception e) =>
        e is HttpRequestException or IOException or InvalidDataException or InvalidOperationException;

    private static string Came(HttpContent content, ReadOnlySpan<byte> body, Func<string, string> redact) =>
        ResponseReader.IsHtml(content, body)
            ? "an HTML page"
            : $"'{ErrorReader.Clean(content.Headers.ContentType?.MediaType, redact) ?? "unlabelled"}' content";

    private static ScimException Redirected(ScimRequest request, HttpResponseMessage response, Func<string, string> redact)
    {
        var target =
            response.Headers.Location is not { } location ? "somewhere it did not name"
            : location.IsAbsoluteUri ? $"{location.Scheme}://{location.Authority}"
            : "another path of the same host";
        return new ScimException(
            ScimFailure.Redirected,
            "Redirected",
            $"{request}: the service redirects to {ErrorReader.Clean(target, redact)} ({(int)response.StatusCode}). "
                + $"The credential is not sent there; if you trust it, give that address as base URI."
        )
        {
            StatusCode = response.StatusCode,
        };
    }
}
