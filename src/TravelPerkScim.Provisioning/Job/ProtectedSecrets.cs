using System.Security;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>Secrets of jobs in the protected store of this account. Another account, and a task of Windows without a stored password (S4U),
/// cannot read them.</summary>
/// <param name="store">The store. Default: the platform's.</param>
public sealed class ProtectedSecrets(ITokenStore? store = null)
{
    // The prefix keeps secrets and refresh tokens of the same store apart.
    private const string Prefix = "secret-";

    private readonly ITokenStore _store = store ?? new ProtectedTokenStore();

    /// <summary>Reads a secret, for the caller to dispose of; null when the store has no secret of that name.</summary>
    /// <exception cref="ProvisioningException"><c>SecretUnreadable</c>: this account can use no protected store.</exception>
    public Task<SecureString?> ReadAsync(SecretPlace place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        return GuardAsync(place, () => _store.ReadAsync(Prefix + place.Name, cancellationToken));
    }

    /// <summary>Keeps a secret, in the place of one of the same name.</summary>
    /// <exception cref="ProvisioningException"><c>SecretUnreadable</c>.</exception>
    public Task WriteAsync(SecretPlace place, SecureString secret, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        return GuardAsync<object?>(
            place,
            async () =>
            {
                await _store.WriteAsync(Prefix + place.Name, secret, cancellationToken).ConfigureAwait(false);
                return null;
            }
        );
    }

    private static async Task<T> GuardAsync<T>(SecretPlace place, Func<Task<T>> access)
    {
        try
        {
            return await access().ConfigureAwait(false);
        }
        catch (ScimException e) when (e.Kind == ScimFailure.SecretStore)
        {
            throw new ProvisioningException(
                "SecretUnreadable",
                $"The secret of the job is {place}, and this account has no store here that it can use now "
                    + "(DPAPI on Windows, the Keychain on macOS, the Secret Service with libsecret on Linux). "
                    + "A service and a task without a stored password have none. "
                    + "Name a file or a vault with Set-ProvisioningJob -SecretFrom.",
                e
            );
        }
    }
}
