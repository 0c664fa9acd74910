using System.Security;
using Azure.Core;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Entra.Connection;

/// <summary>An access token that another program acquired, for as long as it lasts.</summary>
internal sealed class StaticTokenCredential(SecureString token, TimeProvider time) : TokenCredential
{
    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        ValueTask.FromResult(GetToken(requestContext, cancellationToken));

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        string text = SecretText.RevealTrimmed(token);
        // Checked here, because the header's own check would put the value into its message.
        if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new SourceException(
                "InvalidAccessToken",
                "The access token is empty or holds spaces, line breaks or other characters that cannot be sent. "
                    + "Copy it again, in one piece, without 'Bearer'."
            );
        }
        DateTimeOffset? ends = AccessTokenClaims.Of(text).ExpiresOn;
        if (ends <= time.GetUtcNow())
        {
            throw new SourceException(
                "EntraTokenExpired",
                $"The access token given to Connect-EntraDirectory ended at {ShownTime.Text(ends.Value)}. "
                    + "Acquire a new one and connect again; the other ways to sign in renew their tokens."
            );
        }
        if (requestContext.Claims is not null)
        {
            throw new SourceException(
                "EntraTokenExpired",
                "Entra does not accept the access token given to Connect-EntraDirectory any more: "
                    + "the account or its permissions changed. Acquire a new one and connect again."
            );
        }

        return new AccessToken(text, ends ?? DateTimeOffset.MaxValue);
    }
}
