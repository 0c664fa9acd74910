using Microsoft.Extensions.Diagnostics.HealthChecks;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Worker.Jobs;

namespace TravelPerkScim.Worker.Status;

/// <summary>Whether a job needs a person, and how urgently.</summary>
/// <param name="Status">Healthy, Degraded or Unhealthy.</param>
/// <param name="Word">The same for a person, in a word or two.</param>
/// <param name="Rank">The job's place on the page: the jobs that need a person come first.</param>
/// <param name="Tone">The colour that shows it.</param>
internal sealed record JobHealth(HealthStatus Status, string Word, int Rank, string Tone)
{
    private static readonly JobHealth s_staged = new(HealthStatus.Healthy, "Staged", 2, "warn");
    private static readonly JobHealth s_entriesFailed = new(HealthStatus.Healthy, "Entries failed", 3, "warn");
    private static readonly JobHealth s_on = new(HealthStatus.Healthy, "On", 4, "good");
    private static readonly JobHealth s_off = new(HealthStatus.Healthy, "Off", 5, "none");
    private static readonly JobHealth s_noSchedule = new(HealthStatus.Healthy, "No schedule", 5, "none");

    public static JobHealth Of(JobView view)
    {
        // The folder of a job without a status cannot be read.
        if (view.Status is not { } status)
            return Unhealthy("Broken");
        if (!view.IsOn)
            return status.Status == JobStatus.Off ? s_off : s_noSchedule;
        if (status.Status == JobStatus.Quarantine)
            return Degraded(status.Quarantine is { Disabled: true } ? "Disabled" : "Quarantine");
        if (view.Problem is not null)
            return Unhealthy("Failing");
        if (status is { IsOverdue: true } && view.RunningSince is null)
            return Unhealthy("Overdue");
        if (status is { LastCycle.State: CycleState.Failed })
            return Degraded("Failed");
        if (status is { LastCycle.State: CycleState.Incomplete })
            return Degraded("Incomplete");
        if (!status.Channels.All(channel => channel.IsSending))
            return Degraded("Not told");
        if (status is { Staged.Count: > 0 })
            return s_staged;
        return status is { Escrowed: > 0 } ? s_entriesFailed : s_on;
    }

    private static JobHealth Unhealthy(string word) => new(HealthStatus.Unhealthy, word, 0, "bad");

    private static JobHealth Degraded(string word) => new(HealthStatus.Degraded, word, 1, "warn");
}

/// <summary>Ready: each job that is On can be read, runs, and began a cycle within three intervals. A quarantine is Degraded: the job
/// waits, and no restart helps.</summary>
internal sealed class JobsHealthCheck(JobBoard board) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (board.IsClosing)
            return Task.FromResult(HealthCheckResult.Unhealthy("The worker is stopping. No cycle begins any more."));
        if (!board.IsRead || board.FolderProblem is not null)
            return Task.FromResult(HealthCheckResult.Unhealthy("The folder of jobs was not read."));
        Dictionary<string, object> jobs = [];
        HealthStatus worst = HealthStatus.Healthy;
        List<string> unwell = [];
        foreach (JobView view in board.Views)
        {
            var health = JobHealth.Of(view);
            jobs[view.Name] = health.Word;
            if (health.Status == HealthStatus.Healthy)
                continue;
            unwell.Add($"{view.Name} {health.Word}");
            if (health.Status < worst)
                worst = health.Status;
        }
        string told = unwell.Count == 0 ? "No job needs attention." : $"{string.Join(", ", unwell)}.";
        return Task.FromResult(new HealthCheckResult(worst, told, data: jobs));
    }
}
