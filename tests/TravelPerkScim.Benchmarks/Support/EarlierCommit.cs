using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TravelPerkScim.Benchmarks;

/// <summary>The figures of another commit, measured by its own benchmarks in turns with ours: <c>--earlier folder</c>, where the folder is
/// a checkout of that commit (<c>git worktree add</c>).</summary>
internal sealed partial class EarlierCommit
{
    private readonly string _project;
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private EarlierCommit(string project) => _project = project;

    /// <summary>The commit that the command line names; null for none.</summary>
    /// <exception cref="ArgumentException">The folder has no benchmarks.</exception>
    public static EarlierCommit? Of(Arguments arguments)
    {
        if (arguments.Text("earlier") is not { } folder)
            return null;
        string project = Path.Combine(Path.GetFullPath(folder), "tests", "TravelPerkScim.Benchmarks");
        return Directory.Exists(project)
            ? new EarlierCommit(project)
            : throw new ArgumentException($"--earlier takes a checkout of another commit. There is no '{project}'.");
    }

    /// <summary>Measures one verb. A verb that the commit does not have yet gives no values.</summary>
    public void Measure(string verb, Arguments arguments)
    {
        string[] words = [.. arguments.Without("earlier").Skip(1)];
        var start = new ProcessStartInfo("dotnet", ["run", "-c", "Release", "--project", _project, "--", verb, .. words])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        foreach (Match row in Rows().Matches(output))
            _values[row.Groups["name"].Value] = row.Groups["value"].Value;
    }

    /// <summary>The figure as the commit's benchmarks printed it; null when they did not.</summary>
    public string? ValueOf(string figure) => _values.GetValueOrDefault(figure);

    [GeneratedRegex(@"^(?<name>\S+(?: \S+)*?) {2,}(?<value>[0-9][0-9.,]*)  ", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Rows();
}
