using System.Net;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Client;

/// <summary>Reads one HTTP answer: a success with its JSON, or the exception for it.</summary>
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
        HttpStatusCode status = response.StatusCode;
        if ((int)status is >= 300 and < 400)
            throw Redirected(request, response, redact);

        ReadOnlyMemory<byte>? read;
        try
        {
            read = await ResponseReader.ReadAsync(response.Content, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsBroken(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // The status of an error was read and decides. Only the rest of the explanation is lost.
            throw response.IsSuccessStatusCode
                ? Truncated(request, status, "the answer was cut off before its end, or damaged on its way", e)
                : ErrorReader.Read(request, status, null, redact, retryAfter);
        }
        if (read is not { } body)
        {
            throw response.IsSuccessStatusCode
                ? TooLarge(request, status, limit)
                : ErrorReader.Read(request, status, null, redact, retryAfter);
        }

        BodyKind kind = ResponseReader.Parse(body.Span, out JsonNode? json);
        // A 404 that no SCIM service wrote says that the address is wrong, not that the user is gone.
        bool mustBeScim = response.IsSuccessStatusCode || status is HttpStatusCode.NotFound or HttpStatusCode.Gone;
        if (mustBeScim && kind is BodyKind.Other or BodyKind.Truncated && IsForeign(response.Content, body.Span))
            throw NotScim(request, response, body.Span, redact);
        if (!response.IsSuccessStatusCode)
            throw ErrorReader.Read(request, status, json, redact, retryAfter);
        return kind switch
        {
            BodyKind.Truncated => throw Truncated(request, status, "the JSON stops before its end", null),
            BodyKind.Other => throw NotJson(request, status),
            _ => new ScimResponse(request, status, json),
        };
    }

    private static ScimException Truncated(ScimRequest request, HttpStatusCode status, string problem, Exception? inner) =>
        Failure(
            request,
            status,
            (ScimFailure.Truncated, "ResponseTruncated"),
            $"{problem} ({(int)status}). Try again; if it goes on, look for a proxy in between.",
            inner
        );

    private static ScimException TooLarge(ScimRequest request, HttpStatusCode status, long limit) =>
        Failure(
            request,
            status,
            (ScimFailure.Unreadable, "ResponseTooLarge"),
            $"the answer is larger than {limit} bytes ({(int)status}). Check the base URI, or ask for fewer users at a time."
        );

    private static ScimException NotJson(ScimRequest request, HttpStatusCode status) =>
        Failure(
            request,
            status,
            (ScimFailure.Unreadable, "InvalidResponse"),
            $"the answer is not valid JSON ({(int)status}). Check that the base URI is the SCIM root."
        );

    private static ScimException NotScim(
        ScimRequest request,
        HttpResponseMessage response,
        ReadOnlySpan<byte> body,
        Func<string, string> redact
    ) =>
        Failure(
            request,
            response.StatusCode,
            (ScimFailure.WrongAddress, "NotScimService"),
            $"{Came(response.Content, body, redact)} came instead of SCIM ({(int)response.StatusCode}). "
                + "Check that the base URI is the SCIM root, such as https://app.travelperk.com/api/v2/scim, "
                + "and that no login page or proxy is in between."
        );

    private static ScimException Failure(
        ScimRequest request,
        HttpStatusCode status,
        (ScimFailure Kind, string ErrorId) failure,
        string message,
        Exception? inner = null
    ) =>
        new(failure.Kind, failure.ErrorId, $"{request}: {message}", inner)
        {
            StatusCode = status,
            OutcomeUnknown = request.IsWrite && (int)status is >= 200 and < 300,
        };

    private static bool IsForeign(HttpContent content, ReadOnlySpan<byte> body) =>
        !ResponseReader.IsJson(content) || ResponseReader.IsHtml(content, body);

    // When data are not what their Content-Encoding says, one decompressor throws the last of these and another the one before it.
    private static bool IsBroken(Exception e) =>
        e is HttpRequestException or IOException or InvalidDataException or InvalidOperationException;

    private static string Came(HttpContent content, ReadOnlySpan<byte> body, Func<string, string> redact) =>
        ResponseReader.IsHtml(content, body)
            ? "an HTML page"
            : $"'{ErrorReader.Clean(content.Headers.ContentType?.MediaType, redact) ?? "unlabelled"}' content";

    private static string Shown(Uri? location)
    {
        if (location is null)
            return "somewhere it did not name";
        return location.IsAbsoluteUri ? $"{location.Scheme}://{location.Authority}" : "another path of the same host";
    }

    private static ScimException Redirected(ScimRequest request, HttpResponseMessage response, Func<string, string> redact)
    {
        string? shown = ErrorReader.Clean(Shown(response.Headers.Location), redact);
        return new ScimException(
            ScimFailure.Redirected,
            "Redirected",
            $"{request}: the service redirects to {shown} ({(int)response.StatusCode}). "
                + "The credential is not sent there; if you trust it, give that address as base URI."
        )
        {
            StatusCode = response.StatusCode,
        };
    }
}
