using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Reports;

/// <summary>Writes reports to files, whole or not at all.</summary>
public static class ReportFile
{
    /// <summary>As much as a comment on a pull request of GitHub may have.</summary>
    public const int DefaultMarkdownBytes = 65_536;

    /// <summary>As much as the summary of a step in GitHub Actions may have.</summary>
    public const int MostMarkdownBytes = 1_048_576;

    /// <summary>Writes a report. A new file can be read by its owner alone, since it holds personal data; one that was there keeps its
    /// permissions.</summary>
    /// <param name="path">The file, absolute.</param>
    /// <param name="report">The report.</param>
    /// <param name="format">Its form.</param>
    /// <param name="markdownBytes">Most bytes of a Markdown report; rows beyond them are counted and left out. Default:
    /// <see cref="DefaultMarkdownBytes"/>.</param>
    /// <exception cref="ProvisioningException"><c>ReportUnwritable</c>, <c>FileIsLink</c>.</exception>
    public static void Save(string path, ProvisioningReport report, ReportFormat format, int markdownBytes = DefaultMarkdownBytes)
    {
        try
        {
            WholeFile.WriteKeeping(WholeFile.Check(path), stream => Write(stream, report, format, markdownBytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProvisioningException(
                "ReportUnwritable",
                $"The file '{path}' cannot be written: {e.Message} Check the folder, "
                    + $"give another path, or overwrite a read-only file with -Force.",
                e
            );
        }
    }

    /// <summary>Writes a report to a stream, which stays open.</summary>
    /// <inheritdoc cref="Save"/>
    /// <param name="stream">Takes it, in UTF-8.</param>
    public static void Write(Stream stream, ProvisioningReport report, ReportFormat format, int markdownBytes = DefaultMarkdownBytes)
    {
        switch (format)
        {
            case ReportFormat.Markdown:
                new MarkdownReport(report, markdownBytes).Write(stream);
                break;
            case ReportFormat.Csv:
                CsvReport.Write(stream, report);
                break;
            case ReportFormat.Json:
                JsonReport.Write(stream, report);
                break;
            default:
                new HtmlReport(report).Write(stream);
                break;
        }
    }
}
