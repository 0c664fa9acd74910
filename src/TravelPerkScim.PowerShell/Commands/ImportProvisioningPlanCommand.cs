using System.Management.Automation;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Review;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Reads a plan that Export-ProvisioningPlan saved.</summary>
/// <remarks>
/// <para>Writes the operations in the file. They can be reviewed, filtered, and applied with Invoke-Provisioning. Nothing is changed, and
/// no connection is needed.</para>
/// <para>Invoke-Provisioning checks each operation: an operation that was edited, belongs to another job, or is out of date is not
/// applied.</para>
/// </remarks>
/// <example>
/// <para>Apply a reviewed plan</para>
/// <code>Import-ProvisioningPlan ./plan.json | Invoke-Provisioning ./contoso</code>
/// <para>Applies the operations in the file and nothing else.</para>
/// </example>
/// <example>
/// <para>See the changes in a plan</para>
/// <code>Import-ProvisioningPlan ./plan.json |
///     Where-Object Action -EQ Update |
///     Select-Object Identity -ExpandProperty Changes</code>
/// <para>Lists each attribute that would be written, with old and new value.</para>
/// </example>
/// <seealso>Export-ProvisioningPlan</seealso>
/// <seealso>Invoke-Provisioning</seealso>
[Cmdlet(VerbsData.Import, "ProvisioningPlan", HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningOperation))]
public sealed class ImportProvisioningPlanCommand : AsyncCmdlet
{
    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(Path, () => ReadAsync(cancellationToken));

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        string path = await ResolvePathAsync(Path).ConfigureAwait(false);
        foreach (ProvisioningOperation operation in await PlanFile.ReadAsync(path, cancellationToken).ConfigureAwait(false))
            await WriteObjectAsync(Rows.Of(operation)).ConfigureAwait(false);
    }
}
