using Quartz;

namespace TravelPerkScim.Worker.Running;

/// <summary>One cycle of one job, as Quartz runs it: never two of one job at once, and over all jobs as many as the scheduler has room
/// for.</summary>
[DisallowConcurrentExecution]
internal sealed class CycleJob(JobRunner runner, CycleSchedule schedule, IHostApplicationLifetime lifetime) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        string path = context.JobDetail.Key.Name;
        schedule.Fired(path);
        // The host stops: the engine begins nothing new, waits for the answers to what it sent, and the next cycle goes on from there.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        await runner.RunAsync(path, stop.Token);
    }
}
