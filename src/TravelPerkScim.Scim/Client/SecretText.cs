using System.Runtime.InteropServices;
using System.Security;

namespace TravelPerkScim.Scim.Client;

/// <summary>Unwraps secrets for the moment in which they are used. Nothing keeps the text.</summary>
public static class SecretText
{
    /// <summary>The secret as text.</summary>
    public static string Reveal(SecureString secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        nint pointer = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return Marshal.PtrToStringUni(pointer, secret.Length);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(pointer);
        }
    }

    /// <summary>The secret as text, without white space around it: a pasted secret often carries a line end.</summary>
    public static string RevealTrimmed(SecureString secret) => Reveal(secret).Trim();
}
