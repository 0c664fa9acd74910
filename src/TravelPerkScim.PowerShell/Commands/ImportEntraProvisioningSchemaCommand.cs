using System.Management.Automation;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Map;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gives a hosted provisioning job the mapping of a file or of a job of our own.</summary>
/// <remarks>
/// <para>The whole schema is replaced: Entra has no change of a part. It is checked first, as Import-ScimMapping checks it; one with an
/// error is refused and nothing is sent. What would probably not do what was meant is a warning. A schema that the job has already is not
/// sent. Settings of ours that Entra does not know, such as OnInvalid, stay behind.</para>
/// <para>It asks first, unless -Confirm:$false is given: a changed mapping makes the next cycle an initial one, over everyone in scope.
/// Compare-ScimMapping shows what changes. Least permission: Synchronization.ReadWrite.All, and Application.Read.All to find the
/// application.</para>
/// </remarks>
/// <example>
/// <para>Change the mapping of the hosted job</para>
/// <code>Export-EntraProvisioningSchema TravelPerk ./hosted.json
/// Set-ScimMapping ./hosted.json title -Expression 'Coalesce([jobTitle], "Traveller")'
/// Import-EntraProvisioningSchema TravelPerk ./hosted.json</code>
/// <para>Changes a copy with the cmdlets for mapping files, then asks and uploads it.</para>
/// </example>
/// <example>
/// <para>Bring it in line with what git has</para>
/// <code>Compare-ScimMapping (Get-EntraProvisioningJob TravelPerk) ./hosted.json
/// Import-EntraProvisioningSchema TravelPerk ./hosted.json -Confirm:$false</code>
/// <para>Shows the drift, then takes it away. Nothing is sent when there is none.</para>
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
    /// <summary>The mapping file, or the folder of a job of our own.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Writes the attribute mappings that the job has then.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        MappingFile file = MappingPlace.Open(await ResolvePathAsync(Path).ConfigureAwait(false)).File;
        SynchronizationSchema schema = file.Read();
        MappingPlace.Check(schema);
        foreach (MappingFinding finding in MappingTest.Run(schema).Where(finding => finding.Severity == MappingFindingSeverity.Warning))
            await WriteWarningAsync(finding.TargetAttribute is null ? finding.Message : $"{finding.TargetAttribute}: {finding.Message}")
                .ConfigureAwait(false);
        if (
            await ShouldProcessAsync(Named(job), $"Replace the mapping of the hosted provisioning job with that of {Path}")
                .ConfigureAwait(false) && !await EntraSchemas.WriteAsync(Entra, job, schema, cancellationToken).ConfigureAwait(false)
        )
        {
            await WriteVerboseAsync($"'{job.Application}' has this mapping already; nothing was sent.").ConfigureAwait(false);
        }
        foreach (AttributeMapping mapping in PassThru ? schema.UserMapping.AttributeMappings : Enumerable.Empty<AttributeMapping>())
            await WriteObjectAsync(new ScimMapping(job.Application, mapping)).ConfigureAwait(false);
    }
}
