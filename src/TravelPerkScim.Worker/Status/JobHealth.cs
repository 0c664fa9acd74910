using Microsoft.Extensions.Diagnostics.HealthChecks;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Worker.Jobs;

namespace TravelPerkScim.Worker.Status;

/// <summary>Whether a job needs a person, and how urgently.</summary>
/// <param name="Status">Healthy, Degraded or Unhealthy.</param>
/// <param name="Word">The same for a person, in a word or two.</param>
internal sealed record JobHealth(HealthStatus Status, string Word)
{
    public static JobHealth Of(JobView view) =>
        view switch
        {
            { Job: null } => new(HealthStatus.Unhealthy, "Broken"),
            { IsOn: false, Status.Status: JobStatus.Off } => new(HealthStatus.Healthy, "Off"),
            { IsOn: false } => new(HealthStatus.Healthy, "No schedule"),
            { Status.Status: JobStatus.Quarantine, Status.Quarantine.Disabled: true } => new(HealthStatus.Degraded, "Disabled"),
            { Status.Status: JobStatus.Quarantine } => new(HealthStatus.Degraded, "Quarantine"),
            { Problem: not null } => new(HealthStatus.Unhealthy, "Failing"),
            { Status.IsOverdue: true, RunningSince: null } => new(HealthStatus.Unhealthy, "Overdue"),
            { Status.LastCycle.State: CycleState.Failed } => new(HealthStatus.Degraded, "Failed"),
            { Status.Channels: var channels } when channels.Any(channel => channel.FailingSince is not null || channel.IsOff) => new(
                HealthStatus.Degraded,
                "Not told"
            ),
            { Status.Staged.Count: > 0 } => new(HealthStatus.Healthy, "Staged"),
            { Status.Escrowed: > 0 } => new(HealthStatus.Healthy, "Entries failed"),
            _ => new(HealthStatus.Healthy, "On"),
        };
}

/// <summary>Ready: each job that is On can be read, runs, and began a cycle within three intervals. A quarantine is Degraded: the job
/// waits, and no restart helps.</summary>
internal sealed class JobsHealthCheck(JobBoard board) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!board.IsRead || board.FolderProblem is not null)
            return Task.FromResult(HealthCheckResult.Unhealthy("The folder of jobs was not read."));
        Dictionary<string, object> jobs = [];
        HealthStatus worst = HealthStatus.Healthy;
        foreach (JobView view in board.Views)
        {
            var health = JobHealth.Of(view);
            jobs[view.Name] = health.Word;
            worst = health.Status < worst ? health.Status : worst;
        }
        string[] unwell =
        [
            .. board
                .Views.Select(view => (view.Name, Health: JobHealth.Of(view)))
                .Where(job => job.Health.Status != HealthStatus.Healthy)
                .Select(job => $"{job.Name} {job.Health.Word}"),
        ];
        string told = unwell.Length == 0 ? "No job needs attention." : $"{string.Join(", ", unwell)}.";
        return Task.FromResult(new HealthCheckResult(worst, told, data: jobs));
    }
}
