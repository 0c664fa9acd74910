namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Finds the pwsh that a scheduler can run.</summary>
internal static class PowerShellProgram
{
    private static string File => OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh";

    /// <summary>The pwsh that runs this session, else the pwsh beside its files, else the first on the PATH. Null without one, as in
    /// another program that hosts PowerShell.</summary>
    /// <param name="home">$PSHOME.</param>
    public static string? Find(string? home)
    {
        string[] path = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];
        return new[] { Environment.ProcessPath, home is null ? null : Path.Join(home, File) }
            .Concat(path.Select(folder => Path.Join(folder, File)))
            .FirstOrDefault(program => Path.GetFileName(program) == File && System.IO.File.Exists(program));
    }
}
