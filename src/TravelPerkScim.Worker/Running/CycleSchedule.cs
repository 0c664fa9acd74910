using System.Collections.Concurrent;
using Quartz;

namespace TravelPerkScim.Worker.Running;

/// <summary>Has Quartz run a job's next cycle at its time. A job has one trigger at most, which fires once.</summary>
internal sealed class CycleSchedule(ISchedulerFactory schedulers)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _set = new(StringComparer.Ordinal);

    /// <summary>Sets when the job's next cycle begins.</summary>
    /// <param name="path">The job's folder.</param>
    /// <param name="next">UTC; null for never.</param>
    /// <param name="now">UTC.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task SetAsync(string path, DateTimeOffset? next, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A job that is due fires as soon as there is room. To set it again would put it behind the others.
        if (next is { } known && _set.TryGetValue(path, out DateTimeOffset set) && (set == known || (set <= now && known <= now)))
            return;
        IScheduler scheduler = await schedulers.GetScheduler(cancellationToken);
        var key = new JobKey(path);
        if (next is not { } time)
        {
            if (_set.TryRemove(path, out _))
                await scheduler.DeleteJob(key, cancellationToken);
            return;
        }
        IJobDetail job = JobBuilder.Create<CycleJob>().WithIdentity(key).Build();
        ITrigger trigger = TriggerBuilder.Create().WithIdentity(path).ForJob(key).StartAt(time).Build();
        await scheduler.ScheduleJob(job, trigger, new ScheduleJobOptions { Replace = true }, cancellationToken);
        _set[path] = time;
    }

    /// <summary>The trigger of the job fired, and is gone.</summary>
    public void Fired(string path) => _set.TryRemove(path, out _);
}
