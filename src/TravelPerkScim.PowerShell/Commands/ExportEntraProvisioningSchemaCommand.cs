using System.Management.Automation;
using System.Text;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Reads the mapping of a hosted provisioning job, and writes it to a file or shows it.</summary>
/// <remarks>
/// <para>With -Path, the whole synchronization schema is written: attribute mappings, scope and the definitions of both directories.
/// Import-ScimMapping gives the file to a job of our own, Import-EntraProvisioningSchema to a hosted job, and git keeps it. Without -Path,
/// the attribute mappings are written as objects like those of Get-ScimMapping.</para>
/// <para>An existing file is overwritten, unless -NoClobber is given. Least permission: Synchronization.Read.All, and Application.Read.All
/// to find the application.</para>
/// </remarks>
/// <example>
/// <para>Keep the mapping in git</para>
/// <code>Export-EntraProvisioningSchema TravelPerk ./hosted.json</code>
/// <para>Writes the schema as the admin center's "Review your schema" downloads it.</para>
/// </example>
/// <example>
/// <para>Give our own job the mapping of the hosted job</para>
/// <code>Export-EntraProvisioningSchema TravelPerk ./hosted.json
/// Import-ScimMapping ./hosted.json ./contoso</code>
/// <para>Both jobs then have the same mapping and scope.</para>
/// </example>
/// <example>
/// <para>Show the mapping</para>
/// <code>Export-EntraProvisioningSchema TravelPerk</code>
/// <para>One row an attribute.</para>
/// </example>
/// <seealso>Import-EntraProvisioningSchema</seealso>
/// <seealso>Compare-ScimMapping</seealso>
/// <seealso>Import-ScimMapping</seealso>
[Cmdlet(VerbsData.Export, "EntraProvisioningSchema", SupportsShouldProcess = true, HelpUri = HelpPages.HostedJobs)]
[OutputType(typeof(ScimMapping), typeof(FileInfo))]
public sealed class ExportEntraProvisioningSchemaCommand : EntraJobCommand
{
    /// <summary>The file to write. Without it, the attribute mappings are written as objects.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Reads the schema of the template that the job was made from, which Reset-EntraProvisioningSchema goes back to.</summary>
    [Parameter]
    public SwitchParameter Default { get; set; }

    /// <summary>Overwrites a read-only file as well.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Refuses to overwrite a file.</summary>
    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Writes the file as an object to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void CheckPermissions(EntraDirectoryConnection connection) => EntraHostedJobs.RequireRead(connection);

    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        FileInfo? file = Path is null ? null : new FileInfo(await ResolvePathAsync(Path).ConfigureAwait(false));
        if (file is not null)
            FileExport.Check(file, NoClobber);
        SynchronizationSchema schema = await EntraSchemas.ReadAsync(Entra, job, Default, cancellationToken).ConfigureAwait(false);
        if (file is null)
        {
            foreach (AttributeMapping mapping in schema.UserMapping.AttributeMappings)
                await WriteObjectAsync(new ScimMapping(job.Application, mapping)).ConfigureAwait(false);
            return;
        }
        if (!await ShouldProcessAsync(file.FullName, $"Export the mapping of {Named(job)}").ConfigureAwait(false))
            return;
        FileExport.Write(file, Encoding.UTF8.GetBytes(schema.ToJson()), Force);
        if (PassThru)
            await WriteObjectAsync(new FileInfo(file.FullName)).ConfigureAwait(false);
    }
}
