using System.Management.Automation;
using TravelPerkScim.Operations.Notifications;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Runs a cycle of a job: brings TravelPerk in step with the source.</summary>
/// <remarks>
/// <para>Computes the plan that Get-ProvisioningPlan shows, then applies it: managers before their reports, several requests at a time,
/// each outcome written as soon as it is known. The first cycle is an initial one; later ones apply what changed. A cycle with nothing to
/// do writes nothing.</para>
/// <para>An entry that fails is an outcome with status Failure and a non-terminating error. The entry is kept in escrow, and later cycles
/// retry it with growing pauses. A failed entry never stops the others: with -ErrorAction Stop, or $ErrorActionPreference = 'Stop', the
/// command fails at the end of the cycle, with the first error and the number of the others. Wrong credentials or a lost network stop the
/// cycle.</para>
/// <para>-Confirm asks once, for the whole cycle. To decide about single operations, choose them with Get-ProvisioningPlan ./contoso |
/// Out-ConsoleGridView -PassThru, or with any filter, and pipe them to Invoke-Provisioning ./contoso.</para>
/// <para>-InformationAction Continue adds one line with the counts of the cycle. -Verbose also names every skipped user, with the
/// reason.</para>
/// <para>Ctrl+C stops a cycle within a second, and so does a pipeline that takes no more outcomes, as with Select-Object -First 1. The next
/// cycle continues from there. A cycle that had to end early is Failed in Get-ProvisioningStatus, with its message.</para>
/// <para>Users who left are disabled; users who were permanently deleted in the source are deleted. When a cycle would disable or delete
/// more than the job's thresholds allow, none of these operations is applied. They are staged, and -ApproveCycle releases the operations
/// that one cycle staged. Get-ProvisioningStatus names each such cycle under Staged, with the effect of its approval.</para>
/// <para>-Scheduled is for schedulers. It does nothing while the job is Off or its next cycle is not due, waits out a quarantine, and
/// connects by itself where the job says where its secret is found. -PassThru then writes one result with an exit code in the place of the
/// outcomes.</para>
/// <para>What the job's notifications have to tell is written down with the end of the cycle and sent after it, for half a minute at most;
/// what a channel does not take is a warning and is tried again by later runs.</para>
/// <para>Where TravelPerk has groups and the source lists them, groups are provisioned after the users. On demand, only users are:
/// membership follows in the next cycle.</para>
/// </remarks>
/// <example>
/// <para>See what a cycle would do</para>
/// <code>Invoke-Provisioning ./contoso -WhatIf</code>
/// <para>Writes the operations of the plan. No change is sent, and nothing is saved.</para>
/// </example>
/// <example>
/// <para>Run a cycle and keep the failures</para>
/// <code>$failed = Invoke-Provisioning ./contoso | Where-Object Status -EQ Failure</code>
/// <para>Applies the next cycle. The log keeps every outcome too: Get-ProvisioningLog ./contoso.</para>
/// </example>
/// <example>
/// <para>Provision two users now</para>
/// <code>Invoke-Provisioning ./contoso -Identity anna.berg@contoso.com, omar.said@contoso.com |
///     Format-List Identity, Action, Steps</code>
/// <para>Reads and changes these two users only, and shows the steps of each outcome: import, scoping, matching, export.</para>
/// </example>
/// <example>
/// <para>Provision the users of a department now</para>
/// <code>Get-MgUser -Filter "department eq 'Sales'" | Invoke-Provisioning ./contoso</code>
/// <para>Takes any number of users from the Microsoft Graph module.</para>
/// </example>
/// <example>
/// <para>Release departures over the threshold</para>
/// <code>Get-ProvisioningPlan ./contoso | Where-Object Staged
/// Invoke-Provisioning ./contoso -ApproveCycle (Get-ProvisioningStatus ./contoso).Staged[0].CycleId</code>
/// <para>Shows the staged operations, then applies those that the newest staging cycle staged and that are still due. Users who left later
/// are not among them.</para>
/// </example>
/// <example>
/// <para>Run from a scheduler</para>
/// <code>$ErrorActionPreference = 'Stop'
/// exit (Invoke-Provisioning ./contoso -Scheduled -PassThru).ExitCode</code>
/// <para>Connects with the secret that the job names, runs a cycle when one is due, and ends the script with the exit code of the
/// run.</para>
/// </example>
/// <example>
/// <para>Apply a part of the plan</para>
/// <code>Get-ProvisioningPlan ./contoso | Where-Object Action -NE Disable | Invoke-Provisioning ./contoso</code>
/// <para>Applies the operations that passed the filter, and changes no other user.</para>
/// </example>
/// <example>
/// <para>Apply a plan that was saved and reviewed</para>
/// <code>Import-ProvisioningPlan ./plan.json | Invoke-Provisioning ./contoso</code>
/// <para>Applies the operations in the file. One whose source, mapping or TravelPerk user has changed since comes out as Skipped with the
/// error code Stale; the others go ahead.</para>
/// </example>
/// <example>
/// <para>Repair changes that were made by hand</para>
/// <code>Invoke-Provisioning ./contoso -Reconcile</code>
/// <para>Compares every user with TravelPerk itself. Users without an account in the source are named and left as they are.</para>
/// </example>
/// <seealso>Get-ProvisioningPlan</seealso>
/// <seealso>Export-ProvisioningPlan</seealso>
/// <seealso>Get-ProvisioningStatus</seealso>
/// <seealso>Get-ProvisioningLog</seealso>
/// <seealso>Start-ProvisioningJob</seealso>
/// <seealso>about_TravelPerkScim_Provisioning</seealso>
/// <seealso>about_TravelPerkScim_Unattended</seealso>
[Cmdlet(
    VerbsLifecycle.Invoke,
    "Provisioning",
    DefaultParameterSetName = CycleSet,
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium,
    HelpUri = HelpPages.Cycles
)]
[OutputType(typeof(ProvisioningOutcome), typeof(ProvisioningOperation), typeof(ProvisioningRunResult))]
public sealed class InvokeProvisioningCommand : ChosenCycleCommand
{
    private const string PlanSet = "Plan";

    private readonly List<ProvisioningOperation> _reviewed = [];
    private IReadOnlyList<TravelPerkSandbox> _sandboxes = [];
    private bool _whatIf,
        _verbose;
    private string? _notRun;
    private CycleProgress? _applying;
    private JobNotifier? _notifier;

    /// <summary>Id of the cycle whose staged disables, deletes and takeovers may be applied now, as Get-ProvisioningStatus names it under
    /// Staged. Review them with Get-ProvisioningPlan first.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    [Parameter(ParameterSetName = PlanSet)]
    [ArgumentCompleter(typeof(JobUserCompleter))]
    public Guid? ApproveCycle { get; set; }

    /// <summary>Operations of a reviewed plan, as Get-ProvisioningPlan or Import-ProvisioningPlan gives them. Exactly these are applied,
    /// each only if a new plan still has it. The watermark stays where it is.</summary>
    [Parameter(ParameterSetName = PlanSet, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    [ValidateNotNull]
    public ProvisioningOperation[] Plan { get; set; } = [];

    /// <summary>The job: its folder, or a job object. Without it, the job of the planned operations, or else the job at the current
    /// location.</summary>
    [Parameter(ParameterSetName = CycleSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = OnDemandSet, Position = 0)]
    [Parameter(ParameterSetName = PlanSet, Position = 0)]
    [Alias("Path")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public override ProvisioningJobIdentity Job
    {
        get => base.Job;
        set => base.Job = value;
    }

    private protected override IReadOnlyList<ProvisioningOperation> Reviewed => _reviewed;

    private protected override void Collect()
    {
        _reviewed.AddRange(Plan);
        if (!MyInvocation.BoundParameters.ContainsKey(nameof(Job)) && _reviewed.Count > 0 && _reviewed[0].JobPath is { } path)
            Job = new ProvisioningJobIdentity(path);
    }

    /// <summary>For schedulers: nothing is done while the job is Off, before its next cycle is due, and in quarantine before the next
    /// attempt; without a connection, the command connects with the secret that the job names. -Initial, -Reconcile and -ApproveCycle do
    /// not wait for the interval. A cycle by hand always runs.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    public SwitchParameter Scheduled { get; set; }

    /// <summary>With -Scheduled: writes one ProvisioningRunResult a job in the place of outcomes and errors, with State, ExitCode and
    /// Message. Each failed entry is a verbose message and in the log.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    public SwitchParameter PassThru { get; set; }

    /// <summary>With -Scheduled: SCIM addresses beside TravelPerk's own, such as a sandbox of another session, to which the key of a job
    /// may be sent. job.json may come from another person, and must not choose where a key is sent.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    [ValidateNotNull]
    public Uri[] AllowTarget { get; set; } = [];

    private protected override CycleOptions Options =>
        base.Options with
        {
            ApproveCycle = ApproveCycle,
            Reviewed = _reviewed.Count > 0 ? _reviewed : null,
            Observer = _notifier,
            ProvesConnection = Scheduled && !_whatIf,
        };

    private protected override void Prepare()
    {
        if (PassThru && !Scheduled)
        {
            throw new CommandException(
                "PassThruNeedsScheduled",
                ErrorCategory.InvalidArgument,
                "-PassThru writes the result of a scheduled run. Give -Scheduled too; without it, outcomes are written anyway."
            );
        }
        if (AllowTarget.Length > 0 && !Scheduled)
        {
            throw new CommandException(
                "AllowTargetNeedsScheduled",
                ErrorCategory.InvalidArgument,
                "-AllowTarget is for a scheduled run, which connects by itself. Give -Scheduled too; "
                    + "without it, Connect-TravelPerk -Job -BaseUri chooses where the key is sent."
            );
        }
        base.Prepare();
        _sandboxes = RunspaceSession.Current.Sandboxes;
        // The failure of a plan is recorded, except with -WhatIf, which writes nothing.
        _whatIf = Preference.IsWhatIf(this);
        _verbose = Preference.IsVerbose(this);
    }

    private protected override bool ConnectsItself => Scheduled;

    private protected override Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken) =>
        TurnAndTellAsync(job, cancellationToken);

    // A scheduler looks at one result, whatever happens: an error that is only written would leave it without one.
    private protected override async Task RunJobAsync(CancellationToken cancellationToken)
    {
        if (PassThru)
            await WriteObjectAsync(await ResultAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        else
            await base.RunJobAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<ProvisioningRunResult> ResultAsync(CancellationToken cancellationToken)
    {
        string name = Job.Path;
        try
        {
            string folder = await ResolvePathAsync(Job.Path).ConfigureAwait(false);
            ProvisioningJob job = await JobStores.OpenAsync(folder, cancellationToken).ConfigureAwait(false);
            name = job.Name;
            if (await TurnAndTellAsync(job, cancellationToken).ConfigureAwait(false) is { } waits)
                return waits;
            return _notRun is not null
                ? new ProvisioningRunResult
                {
                    Job = name,
                    State = ProvisioningRunState.Done,
                    Message = _notRun,
                }
                : ProvisioningRunResult.Of(
                    ProvisioningStatus.Read(job, cycles: 1),
                    _applying is { Failures: [{ Reason: var first }, ..] } ? first : null
                );
        }
        catch (Exception exception) when (ErrorRecords.IsOurs(exception) || ErrorRecords.IsUnexpected(exception))
        {
            ErrorRecord error = ErrorRecords.From(exception, Job);
            return ProvisioningRunResult.Of(name, error.FullyQualifiedErrorId, error.ToString());
        }
    }

    /// <returns>Null when a cycle was run, else why none was.</returns>
    private async Task<ProvisioningRunResult?> TurnAndTellAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        _notifier = _whatIf ? null : new JobNotifier(job, NotificationChannels.Opener, TimeProvider.System);
        try
        {
            return await TakeTurnAsync(job, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // After a cycle that failed too, and when none was due. What is stopped is told by the next run.
            if (_notifier is { } notifier && !cancellationToken.IsCancellationRequested)
            {
                await notifier.CheckAsync(cancellationToken).ConfigureAwait(false);
                await notifier.SendDueAsync(cancellationToken).ConfigureAwait(false);
                foreach (string warning in notifier.TakeWarnings())
                    await WriteWarningAsync(warning).ConfigureAwait(false);
            }
        }
    }

    /// <returns>Null when a cycle was run, else why none was.</returns>
    private async Task<ProvisioningRunResult?> TakeTurnAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        (_notRun, _applying) = (null, null);
        if (await WaitingAsync(job).ConfigureAwait(false) is { } early)
            return early;
        using IDisposable? claim = await ClaimAsync(job, cancellationToken).ConfigureAwait(false);
        // Another machine may have run the cycle before this one had the lease.
        if (claim is not null && await WaitingAsync(job).ConfigureAwait(false) is { } late)
            return late;
        (ScimClient? client, EntraDirectoryConnection? entra) = (Client, Entra);
        using TravelPerkConnection? own = client is null
            ? await NotingAsync(
                    job,
                    () =>
                        JobConnector.ConnectAsync(
                            job,
                            [.. _sandboxes.Select(sandbox => sandbox.BaseUri), .. AllowTarget],
                            cancellationToken
                        )
                )
                .ConfigureAwait(false)
            : null;
        using EntraDirectoryConnection? ownEntra = entra is null
            ? await NotingAsync(job, () => JobConnector.ConnectEntraAsync(job, cancellationToken)).ConfigureAwait(false)
            : null;
        Use(own?.Client ?? client, ownEntra ?? entra);
        try
        {
            ProvisioningEngine engine = await NotingAsync(job, () => Task.FromResult(EngineFor(job))).ConfigureAwait(false);
            bool applied = await RunAsync(job, engine, mayRepeat: !Preference.Confirms(this, ConfirmImpact.Medium), cancellationToken)
                .ConfigureAwait(false);
            // Another cycle ran while this one was planned. That plan was not shown for a confirmation, so it is made once more.
            if (!applied)
                await RunAsync(job, engine, mayRepeat: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Use(client, entra);
        }
        return null;
    }

    /// <summary>Why a scheduled run begins no cycle now; null when it begins one.</summary>
    private async Task<ProvisioningRunResult?> WaitingAsync(ProvisioningJob job)
    {
        if (!Scheduled)
            return null;
        bool ordinary = !Initial && !Reconcile && ApproveCycle is null;
        if (ProvisioningRunResult.Waiting(job, ProvisioningStatus.Read(job, cycles: 1), ordinary) is not { } waits)
            return null;
        if (waits.State == ProvisioningRunState.Quarantine)
            await WriteWarningAsync(waits.Message).ConfigureAwait(false);
        else
            await WriteVerboseAsync(waits.Message).ConfigureAwait(false);
        return waits;
    }

    // The lease of a shared job is taken before the plan, so that a cycle is neither planned nor applied twice. -WhatIf applies nothing.
    private async Task<IDisposable?> ClaimAsync(ProvisioningJob job, CancellationToken cancellationToken) =>
        job.IsShared && !_whatIf && await JobStores.FindAsync(cancellationToken).ConfigureAwait(false) is { } store
            ? store.Claim(job)
            : null;

    // A scheduled run that cannot even connect is seen by the scheduler alone, unless the status says so.
    private async Task<T> NotingAsync<T>(ProvisioningJob job, Func<Task<T>> connect)
    {
        try
        {
            return await connect().ConfigureAwait(false);
        }
        catch (Exception e) when (Scheduled && !_whatIf && e is not OperationCanceledException)
        {
            ErrorRecord error = ErrorRecords.From(e, Job);
            string id = error.FullyQualifiedErrorId.Split(',')[0];
            await WriteWarningAsync(ProvisioningStatus.NoteRunFailure(job, id, error.ToString(), TimeProvider.System.GetUtcNow()))
                .ConfigureAwait(false);
            throw;
        }
    }

    /// <returns>False when the plan was outdated and is to be made again.</returns>
    private async Task<bool> RunAsync(ProvisioningJob job, ProvisioningEngine engine, bool mayRepeat, CancellationToken cancellationToken)
    {
        CycleOptions options = Options with { IncludeSkipped = _verbose };
        ProvisioningPlan plan = await PlanOrRecordFailureAsync(job, engine, options, cancellationToken).ConfigureAwait(false);
        bool confirmed = await ConfirmAsync(job, plan).ConfigureAwait(false);
        foreach (ProvisioningOperation skipped in plan.Skipped)
            await WriteVerboseAsync($"Skipped {skipped.Identity}: {skipped.Reason}").ConfigureAwait(false);
        if (!confirmed)
            return true;
        try
        {
            await ApplyAsync(job, engine, plan, options, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ProvisioningException e) when (e.Failure == ProvisioningFailure.PlanOutdated && mayRepeat)
        {
            await WriteVerboseAsync($"{e.Message} The cycle is planned once more.").ConfigureAwait(false);
            return false;
        }
    }

    private async Task<ProvisioningPlan> PlanOrRecordFailureAsync(
        ProvisioningJob job,
        ProvisioningEngine engine,
        CycleOptions options,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await PlanAsync(job, engine, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!_whatIf && e is not OperationCanceledException)
        {
            await WriteWarningAsync(engine.RecordFailure(options, e)).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asks for the whole cycle; with -WhatIf, shows its operations.</summary>
    private async Task<bool> ConfirmAsync(ProvisioningJob job, ProvisioningPlan plan)
    {
        string action = CycleMessages.Describe(plan);
        (bool confirmed, ShouldProcessReason reason) = await ShouldProcessAsync(
                $"{action} on target {job.Target}",
                $"Run this {action} on {job.Target}?",
                $"Provisioning {job.Name}"
            )
            .ConfigureAwait(false);
        if (confirmed)
            return true;
        bool whatIf = reason == ShouldProcessReason.WhatIf;
        _notRun = whatIf ? $"-WhatIf, so nothing was sent. {action}" : $"Declined, so nothing was sent. {action}";
        if (whatIf && !PassThru)
        {
            foreach (ProvisioningOperation operation in plan.ForReview)
                await WriteObjectAsync(Rows.Of(operation)).ConfigureAwait(false);
        }
        return false;
    }

    private async Task ApplyAsync(
        ProvisioningJob job,
        ProvisioningEngine engine,
        ProvisioningPlan plan,
        CycleOptions options,
        CancellationToken cancellationToken
    )
    {
        var reporter = new ProgressReporter(this, job.Name);
        _applying = new CycleProgress(job.Name, plan.Operations.Count);
        try
        {
            IAsyncEnumerator<ProvisioningOutcome> outcomes = engine
                .ApplyAsync(plan, options, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            await using (outcomes.ConfigureAwait(false))
            {
                while (await ShowingProgressAsync(outcomes.MoveNextAsync().AsTask(), reporter, cancellationToken).ConfigureAwait(false))
                {
                    _applying.Add(outcomes.Current);
                    if (!PassThru)
                        await WriteObjectAsync(Rows.Of(outcomes.Current)).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            // After the outcomes, so that their table stays whole. A pipeline that is stopped takes none.
            if (!cancellationToken.IsCancellationRequested)
                await WriteFailuresAsync(_applying).ConfigureAwait(false);
        }
        await reporter.CompleteAsync().ConfigureAwait(false);
        await WriteSummaryAsync(job, _applying).ConfigureAwait(false);
    }

    private async Task WriteFailuresAsync(CycleProgress done)
    {
        foreach (ProvisioningOutcome failed in done.Failures)
            await (PassThru ? WriteVerboseAsync(failed.Reason) : WriteErrorAsync(ErrorRecords.From(failed))).ConfigureAwait(false);
    }

    private async Task WriteSummaryAsync(ProvisioningJob job, CycleProgress done)
    {
        var status = ProvisioningStatus.Read(job, cycles: 1);
        if (done.Stale > 0)
            await WriteWarningAsync(CycleMessages.Stale(done.Stale)).ConfigureAwait(false);
        // A staged operation waits for the admin. The status says the same.
        if (status.LastCycle is { Counts.Staged: > 0, Message: { } staged })
            await WriteWarningAsync(staged).ConfigureAwait(false);
        if (status.LastCycle is { } cycle)
        {
            string summary = $"{job.Name}: {cycle}";
            await WriteInformationAsync(summary, "Provisioning").ConfigureAwait(false);
            await WriteVerboseAsync(summary).ConfigureAwait(false);
        }
    }

    private protected override string? DescribeStop() => _applying?.ToString();
}
