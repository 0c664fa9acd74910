using System.Globalization;
using System.Security;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>Gets an <see cref="OAuthCredential"/>: with an administrator's consent in the browser, or unattended from a token stored
/// earlier.</summary>
public static class OAuthSignIn
{
    /// <summary>The authorization code grant with PKCE (RFC 6749 section 4.1, RFC 7636), answered on the loopback. Replaces a token stored
    /// earlier.</summary>
    /// <param name="options">How to sign in.</param>
    /// <param name="show">Shows the address to the administrator; returns without waiting for the answer.</param>
    /// <param name="cancellationToken">Stops waiting for the administrator at once.</param>
    /// <exception cref="ScimException">
    /// <c>OAuthDenied</c>, <c>OAuthRefused</c>, <c>OAuthTimedOut</c>, <c>OAuthPortInUse</c>, <c>OAuthCodeRefused</c>,
    /// <c>OAuthClientRefused</c>, <c>TokenStoreUnavailable</c>, <c>InvalidCredential</c>, or a failure of the network or the service.
    /// </exception>
    public static async Task<OAuthCredential> AuthorizeAsync(
        OAuthOptions options,
        Func<Uri, Task> show,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(show);
        Check(options);
        var stored = new StoredToken(options);
        // The administrator is not asked for a consent that could not be kept.
        (await stored.ReadAsync(cancellationToken).ConfigureAwait(false))?.Dispose();

        (string code, AuthorizationRequest consent) = await AskAsync(options, show, cancellationToken).ConfigureAwait(false);
        var client = new TokenClient(options);
        TokenSet? tokens = null;
        try
        {
            tokens = await client.RedeemAsync(code, consent, cancellationToken).ConfigureAwait(false);
            await stored.WriteAsync(tokens.RefreshToken, cancellationToken).ConfigureAwait(false);
            return new OAuthCredential(client, tokens, stored, options.TimeProvider);
        }
        catch
        {
            tokens?.Dispose();
            client.Dispose();
            throw;
        }
    }

    /// <summary>Signs in with the token that is stored for this target and client.</summary>
    /// <exception cref="ScimException"><c>TokenNotFound</c>: nothing is stored. <c>OAuthRefreshRefused</c>, <c>OAuthClientRefused</c>,
    /// <c>TokenStoreUnavailable</c>, <c>InvalidCredential</c>, or a failure of the network or the service.</exception>
    public static async Task<OAuthCredential> ResumeAsync(OAuthOptions options, CancellationToken cancellationToken)
    {
        Check(options);
        var stored = new StoredToken(options);
        SecureString refreshToken =
            await stored.ReadAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new ScimException(
                ScimFailure.Credential,
                "TokenNotFound",
                $"No sign-in to {options.Endpoints.Token.Host} is stored for client '{options.ClientId}'. "
                    + "Run Connect-TravelPerk -Authorize once with the same store, as a TravelPerk administrator."
            );
        var credential = new OAuthCredential(
            new TokenClient(options),
            TokenSet.ToRenew(refreshToken, options.Scopes),
            stored,
            options.TimeProvider
        );
        try
        {
            await credential.RenewIfNeededAsync(cancellationToken).ConfigureAwait(false);
            return credential;
        }
        catch
        {
            credential.Dispose();
            throw;
        }
    }

    private static async Task<(string Code, AuthorizationRequest Consent)> AskAsync(
        OAuthOptions options,
        Func<Uri, Task> show,
        CancellationToken cancellationToken
    )
    {
        using var redirect = new LoopbackRedirect(options.RedirectPort);
        var consent = new AuthorizationRequest(options, redirect.Uri);
        using var timeout = new CancellationTokenSource(options.ConsentTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        await show(consent.Address).ConfigureAwait(false);
        try
        {
            return (await redirect.WaitAsync(consent, either.Token).ConfigureAwait(false), consent);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ScimException(
                ScimFailure.Credential,
                "OAuthTimedOut",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"No consent came within {options.ConsentTimeout.TotalSeconds:0.#} seconds. Run Connect-TravelPerk -Authorize again. "
                        + $"If the browser showed an error, check that {redirect.Uri} is a redirect address registered with TravelPerk, "
                        + $"and give its port with -RedirectPort."
                )
            );
        }
    }

    private static void Check(OAuthOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (string.IsNullOrWhiteSpace(options.ClientId) || options.ClientSecret.Length == 0)
        {
            throw new ScimException(
                ScimFailure.Credential,
                "InvalidCredential",
                "The client id or the client secret is empty. Give the id as the user name and the secret as the password."
            );
        }
    }
}
