using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Quartz;
using TravelPerkScim.Postgres;
using TravelPerkScim.Worker.Jobs;

namespace TravelPerkScim.Worker.Running;

/// <summary>Has Quartz run a job's next cycle at its time. A job has one trigger at most, which fires once.</summary>
/// <remarks>
/// Where several machines share the jobs, each machine has a trigger for each job. The triggers of one job fire within
/// <see cref="JobView.Spread"/>, in an order that differs from job to job. The first machine that has room takes the job's lease. The
/// others see the lease with their next look, and take their triggers away.
/// </remarks>
internal sealed class CycleSchedule(ISchedulerFactory schedulers, SharedStates? states = null)
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
        if (next is not { } time)
        {
            if (_set.TryRemove(path, out _))
                await DeleteAsync(path, cancellationToken);
            return;
        }
        IScheduler scheduler = await schedulers.GetScheduler(cancellationToken);
        var key = new JobKey(path);
        IJobDetail job = JobBuilder.Create<CycleJob>().WithIdentity(key).Build();
        ITrigger trigger = TriggerBuilder.Create().WithIdentity(path).ForJob(key).StartAt(time + Later(path)).Build();
        await scheduler.ScheduleJob(job, trigger, new ScheduleJobOptions { Replace = true }, cancellationToken);
        _set[path] = time;
    }

    /// <summary>The trigger of the job fired, and is gone.</summary>
    public void Fired(string path) => _set.TryRemove(path, out _);

    private async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        IScheduler scheduler = await schedulers.GetScheduler(cancellationToken);
        await scheduler.DeleteJob(new JobKey(path), cancellationToken);
    }

    // This machine's turn at the job among the machines.
    private TimeSpan Later(string path)
    {
        if (states is null)
            return TimeSpan.Zero;
        byte[] seed = Encoding.UTF8.GetBytes($"{states.Process}\n{path}");
        return JobView.Spread * (BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(seed)) / (double)uint.MaxValue);
    }
}
