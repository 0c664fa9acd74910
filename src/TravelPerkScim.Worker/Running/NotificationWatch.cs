using System.Collections.Concurrent;
using System.Threading.Channels;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Operations.Notifications;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Log;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker.Running;

/// <summary>Looks after notifications: after each cycle it sends what the cycle decided. Every half minute it looks after the jobs that
/// changed and those with notifications that wait, and every five minutes it decides for all jobs what time alone brings. A channel that
/// does not answer keeps no cycle waiting.</summary>
internal sealed class NotificationWatch(
    WorkerOptions options,
    JobBoard board,
    JobReader reader,
    IChannelOpener opener,
    ILogger<NotificationWatch> logger
) : BackgroundService
{
    private const int AtOnce = 4;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    // What time alone brings, such as a cycle that did not come, takes longer. Thousands of jobs are not looked after each half minute.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(5);

    private readonly Channel<string> _ended = Channel.CreateUnbounded<string>();

    private readonly ConcurrentDictionary<string, Look> _looks = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, string> _told = new(StringComparer.Ordinal);

    // Jobs without a channel that were looked after once: what was left of a former channel is gone.
    private readonly ConcurrentDictionary<string, bool> _silent = new(StringComparer.Ordinal);

    /// <summary>A cycle of a job ended, and may have something to tell.</summary>
    /// <param name="path">The job's folder.</param>
    public void CycleEnded(string path) => _ended.Writer.TryWrite(path);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(LookAfterAllAsync(stoppingToken), LookAfterEndedAsync(stoppingToken));

    private async Task LookAfterAllAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pause, options.Time);
        do await Parallel.ForEachAsync(board.Views.Where(IsDue), AtOnceUntil(stoppingToken), LookAfterAsync);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private Task LookAfterEndedAsync(CancellationToken stoppingToken) =>
        Parallel.ForEachAsync(
            _ended.Reader.ReadAllAsync(stoppingToken),
            AtOnceUntil(stoppingToken),
            (path, cancellationToken) => board.Find(path) is { } view ? LookAfterAsync(view, cancellationToken) : ValueTask.CompletedTask
        );

    private static ParallelOptions AtOnceUntil(CancellationToken stoppingToken) =>
        new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken };

    private async ValueTask LookAfterAsync(JobView view, CancellationToken cancellationToken)
    {
        if (view.Job is not { } job || IsSilent(job))
            return;
        _looks[view.Path] = Seen(view, isUnfinished: true);
        var notifier = new JobNotifier(job, opener, options.Time);
        try
        {
            bool isChecked = await notifier.CheckAsync(cancellationToken);
            bool isUnfinished = await notifier.SendDueAsync(cancellationToken) || !isChecked;
            if (!isChecked)
                _silent.TryRemove(job.Path, out _);
            _looks[view.Path] = Seen(ReadAgain(view, isUnfinished), isUnfinished);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            _silent.TryRemove(job.Path, out _);
            Tell(job.Name, JobErrors.ForLog(e));
            return;
        }
        IReadOnlyList<string> warnings = notifier.TakeWarnings();
        if (warnings.Count == 0)
            _told.TryRemove(job.Name, out _);
        foreach (string warning in warnings)
            Tell(job.Name, warning);
    }

    /// <summary>Shows how the channels stand now. A database counts no change for what is written beside cycles, so the watch of the folder
    /// does not see it.</summary>
    private JobView ReadAgain(JobView view, bool isUnfinished)
    {
        bool wasTelling = view.Status is { } status && status.Channels.All(channel => channel.Waiting == 0 && channel.IsSending);
        if (view.Job is not { IsShared: true } || (wasTelling && !isUnfinished))
            return view;
        return board.Change(view.Path, known => known.RunningSince is null ? reader.ReadIfAble(known) : known) ?? view;
    }

    // A database that is gone meets each job, every half minute.
    private void Tell(string job, string problem)
    {
        if (!_told.TryGetValue(job, out string? told) || told != problem)
            logger.NotLookedAfter(job, problem);
        _told[job] = problem;
    }

    private Look Seen(JobView view, bool isUnfinished) => new(options.Time.GetUtcNow(), view.Status, isUnfinished);

    private bool IsDue(JobView view) =>
        !_looks.TryGetValue(view.Path, out Look? last)
        || last.IsUnfinished
        || !ReferenceEquals(last.Status, view.Status)
        || options.Time.GetUtcNow() - last.Time >= Pause(view);

    // A job of short intervals is soon overdue.
    private static TimeSpan Pause(JobView view) => view.Job?.Settings.Schedule?.Interval < s_quiet ? TimeSpan.Zero : s_quiet;

    private bool IsSilent(ProvisioningJob job)
    {
        bool hasChannels = job.Settings.Notifications is { Channels.Count: > 0 };
        if (hasChannels)
            _silent.TryRemove(job.Path, out _);
        return !hasChannels && !_silent.TryAdd(job.Path, true);
    }

    /// <summary>When a job was looked after last.</summary>
    /// <param name="Time">UTC.</param>
    /// <param name="Status">How the job stood then, as the worker knew it.</param>
    /// <param name="IsUnfinished">Notifications wait, or the look failed.</param>
    private sealed record Look(DateTimeOffset Time, ProvisioningStatus? Status, bool IsUnfinished);
}
