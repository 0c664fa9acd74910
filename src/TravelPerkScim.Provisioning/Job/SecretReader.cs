using System.Globalization;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>Reads secrets of a vault. A session's commands can read vaults; the engine cannot.</summary>
public interface ISecretVault
{
    /// <summary>Reads a secret, for the caller to dispose of; null when the vault has no secret of that name.</summary>
    /// <param name="vault">The vault; null for the default vault.</param>
    /// <param name="name">The secret's name.</param>
    /// <param name="cancellationToken">Cancelled when the caller no longer waits.</param>
    /// <exception cref="ProvisioningException"><c>SecretUnreadable</c>.</exception>
    Task<SecureString?> ReadAsync(string? vault, string name, CancellationToken cancellationToken);
}

/// <summary>The one reader of secret places. A further kind of place is one more case in <see cref="ReadAsync"/>.</summary>
/// <param name="vault">Reads vaults of SecretManagement; null where there are none.</param>
/// <param name="keyVault">Reads Azure Key Vault; null where it cannot be read.</param>
public sealed class SecretReader(ISecretVault? vault = null, ISecretVault? keyVault = null, ProtectedSecrets? protectedSecrets = null)
{
    // The longest tokens have a few thousand characters.
    private const int MostBytes = 16 << 10;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a secret, for the caller to dispose of. One line end after the secret is not part of it.</summary>
    /// <exception cref="ProvisioningException"><c>SecretMissing</c>, <c>SecretUnreadable</c>, <c>SecretExposed</c>, <c>SecretInvalid</c>,
    /// <c>SecretPathRefused</c>. Each message names the place.</exception>
    public async Task<SecureString> ReadAsync(SecretPlace place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        SecureString secret = place.From switch
        {
            SecretFrom.Environment => FromEnvironment(place),
            SecretFrom.File => FromFile(place),
            SecretFrom.KeyVault => await FromKeyVaultAsync(place, cancellationToken).ConfigureAwait(false),
            SecretFrom.Protected => await (protectedSecrets ?? new ProtectedSecrets())
                .ReadAsync(place, cancellationToken)
                .ConfigureAwait(false)
                ?? throw Missing(
                    place,
                    "is not there. Put it there with Set-ProvisioningJob -SecretFrom Protected -Secret, as the account that runs the job"
                ),
            _ => await FromVaultAsync(place, cancellationToken).ConfigureAwait(false),
        };
        if (secret.Length > 0)
            return secret;
        secret.Dispose();
        throw new ProvisioningException("SecretInvalid", $"The secret of the job is empty: {place}. Put the secret there, in one line.");
    }

    private static SecureString FromEnvironment(SecretPlace place)
    {
        string value =
            Environment.GetEnvironmentVariable(place.Name!)
            ?? throw Missing(
                place,
                "is not set in this process. Set it where the job is run from, "
                    + "or name another place with Set-ProvisioningJob -SecretFrom, "
                    + "of a notification channel with Set-ProvisioningNotification"
            );
        return Secure(value);
    }

    private async Task<SecureString> FromVaultAsync(SecretPlace place, CancellationToken cancellationToken)
    {
        if (vault is null)
        {
            throw new ProvisioningException(
                "SecretUnreadable",
                $"The secret of the job is {place}, and there are no vaults here. "
                    + "Name an environment variable or a file with Set-ProvisioningJob -SecretFrom."
            );
        }

        return await vault.ReadAsync(place.Vault, place.Name!, cancellationToken).ConfigureAwait(false)
            ?? throw Missing(
                place,
                "is not there. Put it there with Set-Secret, "
                    + "or name another place with Set-ProvisioningJob -SecretFrom, "
                    + "of a notification channel with Set-ProvisioningNotification"
            );
    }

    private async Task<SecureString> FromKeyVaultAsync(SecretPlace place, CancellationToken cancellationToken)
    {
        if (keyVault is null)
        {
            throw new ProvisioningException(
                "SecretUnreadable",
                $"The secret of the job is {place}, and key vaults cannot be read here. "
                    + "Name an environment variable or a file with Set-ProvisioningJob -SecretFrom."
            );
        }

        return await keyVault.ReadAsync(place.Vault, place.Name!, cancellationToken).ConfigureAwait(false)
            ?? throw Missing(
                place,
                "is not there. Put it there with Set-AzKeyVaultSecret, or name another place with Set-ProvisioningJob -SecretFrom"
            );
    }

    private static SecureString FromFile(SecretPlace place)
    {
        string path = Located(place);
        try
        {
            // To open a pipe may block, and a read of a device may never end.
            if (SourcePath.SizeOf(path) is null && File.Exists(path))
            {
                throw new ProvisioningException(
                    "SecretInvalid",
                    $"The secret of the job is {place}, which is empty, or is no file but a device, a pipe or a socket. "
                        + "Put the secret there, in one line."
                );
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            RefuseExposed(place, file);
            return Read(place, file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            string whole = path == place.Path ? "" : $" ('{path}')";
            throw Missing(
                place,
                $"is not there{whole}. Put it there, or name another place with Set-ProvisioningJob -SecretFrom, "
                    + "of a notification channel with Set-ProvisioningNotification"
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProvisioningException(
                "SecretUnreadable",
                $"The secret of the job is {place}, which cannot be read: {e.Message} Let the account that runs the job read it.",
                e
            );
        }
    }

    private static string Located(SecretPlace place)
    {
        string path = place.Path!;
        if (path.Length > 1 && path[0] is '/' or '\\' && path[1] is '/' or '\\')
        {
            throw new ProvisioningException(
                "SecretPathRefused",
                $"The secret of the job is {place}, on another machine. "
                    + "Opening it would sign in there because job.json says so. Copy the file to this machine."
            );
        }

        if (SecretPlace.IsOfCredentials(path))
        {
            string name = SecretPlace.CredentialsFolder.Trim('%');
            string folder =
                Environment.GetEnvironmentVariable(name)
                ?? throw Missing(
                    place,
                    $"is not there: {name} is not set. systemd sets it for a unit with LoadCredential=; elsewhere name the file itself"
                );
            path = Path.Join(folder, path[SecretPlace.CredentialsFolder.Length..]);
        }
        return Path.IsPathFullyQualified(path)
            ? Path.GetFullPath(path)
            : throw new ProvisioningException(
                "SecretPathRefused",
                $"The secret of the job is {place}, whose path must be absolute, or begin with {SecretPlace.CredentialsFolder}/. "
                    + "A secret does not belong into the job's folder, which is kept in git."
            );
    }

    /// <summary>Every account of the machine can read or write the file. The permissions are those of the open handle, so that the checked
    /// file is the file that is read. On Windows, where files have other permissions, none is.</summary>
    public static bool IsExposed(FileStream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0;
    }

    private static void RefuseExposed(SecretPlace place, FileStream file)
    {
        if (!IsExposed(file))
            return;
        throw new ProvisioningException(
            "SecretExposed",
            $"The secret of the job is {place}, which every account of this machine can read or write, so it is not used. "
                + $"Take the permissions away: chmod 600 '{file.Name}'; "
                + "in a container give the secret a mode, 0400 in Docker, defaultMode 0440 in Kubernetes. "
                + "If the machine has other users, renew the secret too."
        );
    }

    private static SecureString Read(SecretPlace place, FileStream file)
    {
        byte[] bytes = new byte[MostBytes + 1];
        char[] text = [];
        try
        {
            int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read > MostBytes)
            {
                throw new ProvisioningException(
                    "SecretInvalid",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The secret of the job is {place}, which has more than {MostBytes} bytes. "
                            + $"It must hold the secret and nothing else."
                    )
                );
            }

            ReadOnlySpan<byte> content = bytes.AsSpan(0, read);
            if (content.StartsWith("\uFEFF"u8))
                content = content["\uFEFF"u8.Length..];
            text = new char[s_utf8.GetMaxCharCount(content.Length)];
            return Secure(text.AsSpan(0, s_utf8.GetChars(content, text)));
        }
        catch (DecoderFallbackException)
        {
            // The exception's message holds bytes of the file.
            throw new ProvisioningException(
                "SecretInvalid",
                $"The secret of the job is {place}, which is no text in UTF-8. Write it again in UTF-8."
            );
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(text);
        }
    }

    private static SecureString Secure(ReadOnlySpan<char> text)
    {
        if (text.EndsWith("\n", StringComparison.Ordinal))
            text = text[..^1];
        if (text.EndsWith("\r", StringComparison.Ordinal))
            text = text[..^1];
        var secret = new SecureString();
        foreach (char c in text)
            secret.AppendChar(c);
        secret.MakeReadOnly();
        return secret;
    }

    private static ProvisioningException Missing(SecretPlace place, string what) =>
        new("SecretMissing", $"The secret of the job is {place}, which {what}.");
}
