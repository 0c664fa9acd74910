using System.Collections;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Offers users of the job's log, and for -ApproveCycle the cycles with staged operations. It reads the job's files only: a Tab
/// must not wait for a network.</summary>
public sealed class JobUserCompleter : ValueCompleter
{
    private protected override int MostValues => 50;

    private protected override IEnumerable<string> Values(string parameter, IDictionary bound) =>
        JobOf(bound) is { } job ? Values(parameter, job) : [];

    private static IEnumerable<string> Values(string parameter, ProvisioningJob job) =>
        parameter == "ApproveCycle"
            ? ProvisioningStatus.Read(job).Staged.Select(cycle => cycle.CycleId.ToString("D"))
            : ProvisioningLog
                .Read(job, DateTimeOffset.UnixEpoch)
                .Select(entry => entry.Identity)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Order(StringComparer.OrdinalIgnoreCase);

    /// <summary>The job that the typed parameters name.</summary>
    internal static ProvisioningJob? JobOf(IDictionary bound)
    {
        object? given = BooleanTextAttribute.Unwrap(bound["Job"] ?? bound["Path"]);
        if (given is ProvisioningJob job)
            return job;
        string folder = Path.Combine(JobPathCompleter.CurrentLocation(), given?.ToString() ?? ".");
        return ProvisioningJob.Exists(folder) ? JobStores.WithConnected(ProvisioningJob.Open(folder)) : null;
    }
}
