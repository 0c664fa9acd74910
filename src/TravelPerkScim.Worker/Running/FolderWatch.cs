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
    private static readonly string[] s_files = ["job.json", "mapping.json", "state.db", "state.db-wal"];

    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);
    private string? _storeProblem;

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
        if (!TryReadChanges(out IReadOnlyDictionary<string, long>? changes) || Folders() is not { } folders)
            return;
        foreach (JobView gone in board.Views.Where(view => !folders.Contains(view.Path)))
        {
            await schedule.SetAsync(gone.Path, null, options.Time.GetUtcNow(), cancellationToken);
            board.Remove(gone.Path);
            _seen.Remove(gone.Path);
            logger.Removed(gone.Name);
        }
        foreach (string folder in folders)
            await LookAsync(folder, changes, cancellationToken);
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

    /// <summary>Reads how often the states in the database were written. False while the database does not answer: the jobs then stand as
    /// they were seen last, and a cycle that begins says what is wrong.</summary>
    private bool TryReadChanges(out IReadOnlyDictionary<string, long>? changes)
    {
        changes = null;
        try
        {
            changes = states?.ReadChanges();
            _storeProblem = null;
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

    private async Task LookAsync(string folder, IReadOnlyDictionary<string, long>? changes, CancellationToken cancellationToken)
    {
        JobView? known = board.Find(folder);
        // The cycle under way reads the job when it is over.
        if (known?.RunningSince is not null)
            return;
        string signature = SignatureOf(folder);
        if (known?.Job?.Settings.StateKey is { } key && changes?.TryGetValue(key, out long number) is true)
            signature += FormattableString.Invariant($"|{number}");
        if (known?.Job is null || _seen.GetValueOrDefault(folder) != signature)
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
