using System.Collections.Concurrent;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Log;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker.Running;

/// <summary>Looks at the folder of jobs every two seconds and takes up what changed: new and removed jobs, job.json, and state that a
/// command or another machine wrote.</summary>
/// <remarks>It looks instead of waiting for events: those of network drives, containers and editors that replace files get lost.</remarks>
internal sealed class FolderWatch(
    WorkerOptions options,
    JobBoard board,
    JobReader reader,
    CycleSchedule schedule,
    ILogger<FolderWatch> logger,
    SharedStates? states = null
) : BackgroundService
{
    private const int AtOnce = 8;

    private static readonly string[] s_files = ["job.json", "mapping.json", "state.db", "state.db-wal"];

    // Sign-ins fail when the clock is minutes off.
    private static readonly TimeSpan s_mostApart = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, string> _seen = new(StringComparer.Ordinal);
    private string? _storeProblem;
    private bool _isClockTold;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        logger.Watching(options.Folder, options.Cycles);
        using var timer = new PeriodicTimer(options.Look, options.Time);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
            {
                logger.Unexpected(JobErrors.ForLog(e));
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (!TryLook(out IReadOnlyDictionary<string, SharedState>? shared) || Folders() is not { } folders)
            return;
        foreach (JobView gone in board.Views.Where(view => !folders.Contains(view.Path)))
        {
            await schedule.SetAsync(gone.Path, null, options.Time.GetUtcNow(), cancellationToken);
            board.Remove(gone.Path);
            _seen.TryRemove(gone.Path, out _);
            logger.Removed(gone.Name);
        }
        // A worker that starts reads thousands of states, and most of that time it waits for the database.
        await Parallel.ForEachAsync(
            folders,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            (folder, stop) => LookAsync(folder, shared, stop)
        );
        board.IsRead = true;
    }

    // A folder that cannot be read for a moment, as on a network drive, ends no job.
    private HashSet<string>? Folders()
    {
        try
        {
            HashSet<string> folders = ProvisioningJob.Exists(options.Folder)
                ? [options.Folder]
                :
                [
                    .. Directory
                        .EnumerateDirectories(options.Folder)
                        .Where(folder => !Path.GetFileName(folder).StartsWith('.') && ProvisioningJob.Exists(folder)),
                ];
            board.FolderProblem = null;
            return folders;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (board.FolderProblem is null)
                logger.FolderUnreadable(options.Folder, e.GetType().Name);
            board.FolderProblem = e.Message;
            return null;
        }
    }

    /// <summary>Looks at the states in the database. False while the database does not answer: the jobs then stand as they were seen last,
    /// and a cycle that begins says what is wrong.</summary>
    private bool TryLook(out IReadOnlyDictionary<string, SharedState>? shared)
    {
        shared = null;
        try
        {
            shared = states?.Look();
            _storeProblem = null;
            TellClock();
            return true;
        }
        catch (ProvisioningException e)
        {
            if (_storeProblem != e.Message)
                logger.StoreUnreadable(e.Message);
            board.FolderProblem = _storeProblem = e.Message;
            return false;
        }
    }

    private void TellClock()
    {
        double apart = states?.ClockApart.TotalSeconds ?? 0;
        bool isApart = Math.Abs(apart) > s_mostApart.TotalSeconds;
        if (isApart && !_isClockTold)
            logger.ClockApart(apart);
        _isClockTold = isApart;
    }

    private async ValueTask LookAsync(string folder, IReadOnlyDictionary<string, SharedState>? shared, CancellationToken cancellationToken)
    {
        JobView? known = board.Find(folder);
        // The cycle under way reads the job when it is over.
        if (known?.RunningSince is not null)
            return;
        string signature = SignatureOf(folder);
        if (known?.Job is null || _seen.GetValueOrDefault(folder) != signature || WasWritten(known, shared))
        {
            JobView read = known is null
                ? Add(folder)
                : board.Change(folder, view => view.RunningSince is null ? reader.Read(view) : view)!;
            Tell(known, read);
            _seen[folder] = signature;
        }
        DateTimeOffset now = options.Time.GetUtcNow();
        // The schedule knows a change that comes with time alone, as the end of a quarantine.
        if (board.Find(folder) is { RunningSince: null } view)
            await schedule.SetAsync(folder, view.Next(now), now, cancellationToken);
    }

    // Another machine that runs a cycle writes again and again. What it wrote is read when it is done.
    private bool WasWritten(JobView known, IReadOnlyDictionary<string, SharedState>? shared)
    {
        if (known.Job?.Settings.StateKey is not { } key || shared?.TryGetValue(key, out SharedState state) is not true)
            return false;
        board.Change(known.Path, view => view with { IsElsewhere = state.IsElsewhere });
        return !state.IsElsewhere && state.Changes != known.Status?.Changes;
    }

    private JobView Add(string folder)
    {
        JobView view = reader.Read(new JobView { Path = folder, Name = Path.GetFileName(folder) });
        view = view with { GoesOn = view.Job is { IsShared: false } && view.HasUnfinishedCycle };
        board.Set(view);
        return view;
    }

    private void Tell(JobView? known, JobView read)
    {
        if (read is { Job: null, Problem: { } problem })
        {
            if (known?.Problem != problem)
                logger.Broken(read.Name, problem.ErrorId, problem.Message);
        }
        else if (known?.Job is null || known.Job.Settings.Schedule != read.Job?.Settings.Schedule)
        {
            logger.Taken(read.Name, read.Job?.Settings.Schedule?.ToString() ?? "without a schedule: Start-ProvisioningJob gives it one");
        }
    }

    private static string SignatureOf(string folder) =>
        string.Join(
            '|',
            s_files.Select(name =>
            {
                var file = new FileInfo(Path.Combine(folder, name));
                return file.Exists ? FormattableString.Invariant($"{file.LastWriteTimeUtc.Ticks}:{file.Length}") : "";
            })
        );
}
