using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Review;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Saves a plan, or a part of it, to a file that can be reviewed and applied later.</summary>
/// <remarks>
/// <para>Writes the operations from the pipeline to one JSON file: the user, the action, each attribute's old and new value, the reason,
/// and the request that would be sent. Redacted values are written as [Redact]. Operations may be removed from the file; an edited
/// operation is refused when the plan is applied.</para>
/// <para>The file holds personal data, as the plan does. An existing file is overwritten, unless -NoClobber is given.</para>
/// </remarks>
/// <example>
/// <para>Review a plan before it is applied</para>
/// <code>Get-ProvisioningPlan ./contoso | Export-ProvisioningPlan ./plan.json
/// # review plan.json, for example as a change in git
/// Import-ProvisioningPlan ./plan.json | Invoke-Provisioning ./contoso</code>
/// <para>Saves the plan of the next cycle, and applies exactly that after the review.</para>
/// </example>
/// <example>
/// <para>Save only disables and deletes</para>
/// <code>Get-ProvisioningPlan ./contoso |
///     Where-Object Action -In Disable, Delete |
///     Export-ProvisioningPlan ./departures.json -PassThru</code>
/// <para>Writes the departures, and gives the file as an object.</para>
/// </example>
/// <seealso>Import-ProvisioningPlan</seealso>
/// <seealso>Get-ProvisioningPlan</seealso>
/// <seealso>Invoke-Provisioning</seealso>
[Cmdlet(VerbsData.Export, "ProvisioningPlan", SupportsShouldProcess = true, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(FileInfo))]
public sealed class ExportProvisioningPlanCommand : AsyncCmdlet
{
    private readonly List<ProvisioningOperation> _operations = [];

    /// <summary>The file to write.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Operations of one plan, as Get-ProvisioningPlan or Import-ProvisioningPlan gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    [ValidateNotNull]
    public ProvisioningOperation[] Plan { get; set; } = [];

    /// <summary>Refuses to overwrite a file.</summary>
    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Writes the file as an object to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        _operations.AddRange(Plan);
        return Task.CompletedTask;
    }

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Path,
            async () =>
            {
                var file = new FileInfo(await ResolvePathAsync(Path).ConfigureAwait(false));
                if (_operations.Count == 0)
                {
                    await WriteWarningAsync($"The plan has no operations, so '{file.FullName}' was not written.").ConfigureAwait(false);
                    return;
                }
                FileExport.Check(file, NoClobber);
                if (
                    !await ShouldProcessAsync(
                            file.FullName,
                            FormattableString.Invariant($"Export a plan of {_operations.Count} operations")
                        )
                        .ConfigureAwait(false)
                )
                {
                    return;
                }

                await PlanFile.SaveAsync(file.FullName, _operations, cancellationToken).ConfigureAwait(false);
                if (PassThru)
                    await WriteObjectAsync(new FileInfo(file.FullName)).ConfigureAwait(false);
            }
        );
}
