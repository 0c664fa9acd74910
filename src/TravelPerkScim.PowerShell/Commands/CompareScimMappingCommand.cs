using System.Management.Automation;
using TravelPerkScim.Mapping.Compare;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Compares two mappings, attribute by attribute.</summary>
/// <remarks>
/// <para>Each of them is a mapping file, the folder of a job, a hosted job, the default of a hosted job's template, or the module's own
/// default. One object is written for each difference: the attribute, both expressions, the kind of difference, and its effect on users.
/// Nothing is written when both mappings do the same. Order, ids and the spelling of an expression do not count.</para>
/// <para>The scope comes first, without an attribute. A hosted job needs a connection to Entra with Synchronization.Read.All, and
/// Application.Read.All to find the application.</para>
/// </remarks>
/// <example>
/// <para>See whether our own job and the hosted job map alike</para>
/// <code>Compare-ScimMapping ./contoso -EntraJob TravelPerk</code>
/// <para>Lists how the hosted job differs from ours. Before a change from one job to the other there should be no difference, or only a
/// wanted one.</para>
/// </example>
/// <example>
/// <para>Find out whether the hosted job was changed</para>
/// <code>if (Compare-ScimMapping ./hosted.json -EntraJob TravelPerk) {
///     throw 'The mapping of the hosted job differs from the file in git.'
/// }</code>
/// <para>For a scheduled check.</para>
/// </example>
/// <example>
/// <para>Compare two files</para>
/// <code>Compare-ScimMapping ./before.json ./after.json | Format-List</code>
/// <para>With both expressions in full.</para>
/// </example>
/// <seealso>Export-EntraProvisioningSchema</seealso>
/// <seealso>Get-ScimMapping</seealso>
/// <seealso>Test-ScimMapping</seealso>
[Cmdlet(VerbsData.Compare, "ScimMapping", DefaultParameterSetName = MappingSet, HelpUri = HelpPages.Expressions)]
[OutputType(typeof(ScimMappingDifference))]
public sealed class CompareScimMappingCommand : AsyncCmdlet
{
    private const string MappingSet = "Mapping";
    private const string EntraJobSet = "EntraJob";
    private const string EntraDefaultSet = "EntraDefault";
    private const string DefaultSet = "Default";

    private EntraDirectoryConnection? _connection;

    /// <summary>The mapping that the comparison starts from: a mapping file, a job's folder, a job, or an object of
    /// Get-EntraProvisioningJob.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("ReferenceObject", "FullName")]
    [ValidateNotNull]
    public ScimMappingIdentity? Reference { get; set; }

    /// <summary>The mapping that is compared with the reference: a mapping file, a job's folder, a job, or an object of
    /// Get-EntraProvisioningJob.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = MappingSet)]
    [Alias("DifferenceObject")]
    [ValidateNotNull]
    public ScimMappingIdentity? Difference { get; set; }

    /// <summary>Compares the hosted job of this enterprise application: its name, an id, or an object.</summary>
    [Parameter(Mandatory = true, ParameterSetName = EntraJobSet)]
    [ValidateNotNull]
    public EntraApplicationIdentity? EntraJob { get; set; }

    /// <summary>Compares the default of the template from which the hosted job of this enterprise application was made.</summary>
    [Parameter(Mandatory = true, ParameterSetName = EntraDefaultSet)]
    [ValidateNotNull]
    public EntraApplicationIdentity? EntraDefault { get; set; }

    /// <summary>Compares the module's own default mapping.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DefaultSet)]
    public SwitchParameter Default { get; set; }

    /// <summary>The connection for hosted jobs, as Connect-EntraDirectory -PassThru gives it. Without it, the default connection of this
    /// runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public EntraDirectoryConnection? EntraConnection { get; set; }

    private protected override void Prepare() => _connection = RunspaceSession.Choose(EntraConnection);

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Reference!,
            async () =>
            {
                SynchronizationSchema reference = await ReadAsync(Reference!, cancellationToken).ConfigureAwait(false);
                SynchronizationSchema difference = ParameterSetName switch
                {
                    EntraJobSet => await HostedAsync(EntraJob!, template: false, cancellationToken).ConfigureAwait(false),
                    EntraDefaultSet => await HostedAsync(EntraDefault!, template: true, cancellationToken).ConfigureAwait(false),
                    DefaultSet => SynchronizationSchema.Default,
                    _ => await ReadAsync(Difference!, cancellationToken).ConfigureAwait(false),
                };
                foreach (MappingDifference found in MappingComparison.Compare(reference, difference))
                    await WriteObjectAsync(new ScimMappingDifference(found)).ConfigureAwait(false);
            }
        );

    private async Task<SynchronizationSchema> ReadAsync(ScimMappingIdentity identity, CancellationToken cancellationToken) =>
        identity.Hosted is { } hosted
            ? await HostedAsync(hosted, template: false, cancellationToken).ConfigureAwait(false)
            : MappingLocation.Open(await ResolvePathAsync(identity.Path!).ConfigureAwait(false)).Read();

    private async Task<SynchronizationSchema> HostedAsync(
        EntraApplicationIdentity identity,
        bool template,
        CancellationToken cancellationToken
    )
    {
        EntraDirectoryConnection connection = RunspaceSession.Require(_connection);
        EntraHostedJobs.RequireRead(connection);
        EntraProvisioningJob job = await EntraHostedJobs.FindJobAsync(connection, identity, cancellationToken).ConfigureAwait(false);
        return await EntraSchemas.ReadAsync(connection, job, template, cancellationToken).ConfigureAwait(false);
    }
}
