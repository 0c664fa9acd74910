using System.Runtime.InteropServices;
using System.Security;

namespace TravelPerkScim.Entra.Connection;

/// <summary>Unwraps secrets for the moment they are sent.</summary>
internal static class SecretText
{
    /// <summary>Trimmed: a pasted secret often carries a line end.</summary>
    public static string Reveal(SecureString secret)
    {
        nint pointer = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return Marshal.PtrToStringUni(pointer, secret.Length).Trim();
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(pointer);
        }
    }
}
