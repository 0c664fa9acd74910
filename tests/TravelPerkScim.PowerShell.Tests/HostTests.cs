using System.Diagnostics;

namespace TravelPerkScim.PowerShell.Tests;

[Collection(WaitingCollection.Name)]
public sealed class HostTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("host");

    [Fact]
    public async Task Without_arguments_it_runs_the_demonstration_and_leaves_nothing_behind()
    {
        ChildHost.Result result = await ChildHost.RunAsync(start => start.WorkingDirectory = _folder.FullName);

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        // The plan, the initial cycle, the incremental one, and the idle one, each as a table or list of PowerShell's.
        Assert.Contains("Requests that write so far: 0.", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"\nCreate +Success +helena\.marques@example\.com +givenName: Helena", result.Output);
        Assert.Contains("joaquin.beltran@example.com: 'phoneNumbers[type eq \"work\"].value': ", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"\nUpdate +Success +pau\.ribes@example\.com +title: Senior ", result.Output);
        Assert.Matches(@"\nDisable +Success +caleb\.foster@example\.com ", result.Output);
        Assert.Matches(@"Incremental Succeeded +61 read, 57 unchanged", result.Output);
        Assert.DoesNotContain('\u001b', result.Output);
        Assert.Empty(_folder.GetFileSystemInfos());
    }

    [Theory]
    [InlineData("1 + 1", 0, "2\n", "")]
    [InlineData("exit 7", 7, "", "")]
    [InlineData("throw 'broken'", 1, "", "broken")]
    [InlineData("'before'; Get-ScimUser", 1, "before\n", "Connect-TravelPerk")]
    [InlineData("try { Get-ScimUser } catch { 'handled' }", 0, "handled\n", "")]
    [InlineData("1..3 | ConvertTo-Json -Compress", 0, "[1,2,3]\n", "")]
    [InlineData("(Get-Command Test-ScimConnection).Source", 0, "TravelPerkScim\n", "")]
    public async Task The_exit_code_is_1_when_something_failed(string command, int exitCode, string output, string error)
    {
        ChildHost.Result result = await ChildHost.RunAsync("-Command", command);

        Assert.Equal(output, result.Output);
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
        Assert.Equal(error.Length == 0, result.Error.Length == 0);
        Assert.Equal(exitCode, result.ExitCode);
    }

    [Fact]
    public async Task A_script_gets_its_arguments_its_folder_and_its_own_exit_code()
    {
        string script = Script(
            """
            param([int] $Count, [switch] $Fast, [string] $File)
            "$Count $Fast $File $PSScriptRoot $args"
            exit $Count
            """
        );

        ChildHost.Result result = await ChildHost.RunAsync("-File", script, "-Count", "5", "-Fast", "input.csv");

        Assert.Equal($"5 True input.csv {_folder.FullName} \n", result.Output);
        Assert.Equal(5, result.ExitCode);
    }

    [Theory]
    [InlineData("$ErrorActionPreference = 'Stop'\nGet-ScimUser\n'went on'", 1)]
    [InlineData("try { Get-ScimUser } catch { exit 0 }", 0)]
    [InlineData("Get-ScimUser\nexit 0", 0)]
    [InlineData("if (", 1)]
    public async Task A_failed_script_and_a_script_that_handled_its_error_have_other_exit_codes(string text, int exitCode) =>
        Assert.Equal(exitCode, (await ChildHost.RunAsync("-File", Script(text))).ExitCode);

    [Theory]
    [InlineData("-Nonsense")]
    [InlineData("-File", "no-such-script.ps1")]
    public async Task Wrong_usage_has_its_own_exit_code(params string[] arguments) =>
        Assert.Equal(64, (await ChildHost.RunAsync(arguments)).ExitCode);

    [Fact]
    public async Task Ctrl_C_stops_what_is_running()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using Process process = ChildHost.Start(
            _ => { },
            "-Command",
            "try { 'started' | Out-Default; while ($true) { } } finally { 'cleaned up' | Out-Default }"
        );
        try
        {
            Assert.Equal("started", await process.StandardOutput.ReadLineAsync());
            long started = Stopwatch.GetTimestamp();
            using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync();
            }

            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
            await process.WaitForExitAsync(patience.Token);
            Assert.Equal(1, process.ExitCode);
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
        }
        finally
        {
            // A shell that ignores the signal, as a job in the background does, would leave the loop running.
            process.Kill();
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Script(string text)
    {
        string path = Path.Combine(_folder.FullName, "script.ps1");
        File.WriteAllText(path, text);
        return path;
    }
}
