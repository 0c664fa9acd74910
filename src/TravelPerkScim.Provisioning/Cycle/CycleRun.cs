using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TravelPerkScim.Provisioning.Apply;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>One application of a plan, from the first request to the watermark.</summary>
internal sealed class CycleRun(
    ScimClient client,
    ProvisioningJob job,
    CycleOptions options,
    ProvisioningPlan plan,
    StateSnapshot snapshot,
    JobState state,
    CycleContext context
)
{
    /// <summary>A stopped cycle begins nothing new, and waits this long for the answers to what it has sent: a user whose create is
    /// answered is known, one whose answer is cut off has to be found again.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(500);

    private const int CutOffSearched = 20;

    private readonly CycleTally _tally = new(plan.Counts);
    private readonly long _requestsBefore = client.RequestCount;
    private readonly TimeSpan _held = context.Time.GetUtcNow() - plan.FollowUps.Computed;

    public async IAsyncEnumerable<ProvisioningOutcome> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        state.InTransaction(() =>
        {
            foreach (CycleSummary cut in state.Log.ReadCycles(CutOffSearched).Where(c => c.State == CycleState.Running).ToList())
            {
                state.Log.SetCycle(
                    cut with
                    {
                        State = CycleState.Stopped,
                        Message = "The process ended in the middle of the cycle; the next one went on from there.",
                    }
                );
            }

            state.Log.SetCycle(Summary(CycleState.Running, null));
            state.SetNamedBytes(JobState.SaltName, snapshot.Salt);
            state.SetNamedBytes(ReviewKeys.RedactedName, snapshot.Keys.Redacted);
        });

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var cut = new CancellationTokenSource(Timeout.InfiniteTimeSpan, context.Time);
        using CancellationTokenRegistration grace = stop.Token.Register(() => cut.CancelAfter(s_grace));
        var outcomes = Channel.CreateBounded<ProvisioningOutcome>(256);
        Task work = plan.IsEmpty ? NothingToApply(outcomes.Writer) : ApplyAllAsync(outcomes.Writer, stop, cut.Token);
        try
        {
            await foreach (ProvisioningOutcome outcome in outcomes.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return outcome;
            await work.ConfigureAwait(false);
        }
        finally
        {
            // Also reached when the consumer stops reading: no worker stays behind.
            await stop.CancelAsync().ConfigureAwait(false);
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // When the state can no longer be written, that is the error, and nothing more can be written down.
            ProvisioningFailure failure = (work.Exception?.GetBaseException() as ProvisioningException)?.Failure ?? default;
            if (failure is not (ProvisioningFailure.StateUnwritable or ProvisioningFailure.JobTakenOver))
                ConcludeAfter(work);
        }
    }

    // Most cycles find nothing changed.
    private static Task NothingToApply(ChannelWriter<ProvisioningOutcome> outcomes)
    {
        outcomes.Complete();
        return Task.CompletedTask;
    }

    private async Task ApplyAllAsync(ChannelWriter<ProvisioningOutcome> outcomes, CancellationTokenSource stop, CancellationToken cut)
    {
        try
        {
            var recorder = new CycleRecorder(state, context.Time, stop);
            await using (recorder.ConfigureAwait(false))
            {
                var links = new LinkLedger(snapshot, plan.FollowUps.Bound, recorder, context);
                Prepare(links, recorder);

                // A write may wait minutes for a rate limit. Right before it is sent, the guard checks that no other process took over.
                using ScimClient guarded = client.Guarded(recorder.ConfirmAsync);
                var check = new LinkCheck(plan.FollowUps.Bound, snapshot);
                using var kept = new KeptValues(guarded, plan.FollowUps.Bound, snapshot.Salt, context);
                var workers = new RequestWorkers(guarded, job.Settings.Concurrency);
                var matcher = new TargetMatcher(guarded, plan.FollowUps.Bound, check, workers);
                var applier = new OperationApplier(guarded, plan.FollowUps.Bound, matcher, check, links, kept, context);
                var groups = new GroupApplier(
                    guarded,
                    applier,
                    links,
                    new GroupLedger(snapshot, recorder, context),
                    snapshot,
                    plan.Operations,
                    context
                );
                if (plan.FollowUps.GroupsDiscovered is { } discovered)
                    recorder.Add(s => s.SetNamed(GroupMemory.PublishedName, discovered));
                var appliers = new Appliers(applier, groups, links);
                var witnesses = new Witnesses(
                    recorder,
                    new CircuitBreaker(() => workers.Count),
                    context.Meter("Applying", plan.Operations.Count),
                    outcomes
                );
                // Groups refer to users, so they come when every user has come or failed.
                foreach (IGrouping<ProvisioningObjectType, ProvisioningOperation> wave in plan.Operations.GroupBy(o => o.ObjectType))
                {
                    var queue = new OperationQueue([.. wave], () => workers.Count, links.BeginAsync);
                    try
                    {
                        await Task.WhenAll(
                                queue.BeginAheadAsync(stop.Token),
                                workers.RunAsync(_ => WorkAsync(queue, appliers, witnesses, stop, cut), stop.Token)
                            )
                            .ConfigureAwait(false);
                    }
                    finally
                    {
                        foreach (ProvisioningOperation operation in queue.NotTaken)
                            links.NotSent(operation);
                    }
                }
            }
        }
        catch (Exception e) when (ProvisioningException.IsUnexpected(e))
        {
            throw ProvisioningException.Unexpected(e);
        }
        finally
        {
            outcomes.TryComplete();
        }
    }

    // The caller must get the exception of the work. A failure to record the cycle's end must not replace it.
    private void ConcludeAfter(Task work)
    {
        try
        {
            Conclude(work);
        }
        catch (ProvisioningException) when (work.IsFaulted) { }
    }

    // What planning found out, before the first operation needs it.
    private void Prepare(LinkLedger links, CycleRecorder recorder)
    {
        foreach (ProvisioningOutcome found in new CutOffWrites(plan, snapshot, context).Found())
            recorder.Add(s => s.Log.Add(found));
        foreach ((string anchor, string id) in plan.FollowUps.Resolution.Created)
            links.Matched(anchor, id, snapshot.KeysOf(anchor));
        foreach (string anchor in plan.FollowUps.Resolution.NotCreated)
            links.CloseIntent(anchor);
        foreach (string anchor in plan.FollowUps.Vanished)
            links.TargetMissing(anchor);
        foreach (string anchor in plan.FollowUps.Settled)
            links.NothingToDo(anchor, unresolved: plan.FollowUps.Resolution.StillUnknown.Contains(anchor));
        foreach (string anchor in plan.FollowUps.Released)
            links.Released(anchor);
        foreach (string anchor in plan.FollowUps.Unread)
            links.AskAgain(anchor, plan.FollowUps.NotFound.TryGetValue(anchor, out DateTimeOffset since) ? since : null);
        foreach (string anchor in plan.FollowUps.Undeleted)
            links.DeleteLater(anchor);
        foreach (ProvisioningOperation operation in plan.Operations.Where(o => o.EstablishesLink))
            links.Matched(operation.SourceId, operation.TargetId!, links.KeysOf(operation.Desired!));
        foreach (DesiredUser user in plan.FollowUps.AlreadyInDesiredState)
            links.DesiredStateReached(user, user.TargetId!, []);
    }

    /// <summary>Carries the next operation out; false when there is none.</summary>
    private async Task<bool> WorkAsync(
        OperationQueue queue,
        Appliers appliers,
        Witnesses witnesses,
        CancellationTokenSource stop,
        CancellationToken cut
    )
    {
        try
        {
            if (await queue.TakeAsync(stop.Token).ConfigureAwait(false) is not { } operation)
                return false;
            await appliers.Links.BeginAgainWhenOldAsync(operation).ConfigureAwait(false);
            ProvisioningOutcome outcome = await appliers.ApplyAsync(operation, cut).ConfigureAwait(false);
            if (outcome.Status != OutcomeStatus.Staged || snapshot.StagedBy(operation) is null)
                witnesses.Recorder.Add(s => s.Log.Add(outcome));
            _tally.Add(outcome);
            witnesses.Breaker.See(outcome);
            queue.Done(operation, outcome.Status);
            witnesses.Progress.Step();
            await witnesses.Outcomes.WriteAsync(outcome, stop.Token).ConfigureAwait(false);
            return true;
        }
        catch
        {
            // This failure meets every entry, so the others stop at once.
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void Conclude(Task work)
    {
        CycleCounts counts = _tally.Counts;
        (CycleState ending, string? message) = EndingOf(work, counts);
        CycleEnding.Write(
            job,
            state,
            options,
            () =>
            {
                state.Log.Prune(context.Time.GetUtcNow().AddDays(-job.Settings.LogRetentionDays));
                state.Log.SetCycle(Summary(ending, message));
                state.SetNamed(JobState.HolderName, null);
                if (client.Dialect.Learned is not null)
                    StateSnapshot.Keep(state, client.BaseUri, client.Dialect);
                if (work.IsCompletedSuccessfully && plan.SeesWholeJob)
                {
                    state.SetNamed(JobState.FingerprintName, plan.FollowUps.MappingFingerprint);
                    if (plan.FollowUps.Given is { } given)
                        GivenAttributes.Write(state, given);
                    // Staged entries are seen again only if the next read starts where this one did.
                    if (counts.Staged == 0)
                        state.SetNamed(JobState.WatermarkName, plan.FollowUps.Watermark);
                }
                QuarantineRules.Apply(state, snapshot, plan, work, counts, context.Time.GetUtcNow(), message);
            }
        );
    }

    private (CycleState State, string? Message) EndingOf(Task work, CycleCounts counts)
    {
        if (work.IsFaulted)
            return (CycleState.Failed, work.Exception.GetBaseException().Message);
        if (work.IsCanceled)
            return (CycleState.Stopped, "The cycle was stopped; the next one goes on from there.");
        if (!plan.ReadComplete)
            return (CycleState.Incomplete, plan.Warnings[^1]);
        string[] staged = counts.Staged > 0 ? [Staged()] : [];
        string[] faulty = plan.FaultyEntries.Count > 0 ? [Faulty()] : [];
        if (counts.Failed > 0)
        {
            string failed = counts.Failed == 1 ? "1 entry" : $"{counts.Failed} entries";
            string why = $"{failed} failed; Get-ProvisioningLog -Status Failure says why.";
            return (CycleState.EntryLevelErrors, string.Join(' ', [why, .. faulty, .. staged]));
        }
        if (staged.Length > 0)
            return (CycleState.WaitingForApproval, string.Join(' ', [.. staged, .. faulty]));
        return faulty is [var unread] ? (CycleState.Incomplete, unread) : (CycleState.Succeeded, null);
    }

    private string Faulty()
    {
        string entries = plan.FaultyEntries.Count == 1 ? "1 entry" : $"{plan.FaultyEntries.Count} entries";
        return $"{entries} of the source could not be read ({plan.FaultyEntries[0]}), so that nothing is known of the people in them: "
            + "a newcomer is not created, and a leaver may keep access. Correct the source; Get-ProvisioningPlan names all of them.";
    }

    private string Staged()
    {
        List<ProvisioningOperation> staged = [.. plan.Operations.Where(o => o.Staged)];
        int takeovers = staged.Count(o => o.TakenFrom is not null);
        int departures = staged.Count - takeovers;
        var sentences = new List<string>();
        if (departures > 0)
        {
            string disables = departures == 1 ? "1 disable or delete is" : $"{departures} disables and deletes are";
            sentences.Add($"{disables} staged: {WhyHeld(departures)}.");
        }
        if (takeovers > 0)
        {
            string takeover = takeovers == 1 ? "1 takeover is" : $"{takeovers} takeovers are";
            sentences.Add($"{takeover} staged: the new account has another name.");
        }
        List<Guid> cycles = [.. staged.Select(o => snapshot.StagedBy(o) ?? plan.CycleId).Distinct()];
        List<string> approvals = cycles.ConvertAll(cycle => $"Invoke-Provisioning -ApproveCycle {cycle}");
        string apply = approvals.Count == 1 ? "applies them" : "apply them, each the operations of its own cycle";
        return $"{string.Join(" ", sentences)} None of them was applied. Review them with Get-ProvisioningPlan. "
            + $"{string.Join(" and ", approvals)} {apply}.";
    }

    // An operation that was staged before waits for its approval, also where the limits would allow it by now.
    private string WhyHeld(int departures)
    {
        int linked = snapshot.MayDepart;
        double share = job.Settings.DeleteThresholdShare * 100;
        return job.Settings.LimitExceeded(departures, linked) switch
        {
            DeleteLimit.Number => $"the job allows {job.Settings.DeleteThreshold} in a cycle",
            DeleteLimit.Share => FormattableString.Invariant(
                $"the job allows {share:0.#} % of the {linked} enabled users and linked groups in a cycle"
            ),
            _ => "they wait for the approval of the cycle that staged them, or would leave no user in scope",
        };
    }

    private CycleSummary Summary(CycleState ending, string? message) =>
        new()
        {
            Id = plan.CycleId,
            Kind = plan.Kind,
            State = ending,
            Began = plan.FollowUps.Began,
            Ended = ending == CycleState.Running ? null : context.Time.GetUtcNow(),
            Held = _held,
            Approved = options.ApproveCycle,
            ApprovedBy = options.ApproveCycle is null ? null : $"{Environment.UserName} on {Environment.MachineName}",
            Counts = _tally.Counts with { Requests = plan.Requests + client.RequestCount - _requestsBefore },
            Message = message,
        };

    /// <summary>What carries operations out.</summary>
    private sealed record Appliers(OperationApplier Users, GroupApplier Groups, LinkLedger Links)
    {
        public async Task<ProvisioningOutcome> ApplyAsync(ProvisioningOperation operation, CancellationToken cut)
        {
            Task<ProvisioningOutcome> applying = operation.Group is null
                ? Users.ApplyAsync(operation, cut)
                : Groups.ApplyAsync(operation, cut);
            ProvisioningOutcome outcome = await applying.ConfigureAwait(false);
            Groups.Note(outcome);
            return outcome;
        }
    }

    /// <summary>What sees each outcome: the state, the breaker, the progress, and the caller.</summary>
    private sealed record Witnesses(
        CycleRecorder Recorder,
        CircuitBreaker Breaker,
        ProgressMeter Progress,
        ChannelWriter<ProvisioningOutcome> Outcomes
    );
}
