using System.Net;
using Duende.IdentityModel.Client;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>Turns an answer of the token endpoint that is no token into a failure (RFC 6749 section 5.2).</summary>
/// <param name="RefusedId">ErrorId when the service refuses the grant itself.</param>
/// <param name="RefusedAdvice">What to do then.</param>
/// <param name="Secrets">Secrets that are taken out of the service's text.</param>
internal sealed record TokenErrors(string RefusedId, string RefusedAdvice, string[] Secrets)
{
    /// <summary>Null when the answer is a token. The client repeats a failure that may pass, because the SCIM request that needs the token
    /// has not been sent yet.</summary>
    public ScimException? Read(ScimRequest request, Uri endpoint, TokenResponse response, bool timedOut, string clientSecret)
    {
        if (response.Exception is HttpRequestException or IOException or OperationCanceledException)
            return timedOut ? Unanswered(request, endpoint) : Network(request, endpoint, response.Exception);
        if (response.Exception is not null)
            return NoTokenEndpoint(request, endpoint);

        string Redact(string text) => SecretEcho.Hide(text, Secrets.Append(clientSecret));
        string? error = ErrorReader.Clean(response.TryGet("error"), Redact);
        if (error is null && IsToken(response))
            return CanBeSent(response) ? null : BrokenToken(request, endpoint);
        string? said = ErrorReader.Clean(response.TryGet("error_description"), Redact);
        return Refused(request, response, error, said) ?? Failed(request, response, said) ?? NoTokenEndpoint(request, endpoint);
    }

    private static bool IsToken(TokenResponse response)
    {
        bool isSuccess = (int)response.HttpStatusCode is >= 200 and < 300;
        bool isBearer = string.IsNullOrEmpty(response.TokenType) || response.TokenType.Equals("Bearer", StringComparison.OrdinalIgnoreCase);
        return isSuccess && isBearer && !string.IsNullOrEmpty(response.AccessToken);
    }

    /// <summary>
    /// RFC 6749 appendix A: tokens are printable ASCII. A blank would split the access token in the header of a request.
    /// </summary>
    private static bool CanBeSent(TokenResponse response) =>
        !response.AccessToken.AsSpan().ContainsAnyExceptInRange('!', '~')
        && !(response.RefreshToken ?? "").AsSpan().ContainsAnyExceptInRange(' ', '~');

    // The service refuses the client or the grant. The status stays out: 401 would read as a refused SCIM request.
    private ScimException? Refused(ScimRequest request, TokenResponse response, string? error, string? said)
    {
        bool isUnauthorized = error is null && response.HttpStatusCode == HttpStatusCode.Unauthorized;
        if (isUnauthorized || error is "invalid_client" or "unauthorized_client")
        {
            return Failure(
                request,
                response,
                (ScimFailure.Credential, "OAuthClientRefused"),
                "TravelPerk does not know this client id with this client secret; check both, and that they belong to this environment",
                said
            );
        }
        return error is null ? null : Failure(request, response, (ScimFailure.Credential, RefusedId), $"{RefusedAdvice} ({error})", said);
    }

    private static ScimException? Failed(ScimRequest request, TokenResponse response, string? said)
    {
        HttpStatusCode status = response.HttpStatusCode;
        (ScimFailure Kind, string ErrorId, string Advice)? failure = (int)status switch
        {
            429 => (ScimFailure.RateLimited, "TooManyRequests", "the token endpoint asks to wait"),
            >= 500 => (ScimFailure.Unavailable, "ServiceUnavailable", "the token endpoint failed; try again later"),
            >= 300 and < 400 => (
                ScimFailure.Redirected,
                "Redirected",
                "the token endpoint redirects; secrets are not sent elsewhere. Check the address"
            ),
            _ => null,
        };
        return failure is var (kind, errorId, advice) ? Failure(request, response, (kind, errorId), advice, said, status) : null;
    }

    private static ScimException Failure(
        ScimRequest request,
        TokenResponse response,
        (ScimFailure Kind, string ErrorId) failure,
        string advice,
        string? said,
        HttpStatusCode? status = null
    )
    {
        string detail = ErrorReader.Said(said);
        return new ScimException(failure.Kind, failure.ErrorId, $"{request}: {advice}.{detail}")
        {
            StatusCode = status,
            Detail = said is null ? null : detail,
            RetryAfter = response.HttpResponse?.Headers.RetryAfter?.Delta,
        };
    }

    public static ScimException Unanswered(ScimRequest request, Uri endpoint) =>
        new(ScimFailure.Unavailable, "ServiceUnavailable", $"{request}: {endpoint.Authority} gave no complete answer in time; try again.");

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
                + "Check the address, and that no proxy is in between."
        );

    private static ScimException Network(ScimRequest request, Uri endpoint, Exception exception)
    {
        ScimException described = NetworkFailure.Describe(request, endpoint, exception);
        return described.Kind == ScimFailure.ConnectionLost
            ? new ScimException(ScimFailure.Unavailable, "ServiceUnavailable", described.Message, exception)
            : new ScimException(described.Kind, described.ErrorId, described.Message, exception);
    }
}
