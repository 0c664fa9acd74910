using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Record;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Runs a cycle of a job: brings TravelPerk in step with the source.</summary>
/// <remarks>
/// <para>Computes the plan that Get-ProvisioningPlan shows, then applies it: managers before their reports, several requests at a time, each outcome written as soon as it is known. The first cycle is an initial one; later ones apply what changed. A cycle with nothing to do writes nothing.</para>
/// <para>An entry that fails is an outcome with status Failure and a non-terminating error; it is kept in escrow and retried by later cycles with growing pauses. It never stops the others: with -ErrorAction Stop, or $ErrorActionPreference = 'Stop', the command fails at the end of the cycle, with the first error and the number of the others. Wrong credentials or a lost network stop the cycle.</para>
/// <para>Ctrl+C stops a cycle within a second, and so does a pipeline that takes no more outcomes, as Select-Object -First 1 makes it; the next cycle goes on from there. Every cycle that could not go on is Failed in Get-ProvisioningStatus, with its message.</para>
/// <para>Users who left are disabled; users who were permanently deleted in the source are deleted. When a cycle would disable or delete more than the job's thresholds allow, none of these is applied: they are staged, and -ApproveCycle releases exactly them.</para>
/// <para>Where TravelPerk has groups and the source lists them, groups are provisioned after the users. On demand, only users are: membership follows in the next cycle.</para>
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
/// <code>Invoke-Provisioning ./contoso -Identity anna.berg@contoso.com, omar.said@contoso.com | Format-List Identity, Action, Steps</code>
/// <para>Looks at these two and nobody else, and shows how each outcome came about: import, scoping, matching, export.</para>
/// </example>
/// <example>
/// <para>Provision the users of a department now</para>
/// <code>Get-MgUser -Filter "department eq 'Sales'" | Invoke-Provisioning ./contoso</code>
/// <para>Takes any number of users from the Microsoft Graph module.</para>
/// </example>
/// <example>
/// <para>Release departures over the threshold</para>
/// <code>Get-ProvisioningPlan ./contoso | Where-Object Staged
/// Invoke-Provisioning ./contoso -ApproveCycle (Get-ProvisioningStatus ./contoso).Quarantine.CycleId</code>
/// <para>Shows the disables and deletes that were staged, then applies those that are still due. Whoever left since then is not among them.</para>
/// </example>
/// <example>
/// <para>Run from a scheduler</para>
/// <code>Invoke-Provisioning ./contoso -Scheduled</code>
/// <para>Like a cycle by hand, except that a job in quarantine waits for its next attempt: 6, 12 and 24 hours after the first failure, then daily.</para>
/// </example>
/// <example>
/// <para>Apply a part of the plan</para>
/// <code>Get-ProvisioningPlan ./contoso | Where-Object Action -NE Disable | Invoke-Provisioning ./contoso</code>
/// <para>Applies the operations that were let through, and touches nobody else.</para>
/// </example>
/// <example>
/// <para>Apply a plan that was saved and reviewed</para>
/// <code>Import-ProvisioningPlan ./plan.json | Invoke-Provisioning ./contoso</code>
/// <para>Applies the operations in the file. One whose source, mapping or TravelPerk user has changed since comes out as Skipped with the error code Stale; the others go ahead.</para>
/// </example>
/// <example>
/// <para>Repair what was changed by hand</para>
/// <code>Invoke-Provisioning ./contoso -Reconcile</code>
/// <para>Compares every user with TravelPerk itself. Users whom nothing in the source accounts for are named and left as they are.</para>
/// </example>
/// <seealso>Get-ProvisioningPlan</seealso>
/// <seealso>Export-ProvisioningPlan</seealso>
/// <seealso>Get-ProvisioningStatus</seealso>
/// <seealso>Get-ProvisioningLog</seealso>
/// <seealso>about_TravelPerkScim_Provisioning</seealso>
[Cmdlet(VerbsLifecycle.Invoke, "Provisioning", DefaultParameterSetName = CycleSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ProvisioningOutcome), typeof(ProvisioningOperation))]
public sealed class InvokeProvisioningCommand : CycleCommand
{
    private const string PlanSet = "Plan";

    private readonly List<ProvisioningOperation> _reviewed = [];
    private bool _whatIf;

    /// <summary>Id of the cycle whose staged disables and deletes may be applied now, as Get-ProvisioningStatus names it under Quarantine. Review them with Get-ProvisioningPlan first.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    [Parameter(ParameterSetName = PlanSet)]
    public Guid? ApproveCycle { get; set; }

    /// <summary>Operations of a reviewed plan, as Get-ProvisioningPlan or Import-ProvisioningPlan gives them: exactly these are applied, each only if it is still what would be done. The watermark stays where it is.</summary>
    [Parameter(ParameterSetName = PlanSet, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    [ValidateNotNull]
    public ProvisioningOperation[] Plan { get; set; } = [];

    /// <summary>The job: its folder, or a job object. Without it, the job that operations were planned for in this session, and else the job at the current location.</summary>
    [Parameter(ParameterSetName = CycleSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = OnDemandSet, Position = 0)]
    [Parameter(ParameterSetName = PlanSet, Position = 0)]
    [Alias("Path")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public override ProvisioningJobIdentity Job { get => base.Job; set => base.Job = value; }

    private protected override IReadOnlyList<ProvisioningOperation> Reviewed => _reviewed;

    private protected override void Collect()
    {
        _reviewed.AddRange(Plan);
        if (!MyInvocation.BoundParameters.ContainsKey(nameof(Job)) && _reviewed.Count > 0 && _reviewed[0].JobPath is { } path)
            Job = new ProvisioningJobIdentity(path);
    }

    /// <summary>For schedulers: a job in quarantine is left alone, with a warning, until its next attempt is due. A cycle by hand always runs.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    public SwitchParameter Scheduled { get; set; }

    private protected override CycleOptions Options => base.Options with { ApproveCycle = ApproveCycle, Reviewed = _reviewed.Count > 0 ? _reviewed : null };

    private protected override void Prepare()
    {
        base.Prepare();
        // A plan that fails is written down, and nothing is when somebody only looks.
        _whatIf = LanguagePrimitives.IsTrue(MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? bound) ? bound : SessionState.PSVariable.GetValue("WhatIfPreference"));
    }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        if (Scheduled && ProvisioningStatus.Read(job).Quarantine is { Disabled: false, Reason: not (QuarantineReason.TooManyDeletes or QuarantineReason.TakeoversStaged) } quarantine && TimeProvider.System.GetUtcNow() < quarantine.NextAttempt)
        {
            await WriteWarningAsync($"The job '{job.Name}' is in quarantine until {ShownTime.Text(quarantine.NextAttempt)} and was left alone: {quarantine.Message} Invoke-Provisioning without -Scheduled tries at once.").ConfigureAwait(false);
            return;
        }
        ProvisioningEngine engine = EngineFor(job);
        bool applied = await RunAsync(job, engine, mayRepeat: !Prompts, cancellationToken).ConfigureAwait(false);
        // Another cycle ran while this one was planned. Nobody was asked to confirm that plan, so it is made once more.
        if (!applied)
            await RunAsync(job, engine, mayRepeat: false, cancellationToken).ConfigureAwait(false);
    }

    private bool Prompts => MyInvocation.BoundParameters.TryGetValue("Confirm", out object? bound) ? LanguagePrimitives.IsTrue(bound)
        : LanguagePrimitives.TryConvertTo(SessionState.PSVariable.GetValue("ConfirmPreference"), out ConfirmImpact preference) && preference is not ConfirmImpact.None and <= ConfirmImpact.Medium;

    /// <returns>False when the plan was outdated and is to be made again.</returns>
    private async Task<bool> RunAsync(ProvisioningJob job, ProvisioningEngine engine, bool mayRepeat, CancellationToken cancellationToken)
    {
        CycleOptions options = Options;
        ProvisioningPlan plan;
        try
        {
            plan = await PlanAsync(job, engine, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!_whatIf && e is not OperationCanceledException)
        {
            if (engine.RecordFailure(options, e) is { } unrecorded)
                await WriteWarningAsync(unrecorded).ConfigureAwait(false);
            throw;
        }

        string action = $"{(plan.Kind == CycleKind.OnDemand ? "On-demand" : plan.Kind == CycleKind.Reviewed ? "Reviewed" : plan.Kind.ToString())} cycle: {Describe(plan)}";
        (bool go, ShouldProcessReason reason) = await ShouldProcessAsync($"{action} on target {job.Target}", $"Run this {action} on {job.Target}?", $"Provisioning {job.Name}").ConfigureAwait(false);
        if (reason == ShouldProcessReason.WhatIf)
        {
            foreach (ProvisioningOperation operation in plan.Operations)
                await WriteObjectAsync(operation).ConfigureAwait(false);
        }
        if (!go)
            return true;
        try
        {
            await ApplyAsync(job, engine, plan, options, cancellationToken).ConfigureAwait(false);
        }
        catch (ProvisioningException e) when (e.ErrorId == "PlanOutdated" && mayRepeat)
        {
            await WriteVerboseAsync($"{e.Message} It is planned once more.").ConfigureAwait(false);
            return false;
        }
        return true;
    }

    private async Task ApplyAsync(ProvisioningJob job, ProvisioningEngine engine, ProvisioningPlan plan, CycleOptions options, CancellationToken cancellationToken)
    {
        var reporter = new ProgressReporter(this, $"Provisioning {job.Name}");
        int staged = 0, takeovers = 0, stale = 0;
        await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, options, cancellationToken).ConfigureAwait(false))
        {
            await WriteObjectAsync(outcome).ConfigureAwait(false);
            if (outcome.Status == OutcomeStatus.Failure)
                await WriteErrorAsync(ErrorRecords.From(outcome)).ConfigureAwait(false);
            else if (outcome is { Status: OutcomeStatus.Staged, Drift: ProvisioningDrift.Takeover })
                takeovers++;
            else if (outcome.Status == OutcomeStatus.Staged)
                staged++;
            else if (outcome.ErrorCode is not null)
                stale++;
            await ReportAsync(reporter).ConfigureAwait(false);
        }
        await reporter.CompleteAsync().ConfigureAwait(false);
        if (stale > 0)
            await WriteWarningAsync(FormattableString.Invariant($"{stale} of the reviewed operations {(stale == 1 ? "was" : "were")} not applied; the Reason of each outcome says what changed. Plan again with Get-ProvisioningPlan.")).ConfigureAwait(false);
        if (takeovers > 0)
            await WriteWarningAsync(FormattableString.Invariant($"{takeovers} TravelPerk users would go over to another account whose given or family name differs. None of them was changed. Review them with Get-ProvisioningPlan; Invoke-Provisioning -ApproveCycle {ProvisioningStatus.Read(job).Quarantine?.CycleId} approves exactly what that cycle staged.")).ConfigureAwait(false);
        if (staged > 0)
            await WriteWarningAsync(FormattableString.Invariant($"{staged} disables and deletes are staged: they are more than the thresholds of '{job.Name}' allow ({job.Settings.DeleteThreshold} a cycle, {job.Settings.DeleteThresholdShare:P0} of the linked users), wait for another approval, or would leave nobody in scope. None of them was applied. Review them with Get-ProvisioningPlan; Invoke-Provisioning -ApproveCycle {ProvisioningStatus.Read(job).Quarantine?.CycleId} applies exactly them.")).ConfigureAwait(false);
    }

    // What will be sent, and apart from it what will not: nobody should confirm a number that is another one.
    private static string Describe(ProvisioningPlan plan)
    {
        IEnumerable<string> sent = plan.Operations.Where(o => o is { Problem: null, Staged: false, Action: not ProvisioningAction.None }).GroupBy(o => o.Action).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key}");
        IEnumerable<string> held = new[] { (Count: plan.Operations.Count(o => o.Problem is not null), What: "with a problem"), (Count: plan.Operations.Count(o => o is { Problem: null, Staged: true }), What: "staged"), (Count: plan.Operations.Count(o => o is { Problem: null, Action: ProvisioningAction.None }), What: "with nothing to do") }
            .Where(h => h.Count > 0).Select(h => $"{h.Count} {h.What}");
        return plan.Operations.Count == 0 ? "nothing to do" : string.Join(", ", sent.Concat(held));
    }
}
