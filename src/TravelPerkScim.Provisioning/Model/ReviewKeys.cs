using System.Security.Cryptography;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>What proofs of values are keyed with. Both are in the state only, which nobody but its owner can read.</summary>
/// <param name="Salt">The job's salt.</param>
/// <param name="Redacted">For values that the mapping redacts: there are few possible ones (dates, genders), so nothing else is made with
/// this key.</param>
internal sealed record ReviewKeys(byte[] Salt, byte[] Redacted)
{
    public const string RedactedName = "redacted";

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(32);
}
