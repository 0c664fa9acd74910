using TravelPerkScim.Entra;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Operations.Notifications;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Log;
using TravelPerkScim.Worker.Settings;
using TravelPerkScim.Worker.Telemetry;

namespace TravelPerkScim.Worker.Running;

/// <summary>Runs one cycle of a job, as Invoke-Provisioning -Scheduled does: when it is due, with the secrets whose places the job
/// names.</summary>
internal sealed class JobRunner(
    WorkerOptions options,
    JobBoard board,
    JobReader reader,
    SecretReader secrets,
    IChannelOpener opener,
    NotificationWatch notifications,
    WorkerMetrics metrics,
    ILogger<JobRunner> logger,
    SharedStates? states = null
)
{
    // A job that cannot even begin is tried again after the shortest interval a job may have.
    private static readonly TimeSpan s_retry = JobSchedule.ShortestInterval;

    // Another machine runs the job's cycle. When that machine is gone, this one goes on soon after the lease ends.
    private static readonly TimeSpan s_probe = TimeSpan.FromSeconds(5);

    /// <summary>Runs the job's next cycle. It throws for nothing: what happened is on the board.</summary>
    /// <param name="path">The job's folder.</param>
    /// <param name="cancellationToken">Stops the cycle within a request's time; the next one goes on from there.</param>
    public async Task RunAsync(string path, CancellationToken cancellationToken)
    {
        // The folder or the database may not have been readable when the job was read last.
        JobView? view = board.Change(path, view => view.Job is null ? reader.Read(view) : view);
        if (view?.Job is { IsShared: true } shared)
            await RunSharedAsync(path, shared, cancellationToken);
        else
            await RunDueAsync(path, hasLease: false, cancellationToken);
    }

    /// <summary>Runs the cycle while this machine has the job's lease. A cycle that another machine runs is that machine's.</summary>
    private async Task RunSharedAsync(string path, ProvisioningJob job, CancellationToken cancellationToken)
    {
        DateTimeOffset now = options.Time.GetUtcNow();
        // Another machine was faster while the job waited for its place.
        if (board.Find(path)?.Next(now) is not { } next || next > now)
            return;
        try
        {
            using IDisposable claim = states!.Claim(job);
            board.Change(path, view => view with { Problem = null, RetryAt = null });
            await RunDueAsync(path, hasLease: true, cancellationToken);
        }
        catch (ProvisioningException e) when (e.Failure == ProvisioningFailure.JobBusy)
        {
            board.Change(path, view => view with { RetryAt = now + s_probe });
        }
        catch (ProvisioningException e)
        {
            JobView? view = board.Change(path, view => view with { Problem = JobReader.ProblemOf(view, e, now), RetryAt = now + s_retry });
            if (view?.Problem?.Since == now)
                logger.Failed(job.Name, e.ErrorId, JobErrors.ForLog(e));
        }
    }

    private async Task RunDueAsync(string path, bool hasLease, CancellationToken cancellationToken)
    {
        if (board.Change(path, view => reader.Read(view)) is not { Job: { } job, Status: { } status, IsOn: true } before)
            return;
        // job.json may name another place of the state by now. The next look begins there.
        if (job.IsShared != hasLease)
            return;
        if (ProvisioningRunResult.Waiting(job, status, ordinary: !before.GoesOn && !before.MayBeCutOff) is not null)
            return;
        board.Change(path, view => view with { RunningSince = options.Time.GetUtcNow(), GoesOn = false, Progress = null });
        using (CycleWatch watch = metrics.Begin(job.Name))
        {
            Exception? error = await RunAsync(job, watch, cancellationToken);
            bool wasStopped = cancellationToken.IsCancellationRequested;
            JobView? after = Conclude(path, job, error, wasStopped);
            // Whether the cycle succeeded is what its state says.
            watch.End(error, wasStopped, after?.Status);
        }
        notifications.CycleEnded(path);
    }

    private async Task<Exception?> RunAsync(ProvisioningJob job, CycleWatch watch, CancellationToken cancellationToken)
    {
        try
        {
            // The job's lease is released after this: no other machine spends a token while this one renews it.
            await using ScimCredential credential = await JobSignIn.ReadAsync(job, secrets, options.Targets, cancellationToken);
            using EntraSignIn? signIn = await EntraJobs.SignInAsync(job, secrets, cancellationToken);
            using EntraDirectory? directory = signIn is null ? null : EntraJobs.Open(signIn);
            using var client = new ScimClient(new ScimClientOptions { BaseUri = job.Target }, credential);
            var engine = new ProvisioningEngine(job, client, SourceOf(job, directory, signIn));
            // Another cycle may run while this one is planned: then it is planned once more.
            if (!await CycleAsync(job, engine, watch, mayRepeat: true, cancellationToken))
                await CycleAsync(job, engine, watch, mayRepeat: false, cancellationToken);
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e;
        }
    }

    /// <returns>False when the plan was outdated and is to be made again.</returns>
    private async Task<bool> CycleAsync(
        ProvisioningJob job,
        ProvisioningEngine engine,
        CycleWatch watch,
        bool mayRepeat,
        CancellationToken cancellationToken
    )
    {
        var notifier = new JobNotifier(job, opener, options.Time);
        var cycle = new CycleOptions
        {
            Time = options.Time,
            Observer = notifier,
            ProvesConnection = true,
            Progress = progress => board.Change(job.Path, view => view with { Progress = progress }),
        };
        try
        {
            return await CycleAsync(job, engine, watch, cycle, mayRepeat, cancellationToken);
        }
        finally
        {
            foreach (string warning in notifier.TakeWarnings())
                logger.NotLookedAfter(job.Name, warning);
        }
    }

    private async Task<bool> CycleAsync(
        ProvisioningJob job,
        ProvisioningEngine engine,
        CycleWatch watch,
        CycleOptions cycle,
        bool mayRepeat,
        CancellationToken cancellationToken
    )
    {
        ProvisioningPlan plan;
        try
        {
            plan = await engine.PlanAsync(cycle, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (engine.RecordFailure(cycle, e) is { } unrecorded)
                logger.NotRecorded(job.Name, unrecorded);
            throw;
        }
        watch.Planned(plan.Kind);
        try
        {
            await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, cycle, cancellationToken))
                watch.Add(outcome);
            return true;
        }
        catch (ProvisioningException e) when (e.Failure == ProvisioningFailure.PlanOutdated && mayRepeat)
        {
            return false;
        }
    }

    private static IDirectorySource SourceOf(ProvisioningJob job, EntraDirectory? directory, EntraSignIn? signIn)
    {
        if (job.Settings.Source.Type != JobSourceType.Entra)
            return job.OpenFile();
        if (directory is null)
        {
            throw new ProvisioningException(
                "EntraNotConnected",
                $"The job '{job.Name}' reads Entra and does not say where the client secret of its application is found. "
                    + $"Say it with Set-ProvisioningJob -SecretOf Entra -SecretFrom."
            );
        }
        if (EntraJobs.Missing(job, signIn!.Permissions) is { Count: > 0 } missing)
        {
            throw new ProvisioningException(
                "EntraPermissionMissing",
                $"The application of the job '{job.Name}' lacks {string.Join(" and ", missing.Select(p => $"{p.Least} ({p.What})"))}. "
                    + "An administrator grants it under API permissions, Microsoft Graph, Application permissions, with admin consent."
            );
        }
        return EntraJobs.SourceOf(job, directory);
    }

    private bool IsRecorded(ProvisioningJob job, DateTimeOffset began)
    {
        try
        {
            return ProvisioningStatus.Read(job, cycles: 1, options.Time).LastCycle?.Began >= began;
        }
        catch (ProvisioningException)
        {
            return true;
        }
    }

    private void Note(ProvisioningJob job, Exception error, DateTimeOffset now)
    {
        (string id, string message) = JobErrors.Of(error);
        if (ProvisioningStatus.NoteRunFailure(job, id, message, now) is { } unnoted)
            logger.NotRecorded(job.Name, unnoted);
    }

    /// <returns>The job as it stands now; null when its folder is gone.</returns>
    private JobView? Conclude(string path, ProvisioningJob job, Exception? error, bool stopped)
    {
        DateTimeOffset now = options.Time.GetUtcNow();
        // A cycle by hand is under way: the job's own comes after it.
        bool busy = error is ProvisioningException { Failure: ProvisioningFailure.JobBusy };
        bool wasCutOff = stopped && error is OperationCanceledException;
        bool failed = error is not null && !busy && !wasCutOff;
        // The state of the job tells of a failure that no cycle of its own tells of, also where this worker is not looked at.
        if (failed && board.Find(path)?.RunningSince is { } began && !IsRecorded(job, began))
            Note(job, error!, now);
        JobView? view = board.Change(
            path,
            view =>
            {
                JobProblem? problem = failed ? JobReader.ProblemOf(view, error!, now) : null;
                JobView read = reader.Read(view with { RunningSince = null, Progress = null });
                // A failed cycle that is in the state has its next turn from there: the interval, or the quarantine's next attempt.
                bool recorded = read.Status?.LastCycle?.Began >= view.RunningSince;
                bool isTriedAgain = busy || (failed && !recorded);
                return read with { Problem = problem, RetryAt = isTriedAgain ? now + s_retry : null };
            }
        );
        if (stopped)
            logger.Stopped(job.Name);
        else if (busy)
            logger.Busy(job.Name);
        else if (view?.Problem?.Since == now)
            logger.Failed(job.Name, view.Problem.ErrorId, JobErrors.ForLog(error!));
        else if (!failed && view?.Status?.LastCycle is { } cycle)
            logger.Done(job.Name, cycle.Kind, cycle.State, cycle.Counts.ToString(), cycle.Duration?.TotalSeconds ?? 0);
        return view;
    }
}
