using System.Management.Automation;
using TravelPerkScim.Operations.Reports;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Writes a plan, outcomes, drift, a comparison or the status of jobs to a file that people read.</summary>
/// <remarks>
/// <para>As HTML it is one page with everything in it: counts, charts, reasons, and each user with the values before and after, to be
/// searched, sorted and filtered. It loads nothing, can be mailed, read on a phone and printed, and follows the dark or light colours of
/// the reader's system. The first 500 users can be read without JavaScript too.</para>
/// <para>Markdown is for a pull request or the summary of a pipeline's run, and stays within -MaximumLength: rows beyond it are left out
/// and counted. CSV is for a spreadsheet, where a value that it would take for a formula gets an apostrophe. JSON is for programs.</para>
/// <para>Marks name what a reviewer looks for first: renamed, manager changed or lost, cost object (cost centre) changed or lost, takeover,
/// drift. Values that the mapping redacts show as [Redact] in every format, and the report names their attributes.</para>
/// <para>A report holds personal data, as the plan does: a new file can be read by its owner alone. An existing file is overwritten and
/// keeps its permissions, unless -NoClobber is given. When no object comes, the report says that there is nothing to report.</para>
/// </remarks>
/// <example>
/// <para>Show the next cycle to those who decide</para>
/// <code>Get-ProvisioningPlan ./contoso | Export-ProvisioningReport ./plan.html -Job ./contoso</code>
/// <para>Writes a page with the plan and the job's last cycles.</para>
/// </example>
/// <example>
/// <para>Report what the cycle of tonight did</para>
/// <code>Invoke-Provisioning ./contoso | Export-ProvisioningReport ./outcomes.html -PassThru</code>
/// <para>Writes the outcomes, and gives the file as an object.</para>
/// </example>
/// <example>
/// <para>Put the plan into the summary of a run in GitHub Actions</para>
/// <code>Get-ProvisioningPlan ./contoso | Export-ProvisioningReport $env:GITHUB_STEP_SUMMARY -Format Markdown -MaximumLength 1048576</code>
/// <para>Writes Markdown within GitHub's limit. For a comment on a pull request, the default length fits.</para>
/// </example>
/// <example>
/// <para>Show what was changed in TravelPerk by hand</para>
/// <code>Get-ProvisioningPlan ./contoso -Reconcile | Where-Object Drift -NE None | Export-ProvisioningReport ./drift.csv</code>
/// <para>Writes a line for each drifted user.</para>
/// </example>
/// <example>
/// <para>Show how all jobs stand</para>
/// <code>Get-ChildItem ./jobs -Directory | Get-ProvisioningStatus -Last 30 |
///     Export-ProvisioningReport ./status.html -Title 'Provisioning to TravelPerk'</code>
/// <para>Writes one page with every job: its status, its last cycles, and what needs a person.</para>
/// </example>
/// <seealso>Get-ProvisioningPlan</seealso>
/// <seealso>Get-ProvisioningLog</seealso>
/// <seealso>Get-ProvisioningStatus</seealso>
/// <seealso>about_TravelPerkScim_Reports</seealso>
[Cmdlet(VerbsData.Export, "ProvisioningReport", SupportsShouldProcess = true, HelpUri = HelpPages.Logs)]
[OutputType(typeof(FileInfo))]
public sealed class ExportProvisioningReportCommand : AsyncCmdlet
{
    private const int TrendCycles = 30;

    private readonly List<object> _items = [];

    /// <summary>The file to write.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Operations (Get-ProvisioningPlan), outcomes (Invoke-Provisioning, Get-ProvisioningLog, Get-EntraProvisioningLog),
    /// comparisons (Compare-Provisioning) or statuses (Get-ProvisioningStatus): all of one kind.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    [ValidateNotNull]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>The form of the report. Default: what the end of the file's name says, .html, .md, .csv or .json.</summary>
    [Parameter]
    public ReportFormat? Format { get; set; }

    /// <summary>The heading. Default: what the report is about, and of which job.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>The job that the objects are of, its folder or a job object: its name, source and target stand in the head, its last 30
    /// cycles beside the objects, and names beside the ids of managers.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public ProvisioningJobIdentity? Job { get; set; }

    /// <summary>Most bytes of a Markdown report. Default: 65,536, as much as a comment on a pull request may have.</summary>
    [Parameter]
    [ValidateRange(4096, ReportFile.MostMarkdownBytes)]
    public int MaximumLength { get; set; } = ReportFile.DefaultMarkdownBytes;

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

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        _items.AddRange(InputObject.Select(item => item.BaseObject));
        return Task.CompletedTask;
    }

    // Operations know their job. One that is gone, or several of them, have no head.
    private async Task<ProvisioningJob?> PlannedAsync(CancellationToken cancellationToken)
    {
        string[] paths = [.. _items.OfType<ProvisioningOperation>().Select(operation => operation.JobPath).OfType<string>().Distinct()];
        return paths is [var only] && ProvisioningJob.Exists(only)
            ? await JobStores.OpenAsync(only, cancellationToken).ConfigureAwait(false)
            : null;
    }

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Path,
            async () =>
            {
                var file = new FileInfo(await ResolvePathAsync(Path).ConfigureAwait(false));
                ReportFormat format =
                    Format
                    ?? ReportFormats.Of(file.Name)
                    ?? throw new CommandException(
                        "ReportFormatUnknown",
                        ErrorCategory.InvalidArgument,
                        $"The name of '{file.FullName}' does not say which form the report is to have. "
                            + $"Give -Format, or a name that ends in .html, .md, .csv or .json."
                    );
                string? folder = Job is null ? null : await ResolvePathAsync(Job.Path).ConfigureAwait(false);
                ProvisioningJob? given = folder is null ? null : await JobStores.OpenAsync(folder, cancellationToken).ConfigureAwait(false);
                var report = ProvisioningReport.Of(
                    _items,
                    TimeProvider.System.GetUtcNow(),
                    Title,
                    given is null ? null : ProvisioningStatus.Read(given, TrendCycles),
                    given ?? await PlannedAsync(cancellationToken).ConfigureAwait(false)
                );
                FileExport.Check(file, NoClobber);
                if (
                    !await ShouldProcessAsync(
                            file.FullName,
                            FormattableString.Invariant($"Export a report about {_items.Count} objects as {format}")
                        )
                        .ConfigureAwait(false)
                )
                {
                    return;
                }

                if (file is { Exists: true, IsReadOnly: true })
                    MakeWritable(file);

                ReportFile.Save(file.FullName, report, format, MaximumLength);
                if (PassThru)
                    await WriteObjectAsync(new FileInfo(file.FullName)).ConfigureAwait(false);
            }
        );

    private void MakeWritable(FileInfo file)
    {
        if (!Force)
        {
            throw new CommandException(
                "ReportUnwritable",
                ErrorCategory.WriteError,
                $"The file '{file.FullName}' cannot be written: It is read-only. Give another path, or overwrite it with -Force."
            );
        }
        file.IsReadOnly = false;
    }
}
