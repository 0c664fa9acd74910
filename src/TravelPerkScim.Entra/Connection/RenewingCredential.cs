using Azure.Core;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Connection;

/// <summary>
/// Keeps a token until shortly before it ends. It always asks for the scopes of the sign-in, because a silent renewal must not ask for more
/// than was consented to. A client secret is unwrapped only while a token is fetched, so the credential that needs it in plain text is made
/// each time.
/// </summary>
internal sealed class RenewingCredential(EntraSignInOptions options, Func<TokenCredential> open, Func<string, string> redact)
    : TokenCredential,
        IDisposable
{
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private AccessToken? _kept;
    private volatile bool _ended;

    /// <exception cref="SourceException">The sign-in gives no token. The message says why and what to do.</exception>
    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_ended)
            {
                throw new SourceException(
                    "EntraNotConnected",
                    "This connection to Entra was ended with Disconnect-EntraDirectory. Run Connect-EntraDirectory again."
                );
            }
            if (_kept is { } kept && requestContext.Claims is null && options.Time.GetUtcNow() < Due(kept))
                return kept;
            AccessToken fetched = await open().GetTokenAsync(Context(requestContext.Claims), cancellationToken).ConfigureAwait(false);
            _kept = options.Kind == EntraSignInKind.AccessToken ? null : fetched;
            return fetched;
        }
        catch (Exception e) when (SignInFailure.Understands(e))
        {
            throw SignInFailure.Describe(e, options, redact);
        }
        finally
        {
            _one.Release();
        }
    }

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        GetTokenAsync(requestContext, cancellationToken).AsTask().GetAwaiter().GetResult();

    /// <summary>Forgets the token.</summary>
    public void Dispose()
    {
        _ended = true;
        _kept = null;
    }

    /// <summary>The request for a token. Continuous access evaluation is on, so that Graph refuses a blocked account within
    /// minutes.</summary>
    internal TokenRequestContext Context(string? claims = null) => new(options.Scopes, claims: claims, isCaeEnabled: true);

    private static DateTimeOffset Due(AccessToken token) => token.RefreshOn ?? token.ExpiresOn - s_margin;
}
