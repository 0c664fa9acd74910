using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Worker;

/// <summary>The keys in a folder, which encrypt what the database keeps. The first value that is encrypted makes the first key. Each worker
/// needs the same folder, or a copy of it.</summary>
internal sealed class KeyRing : IStoreKeys
{
    // A key that stays lets the folder be read-only, and be copied once.
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(3650);

    private readonly DirectoryInfo _folder;
    private readonly X509Certificate2? _certificate;
    private volatile IDataProtectionProvider _keys;

    private KeyRing(DirectoryInfo folder, X509Certificate2? certificate)
    {
        (_folder, _certificate) = (folder, certificate);
        _keys = Read();
    }

    public string Name => $"the keys in '{ShownText.Of(_folder.FullName)}'";

    /// <summary>Opens the keys of a folder.</summary>
    /// <param name="folder">The folder, absolute. It may be empty.</param>
    /// <param name="certificate">A file with a certificate and its private key in PEM that encrypts the keys; null for none.</param>
    /// <exception cref="ArgumentException">There is no folder, other accounts can use it, or the certificate cannot be used.</exception>
    public static KeyRing Open(string folder, string? certificate)
    {
        var place = new DirectoryInfo(folder);
        if (!place.Exists)
        {
            throw new ArgumentException(
                $"--keys: there is no folder '{ShownText.Of(folder)}'. Make it for the account of the worker alone "
                    + "(mkdir -m 700), or put it back from the backup."
            );
        }
        RefuseExposed(place);
        return new KeyRing(place, certificate is null ? null : CertificateIn(certificate));
    }

    public byte[] Protect(string kind, string job, byte[] value) => ProtectorOf(kind, job).Protect(value);

    public byte[] Unprotect(string kind, string job, byte[] value)
    {
        try
        {
            return ProtectorOf(kind, job).Unprotect(value);
        }
        catch (CryptographicException)
        {
            // Another worker may have made the key since.
            _keys = Read();
            return ProtectorOf(kind, job).Unprotect(value);
        }
    }

    // The kind and the job are part of the key: a row that was copied to another job does not decrypt.
    private IDataProtector ProtectorOf(string kind, string job) => _keys.CreateProtector("TravelPerkScim.Store", kind, job);

    private IDataProtectionProvider Read() =>
        DataProtectionProvider.Create(
            _folder,
            keys =>
            {
                keys.SetApplicationName("TravelPerkScim").SetDefaultKeyLifetime(s_lifetime);
                if (_certificate is not null)
                    keys.ProtectKeysWithCertificate(_certificate).UnprotectKeysWithAnyCertificate(_certificate);
            }
        );

    private static X509Certificate2 CertificateIn(string file)
    {
        try
        {
            RefuseExposed(new FileInfo(file));
            return X509Certificate2.CreateFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ArgumentException(
                $"--keys-certificate: '{ShownText.Of(file)}' cannot be used ({e.GetType().Name}). "
                    + "Give a file that holds a certificate and its private key in PEM.",
                e
            );
        }
    }

    private static void RefuseExposed(DirectoryInfo folder)
    {
        foreach (FileInfo file in folder.EnumerateFiles("*.xml"))
            RefuseExposed(file);
    }

    // Links are followed, because Kubernetes mounts files of a secret as links.
    private static void RefuseExposed(FileInfo file)
    {
        using FileStream opened = file.OpenRead();
        if (!SecretReader.IsExposed(opened))
            return;
        throw new ArgumentException(
            $"'{ShownText.Of(file.FullName)}' holds a key that every account of this machine can read or write, so it is not used. "
                + $"Take the permissions away: chmod 600 '{ShownText.Of(file.FullName)}'; in Kubernetes give the secret defaultMode 0440. "
                + "If the machine has other users, make new keys and sign the jobs in again."
        );
    }
}
