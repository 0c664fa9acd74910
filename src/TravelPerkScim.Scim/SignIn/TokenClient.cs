using System.Net;
using System.Security;
using System.Text.Json;
using Duende.IdentityModel.Client;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>Asks the token endpoint (RFC 6749 sections 4.1.3 and 6). No message of its failures holds a code, a token or the client
/// secret.</summary>
internal sealed class TokenClient : IDisposable
{
    private const int MaxAnswer = 64 * 1024;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly OAuthOptions _options;
    private readonly SecureString _clientSecret;
    private readonly HttpClient _http;
    private readonly ScimRequest _request;

    public TokenClient(OAuthOptions options)
    {
        _options = options;
        _clientSecret = options.ClientSecret.Copy();
        _clientSecret.MakeReadOnly();
        _request = new ScimRequest(HttpMethod.Post, options.Endpoints.Token.AbsolutePath.TrimStart('/'), Idempotent: false);
        _http = new HttpClient(
            options.Handler ?? ScimTransport.NetworkHandler(options.Endpoints.Token),
            disposeHandler: options.Handler is null
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswer,
        };
    }

    /// <exception cref="ScimException"><c>OAuthCodeRefused</c>, <c>OAuthClientRefused</c>, or a failure of the network or the
    /// service.</exception>
    public Task<TokenSet> RedeemAsync(string code, AuthorizationRequest consent, CancellationToken cancellationToken) =>
        ExchangeAsync(
            (secret, token) =>
                _http.RequestAuthorizationCodeTokenAsync(
                    Addressed(
                        new AuthorizationCodeTokenRequest
                        {
                            Code = code,
                            RedirectUri = consent.RedirectUri.AbsoluteUri,
                            CodeVerifier = consent.Verifier,
                        },
                        secret
                    ),
                    token
                ),
            new TokenErrors(
                "OAuthCodeRefused",
                "TravelPerk did not accept the answer of the sign-in. "
                    + "Run Connect-TravelPerk -Authorize again; the code is good for a moment only",
                [code, consent.Verifier]
            ),
            null,
            cancellationToken
        );

    /// <exception cref="ScimException"><c>OAuthRefreshRefused</c>, <c>OAuthClientRefused</c>, or a failure of the network or the
    /// service.</exception>
    public async Task<TokenSet> RefreshAsync(SecureString refreshToken, CancellationToken cancellationToken)
    {
        string revealed = SecretText.Reveal(refreshToken);
        return await ExchangeAsync(
                (secret, token) =>
                    _http.RequestRefreshTokenAsync(Addressed(new RefreshTokenRequest { RefreshToken = revealed }, secret), token),
                new TokenErrors(
                    "OAuthRefreshRefused",
                    "TravelPerk no longer accepts the stored sign-in: "
                        + "it was not used for 30 days, was revoked, or was renewed elsewhere. Run Connect-TravelPerk -Authorize again",
                    [revealed]
                ),
                revealed,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    public void Dispose()
    {
        _http.Dispose();
        _clientSecret.Dispose();
    }

    /// <summary>The body holds the client's id and secret, as TravelPerk documents it.</summary>
    private T Addressed<T>(T request, string secret)
        where T : ProtocolRequest
    {
        request.RequestUri = _options.Endpoints.Token;
        request.ClientId = _options.ClientId;
        request.ClientSecret = secret;
        request.ClientCredentialStyle = ClientCredentialStyle.PostBody;
        return request;
    }

    private async Task<TokenSet> ExchangeAsync(
        Func<string, CancellationToken, Task<TokenResponse>> send,
        TokenErrors errors,
        string? usedRefreshToken,
        CancellationToken cancellationToken
    )
    {
        TimeProvider time = _options.TimeProvider;
        string secret = SecretText.Reveal(_clientSecret);
        using var timeout = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        DateTimeOffset asked = time.GetUtcNow();
        long started = time.GetTimestamp();
        HttpStatusCode? status = null;
        string? failed = "Cancelled";
        try
        {
            TokenResponse response = await send(secret, either.Token).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            status = response.HttpResponse is null ? null : response.HttpStatusCode;
            if (errors.Read(_request, _options.Endpoints.Token, response, timeout.IsCancellationRequested, secret) is { } failure)
            {
                failed = failure.ErrorId;
                throw failure;
            }

            failed = null;
            return Read(response, usedRefreshToken, asked);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            failed = "ServiceUnavailable";
            throw TokenErrors.Unanswered(_request, _options.Endpoints.Token);
        }
        catch (Exception e)
            when (e is JsonException or FormatException or ArgumentException
                || (e is InvalidOperationException and not ObjectDisposedException)
            )
        {
            // The library throws these when the answer is not JSON, or has another form than a token response.
            failed = "InvalidResponse";
            throw TokenErrors.NoTokenEndpoint(_request, _options.Endpoints.Token);
        }
        finally
        {
            _options.Trace?.Invoke(new ScimRequestTrace("POST", _request.Shown, status, time.GetElapsedTime(started), 1, failed));
        }
    }

    /// <param name="response">A success.</param>
    /// <param name="usedRefreshToken">The refresh token that was sent. It stays in use when the service gives no new one (RFC 6749 section
    /// 6).</param>
    /// <param name="asked">When the request left. The token's lifetime begins later, so counting from here is on the safe side.</param>
    private TokenSet Read(TokenResponse response, string? usedRefreshToken, DateTimeOffset asked)
    {
        var lifetime = TimeSpan.FromSeconds(response.ExpiresIn > 0 ? response.ExpiresIn : 3600);
        var margin = TimeSpan.FromSeconds(Math.Min(60, lifetime.TotalSeconds / 10));
        string? refresh = string.IsNullOrEmpty(response.RefreshToken) ? usedRefreshToken : response.RefreshToken;
        return new TokenSet(
            TokenSet.Hide(response.AccessToken!),
            refresh is null ? null : TokenSet.Hide(refresh),
            // Left out when it is what was asked for (RFC 6749 section 5.1).
            string.IsNullOrWhiteSpace(response.Scope)
                ? _options.Scopes
                : response.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            asked + lifetime - margin,
            asked + lifetime
        );
    }
}
