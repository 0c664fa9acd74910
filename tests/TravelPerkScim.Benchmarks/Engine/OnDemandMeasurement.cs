using System.Diagnostics;
using System.Globalization;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Benchmarks;

/// <summary>What an admin waits for who provisions one user in a new session, after the import: whole processes, a new job each.</summary>
internal sealed class OnDemandMeasurement : IMeasurement
{
    // Get-Command in between would load what the session does not need.
    private const string Script = """
        $ErrorActionPreference = 'Stop'
        Import-Module $env:ONDEMAND_MODULE
        $key = [Net.NetworkCredential]::new('', $env:ONDEMAND_KEY).SecurePassword
        $watch = [Diagnostics.Stopwatch]::StartNew()
        Connect-TravelPerk -BaseUri $env:ONDEMAND_BASE -ApiKey $key
        $connected = $watch.Elapsed.TotalMilliseconds
        $null = Get-ProvisioningPlan $env:ONDEMAND_JOB -Identity person7@contoso.com
        $planned = $watch.Elapsed.TotalMilliseconds
        $null = Invoke-Provisioning $env:ONDEMAND_JOB -Identity person7@contoso.com
        $applied = $watch.Elapsed.TotalMilliseconds
        $loaded = [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -match '^(Microsoft\.Graph|Azure)' }).Count
        [Console]::Out.Write([string]::Format([cultureinfo]::InvariantCulture,
            "connect {0:R}`nplan {1:R}`napply {2:R}`nunneeded {3}`n", $connected, $planned - $connected, $applied - $planned, $loaded))
        """;

    public string Verb => "ondemand";

    public string Summary => "Connect, plan and apply one user of 1,000 in a new session, after the import. [--rounds 9]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        int rounds = arguments.Number("rounds", 9);
        var samples = new List<Dictionary<string, double>>();
        // The first brings the files into the disk cache.
        for (int round = -1; round < rounds; round++)
        {
            Dictionary<string, double> sample = RunOne();
            if (round >= 0)
                samples.Add(sample);
        }
        double unneeded = samples.Max(sample => sample["unneeded"]);
        return
        [
            Figure.Of("ondemand.time", samples.Select(s => s["connect"] + s["plan"] + s["apply"]), "ms") with
            {
                Beside =
                    $"{(Pwsh.Path is null ? "an engine from NuGet" : "pwsh -NoProfile")}; medians: connect {Median("connect")}, "
                    + $"plan {Median("plan")}, apply {Median("apply")} ms",
            },
            new Figure("ondemand.unneeded", unneeded, "assemblies of Graph and Azure", Goal.NoMoreThan(0)),
        ];

        string Median(string part) => samples.Select(s => s[part]).Median().ToString("0", CultureInfo.InvariantCulture);
    }

    /// <summary>In a child: the session.</summary>
    public static void RunSession() => BareEngine.RunScript(Script);

    private static Dictionary<string, double> RunOne()
    {
        string folder = Directory.CreateTempSubdirectory("ondemand-").FullName;
        try
        {
            using var sandbox = new SandboxProcess();
            string source = Path.Combine(folder, "users.json");
            MadeUpUsers.WriteFile(source, 1000);
            ProvisioningJob job = Bench.NewJob(Path.Combine(folder, "job"), sandbox.BaseUri, source);
            var environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["ONDEMAND_MODULE"] = ImportMeasurement.Manifest,
                ["ONDEMAND_KEY"] = SecretText.Reveal(sandbox.Key),
                ["ONDEMAND_BASE"] = sandbox.BaseUri.AbsoluteUri,
                ["ONDEMAND_JOB"] = job.Path,
            };
            return Pwsh.Path is null
                ? ChildProcess.Run(["session"], environment)
                : ChildProcess.Run(new ProcessStartInfo(Pwsh.Path, ["-NoProfile", "-NonInteractive", "-Command", Script]), environment);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
