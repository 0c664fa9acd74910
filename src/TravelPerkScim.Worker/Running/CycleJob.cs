using Quartz;
using TravelPerkScim.Worker.Jobs;

namespace TravelPerkScim.Worker.Running;

/// <summary>One cycle of one job, as Quartz runs it: never two of one job at once. The job waits in the room for a place.</summary>
[DisallowConcurrentExecution]
internal sealed class CycleJob(JobRunner runner, JobBoard board, CycleRoom room, CycleSchedule schedule, Drain drain) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        string path = context.JobDetail.Key.Name;
        if (board.Find(path) is not { } view)
            return;
        // The worker stops: the engine begins nothing new, waits for the answers to what it sent, and the next cycle goes on from there.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, drain.Stop);
        using IDisposable? place = await room.EnterAsync(CycleLoad.Of(view), stop.Token);
        if (place is null)
            return;
        // Until here, the schedule knows that the job is due and leaves it in its place.
        schedule.Fired(path);
        await runner.RunAsync(path, stop.Token);
    }
}
