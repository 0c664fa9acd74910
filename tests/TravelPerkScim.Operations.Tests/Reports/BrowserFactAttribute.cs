namespace TravelPerkScim.Operations.Tests.Reports;

/// <summary>A test that needs a browser. Without one it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Program is null)
        {
            Skip =
                "There is no Chromium on this machine (chromium, chromium-browser, google-chrome or chrome "
                + "on the PATH), so the page was not opened in a browser. On Debian: apt-get install chromium.";
        }
    }

    /// <summary>The browser's program; null when there is none.</summary>
    public static string? Program { get; } = Find();

    private static string? Find()
    {
        string[] names = OperatingSystem.IsWindows()
            ? ["chrome.exe", "msedge.exe"]
            : ["chromium", "chromium-browser", "google-chrome", "chrome"];
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }
}
