using System.Security;
using Azure.Core;
using Azure.Identity;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Entra.Connection;

/// <summary>A person or an application that signed in to Entra. It shows the account and never the secret.</summary>
public sealed class EntraSignIn : IDisposable
{
    private readonly RenewingCredential _credential;
    private readonly SecureString? _secret;

    private EntraSignIn(RenewingCredential credential, SecureString? secret, EntraSignInOptions options, AccessTokenClaims claims)
    {
        _credential = credential;
        _secret = secret;
        TenantId = claims.TenantId ?? options.TenantId;
        ClientId = claims.ClientId ?? options.ClientId;
        Account = claims.Account;
        Permissions = claims.Permissions;
    }

    /// <summary>Gives the access tokens, and renews them.</summary>
    public TokenCredential Credential => _credential;

    /// <summary>The tenant; null when neither the caller nor the token names it.</summary>
    public string? TenantId { get; }

    /// <summary>The application that signed in, or through which a person did.</summary>
    public string? ClientId { get; }

    /// <summary>The person's userPrincipalName, or the application's name; null when the token does not tell.</summary>
    public string? Account { get; }

    /// <summary>Names of the Graph permissions that were granted; null when the token does not tell.</summary>
    public IReadOnlyList<string>? Permissions { get; }

    /// <summary>Signs in: a token is acquired once, so that a failure shows now and not in a cycle.</summary>
    /// <exception cref="SourceException">
    /// <c>EntraSignInFailed</c>, <c>EntraSignInUnavailable</c>, <c>EntraUnreachable</c>, <c>TenantNotFound</c>,
    /// <c>EntraPermissionMissing</c>, <c>InvalidCertificate</c>, <c>InvalidAccessToken</c>, <c>EntraTokenExpired</c>.
    /// </exception>
    public static async Task<EntraSignIn> SignInAsync(EntraSignInOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        SecureString? secret = options.Secret?.Copy();
        secret?.MakeReadOnly();
        TokenCredential? person = null;
        string Redact(string text) => secret is { Length: > 0 } ? SecretEcho.Hide(text, SecretText.RevealTrimmed(secret)) : text;
        // A person's credential remembers the account, so one credential gets all tokens.
        var credential = new RenewingCredential(options, () => person ?? CredentialFactory.Open(options, secret), Redact);
        try
        {
            if (options.IsPerson)
                person = await AskAsync(options, credential, Redact, cancellationToken).ConfigureAwait(false);
            AccessToken token = await credential.GetTokenAsync(credential.Context(), cancellationToken).ConfigureAwait(false);
            return new EntraSignIn(credential, secret, options, AccessTokenClaims.Of(token.Token));
        }
        catch
        {
            credential.Dispose();
            secret?.Dispose();
            throw;
        }
    }

    /// <summary>Forgets token and secret.</summary>
    public void Dispose()
    {
        _credential.Dispose();
        _secret?.Dispose();
    }

    private static async Task<TokenCredential> AskAsync(
        EntraSignInOptions options,
        RenewingCredential credential,
        Func<string, string> redact,
        CancellationToken cancellationToken
    )
    {
        try
        {
            TokenCredential person = CredentialFactory.Open(options, null);
            _ = person switch
            {
                InteractiveBrowserCredential browser => await browser
                    .AuthenticateAsync(credential.Context(), cancellationToken)
                    .ConfigureAwait(false),
                DeviceCodeCredential device => await device
                    .AuthenticateAsync(credential.Context(), cancellationToken)
                    .ConfigureAwait(false),
                _ => null,
            };
            return person;
        }
        catch (Exception e) when (SignInFailure.Understands(e))
        {
            throw SignInFailure.Describe(e, options, redact);
        }
    }
}
