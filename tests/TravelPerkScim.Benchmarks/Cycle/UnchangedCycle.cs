using System.Diagnostics;
using System.Security;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Benchmarks;

/// <summary>In a child: one cycle over users who are all linked and unchanged, in a process that did nothing before.</summary>
internal static class UnchangedCycle
{
    public static void Run(string folder, int users, bool fromFile)
    {
        ProvisioningJob job = LinkedJob.Open(folder);
        using var key = new SecureString();
        foreach (char letter in "benchmark")
            key.AppendChar(letter);
        using var credential = ScimCredential.ApiKey(key);
        using var client = new ScimClient(new ScimClientOptions { BaseUri = job.Target }, credential);
        var engine = new ProvisioningEngine(job, client, fromFile ? null : new MadeUpSource(users));

        using var process = Process.GetCurrentProcess();
        long idle = process.WorkingSet64;
        TimeSpan before = process.TotalProcessorTime;
        long began = Stopwatch.GetTimestamp();
        CycleSummary cycle = Bench.RunAsync(engine, job).GetAwaiter().GetResult();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        process.Refresh();
        if (cycle.Counts.Unchanged != users || cycle.Counts.Requests != 0 || cycle.State != CycleState.Succeeded)
            throw new InvalidOperationException($"Not an unchanged cycle of {users} users: {cycle.State}, {cycle.Counts}. {cycle.Message}");
        ChildProcess.Tell("cpu", (process.TotalProcessorTime - before).TotalSeconds);
        ChildProcess.Tell("seconds", seconds);
        ChildProcess.Tell("idle", idle);
        ChildProcess.Tell("peak", process.PeakWorkingSet64);
        ChildProcess.Tell("managed", GC.GetTotalMemory(forceFullCollection: true));
    }
}
