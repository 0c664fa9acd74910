using System.Management.Automation;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Changes settings of a job.</summary>
/// <remarks>
/// <para>Changes what is given and leaves the rest. Links and state are kept, also when the target changes: give -Target when the same service has moved to another address. Its links are ids of that service; in another one they belong to other people, so make a new job for it.</para>
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
/// <example>
/// <para>Provision everyone instead of who is assigned</para>
/// <code>Set-ProvisioningJob ./contoso -EntitlementScope All
/// Get-ProvisioningPlan ./contoso -Initial</code>
/// <para>Changes the scope of a job that reads Entra, and shows what that means.</para>
/// </example>
/// <example>
/// <para>Follow TravelPerk to its new host name</para>
/// <code>Set-ProvisioningJob ./contoso -Target https://app.perk.com/api/v2/scim</code>
/// <para>The job keeps its links: app.travelperk.com and app.perk.com are the same service.</para>
/// </example>
/// <seealso>New-ProvisioningJob</seealso>
[Cmdlet(VerbsCommon.Set, "ProvisioningJob", SupportsShouldProcess = true, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningJob))]
public sealed class SetProvisioningJobCommand : JobCommand
{
    private EntraDirectoryConnection? _entra;

    /// <summary>The directory file to read from now on.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Source { get; set; }

    /// <summary>The enterprise application to read from now on: its name, application id or object id, or what Get-EntraApplication found.</summary>
    [Parameter]
    [ValidateNotNull]
    public EntraApplicationIdentity? EntraApplication { get; set; }

    /// <summary>Who is entitled, of a job that reads Entra: Assigned or All.</summary>
    [Parameter]
    public EntitlementScope? EntitlementScope { get; set; }

    /// <summary>Whether members of groups inside assigned groups are entitled too.</summary>
    [Parameter]
    public bool? IncludeNestedGroups { get; set; }

    /// <summary>The connection to Entra, as Connect-EntraDirectory -PassThru gives it. Without it, the default connection of this runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public EntraDirectoryConnection? EntraConnection { get; set; }

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

    /// <summary>The most requests under way at once, 1 to 64; there are fewer while TravelPerk is overloaded.</summary>
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
        _entra = EntraConnection ?? SessionHoldings.Current.EntraConnection;
        if (Source is not null && EntraApplication is not null)
            throw new CommandException("AmbiguousSource", ErrorCategory.InvalidArgument, "Give -Source or -EntraApplication, not both: a job reads a file or Entra.");
        if (Target is not null)
            ScimClient.CheckBaseUri(Target);
    }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        JobSettings old = job.Settings;
        JobSettings changed = old with
        {
            Source = await ChangeAsync(job, old.Source, cancellationToken).ConfigureAwait(false),
            Target = Target ?? old.Target,
            DeleteThreshold = DeleteThreshold ?? old.DeleteThreshold,
            DeleteThresholdShare = DeleteThresholdShare ?? old.DeleteThresholdShare,
            SkipOutOfScopeDeletions = SkipOutOfScopeDeletions ?? old.SkipOutOfScopeDeletions,
            ProvisionGroups = ProvisionGroups ?? old.ProvisionGroups,
            Concurrency = Concurrency ?? old.Concurrency,
            LogRetentionDays = LogRetentionDays ?? old.LogRetentionDays,
        };
        string? moved = changed.Target == old.Target ? null : Moved(job, changed.Target);
        if (changed != old && await ShouldProcessAsync(job.Path, $"Change the settings of the provisioning job ({SettingsText.Difference(old, changed)}){(moved is null ? "" : $". {moved}")}").ConfigureAwait(false))
        {
            job.Save(changed, keepLinks: true);
            if (moved is not null)
                await WriteWarningAsync(moved).ConfigureAwait(false);
        }
        if (PassThru)
            await WriteObjectAsync(job).ConfigureAwait(false);
    }

    /// <summary>What becomes of the links when the target changes; null when there are none.</summary>
    private static string? Moved(ProvisioningJob job, Uri target)
    {
        if (ProvisioningStatus.Read(job).LinkedUsers is var links && links == 0)
            return null;
        string kept = FormattableString.Invariant($"The job keeps its {links} links to users of {job.Target} at the address {target}");
        return TravelPerkHosts.AreOneService(job.Target, target)
            ? $"{kept}: both are host names of the same TravelPerk."
            : $"{kept}, which is right only when both are the same service. The next cycle verifies every linked user that it touches; see its plan first with Get-ProvisioningPlan. For another service, make a new job.";
    }

    private async Task<JobSource> ChangeAsync(ProvisioningJob job, JobSource old, CancellationToken cancellationToken)
    {
        if (Source is not null)
            return JobSources.GivenFile(job.Path, await ResolvePathAsync(Source).ConfigureAwait(false));
        EntitlementScope scope = EntitlementScope ?? old.Scope;
        bool nested = IncludeNestedGroups ?? old.IncludeNestedGroups;
        if (EntraApplication is not null)
            return await JobSources.DescribeAsync(EntraApplication, scope, nested, _entra, cancellationToken).ConfigureAwait(false);
        JobSource changed = old with { Scope = scope, IncludeNestedGroups = nested };
        if (changed != old && old.Type != JobSourceType.Entra)
            throw new CommandException("SourceNotEntra", ErrorCategory.InvalidOperation, $"The job '{job.Name}' reads a file, and everybody in it is entitled. Give -EntraApplication to make it read Entra.");
        return changed is { Scope: Provisioning.Job.EntitlementScope.Assigned, Application: null, Type: JobSourceType.Entra }
            ? throw new CommandException("EntraApplicationMissing", ErrorCategory.InvalidArgument, "Who is assigned is known only of an enterprise application. Give -EntraApplication too.")
            : changed;
    }
}
