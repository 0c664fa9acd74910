using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using TravelPerkScim.Worker.Settings;
using Xunit.Abstractions;

namespace TravelPerkScim.Worker.Tests;

/// <summary>The files that put the worker to work.</summary>
public sealed partial class DeploymentTests(ITestOutputHelper output)
{
    private static readonly string s_folder = typeof(DeploymentTests)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(known => known.Key == "WorkerFolder")
        .Value!;

    [Fact]
    public async Task The_unit_is_one_that_systemd_takes()
    {
        string? tool = new[] { "/usr/bin/systemd-analyze", "/bin/systemd-analyze" }.FirstOrDefault(File.Exists);
        if (tool is null)
        {
            output.WriteLine("Left out: this machine has no systemd-analyze.");
            return;
        }
        // systemd wants the program to be there; on this machine dotnet may be elsewhere.
        string unit = Path.Combine(Directory.CreateTempSubdirectory("unit-").FullName, "travelperkscim.service");
        string text = await File.ReadAllTextAsync(Path.Combine(s_folder, "travelperkscim.service"));
        Assert.Contains("Type=notify", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(unit, text.Replace("/usr/bin/dotnet", "/bin/sh", StringComparison.Ordinal));

        using Process process = Process.Start(new ProcessStartInfo(tool, ["verify", "--man=no", unit]) { RedirectStandardError = true })!;
        string said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal((0, ""), (process.ExitCode, said));
        Directory.Delete(Path.GetDirectoryName(unit)!, recursive: true);
    }

    [Fact]
    public void Every_setting_in_the_files_is_one_of_the_worker()
    {
        string root = Path.Combine(s_folder, "..", "..");
        string[] files =
        [
            Path.Combine(s_folder, "Dockerfile"),
            Path.Combine(s_folder, "compose.yaml"),
            Path.Combine(s_folder, "kubernetes.yaml"),
            Path.Combine(s_folder, "kubernetes-cluster.yaml"),
            Path.Combine(s_folder, "travelperkscim.service"),
            Path.Combine(root, "docs", "worker.md"),
        ];
        string[] known = [.. Setting().Matches(WorkerOptions.Usage).Select(match => match.Value)];

        foreach (string file in files)
        {
            IEnumerable<string> lines = File.ReadLines(file)
                .Where(line =>
                    line.Contains("--urls", StringComparison.Ordinal)
                    || line.StartsWith("ExecStart=", StringComparison.Ordinal)
                    || line.StartsWith("| `--", StringComparison.Ordinal)
                );
            string[] used = [.. lines.SelectMany(line => Setting().Matches(line)).Select(match => match.Value)];
            Assert.Empty(used.Except(known));
        }
    }

    [Theory]
    [InlineData("compose.yaml", "/company/jobs", "/run/secrets/store", "/keys")]
    [InlineData("kubernetes-cluster.yaml", "/company/jobs", "/run/secrets/travelperkscim/store", "/run/secrets/keys")]
    public void The_arguments_of_a_worker_that_shares_jobs_name_folders_that_the_file_mounts(string file, params string[] places)
    {
        string text = File.ReadAllText(Path.Combine(s_folder, file));
        string line = Assert.Single(text.Split('\n'), line => line.Contains("--store", StringComparison.Ordinal));

        Assert.All(places, place => Assert.Contains(place, line, StringComparison.Ordinal));
        Assert.Contains("--urls, \"http://0.0.0.0:5080\", --store, ", line, StringComparison.Ordinal);
    }

    // A cycle that is stopped waits for the answers to its requests, 100 seconds at most.
    [Theory]
    [InlineData("compose.yaml")]
    [InlineData("kubernetes-cluster.yaml")]
    public void A_worker_that_is_stopped_has_time_for_its_drain_and_a_request(string file)
    {
        string text = File.ReadAllText(Path.Combine(s_folder, file));

        int drain = int.Parse(DrainTime().Match(text).Groups["seconds"].Value, CultureInfo.InvariantCulture);
        int grace = int.Parse(GraceTime().Match(text).Groups["seconds"].Value, CultureInfo.InvariantCulture);

        Assert.InRange(grace, drain + 100, 3600);
    }

    [GeneratedRegex("--drain-seconds, \"(?<seconds>\\d+)\"")]
    private static partial Regex DrainTime();

    [GeneratedRegex(@"(terminationGracePeriodSeconds|stop_grace_period): (?<seconds>\d+)")]
    private static partial Regex GraceTime();

    [GeneratedRegex("--[a-z]+(-[a-z]+)*")]
    private static partial Regex Setting();
}
