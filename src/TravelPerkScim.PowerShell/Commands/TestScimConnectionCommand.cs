using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Discovery;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Tries the connection to TravelPerk.</summary>
/// <remarks>
/// <para>Asks for a user whose userName is a random GUID, as Test Connection in the Entra admin center does: the service must accept the
/// credential and answer an empty list. Writes $true or $false; the reason of a failure goes to the error stream. Nothing is
/// changed.</para>
/// <para>With -Detailed the command writes one record a check instead, each with its outcome, duration, finding and advice: authentication,
/// discovery, paging, filters on userName and externalId, the service's schema against a mapping, the clock, limits, and the dialect
/// learned so far. The checks take about ten requests, all of them reads. Where startIndex is ignored, the list is read in another way, and
/// the checks take up to 50 more.</para>
/// <para>The check of the mapping names attributes that the service requires of a new user and that the mapping does not fill.</para>
/// </remarks>
/// <example>
/// <para>Continue only when the connection works</para>
/// <code>if (-not (Test-ScimConnection)) { exit 1 }</code>
/// <para>The reason is on the error stream.</para>
/// </example>
/// <example>
/// <para>See each check</para>
/// <code>Test-ScimConnection -Detailed | Where-Object Outcome -NE Passed | Format-List</code>
/// <para>Writes warnings and failures, with advice.</para>
/// </example>
/// <example>
/// <para>Check a job's mapping and show the dialect that its cycles learned</para>
/// <code>Test-ScimConnection -Detailed -Job ./contoso</code>
/// <para>Compares the job's mapping with the service's schemas.</para>
/// </example>
/// <seealso>Connect-TravelPerk</seealso>
/// <seealso>Test-ScimMapping</seealso>
/// <seealso>about_TravelPerkScim_Connections</seealso>
[Cmdlet(VerbsDiagnostic.Test, "ScimConnection", HelpUri = HelpPages.Scim)]
[OutputType(typeof(bool), typeof(ConnectionCheck))]
public sealed class TestScimConnectionCommand : TargetCommand
{
    /// <summary>Writes one record for each check instead of one Boolean for all.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>With -Detailed: the job, or mapping file, whose mapping is checked against the service's schemas. Without it, the module's
    /// default mapping.</summary>
    [Parameter]
    [Alias("Mapping")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public ProvisioningJobIdentity? Job { get; set; }

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        var signs = new ServerSigns(TimeProvider.System);
        ScimClient probe = Target.CreateProbe(signs.Note);
        try
        {
            if (Detailed)
                await CheckAsync(probe, signs, cancellationToken).ConfigureAwait(false);
            else
                await WriteObjectAsync(await WorksAsync(probe, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            Target.Absorb(probe);
        }
    }

    private async Task<bool> WorksAsync(ScimClient probe, CancellationToken cancellationToken)
    {
        ErrorRecord error;
        try
        {
            Finding found = await ConnectionTest.QueryUnknownUserAsync(probe, cancellationToken).ConfigureAwait(false);
            if (found.Outcome == ConnectionCheckOutcome.Warning)
                await WriteWarningAsync(found.Message).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (ErrorRecords.IsOurs(exception))
        {
            error = ErrorRecords.From(exception, Target);
        }

        await WriteErrorAsync(error).ConfigureAwait(false);
        return false;
    }

    private async Task CheckAsync(ScimClient probe, ServerSigns signs, CancellationToken cancellationToken)
    {
        SynchronizationSchema mapping = Job is null
            ? SynchronizationSchema.Default
            : await ReadJobAsync(Job, probe, cancellationToken).ConfigureAwait(false);
        IAsyncEnumerable<ConnectionCheck> checks = new ConnectionTest(probe, signs, mapping, TimeProvider.System).RunAsync(
            cancellationToken
        );
        await foreach (ConnectionCheck check in checks.ConfigureAwait(false))
            await WriteObjectAsync(check).ConfigureAwait(false);
    }

    /// <summary>The mapping; of a job, the client also takes the dialect that its cycles learned.</summary>
    private async Task<SynchronizationSchema> ReadJobAsync(
        ProvisioningJobIdentity job,
        ScimClient probe,
        CancellationToken cancellationToken
    )
    {
        string path = await ResolvePathAsync(job.Path).ConfigureAwait(false);
        ScimDialect? learned = ProvisioningJob.Exists(path)
            ? (await JobStores.OpenAsync(path, cancellationToken).ConfigureAwait(false)).ReadDialect(
                probe.BaseUri,
                TimeProvider.System.GetUtcNow()
            )
            : null;
        if (learned is not null)
            probe.Recall(learned);
        return MappingLocation.Open(path).Read();
    }
}
