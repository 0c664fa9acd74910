using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that work on the mapping of a job or on a mapping file.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class MappingCommand : AsyncCmdlet
{
    private protected MappingCommand() { }

    /// <summary>The job: its folder, or a job object. A mapping file does as well. Without it, the job at the current location.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "Mapping")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public ProvisioningJobIdentity Job { get; set; } = ProvisioningJobIdentity.Here;

    private protected sealed override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Job,
            async () =>
            {
                var location = MappingLocation.Open(await ResolvePathAsync(Job.Path).ConfigureAwait(false));
                await ProcessMappingAsync(location, location.Read(), cancellationToken).ConfigureAwait(false);
            }
        );

    private protected abstract Task ProcessMappingAsync(
        MappingLocation location,
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    );

    /// <summary>Saves a changed mapping that has no error and is confirmed.</summary>
    private protected async Task SaveAsync(MappingLocation location, SynchronizationSchema schema, string action)
    {
        MappingLocation.Check(schema);
        if (await ShouldProcessAsync(location.Path, action).ConfigureAwait(false))
            location.File.Save(schema);
    }
}
