using System.Management.Automation;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Changes settings of a job.</summary>
/// <remarks>
/// <para>Changes what is given and leaves the rest. Links and state are kept. Changing the target of a job that has links is refused: TravelPerk ids of one service mean nothing in another, so make a new job.</para>
/// </remarks>
/// <example>
/// <para>Allow fewer departures in a cycle</para>
/// <code>Set-ProvisioningJob ./contoso -DeleteThreshold 20</code>
/// <para>From now on, a cycle that would disable or delete more than 20 users stages them.</para>
/// </example>
/// <example>
/// <para>Read another file</para>
/// <code>Set-ProvisioningJob ./contoso -Source ./users-monday.csv -PassThru</code>
/// <para>The next cycle reads this file, and the changed job is written.</para>
/// </example>
/// <seealso>New-ProvisioningJob</seealso>
[Cmdlet(VerbsCommon.Set, "ProvisioningJob", SupportsShouldProcess = true)]
[OutputType(typeof(ProvisioningJob))]
public sealed class SetProvisioningJobCommand : JobCommand
{
    /// <summary>The directory file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Source { get; set; }

    /// <summary>SCIM base URI to write to.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(KnownValueCompleter))]
    public Uri? Target { get; set; }

    /// <summary>Disables and deletes allowed in one cycle; more are staged.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? DeleteThreshold { get; set; }

    /// <summary>Disables and deletes allowed in one cycle, as a share of the linked users from 0 to 1.</summary>
    [Parameter]
    [ValidateRange(0d, 1d)]
    public double? DeleteThresholdShare { get; set; }

    /// <summary>Whether users who left the scope are left alone instead of disabled.</summary>
    [Parameter]
    public bool? SkipOutOfScopeDeletions { get; set; }

    /// <summary>Whether groups are provisioned too, where the source lists them and the target has them.</summary>
    [Parameter]
    public bool? ProvisionGroups { get; set; }

    /// <summary>Requests under way at once, 1 to 64.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int? Concurrency { get; set; }

    /// <summary>Days that log entries are kept.</summary>
    [Parameter]
    [ValidateRange(1, 3650)]
    public int? LogRetentionDays { get; set; }

    /// <summary>Writes the job as it is after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Prepare()
    {
        if (Target is not null)
            ScimClient.CheckBaseUri(Target);
    }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        JobSettings old = job.Settings;
        JobSource source = Source is null ? old.Source
            : old.Source with { Path = System.IO.Path.GetRelativePath(job.Path, await ResolvePathAsync(Source).ConfigureAwait(false)) };
        JobSettings changed = old with
        {
            Source = source,
            Target = Target ?? old.Target,
            DeleteThreshold = DeleteThreshold ?? old.DeleteThreshold,
            DeleteThresholdShare = DeleteThresholdShare ?? old.DeleteThresholdShare,
            SkipOutOfScopeDeletions = SkipOutOfScopeDeletions ?? old.SkipOutOfScopeDeletions,
            ProvisionGroups = ProvisionGroups ?? old.ProvisionGroups,
            Concurrency = Concurrency ?? old.Concurrency,
            LogRetentionDays = LogRetentionDays ?? old.LogRetentionDays,
        };
        if (changed != old && await ShouldProcessAsync(job.Path, "Change the settings of the provisioning job").ConfigureAwait(false))
            job.Save(changed);
        if (PassThru)
            await WriteObjectAsync(job).ConfigureAwait(false);
    }
}
