using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Client;

/// <summary>Turns an answer that is not a success into the exception that says what to do about it.</summary>
internal static class ErrorReader
{
    private const int MaxDetail = 500;

    /// <param name="request">The request.</param>
    /// <param name="status">The HTTP status; a <c>status</c> member of the body, a number or a string, only repeats it.</param>
    /// <param name="body">SCIM error (RFC 7644 3.12), problem+json (RFC 9457), plain JSON, or null.</param>
    /// <param name="redact">Takes secrets out of what the service said.</param>
    /// <param name="retryAfter">How long the service asked to wait.</param>
    public static ScimException Read(
        ScimRequest request,
        HttpStatusCode status,
        JsonNode? body,
        Func<string, string> redact,
        TimeSpan? retryAfter
    )
    {
        string? detail = Clean(Detail(body), redact);
        (ScimFailure kind, string? errorId, string? advice) = Explain(status);
        return new ScimException(kind, errorId, $"{request}: {advice} ({(int)status}).{Said(detail)}")
        {
            StatusCode = status,
            ScimType = Clean(body is JsonObject error ? Text(error, "scimType") : null, redact),
            Detail = detail,
            RetryAfter = retryAfter,
            OutcomeUnknown = request.IsWrite && kind == ScimFailure.ServerError,
        };
    }

    /// <summary>The end of a message that repeats what the service said; empty when it said nothing.</summary>
    public static string Said(string? detail) => detail is null ? "" : $" The service said: {detail}";

    /// <summary>One line, shortened, without control characters and secrets.</summary>
    public static string? Clean(string? text, Func<string, string> redact)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var line = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (!ShownText.IsHidden(char.GetUnicodeCategory(c)))
                line.Append(c);
            else if (char.IsWhiteSpace(c))
                line.Append(' ');
        }

        string clean = redact(line.ToString().Trim());
        return clean.Length <= MaxDetail ? clean : clean[..MaxDetail] + "...";
    }

    private static (ScimFailure Kind, string ErrorId, string Advice) Explain(HttpStatusCode status) =>
        (int)status switch
        {
            400 or 422 => (ScimFailure.Refused, "InvalidRequest", "the service refused the request as not valid"),
            401 => (
                ScimFailure.Credential,
                "Unauthorized",
                "the credential was not accepted; check the API key or token and that it belongs to this environment, "
                    + "then use Connect-TravelPerk again"
            ),
            403 => (
                ScimFailure.Credential,
                "Forbidden",
                "the credential may not do this; "
                    + "use an administrator's API key, or a token with the scopes scim:read, scim:write and scim:delete"
            ),
            404 or 410 => (
                ScimFailure.NotFound,
                "NotFound",
                "there is nothing at this address; it was removed, or the base URI is not the SCIM root"
            ),
            405 or 501 => (ScimFailure.NotSupported, "NotSupported", "the service does not support this operation"),
            408 or (>= 500 and not 503) => (
                ScimFailure.ServerError,
                "ServerError",
                "the service failed; try again later, and ask TravelPerk's support if it goes on"
            ),
            409 => (ScimFailure.Conflict, "Conflict", "this conflicts with a user who is already there"),
            413 => (ScimFailure.Refused, "InvalidRequest", "the request is larger than the service accepts"),
            415 => (ScimFailure.Refused, "InvalidRequest", "the service accepts neither application/scim+json nor application/json"),
            429 => (
                ScimFailure.RateLimited,
                "TooManyRequests",
                "the rate limit was still met after waiting; try again later, or with fewer requests at a time"
            ),
            503 => (ScimFailure.Unavailable, "ServiceUnavailable", "the service is not available; try again later"),
            _ => (ScimFailure.Unreadable, "InvalidResponse", "the service gave an answer that SCIM does not know"),
        };

    private static string? Detail(JsonNode? body)
    {
        if (body is JsonArray list)
            return Joined(list);
        if (body is not JsonObject error)
            return JsonLookup.Scalar(body) as string;
        return FirstText(error, "detail", "message", "error_description")
            ?? OfMember(error)
            ?? FirstText(error, "title", "description")
            ?? Joined(JsonLookup.Find(error, "errors") as JsonArray);
    }

    private static string? OfMember(JsonObject error) =>
        JsonLookup.Find(error, "error") is JsonObject inner ? Detail(inner) : Text(error, "error");

    private static string? Joined(JsonArray? list)
    {
        IEnumerable<JsonNode?> single = list?.Where(element => element is not JsonArray) ?? [];
        string[] said = [.. single.Select(Detail).OfType<string>().Take(10)];
        return said.Length > 0 ? string.Join("; ", said) : null;
    }

    private static string? FirstText(JsonObject error, params string[] names) =>
        names.Select(name => Text(error, name)).FirstOrDefault(text => text is not null);

    private static string? Text(JsonObject error, string name) =>
        JsonLookup.Scalar(JsonLookup.Find(error, name)) as string is { Length: > 0 } text ? text : null;
}
