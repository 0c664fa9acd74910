using System.Management.Automation;
using System.Text;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Writes the mapping of a job, or the module's default one, to a file.</summary>
/// <remarks>
/// <para>Writes the whole synchronization schema: attribute mappings, scope and the definitions of both directories. A job's mapping is
/// copied to the byte. The file can be changed with the cmdlets that take a mapping file, tried with Get-ProvisioningPlan -Mapping,
/// imported into a job, or uploaded to Entra.</para>
/// <para>An existing file is overwritten, unless -NoClobber is given.</para>
/// </remarks>
/// <example>
/// <para>Try a change before the job gets it</para>
/// <code>Export-ScimMapping ./contoso ./new.json
/// Set-ScimMapping ./new.json title -Expression 'Coalesce([jobTitle], "Traveller")'
/// Get-ProvisioningPlan ./contoso -Mapping ./new.json
/// Import-ScimMapping ./new.json ./contoso</code>
/// <para>Changes a copy, shows what it would do, and then saves it.</para>
/// </example>
/// <example>
/// <para>Start from the default mapping</para>
/// <code>Export-ScimMapping -Default -Path ./mapping.json -NoClobber</code>
/// <para>Writes the module's own mapping, unless the file exists.</para>
/// </example>
/// <seealso>Import-ScimMapping</seealso>
/// <seealso>Get-ProvisioningPlan</seealso>
[Cmdlet(VerbsData.Export, "ScimMapping", SupportsShouldProcess = true, DefaultParameterSetName = JobSet, HelpUri = HelpPages.Expressions)]
[OutputType(typeof(FileInfo))]
public sealed class ExportScimMappingCommand : AsyncCmdlet
{
    private const string JobSet = "Job";
    private const string DefaultSet = "Default";

    /// <summary>The job: its folder, or a job object. Without it, the job at the current location.</summary>
    [Parameter(ParameterSetName = JobSet, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public ProvisioningJobIdentity Job { get; set; } = ProvisioningJobIdentity.Here;

    /// <summary>Writes the module's default mapping instead of a job's.</summary>
    [Parameter(ParameterSetName = DefaultSet, Mandatory = true)]
    public SwitchParameter Default { get; set; }

    /// <summary>The file to write.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

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

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Default ? "Default" : Job,
            async () =>
            {
                var file = new FileInfo(await ResolvePathAsync(Path).ConfigureAwait(false));
                byte[] content = Default
                    ? Encoding.UTF8.GetBytes(SynchronizationSchema.Default.ToJson())
                    : MappingLocation.Open(await ResolvePathAsync(Job.Path).ConfigureAwait(false)).File.ReadBytes();
                FileExport.Check(file, NoClobber);
                if (!await ShouldProcessAsync(file.FullName, "Export the mapping").ConfigureAwait(false))
                    return;
                FileExport.Write(file, content, Force);
                if (PassThru)
                    await WriteObjectAsync(new FileInfo(file.FullName)).ConfigureAwait(false);
            }
        );
}
