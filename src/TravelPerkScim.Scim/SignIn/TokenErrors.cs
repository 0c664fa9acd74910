using System.Net;
using Duende.IdentityModel.Client;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>What an answer of the token endpoint means when it is no token (RFC 6749 section 5.2).</summary>
/// <param name="RefusedId">ErrorId when the grant itself was refused.</param>
/// <param name="RefusedAdvice">What to do then.</param>
/// <param name="Secrets">Taken out of whatever the service says.</param>
internal sealed record TokenErrors(string RefusedId, string RefusedAdvice, string[] Secrets)
{
    /// <summary>Null when the answer is a token. A failure that may pass is one that the client repeats: the request it was for has not
    /// been sent yet.</summary>
    public ScimException? Read(ScimRequest request, Uri endpoint, TokenResponse response, bool timedOut, string clientSecret)
    {
        if (response.Exception is HttpRequestException or IOException or OperationCanceledException)
            return timedOut ? Unanswered(request, endpoint) : Network(request, endpoint, response.Exception);

        if (response.Exception is not null)
            return NoTokenEndpoint(request, endpoint);
        var status = response.HttpStatusCode;
        var error = ErrorReader.Clean(response.TryGet("error"), Redact);
        if ((int)status is >= 200 and < 300 && error is null && !string.IsNullOrEmpty(response.AccessToken) && IsBearer(response))
        {
            var sound = CanBeSent(response.AccessToken, '!') && CanBeSent(response.RefreshToken ?? "", ' ');
            return sound ? null : BrokenToken(request, endpoint);
        }
        var said = ErrorReader.Clean(response.TryGet("error_description"), Redact) is { } description
            ? $" The service said: {description}"
            : "";
        if (error is "invalid_client" or "unauthorized_client" || (error is null && status == HttpStatusCode.Unauthorized))
            return Failure(
                ScimFailure.Credential,
                "OAuthClientRefused",
                "TravelPerk does not know this client id with this client secret; check both, and that they belong to this environment"
            );
        if (error is not null)
            return Failure(ScimFailure.Credential, RefusedId, $"{RefusedAdvice} ({error})");
        return (int)status switch
        {
            429 => Failure(ScimFailure.RateLimited, "TooManyRequests", "the token endpoint asks to wait", status),
            >= 500 => Failure(ScimFailure.Unavailable, "ServiceUnavailable", "the token endpoint failed; try again later", status),
            >= 300 and < 400 => Failure(
                ScimFailure.Redirected,
                "Redirected",
                "the token endpoint redirects; secrets are not sent elsewhere. Check the address",
                status
            ),
            _ => NoTokenEndpoint(request, endpoint),
        };

        // The status of a refusal stays out: 401 would read as a refused SCIM request.
        ScimException Failure(ScimFailure kind, string errorId, string advice, HttpStatusCode? shown = null) =>
            new(kind, errorId, $"{request}: {advice}.{said}")
            {
                StatusCode = shown,
                Detail = said.Length == 0 ? null : said,
                RetryAfter = response.HttpResponse?.Headers.RetryAfter?.Delta,
            };

        string Redact(string text) => SecretEcho.Hide(text, Secrets.Append(clientSecret));
    }

    public static ScimException Unanswered(ScimRequest request, Uri endpoint) =>
        new(ScimFailure.Unavailable, "ServiceUnavailable", $"{request}: {endpoint.Authority} gave no complete answer in time; try again.");

    /// <summary>
    /// RFC 6749 appendix A: tokens are printable ASCII. The header of a request would take an access token with a blank apart.
    /// </summary>
    private static bool CanBeSent(string token, char first) => !token.AsSpan().ContainsAnyExceptInRange(first, '~');

    private static ScimException BrokenToken(ScimRequest request, Uri endpoint) =>
        new(
            ScimFailure.Unreadable,
            "InvalidResponse",
            $"{request}: {endpoint.Authority} gave a token that cannot be sent: it holds line breaks, blanks or letters outside ASCII. "
                + "It was not kept. Check that no proxy changes the answer, then sign in again."
        );

    public static ScimException NoTokenEndpoint(ScimRequest request, Uri endpoint) =>
        new(
            ScimFailure.Unreadable,
            "InvalidResponse",
            $"{request}: {endpoint.Authority} did not answer as an OAuth token endpoint. "
                + $"Check the address, and that no proxy is in between."
        );

    private static ScimException Network(ScimRequest request, Uri endpoint, Exception exception)
    {
        var described = NetworkFailure.Describe(request, endpoint, exception);
        return described.Kind == ScimFailure.ConnectionLost
            ? new ScimException(ScimFailure.Unavailable, "ServiceUnavailable", described.Message, exception)
            : new ScimException(described.Kind, described.ErrorId, described.Message, exception);
    }

    private static bool IsBearer(TokenResponse response) =>
        string.IsNullOrEmpty(response.TokenType) || response.TokenType.Equals("Bearer", StringComparison.OrdinalIgnoreCase);
}
