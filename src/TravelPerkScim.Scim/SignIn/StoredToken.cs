using System.Security;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>One client's refresh token in a store. Without a store it is never there.</summary>
internal sealed class StoredToken(OAuthOptions options)
{
    /// <summary>Target and client, in letters, digits and dashes: some vaults take nothing else.</summary>
    public string Name { get; } = NameOf(options);

    public async Task<SecureString?> ReadAsync(CancellationToken cancellationToken) =>
        options.Store is null ? null : await options.Store.ReadAsync(Name, cancellationToken).ConfigureAwait(false);

    /// <summary>The token is about to be spent.</summary>
    public Task BeforeRenewalAsync() => options.Store?.BeforeRenewalAsync(CancellationToken.None) ?? Task.CompletedTask;

    /// <summary>The stored token, when it is another one than this.</summary>
    public async Task<SecureString?> ReadOtherAsync(SecureString? known)
    {
        SecureString? found = await ReadAsync(CancellationToken.None).ConfigureAwait(false);
        if (found is null || known is null || SecretText.Reveal(found) != SecretText.Reveal(known))
            return found;
        found.Dispose();
        return null;
    }

    public async Task WriteAsync(SecureString? refreshToken, CancellationToken cancellationToken)
    {
        if (options.Store is not null && refreshToken is not null)
            await options.Store.WriteAsync(Name, refreshToken, cancellationToken).ConfigureAwait(false);
    }

    public Task RemoveAsync(CancellationToken cancellationToken) =>
        options.Store?.RemoveAsync(Name, cancellationToken) ?? Task.CompletedTask;

    private static string NameOf(OAuthOptions options)
    {
        Uri token = options.Endpoints.Token;
        string host = new([.. token.Authority.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{token.AbsoluteUri}\n{options.ClientId}"));
        return $"TravelPerkScim-{host}-{Convert.ToHexString(digest, 0, 8)}";
    }
}
