using System.Security.Cryptography;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>The keys of the value proofs. Both keys are only in the state, which only the state's owner can read.</summary>
/// <param name="Salt">The job's salt.</param>
/// <param name="Redacted">The key for values that the mapping redacts. Such values have few possible forms (dates, genders), so the key is
/// used for nothing else.</param>
internal sealed record ReviewKeys(byte[] Salt, byte[] Redacted)
{
    public const string RedactedName = "redacted";

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(32);
}
