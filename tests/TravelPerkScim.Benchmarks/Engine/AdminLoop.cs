using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation.Runspaces;
using System.Text.Json;
using PowerShellEngine = System.Management.Automation.PowerShell;

namespace TravelPerkScim.Benchmarks;

/// <summary>The loop an admin would write: each user is asked for by userName, then created or patched. Its bodies are ready-made, so it
/// maps nothing and compares nothing.</summary>
internal static class AdminLoop
{
    // What it works on comes as variables; pwsh and the hosted engine run the same text.
    private const string Script = """
        $ErrorActionPreference = 'Stop'
        foreach ($user in $Users) {
            $filter = [uri]::EscapeDataString('userName eq "' + $user.userName + '"')
            $found = Invoke-RestMethod -Uri ($Base + 'Users?filter=' + $filter) -Headers $Headers
            if ($found.totalResults -eq 0) {
                $null = Invoke-RestMethod -Uri ($Base + 'Users') -Method POST -Headers $Headers -ContentType 'application/scim+json' -Body $user.create
            } else {
                $null = Invoke-RestMethod -Uri ($Base + 'Users/' + $found.Resources[0].id) -Method PATCH -Headers $Headers -ContentType 'application/scim+json' -Body $user.update
            }
        }
        """;

    /// <summary>What carries out its requests, in words.</summary>
    public static string Means =>
        Pwsh.Path is not null
            ? "Invoke-RestMethod in pwsh"
            : "a synchronous HttpClient in a hosted engine, as there is no pwsh here: "
                + "faster than Invoke-RestMethod, so the ratio is a lower bound";

    /// <summary>Seconds that the loop takes, without the start of the engine.</summary>
    public static double Run(Uri target, string apiKey, IReadOnlyList<LoopUser> users) =>
        Pwsh.Path is null ? RunHosted(target, apiKey, users) : RunPwsh(Pwsh.Path, target, apiKey, users);

    private static double RunHosted(Uri target, string apiKey, IReadOnlyList<LoopUser> users)
    {
        using Runspace runspace = BareEngine.Open(new SessionStateCmdletEntry("Invoke-RestMethod", typeof(RestMethodStandIn), null));
        runspace.SessionStateProxy.SetVariable("Base", target.AbsoluteUri);
        runspace.SessionStateProxy.SetVariable("Users", users);
        runspace.SessionStateProxy.SetVariable("Headers", new Hashtable { ["Authorization"] = "ApiKey " + apiKey, ["Api-Version"] = "1" });
        using var shell = PowerShellEngine.Create(runspace);
        shell.AddScript(Script);
        long began = Stopwatch.GetTimestamp();
        _ = shell.Invoke();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static double RunPwsh(string pwsh, Uri target, string apiKey, IReadOnlyList<LoopUser> users)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(
                file,
                JsonSerializer.Serialize(
                    users.Select(user => new
                    {
                        userName = user.UserName,
                        create = user.Create,
                        update = user.Update,
                    })
                )
            );
            const string Frame = """
                $Users = [IO.File]::ReadAllText($env:LOOP_USERS) | ConvertFrom-Json
                $Base = $env:LOOP_BASE
                $Headers = @{ Authorization = 'ApiKey ' + $env:LOOP_KEY; 'Api-Version' = '1' }
                $watch = [Diagnostics.Stopwatch]::StartNew()
                {0}
                [Console]::Out.Write($watch.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture))
                """;
            var start = new ProcessStartInfo(pwsh) { RedirectStandardOutput = true };
            foreach (
                string word in new[] { "-NoProfile", "-NonInteractive", "-Command", Frame.Replace("{0}", Script, StringComparison.Ordinal) }
            )
            {
                start.ArgumentList.Add(word);
            }
            start.Environment["LOOP_USERS"] = file;
            start.Environment["LOOP_BASE"] = target.AbsoluteUri;
            start.Environment["LOOP_KEY"] = apiKey;
            using Process process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? double.Parse(output, CultureInfo.InvariantCulture)
                : throw new InvalidOperationException("The loop failed in pwsh; its error is above.");
        }
        finally
        {
            File.Delete(file);
        }
    }
}

/// <summary>A user as the loop has it.</summary>
/// <param name="UserName">What to ask for.</param>
/// <param name="Create">Body of the POST.</param>
/// <param name="Update">Body of the PATCH.</param>
internal sealed record LoopUser(string UserName, string Create, string Update);
