namespace TravelPerkScim.Host;

/// <summary>The command line of the host as one of PowerShell's.</summary>
internal static class HostArguments
{
    // The profile of the machine's own PowerShell is not made for this host, and the banner says nothing about the module.
    private static readonly string[] s_defaults = ["-NoLogo", "-NoProfile"];

    /// <summary>Without arguments, and with <c>-NoExit</c> alone, the tour is run; everything else is PowerShell's (<c>pwsh
    /// -Help</c>).</summary>
    public static string[] ForPowerShell(string[] args, string tour) =>
        args switch
        {
            [] => [.. s_defaults, "-File", tour],
            [{ } only] when IsNoExit(only) => [.. s_defaults, "-NoExit", "-File", tour, "-Stay"],
            _ => [.. s_defaults, .. args],
        };

    private static bool IsNoExit(string argument) => string.Equals(argument.TrimStart('-'), "NoExit", StringComparison.OrdinalIgnoreCase);
}
