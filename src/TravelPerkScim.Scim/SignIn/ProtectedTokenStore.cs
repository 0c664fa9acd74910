using System.Diagnostics;
using System.Security;
using System.Text;
using Microsoft.Identity.Client.Extensions.Msal;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>
/// The platform's protected store of this user: DPAPI on Windows, the Keychain on macOS, the Secret Service (libsecret) on Linux.
/// A token is never in an unprotected file: without such a store, every member throws.
/// </summary>
public sealed class ProtectedTokenStore : ITokenStore
{
    // The library's default source writes to the trace listeners of the process.
    private static readonly TraceSource s_silent = new("TravelPerkScim.TokenStore", SourceLevels.Off);

    private readonly string _folder = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "TravelPerkScim"
    );

    public Task<SecureString?> ReadAsync(string name, CancellationToken cancellationToken) =>
        GuardAsync(
            () =>
            {
                byte[] data = Open(name).ReadData();
                try
                {
                    return data is not { Length: > 0 } ? null : TokenSet.Hide(Encoding.UTF8.GetString(data));
                }
                finally
                {
                    Array.Clear(data ?? []);
                }
            },
            cancellationToken
        );

    public Task WriteAsync(string name, SecureString refreshToken, CancellationToken cancellationToken) =>
        GuardAsync<object?>(
            () =>
            {
                byte[] data = Encoding.UTF8.GetBytes(SecretText.Reveal(refreshToken));
                try
                {
                    Write(name, data);
                    return null;
                }
                finally
                {
                    Array.Clear(data);
                }
            },
            cancellationToken
        );

    public Task RemoveAsync(string name, CancellationToken cancellationToken) =>
        GuardAsync<object?>(
            () =>
            {
                Open(name).Clear(ignoreExceptions: false);
                return null;
            },
            cancellationToken
        );

    private void Write(string name, byte[] data)
    {
        if (!OperatingSystem.IsWindows())
        {
            Open(name).WriteData(data);
            return;
        }

        // On Windows the store is an encrypted file. A process that is killed while it writes the file would lose the old and the new
        // token.
        string beside = name + ".new";
        Open(beside).WriteData(data);
        File.Move(PathOf(beside), PathOf(name), overwrite: true);
    }

    private Storage Open(string name)
    {
        StorageCreationProperties properties = new StorageCreationPropertiesBuilder(Path.GetFileName(PathOf(name)), _folder)
            .WithMacKeyChain("TravelPerkScim", name)
            .WithLinuxKeyring(
                "com.github.travelperkscim",
                "default",
                "TravelPerkScim refresh token",
                new("Product", "TravelPerkScim"),
                new("Name", name)
            )
            .Build();
        var storage = Storage.Create(properties, s_silent);
        // A read hides that the library is missing; this check does not.
        storage.VerifyPersistence();
        return storage;
    }

    private string PathOf(string name) => Path.Combine(_folder, name + ".bin");

    private static async Task<T> GuardAsync<T>(Func<T> access, CancellationToken cancellationToken)
    {
        try
        {
            // A locked keychain asks its user, who may take long to answer.
            return await Task.Run(access, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new ScimException(
                ScimFailure.SecretStore,
                "TokenStoreUnavailable",
                "This machine has no protected store that this user can use now "
                    + "(DPAPI on Windows, Keychain on macOS, the Secret Service with libsecret on Linux), "
                    + "and tokens are never kept in plain text. "
                    + "Use a SecretManagement vault (-TokenVault), sign in for this session only, or use an API key.",
                e
            );
        }
    }
}
