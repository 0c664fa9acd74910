using System.Security.Cryptography;

namespace TravelPerkScim.Postgres;

/// <summary>Encrypts values of a shared database. The keys are never in the database.</summary>
public interface IStoreKeys
{
    /// <summary>How messages call the keys, such as "the folder '/etc/travelperkscim/keys'".</summary>
    string Name { get; }

    /// <summary>Encrypts a value. The same value gives another text each time.</summary>
    /// <param name="kind">What the value is, such as "token".</param>
    /// <param name="job">The job's key in the database. The value decrypts for this kind and job alone.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="CryptographicException">There is no key, and none can be made.</exception>
    byte[] Protect(string kind, string job, byte[] value);

    /// <summary>Decrypts a value.</summary>
    /// <param name="kind">What the value is.</param>
    /// <param name="job">The job's key in the database.</param>
    /// <param name="value">What <see cref="Protect"/> gave.</param>
    /// <exception cref="CryptographicException">The value's key is not among the keys, or the value is another kind's or job's, or was
    /// changed.</exception>
    byte[] Unprotect(string kind, string job, byte[] value);
}
