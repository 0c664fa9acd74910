using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Shows the operations that the next cycle of a job would carry out.</summary>
/// <remarks>
/// <para>Reads the source, and TravelPerk as far as the plan needs it, and writes one object an operation: the user, the action, the
/// reason, and each attribute's old and new value. Nothing is written to TravelPerk or to disk.</para>
/// <para>An operation with a Problem fails without being sent. A Staged operation is held back by the job's delete threshold.</para>
/// </remarks>
/// <example>
/// <para>Look before the first cycle</para>
/// <code>Get-ProvisioningPlan ./contoso</code>
/// <para>Shows the operations of the next cycle of the job in ./contoso.</para>
/// </example>
/// <example>
/// <para>Try a changed mapping before it is saved</para>
/// <code>Get-ProvisioningPlan ./contoso -Mapping ./new-mapping.json | Where-Object Action -EQ Update</code>
/// <para>Computes the plan for another mapping file. The job keeps its own mapping.</para>
/// </example>
/// <example>
/// <para>See the values that one user would get</para>
/// <code>(Get-ProvisioningPlan ./contoso | Where-Object Identity -EQ anna.berg@contoso.com).Changes</code>
/// <para>Lists the attributes that would be written, with old and new value.</para>
/// </example>
/// <example>
/// <para>Explain what would happen to one user</para>
/// <code>(Get-ProvisioningPlan ./contoso -Identity anna.berg@contoso.com).Steps</code>
/// <para>Shows the scope clause that decided, how the TravelPerk user was matched, and the request that would be sent. For a user without a
/// change, the steps give the reason.</para>
/// </example>
/// <example>
/// <para>Find changes that were made in TravelPerk by hand</para>
/// <code>Get-ProvisioningPlan ./contoso -Reconcile | Where-Object Drift -NE None</code>
/// <para>Compares every user with TravelPerk itself: users who were edited, disabled, enabled, deleted or made again there, users without
/// an account in the source (Orphan), and users who share a matching attribute (Duplicate).</para>
/// </example>
/// <example>
/// <para>See the users that are left alone, with the reason</para>
/// <code>Get-ProvisioningPlan ./contoso -IncludeSkipped | Where-Object Action -EQ None</code>
/// <para>Lists users who are out of scope or disabled and were never provisioned, and users who wait in escrow, each with the
/// reason.</para>
/// </example>
/// <seealso>Invoke-Provisioning</seealso>
/// <seealso>Export-ProvisioningPlan</seealso>
/// <seealso>about_TravelPerkScim_Provisioning</seealso>
[Cmdlet(VerbsCommon.Get, "ProvisioningPlan", DefaultParameterSetName = CycleSet, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningOperation))]
public sealed class GetProvisioningPlanCommand : ChosenCycleCommand
{
    /// <summary>A mapping file to plan with instead of the job's own: a synchronization schema, as Entra's "Review your schema" downloads
    /// it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Mapping { get; set; }

    /// <summary>Also shows users without an operation, with action None and the reason: out of scope or disabled and never provisioned, or
    /// in escrow until the next attempt is due. When only changes are read, add -Initial to see every user.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    public SwitchParameter IncludeSkipped { get; set; }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        CycleOptions options = Options with { IncludeSkipped = IncludeSkipped };
        if (Mapping is not null)
            options = options with { Mapping = MappingLocation.OfFile(await ResolvePathAsync(Mapping).ConfigureAwait(false)).Read() };
        ProvisioningPlan plan = await PlanAsync(job, EngineFor(job), options, cancellationToken).ConfigureAwait(false);
        foreach (ProvisioningOperation operation in plan.ForReview.Concat(plan.Skipped))
            await WriteObjectAsync(Rows.Of(operation)).ConfigureAwait(false);
    }
}
