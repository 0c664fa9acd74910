using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gives a hosted provisioning job the mapping of a file or of one of our own jobs.</summary>
/// <remarks>
/// <para>The whole schema is replaced, because Entra cannot change a part of it. The schema is checked first, as Import-ScimMapping checks
/// it. A schema with an error is refused and not sent; a probable mistake is a warning. A schema that the job already has is not sent.
/// Settings that Entra does not know, such as OnInvalid, are not uploaded.</para>
/// <para>The command asks first, unless -Confirm:$false is given: a changed mapping makes the next cycle an initial one, over every user in
/// scope. Compare-ScimMapping shows the changes. Least permission: Synchronization.ReadWrite.All, and Application.Read.All to find the
/// application.</para>
/// </remarks>
/// <example>
/// <para>Change the mapping of the hosted job</para>
/// <code>Export-EntraProvisioningSchema TravelPerk ./hosted.json
/// Set-ScimMapping ./hosted.json title -Expression 'Coalesce([jobTitle], "Traveller")'
/// Import-EntraProvisioningSchema TravelPerk ./hosted.json</code>
/// <para>Changes a copy with the cmdlets for mapping files, then asks and uploads the copy.</para>
/// </example>
/// <example>
/// <para>Bring the job in line with the file in git</para>
/// <code>Compare-ScimMapping (Get-EntraProvisioningJob TravelPerk) ./hosted.json
/// Import-EntraProvisioningSchema TravelPerk ./hosted.json -Confirm:$false</code>
/// <para>Shows the drift, then removes it. Nothing is sent when there is no drift.</para>
/// </example>
/// <seealso>Export-EntraProvisioningSchema</seealso>
/// <seealso>Reset-EntraProvisioningSchema</seealso>
/// <seealso>Compare-ScimMapping</seealso>
[Cmdlet(
    VerbsData.Import,
    "EntraProvisioningSchema",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.HostedJobs
)]
[OutputType(typeof(ScimMapping))]
public sealed class ImportEntraProvisioningSchemaCommand : EntraJobCommand
{
    /// <summary>The mapping file, or the folder of one of our own jobs.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Writes the attribute mappings of the job after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        SynchronizationSchema schema = MappingLocation.Open(await ResolvePathAsync(Path).ConfigureAwait(false)).Read();
        foreach (string warning in MappingLocation.Check(schema))
            await WriteWarningAsync(warning).ConfigureAwait(false);
        string action = $"Replace the mapping of the hosted provisioning job with that of {Path}";
        if (await ShouldProcessAsync(Named(job), action).ConfigureAwait(false))
        {
            bool sent = await EntraSchemas.WriteAsync(Entra, job, schema, cancellationToken).ConfigureAwait(false);
            if (!sent)
            {
                await WriteVerboseAsync($"The hosted job of '{job.Application}' already has this mapping. Nothing was sent.")
                    .ConfigureAwait(false);
            }
        }
        foreach (AttributeMapping mapping in PassThru ? schema.UserMapping.AttributeMappings : Enumerable.Empty<AttributeMapping>())
            await WriteObjectAsync(new ScimMapping(job.Application, mapping)).ConfigureAwait(false);
    }
}
