using System.Collections.Concurrent;
using System.Threading.Channels;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Operations.Notifications;
using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Log;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker.Running;

/// <summary>Looks after notifications: after each cycle it sends what the cycle decided, and every half minute it decides what time alone
/// brings. A channel that does not answer keeps no cycle waiting.</summary>
internal sealed class NotificationWatch(WorkerOptions options, JobBoard board, IChannelOpener opener, ILogger<NotificationWatch> logger)
    : BackgroundService
{
    private const int AtOnce = 4;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _ended = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    private readonly ConcurrentDictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>A cycle ended, and may have something to tell.</summary>
    public void CycleEnded() => _ended.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Parallel.ForEachAsync(
                board.Views,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken },
                LookAfterAsync
            );
            await PauseAsync(stoppingToken);
        }
    }

    private async ValueTask LookAfterAsync(JobView view, CancellationToken cancellationToken)
    {
        if (view.Job is not { } job)
            return;
        var notifier = new JobNotifier(job, opener, options.Time);
        try
        {
            await notifier.CheckAsync(cancellationToken);
            await notifier.SendDueAsync(cancellationToken);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            Tell(job.Name, JobErrors.ForLog(e));
            return;
        }
        _told.TryRemove(job.Name, out _);
        foreach (string warning in notifier.TakeWarnings())
            logger.NotLookedAfter(job.Name, warning);
    }

    // A database that is gone meets each job, every half minute.
    private void Tell(string job, string problem)
    {
        if (!_told.TryGetValue(job, out string? told) || told != problem)
            logger.NotLookedAfter(job, problem);
        _told[job] = problem;
    }

    private async Task PauseAsync(CancellationToken stoppingToken)
    {
        using var pause = new CancellationTokenSource(s_pause, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, stoppingToken);
        try
        {
            await _ended.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // Half a minute went by without a cycle.
        }
    }
}
