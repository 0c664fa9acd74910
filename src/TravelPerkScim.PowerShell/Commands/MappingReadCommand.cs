using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that read the mapping of a job, a mapping file, or the module's default one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class MappingReadCommand : AsyncCmdlet
{
    private protected const string JobSet = "Job";
    private protected const string DefaultSet = "Default";

    private protected MappingReadCommand() { }

    /// <summary>The job: its folder, or a job object. A mapping file does as well. Without it, the job at the current location.</summary>
    [Parameter(ParameterSetName = JobSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "Mapping")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public virtual ProvisioningJobIdentity Job { get; set; } = ProvisioningJobIdentity.Here;

    /// <summary>Uses the module's default mapping instead of a job's.</summary>
    [Parameter(ParameterSetName = DefaultSet, Mandatory = true)]
    public virtual SwitchParameter Default { get; set; }

    private protected sealed override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Default ? "Default" : Job,
            async () =>
            {
                MappingLocation? location = Default ? null : MappingLocation.Open(await ResolvePathAsync(Job.Path).ConfigureAwait(false));
                await ProcessMappingAsync(location, location?.Read() ?? SynchronizationSchema.Default, cancellationToken)
                    .ConfigureAwait(false);
            }
        );

    /// <param name="location">The place of the mapping; null for the default mapping.</param>
    /// <param name="schema">The mapping.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    private protected abstract Task ProcessMappingAsync(
        MappingLocation? location,
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    );
}
