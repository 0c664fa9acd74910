using System.ComponentModel;
using System.Diagnostics;

namespace TravelPerkScim.PowerShell.SignIn;

/// <summary>The user's browser.</summary>
internal static class Browser
{
    /// <summary>False when this machine can start no browser.</summary>
    public static bool TryOpen(Uri address)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(address.AbsoluteUri) { UseShellExecute = true });
            return true;
        }
        catch (Exception exception) when (exception is Win32Exception or PlatformNotSupportedException or FileNotFoundException)
        {
            return false;
        }
    }
}
