using System.Reflection;

namespace TravelPerkScim.PowerShell.Tests.Support;

/// <summary>Where the checkout is and what its build made.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("RepoRoot");

    public static string Manifest => Path.Combine(Root, "TravelPerkScim.psd1");

    public static string ModuleBin => Path.Combine(Root, "module", "bin");

    public static string Host =>
        Path.Combine(Root, "src", "TravelPerkScim.Host", "bin", Metadata("Configuration"), "net10.0", "TravelPerkScim.Host.dll");

    /// <summary>The Pester module of the package.</summary>
    public static string Pester { get; } = Metadata("Pester");

    public static string PesterSuites => Path.Combine(Root, "tests", "Pester");

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;
}
