using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Discovery;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Map;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gives a job the mapping of a file, such as the schema downloaded from an Entra provisioning job.</summary>
/// <remarks>
/// <para>The file is Entra's synchronization schema, as "Review your schema" in the Entra admin center downloads it: attribute mappings,
/// expressions, matching precedence and scoping filters. The file is checked, and then copied byte for byte to the job's mapping.json, so
/// that nothing is lost. The attributes of its target directory count beside those that TravelPerk publishes, and can be mapped. Only a
/// definition, or a form of values, that the connected service alone knows of a mapped attribute is added to the copy.</para>
/// <para>A file with an error is refused, and the job keeps its mapping. Test-ScimMapping with the file lists all errors. A probable
/// mistake is a warning. A changed mapping makes the next cycle an initial one. Links are kept.</para>
/// </remarks>
/// <example>
/// <para>Use the mapping of an Entra job</para>
/// <code>Import-ScimMapping ./schema.json -Job ./contoso</code>
/// <para>The job in ./contoso has the mapping and the scope of the Entra job from now on.</para>
/// </example>
/// <example>
/// <para>See the changes first</para>
/// <code>Get-ProvisioningPlan ./contoso -Mapping ./schema.json</code>
/// <para>The plan with the file's mapping. Nothing is saved.</para>
/// </example>
/// <seealso>Export-ScimMapping</seealso>
/// <seealso>Test-ScimMapping</seealso>
/// <seealso>about_TravelPerkScim_Mapping</seealso>
[Cmdlet(VerbsData.Import, "ScimMapping", SupportsShouldProcess = true, HelpUri = HelpPages.Expressions)]
[OutputType(typeof(ScimMapping))]
public sealed class ImportScimMappingCommand : AsyncCmdlet
{
    private TravelPerkConnection? _connection;

    /// <summary>The mapping file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The job: its folder, or a job object. Without it, the job at the current location.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public ProvisioningJobIdentity Job { get; set; } = ProvisioningJobIdentity.Here;

    /// <summary>The connection to read further attributes from: mapped attributes that neither TravelPerk publishes nor the file defines.
    /// Without it, the default connection of this runspace, if there is one.</summary>
    [Parameter]
    [ValidateNotNull]
    public TravelPerkConnection? Connection { get; set; }

    /// <summary>Writes the attribute mappings of the job after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Prepare() => _connection = RunspaceSession.Choose(Connection);

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(Path, () => ImportAsync(cancellationToken));

    private async Task ImportAsync(CancellationToken cancellationToken)
    {
        string path = await ResolvePathAsync(Path).ConfigureAwait(false);
        string folder = await ResolvePathAsync(Job.Path).ConfigureAwait(false);
        if (ProvisioningJob.Exists(path) && File.Exists(folder))
        {
            throw new CommandException(
                "JobNotFound",
                ErrorCategory.ObjectNotFound,
                $"Nothing was imported: '{Path}' is a job and '{Job}' is a file. "
                    + $"Give the file first: Import-ScimMapping '{Job}' -Job '{Path}'."
            );
        }

        var job = ProvisioningJob.Open(folder);
        var source = MappingLocation.OfFile(path);
        byte[] content = source.File.ReadBytes();
        SynchronizationSchema schema = source.Read();
        bool completed = await CompleteAsync(schema, cancellationToken).ConfigureAwait(false);
        foreach (string warning in MappingLocation.Check(schema))
            await WriteWarningAsync(warning).ConfigureAwait(false);
        if (await ShouldProcessAsync(job.Path, $"Replace the mapping with that of {Path}").ConfigureAwait(false))
        {
            if (completed)
                job.Mapping.Save(schema);
            else
                job.Mapping.Import(content);
        }
        foreach (AttributeMapping mapping in PassThru ? schema.UserMapping.AttributeMappings : Enumerable.Empty<AttributeMapping>())
            await WriteObjectAsync(new ScimMapping(job.Path, mapping)).ConfigureAwait(false);
    }

    /// <summary>Adds the definitions that only the connected service has.</summary>
    /// <returns>True when the schema was changed.</returns>
    private async Task<bool> CompleteAsync(SynchronizationSchema schema, CancellationToken cancellationToken)
    {
        bool asks = schema.HasUserMapping && ServiceAttributes.Any(schema);
        ServiceAttributeList service = await ServiceAttributeList
            .ReadAsync(asks ? _connection : null, cancellationToken)
            .ConfigureAwait(false);
        await WriteWarningAsync(service.Problem).ConfigureAwait(false);
        return service.Attributes.Count > 0 && ServiceAttributes.Define(schema, service.Attributes);
    }
}
