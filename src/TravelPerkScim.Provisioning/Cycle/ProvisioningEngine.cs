using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Provisioning.Apply;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.Review;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>How a cycle is to be run.</summary>
public sealed record CycleOptions
{
    /// <summary>Computes the plan for this mapping instead of the job's saved one; such a plan is for looking at.</summary>
    public SynchronizationSchema? Mapping { get; init; }

    /// <summary>Only these users, by source id or userPrincipalName (Entra: provision on demand). Empty: a
    /// cycle.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>Reads everything and compares every linked user with the target, as Entra's restart does. An initial cycle that a changed
    /// mapping causes compares those only whose desired state, or the way it is compared, became another.</summary>
    public bool Initial { get; init; }

    /// <summary>Reads everything and compares every user with what the target really holds, not with what was last written there.</summary>
    public bool Reconcile { get; init; }

    /// <summary>The operations of a reviewed plan: exactly these, where they are still what would be done. Null: a
    /// cycle.</summary>
    public IReadOnlyList<ProvisioningOperation>? Reviewed { get; init; }

    /// <summary>Lists entries that are left alone or wait in escrow too, in <see cref="ProvisioningPlan.Skipped"/>.</summary>
    public bool IncludeSkipped { get; init; }

    /// <summary>The cycle whose staged disables and deletes may be applied now although a threshold is exceeded: exactly those (Entra:
    /// restart with ForceDeletes). Null: none.</summary>
    public Guid? ApproveCycle { get; init; }

    /// <summary>A cycle that has nothing to ask TravelPerk asks for one linked user all the same, so that a revoked key and a service that
    /// is gone show at once and not with the first change. For cycles that no person watches. Default false.</summary>
    public bool ProvesConnection { get; init; }

    /// <summary>Clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Called often, from any thread.</summary>
    public Action<ProvisioningProgress>? Progress { get; init; }

    /// <summary>Decides what is told of the cycle's end, and writes it down with it. Null: nothing is told.</summary>
    public ICycleObserver? Observer { get; init; }
}

/// <summary>Runs a job's cycles: plan without a write, then apply exactly that plan.</summary>
public sealed class ProvisioningEngine
{
    // The caller asked for what cannot be, or another cycle is at work: no cycle failed.
    private static readonly HashSet<ProvisioningFailure> s_noCycle =
    [
        ProvisioningFailure.JobBusy,
        ProvisioningFailure.JobDisabled,
        ProvisioningFailure.RequestInvalid,
    ];

    private readonly ProvisioningJob _job;
    private readonly ScimClient _client;
    private readonly IDirectorySource _source;
    private long _requestsBefore;

    /// <param name="job">The job.</param>
    /// <param name="client">Connected to the job's target.</param>
    /// <param name="source">The job's source. Default: its directory file.</param>
    /// <exception cref="ProvisioningException"><c>TargetMismatch</c>: the client is connected to another service than the job's.
    /// <c>SourceNotFile</c>.</exception>
    public ProvisioningEngine(ProvisioningJob job, ScimClient client, IDirectorySource? source = null)
    {
        if (
            Uri.Compare(
                WithSlash(job.Target),
                WithSlash(client.BaseUri),
                UriComponents.SchemeAndServer | UriComponents.Path,
                UriFormat.Unescaped,
                StringComparison.OrdinalIgnoreCase
            ) != 0
        )
        {
            throw new ProvisioningException(
                "TargetMismatch",
                $"The job '{job.Name}' writes to {job.Target}, but the connection is to {client.BaseUri}. "
                    + $"Connect to the job's target with Connect-TravelPerk -BaseUri. "
                    + $"If the same service has moved to that address, Set-ProvisioningJob '{job.Path}' -Target {client.BaseUri} "
                    + $"takes the job and its links along. For another service, make a new job with New-ProvisioningJob."
            );
        }

        _job = job;
        _client = client;
        _source = source ?? job.OpenFile();
        _requestsBefore = client.RequestCount;
    }

    /// <summary>Computes the next cycle. Nothing is written, neither to TravelPerk nor to disk, but that a state file of an earlier version
    /// is brought up to date.</summary>
    /// <exception cref="ProvisioningException">State or mapping cannot be read.</exception>
    /// <exception cref="MappingException">The mapping does not compile.</exception>
    /// <exception cref="SourceException">The source cannot be read at all.</exception>
    /// <exception cref="ScimException">TravelPerk cannot be read.</exception>
    public async Task<ProvisioningPlan> PlanAsync(CycleOptions options, CancellationToken cancellationToken)
    {
        _requestsBefore = _client.RequestCount;
        try
        {
            return await ComputeAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (ProvisioningException.IsUnexpected(e))
        {
            throw ProvisioningException.Unexpected(e);
        }
    }

    private async Task<ProvisioningPlan> ComputeAsync(CycleOptions options, CancellationToken cancellationToken)
    {
        var context = new CycleContext(Guid.NewGuid(), options.Time.GetUtcNow(), options.Time, options.Progress)
        {
            IncludeSkipped = options.IncludeSkipped,
        };
        (BoundMapping bound, CompiledScope scope, string fingerprint) = Compile(options);
        var snapshot = StateSnapshot.Load(_job.Store, fingerprint);
        if (snapshot.Quarantine is { Disabled: true } quarantine)
        {
            throw new ProvisioningException(
                "JobDisabled",
                $"The job '{_job.Name}' was in quarantine for {Quarantine.Limit.TotalDays:0} days and is disabled: "
                    + $"{quarantine.Message} When the cause is removed, Reset-ProvisioningJob -Scope Quarantine lets it run again."
            )
            {
                Failure = ProvisioningFailure.JobDisabled,
            };
        }

        if (StateSnapshot.DialectOf(_job.Store, _client.BaseUri, context.Began) is { } dialect)
            _client.Recall(dialect);
        // An admin who starts over wants to know whether the service keeps by now the values that it did not keep before.
        if (options.Initial)
            _client.Learn(known => known.AttributeForms is null ? known : known with { AttributeForms = null });
        CycleKind kind = KindOf(options, snapshot.LastFingerprint != fingerprint ? CycleKind.Initial : CycleKind.Incremental);
        var check = new LinkCheck(bound, snapshot);
        var matcher = new TargetMatcher(_client, bound, check, new RequestWorkers(_client, _job.Settings.Concurrency));
        var planner = new CyclePlanner(_job.Settings, bound, scope, snapshot, matcher, check, context, _client);
        ProvisioningPlan plan = options.Reviewed is { } reviewed
            ? await new ReviewedPlanner(_job, planner, snapshot)
                .PlanAsync(_source, reviewed, options.ApproveCycle, cancellationToken)
                .ConfigureAwait(false)
            : await planner
                .PlanAsync(
                    new PlanOptions(_source, kind)
                    {
                        Identities = options.Identities,
                        Approved = options.ApproveCycle,
                        Restart = options.Initial && kind == CycleKind.Initial,
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
        if (options.ProvesConnection)
            await ProveConnectionAsync(plan, snapshot, cancellationToken).ConfigureAwait(false);
        var mark = new ReviewedOrigin(_job, plan.CycleId, context.Began, fingerprint, snapshot.Keys, _client.Dialect);
        foreach (ProvisioningOperation operation in plan.Operations)
            operation.Origin = mark;
        return plan;
    }

    // A fault of that one user, or its absence, is not the question here.
    private async Task ProveConnectionAsync(ProvisioningPlan plan, StateSnapshot snapshot, CancellationToken cancellationToken)
    {
        bool asks = _client.RequestCount > _requestsBefore || plan.Operations.Any(o => o is { Problem: null, Staged: false });
        if (asks || snapshot.Links.Values.FirstOrDefault()?.TargetId is not { } id)
            return;
        try
        {
            await _client.FindUserAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (!OperationApplier.IsFatal(e)) { }
    }

    /// <summary>Applies a plan, an outcome at a time as they come. Stopping it in the middle loses nothing: the next cycle goes on from
    /// there.</summary>
    /// <exception cref="ProvisioningException"><c>JobBusy</c>: another cycle of the job is under way. <c>StateUnreadable</c>.</exception>
    /// <exception cref="ScimException">Credentials or network fail, so that no entry can succeed.</exception>
    public async IAsyncEnumerable<ProvisioningOutcome> ApplyAsync(
        ProvisioningPlan plan,
        CycleOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using IDisposable? writer = _job.AcquireLock();
        using (var before = JobState.OpenReadOnly(_job.Store))
            EnsureCurrent(plan, before?.Changes ?? 0);
        using var state = JobState.Open(_job.Store, ProvisioningJob.HolderText(options.Time));
        // A process on another machine may have written until this one became the writer.
        EnsureCurrent(plan, state.ChangesBefore);
        var context = new CycleContext(plan.CycleId, plan.FollowUps.Began, options.Time, options.Progress);
        var cycle = new CycleRun(
            _client,
            _job,
            options,
            plan,
            StateSnapshot.Load(_job.Store, plan.FollowUps.MappingFingerprint, withLinks: !plan.IsEmpty),
            state,
            context
        );
        await foreach (ProvisioningOutcome outcome in cycle.RunAsync(cancellationToken).ConfigureAwait(false))
            yield return outcome;
    }

    // Another cycle may have created whom this plan creates, or brought back whom it disables.
    private void EnsureCurrent(ProvisioningPlan plan, long changes)
    {
        if (changes != plan.FollowUps.StateChanges)
        {
            throw new ProvisioningException(
                "PlanOutdated",
                $"Another cycle or command wrote the state of the job '{_job.Name}' after this plan was made, so the plan may no "
                    + $"longer be right. Nothing was written. Run Invoke-Provisioning again, or plan again with Get-ProvisioningPlan."
            )
            {
                Failure = ProvisioningFailure.PlanOutdated,
            };
        }
    }

    /// <summary>Writes down that a cycle could not even be planned: it shows in the status, and may put the job into quarantine.</summary>
    /// <param name="options">The options of the cycle.</param>
    /// <param name="error">Why.</param>
    /// <returns>Null, or why it could not be written down. Nothing is thrown: <paramref name="error"/> is what the caller has to
    /// report.</returns>
    public string? RecordFailure(CycleOptions options, Exception error)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(error);
        if (error is ProvisioningException { Failure: var failure } && s_noCycle.Contains(failure))
            return null;
        try
        {
            WriteFailure(options, error);
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return $"That the cycle failed could not be written into the status of '{_job.Name}': {e.Message}";
        }
    }

    private void WriteFailure(CycleOptions options, Exception error)
    {
        using IDisposable? writer = _job.AcquireLock();
        using var state = JobState.Open(_job.Store, ProvisioningJob.HolderText(options.Time));
        DateTimeOffset now = options.Time.GetUtcNow();
        var cycle = new CycleSummary
        {
            Id = Guid.NewGuid(),
            Kind = KindOf(options, state.Named(JobState.FingerprintName) is null ? CycleKind.Initial : CycleKind.Incremental),
            State = CycleState.Failed,
            Began = now,
            Ended = now,
            Counts = new CycleCounts { Requests = _client.RequestCount - _requestsBefore },
            Message = MessageOf(error),
        };
        CycleEnding.Write(
            _job,
            state,
            options,
            () =>
            {
                QuarantineRules.Failed(state, cycle, error, now);
                state.Log.SetCycle(cycle);
                state.SetNamed(JobState.HolderName, null);
            }
        );
    }

    private static string MessageOf(Exception error) =>
        ProvisioningException.IsUnexpected(error) ? ProvisioningException.Unexpected(error).Message : error.Message;

    private static CycleKind KindOf(CycleOptions options, CycleKind otherwise)
    {
        if (options.Reviewed is not null)
            return CycleKind.Reviewed;
        if (options.Identities.Count > 0)
            return CycleKind.OnDemand;
        if (options.Reconcile)
            return CycleKind.Reconcile;
        return options.Initial ? CycleKind.Initial : otherwise;
    }

    private (BoundMapping Bound, CompiledScope Scope, string Fingerprint) Compile(CycleOptions options)
    {
        SynchronizationSchema schema = options.Mapping ?? _job.ReadMapping();
        var mapping = CompiledMapping.Compile(schema, CompiledScope.AttributesOf(schema), options.Time);
        string fingerprint = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(schema.ToJson())));
        return (BoundMapping.Bind(mapping), CompiledScope.Compile(schema, mapping.Layout), fingerprint);
    }

    private static Uri WithSlash(Uri uri) =>
        uri.AbsolutePath.EndsWith('/') ? uri : new UriBuilder(uri) { Path = uri.AbsolutePath + "/" }.Uri;
}
