using System.Management.Automation;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Review;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Compares Microsoft's hosted provisioning job with a job of this module, user by user.</summary>
/// <remarks>
/// <para>Reads a span of the hosted job's log, and plans a cycle of this job against the users that the hosted job left in TravelPerk. Each
/// user whom the two jobs would leave with other values is one object, with the reason. The comparison makes a change from one job to the
/// other safe, and checks the hosted service where it stays. Nothing is written to Entra, to TravelPerk or to disk.</para>
/// <para>Give a span with at least one whole cycle of the hosted job, and no change in the directory since: a later change shows as a
/// difference. Entra keeps the log for 30 days, or 7 without a premium licence. The command needs AuditLog.Read.All beside the permissions
/// of a job.</para>
/// </remarks>
/// <example>
/// <para>See whether both jobs would do the same</para>
/// <code>Compare-Provisioning ./contoso -Since (Get-Date).AddDays(-1)</code>
/// <para>Lists the users with a difference. When there is none, this job can take over.</para>
/// </example>
/// <example>
/// <para>See both values of each attribute</para>
/// <code>Compare-Provisioning ./contoso |
///     Where-Object Difference -EQ OtherValues |
///     Select-Object Identity -ExpandProperty Values</code>
/// <para>The value that the hosted job wrote, and the value that this job would write.</para>
/// </example>
/// <example>
/// <para>Check the hosted service every night</para>
/// <code>if (Compare-Provisioning ./contoso -EntraApplication TravelPerk) {
///     throw 'The hosted job and the mapping in git do not give the same users.'
/// }</code>
/// <para>The check fits a schedule: the job is only planned, never run.</para>
/// </example>
/// <seealso>Get-EntraProvisioningLog</seealso>
/// <seealso>Compare-ScimMapping</seealso>
/// <seealso>about_TravelPerkScim_Setup</seealso>
[Cmdlet(VerbsData.Compare, "Provisioning", DefaultParameterSetName = CycleSet, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(EngineComparison))]
public sealed class CompareProvisioningCommand : CycleCommand
{
    /// <summary>The enterprise application whose hosted job is compared: its name, an id, or an object. Without it, the application that
    /// the job reads.</summary>
    [Parameter]
    [ValidateNotNull]
    public EntraApplicationIdentity? EntraApplication { get; set; }

    /// <summary>Begin of the span of the hosted job's log. Default: a day ago.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <summary>Also writes the users whom both jobs leave with the same values.</summary>
    [Parameter]
    public SwitchParameter IncludeEqual { get; set; }

    private protected override CycleOptions Options => base.Options with { Initial = true, IncludeSkipped = true };

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        EntraDirectoryConnection connection = RunspaceSession.Require(Entra);
        EntraHostedJobs.RequireLog(connection);
        EntraApplicationIdentity application = EntraApplication ?? OwnApplication(job);
        EntraProvisioningJob hosted = await EntraHostedJobs.FindJobAsync(connection, application, cancellationToken).ConfigureAwait(false);
        List<ProvisioningOutcome> log = await ReadLogAsync(connection, hosted, cancellationToken).ConfigureAwait(false);
        ProvisioningPlan plan = await PlanAsync(job, EngineFor(job), Options, cancellationToken).ConfigureAwait(false);
        foreach (EngineComparison compared in EngineComparison.Of(log, plan))
        {
            if (IncludeEqual || compared.Difference != EngineDifference.None)
                await WriteObjectAsync(compared).ConfigureAwait(false);
        }
    }

    private async Task<List<ProvisioningOutcome>> ReadLogAsync(
        EntraDirectoryConnection connection,
        EntraProvisioningJob hosted,
        CancellationToken cancellationToken
    )
    {
        DateTimeOffset since = Since is { } given ? new DateTimeOffset(given) : TimeProvider.System.GetUtcNow().AddDays(-1);
        List<ProvisioningOutcome> log = [];
        IAsyncEnumerable<ProvisioningOutcome> entries = EntraSchemas.LogAsync(
            connection,
            hosted.EnterpriseApplication,
            hosted.Id,
            new HostedLogQuery { Since = since },
            cancellationToken
        );
        await foreach (ProvisioningOutcome entry in entries.ConfigureAwait(false))
            log.Add(entry);
        if (log.Count == 0)
        {
            await WriteWarningAsync(
                    $"The log of the hosted job '{hosted}' has no entry since {ShownTime.Text(since)}. "
                        + "Give an earlier -Since, or see with Get-EntraProvisioningJob whether the job runs."
                )
                .ConfigureAwait(false);
        }

        return log;
    }

    private static EntraApplicationIdentity OwnApplication(ProvisioningJob job) =>
        job.Settings.Source.Application is { } id
            ? new EntraApplicationIdentity(id)
            : throw new CommandException(
                "EntraApplicationMissing",
                ErrorCategory.InvalidArgument,
                $"The job '{job.Name}' reads no enterprise application. Give -EntraApplication, whose hosted job is compared."
            );
}
