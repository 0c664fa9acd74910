namespace TravelPerkScim.Benchmarks;

/// <summary>PowerShell itself, where it is installed: what people use, and precompiled, which the engine from NuGet is not.</summary>
internal static class Pwsh
{
    /// <summary>The executable; null when PATH has none.</summary>
    public static string? Path { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => System.IO.Path.Combine(folder, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh"))
            .FirstOrDefault(File.Exists);
}
