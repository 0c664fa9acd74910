using System.Management.Automation;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Deletes parts of a job's state.</summary>
/// <remarks>
/// <para>Nothing is sent to TravelPerk. The next cycle finds the deleted state again. The cycle reads the whole source and, without links,
/// matches users by the matching attributes, or else by the externalId.</para>
/// <para>The corresponding step of the Entra admin center is "Restart provisioning", which resets Watermark, Escrows and Quarantine.</para>
/// </remarks>
/// <example>
/// <para>Let a job run again</para>
/// <code>Reset-ProvisioningJob ./contoso -Scope Quarantine</code>
/// <para>Ends the quarantine, after its cause was removed. Staged operations still wait for an approval.</para>
/// </example>
/// <example>
/// <para>Restart a job</para>
/// <code>Reset-ProvisioningJob ./contoso -Scope Watermark, Escrows, Quarantine</code>
/// <para>The next cycle is an initial one; links are kept.</para>
/// </example>
/// <example>
/// <para>Delete the links, in a script</para>
/// <code>Reset-ProvisioningJob ./contoso -Scope Links -Force</code>
/// <para>Links are deleted without a question.</para>
/// </example>
/// <seealso>Invoke-Provisioning</seealso>
/// <seealso>Get-ProvisioningStatus</seealso>
[Cmdlet(VerbsCommon.Reset, "ProvisioningJob", SupportsShouldProcess = true, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningJob))]
public sealed class ResetProvisioningJobCommand : JobCommand
{
    /// <summary>The parts to delete: Watermark, Escrows, Quarantine, Links, or All. Without links, users are matched again, and the job no
    /// longer knows the users who had left.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public JobReset Scope { get; set; }

    /// <summary>Deletes links without asking. -Confirm:$false does the same.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the job.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    // Without links the job cannot find users who left meanwhile, and only the matching attributes tell which user is which.
    private async Task<bool> ConfirmDeletingLinksAsync(ProvisioningJob job) =>
        !Scope.HasFlag(JobReset.Links)
        || Force
        || Preference.DecidesQuestions(this)
        || await ShouldContinueAsync(
                $"Forget the links of '{job.Name}'? "
                    + "The next cycle matches every user again by the matching attributes, and users who left meanwhile stay active.",
                "Reset-ProvisioningJob"
            )
            .ConfigureAwait(false);

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        if (Scope == default)
        {
            throw new CommandException(
                "NothingToReset",
                ErrorCategory.InvalidArgument,
                "Nothing was reset: -Scope names no part of the state. Give -Scope Watermark, Escrows, Quarantine, Links or All."
            );
        }

        string parts = Scope == JobReset.All ? "everything" : $"the {Scope}";
        if (
            await ConfirmDeletingLinksAsync(job).ConfigureAwait(false)
            && await ShouldProcessAsync(job.Path, $"Forget {parts} of the provisioning job").ConfigureAwait(false)
        )
        {
            job.Reset(Scope);
            if (Scope.HasFlag(JobReset.Links))
            {
                await WriteWarningAsync(
                        $"The job '{job.Name}' no longer knows which users it provisioned. "
                            + "A user who left and was not disabled yet stays active in TravelPerk. "
                            + "After the next cycle, Get-ProvisioningPlan -Reconcile names such users as Orphan."
                    )
                    .ConfigureAwait(false);
            }
        }
        if (PassThru)
            await WriteObjectAsync(job).ConfigureAwait(false);
    }
}
