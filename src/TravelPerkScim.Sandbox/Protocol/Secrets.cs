using System.Security;
using System.Security.Cryptography;

namespace TravelPerkScim.Sandbox.Protocol;

internal static class Secrets
{
    /// <summary>A new random API key, read-only.</summary>
    public static SecureString Create()
    {
        SecureString secret = new();
        foreach (char digit in RandomNumberGenerator.GetHexString(48, lowercase: true))
            secret.AppendChar(digit);
        secret.MakeReadOnly();
        return secret;
    }
}
