using System.Reflection;

namespace TravelPerkScim.Host;

/// <summary>Where the module is: beside the executable when shipped with it, otherwise where the build put it.</summary>
internal static class ModuleFiles
{
    private const string ManifestName = "TravelPerkScim.psd1";

    public static string Manifest { get; } = Find();

    public static string Demonstration => Path.Combine(Path.GetDirectoryName(Manifest)!, "module", "demo", "first-cycle.ps1");

    private static string Find()
    {
        string beside = Path.Combine(AppContext.BaseDirectory, ManifestName);
        return File.Exists(beside)
            ? beside
            : typeof(ModuleFiles)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .Single(data => data.Key == "ModuleManifest")
                .Value!;
    }
}
