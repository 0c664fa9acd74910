using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Resets the mapping of a hosted provisioning job to the default of its template.</summary>
/// <remarks>
/// <para>All changes of the mapping and the scoping filters are lost; Export-EntraProvisioningSchema keeps a copy. The command asks first,
/// unless -Confirm:$false is given. The next cycle is an initial one.</para>
/// <para>Least permission: Synchronization.ReadWrite.All, and Application.Read.All to find the application.</para>
/// </remarks>
/// <example>
/// <para>See the changes of a reset, then reset</para>
/// <code>Compare-ScimMapping (Get-EntraProvisioningJob TravelPerk) -EntraDefault TravelPerk
/// Reset-EntraProvisioningSchema TravelPerk</code>
/// <para>Lists the differences to the template's mapping, then asks.</para>
/// </example>
/// <example>
/// <para>Keep a copy first</para>
/// <code>Export-EntraProvisioningSchema TravelPerk ./before.json
/// Reset-EntraProvisioningSchema TravelPerk -Confirm:$false</code>
/// <para>Does not ask.</para>
/// </example>
/// <seealso>Export-EntraProvisioningSchema</seealso>
/// <seealso>Compare-ScimMapping</seealso>
[Cmdlet(
    VerbsCommon.Reset,
    "EntraProvisioningSchema",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.HostedJobs
)]
[OutputType(typeof(ScimMapping))]
public sealed class ResetEntraProvisioningSchemaCommand : EntraJobCommand
{
    /// <summary>Writes the attribute mappings of the job after the reset.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        if (
            await ShouldProcessAsync(Named(job), "Take the mapping of the hosted provisioning job back to its default")
                .ConfigureAwait(false)
        )
        {
            await EntraSchemas.ResetAsync(Entra, job, cancellationToken).ConfigureAwait(false);
        }

        if (!PassThru)
            return;
        SynchronizationSchema schema = await EntraSchemas.ReadAsync(Entra, job, template: false, cancellationToken).ConfigureAwait(false);
        foreach (AttributeMapping mapping in schema.UserMapping.AttributeMappings)
            await WriteObjectAsync(new ScimMapping(job.Application, mapping)).ConfigureAwait(false);
    }
}
