using System.Diagnostics;
using System.Security;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Benchmarks;

/// <summary>A sandbox on a loopback socket, a directory file, and jobs from the one to the other, in a temporary folder.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bench-").FullName;
    private readonly ScimCredential _credential;
    private int _jobs;

    public Bench(SandboxOptions options, int users)
    {
        Sandbox = TravelPerkSandbox.Start(options);
        using SecureString key = Sandbox.GetApiKey();
        _credential = ScimCredential.ApiKey(key);
        Client = new ScimClient(new ScimClientOptions { BaseUri = Sandbox.BaseUri }, _credential);
        MadeUpUsers.WriteFile(SourceFile, users);
    }

    public TravelPerkSandbox Sandbox { get; }

    public ScimClient Client { get; }

    private string SourceFile => Path.Combine(_folder, "users.json");

    /// <summary>A job without links.</summary>
    public ProvisioningJob NewJob() => NewJob(Path.Combine(_folder, $"job{++_jobs}"), Sandbox.BaseUri, SourceFile);

    public static ProvisioningJob NewJob(string folder, Uri target, string source) =>
        ProvisioningJob.Create(
            folder,
            new JobSettings { Source = new JobSource(JobSourceType.File, source), Target = target },
            SynchronizationSchema.Default
        );

    /// <summary>A cycle from the source to the saved state.</summary>
    /// <exception cref="InvalidOperationException">An entry failed: what was measured is not what was meant.</exception>
    public async Task<(CycleSummary Cycle, double Seconds)> RunAsync(ProvisioningJob job)
    {
        long began = Stopwatch.GetTimestamp();
        CycleSummary cycle = await RunAsync(new ProvisioningEngine(job, Client), job);
        return (cycle, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    /// <inheritdoc cref="RunAsync(ProvisioningJob)"/>
    public static async Task<CycleSummary> RunAsync(ProvisioningEngine engine, ProvisioningJob job)
    {
        ProvisioningPlan plan = await engine.PlanAsync(new CycleOptions(), CancellationToken.None);
        await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, new CycleOptions(), CancellationToken.None))
        {
            if (outcome.Status != OutcomeStatus.Success)
                throw new InvalidOperationException($"{outcome.Identity}: {outcome.Reason}");
        }
        return ProvisioningStatus.Read(job).LastCycle!;
    }

    /// <summary>The API key as a header has it.</summary>
    public string ApiKey()
    {
        using SecureString key = Sandbox.GetApiKey();
        return SecretText.Reveal(key);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _credential.Dispose();
        await Sandbox.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
