using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.Mapping;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that compute a cycle.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class CycleCommand : JobCommand
{
    private protected const string CycleSet = "Cycle";
    private protected const string OnDemandSet = "OnDemand";

    private const int MaxWarnings = 10;
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(300);

    private readonly List<string> _identities = [];
    private volatile ProvisioningProgress? _latest;
    private ScimClient? _client;
    private EntraDirectoryConnection? _entra;

    private protected CycleCommand() { }

    /// <summary>The job: its folder, or a job object. Without it, the job at the current location.</summary>
    [Parameter(ParameterSetName = CycleSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = OnDemandSet, Position = 0)]
    [Alias("Path")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public override ProvisioningJobIdentity Job
    {
        get => base.Job;
        set => base.Job = value;
    }

    /// <summary>Users of the source, by object id or userPrincipalName, or as Get-MgUser gives them. Only these users are read and changed.
    /// The watermark stays where it is.</summary>
    [Parameter(ParameterSetName = OnDemandSet, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "ObjectId", "UserPrincipalName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(JobUserCompleter))]
    public SourceUserIdentity[] Identity { get; set; } = [];

    /// <summary>The connection to use, as Connect-TravelPerk -PassThru gives it. Without it, the default connection of this
    /// runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public TravelPerkConnection? Connection { get; set; }

    /// <summary>The connection to Entra for jobs that read it, as Connect-EntraDirectory -PassThru gives it. Without it, the default
    /// connection of this runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public EntraDirectoryConnection? EntraConnection { get; set; }

    private protected override void Prepare()
    {
        _client = RunspaceSession.Choose(Connection)?.Client;
        if (_client is null && !ConnectsItself)
            throw CommandException.NotConnected();
        _entra = RunspaceSession.Choose(EntraConnection);
    }

    private protected EntraDirectoryConnection? Entra => _entra;

    /// <summary>Null when nothing is connected, and the command <see cref="ConnectsItself"/>.</summary>
    private protected ScimClient? Client => _client;

    /// <summary>The command connects where a job says how, so that no connection is needed before.</summary>
    private protected virtual bool ConnectsItself => false;

    /// <summary>Sets the connections for the plan and the cycle that follow.</summary>
    private protected void Use(ScimClient? client, EntraDirectoryConnection? entra) => (_client, _entra) = (client, entra);

    /// <summary>Operations of a reviewed plan, collected from the pipeline.</summary>
    private protected virtual IReadOnlyList<ProvisioningOperation> Reviewed => [];

    private protected ProvisioningEngine EngineFor(ProvisioningJob job) => new(job, _client!, JobSources.Open(job, _entra));

    private protected virtual CycleOptions Options => new() { Identities = _identities, Progress = progress => _latest = progress };

    /// <summary>Takes operations of a plan from the pipeline.</summary>
    private protected virtual void Collect() { }

    // Users that are piped in one by one are one read of the source and one plan.
    private protected sealed override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == CycleSet)
            return RunJobAsync(cancellationToken);
        Collect();
        _identities.AddRange(Identity.Select(user => user.Text));
        return Task.CompletedTask;
    }

    private protected sealed override Task EndProcessingAsync(CancellationToken cancellationToken) =>
        _identities.Count > 0 || Reviewed.Count > 0 ? RunJobAsync(cancellationToken) : Task.CompletedTask;

    private protected async Task<ProvisioningPlan> PlanAsync(
        ProvisioningJob job,
        ProvisioningEngine engine,
        CycleOptions options,
        CancellationToken cancellationToken
    )
    {
        // When several jobs are piped in, the progress of the job before must not show.
        _latest = null;
        var reporter = new ProgressReporter(this, job.Name);
        ProvisioningPlan plan;
        try
        {
            plan = await ShowingProgressAsync(engine.PlanAsync(options, cancellationToken), reporter, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (MappingException e) when (options.Mapping is null)
        {
            throw MappingLocation.OfFile(job.Mapping.Path).InFile(e);
        }
        await reporter.CompleteAsync().ConfigureAwait(false);
        await WarnAsync([.. job.Warnings, .. plan.Warnings]).ConfigureAwait(false);
        return plan;
    }

    /// <summary>A file with a wrong separator gives a warning a line. The first warnings name the fault, and the last one names its effect
    /// on the cycle.</summary>
    private async Task WarnAsync(IReadOnlyList<string> warnings)
    {
        int hidden = warnings.Count - MaxWarnings - 1;
        for (int i = 0; i < warnings.Count; i++)
        {
            if (hidden > 1 && i >= MaxWarnings && i < warnings.Count - 1)
                await WriteVerboseAsync(warnings[i]).ConfigureAwait(false);
            else
                await WriteWarningAsync(warnings[i]).ConfigureAwait(false);
            if (hidden > 1 && i == MaxWarnings - 1)
                await WriteWarningAsync($"{hidden} more warnings; -Verbose shows them.").ConfigureAwait(false);
        }
    }

    /// <summary>Awaits work and shows the progress that the engine reports meanwhile.</summary>
    private protected async Task<T> ShowingProgressAsync<T>(Task<T> work, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        while (!work.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            if (
                await Task.WhenAny(work, Task.Delay(s_refresh, TimeProvider.System, cancellationToken)).ConfigureAwait(false) != work
                && _latest is { } progress
            )
            {
                await reporter
                    .ReportAsync(progress.Activity, ProgressText.Of(progress, _client!.Rate), progress.Done, progress.Total)
                    .ConfigureAwait(false);
            }
        }
        return await work.ConfigureAwait(false);
    }
}
