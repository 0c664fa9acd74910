using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.Operations.Reports;

/// <summary>A report as a table for a spreadsheet: one line a user, or a job.</summary>
internal static class CsvReport
{
    /// <summary>The byte order mark is what Excel knows UTF-8 by. A cell that a spreadsheet would take for a formula gets an apostrophe
    /// before it.</summary>
    public static void Write(Stream stream, ProvisioningReport report)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
        using var csv = new CsvWriter(
            writer,
            new CsvConfiguration(CultureInfo.InvariantCulture) { InjectionOptions = InjectionOptions.Escape, NewLine = "\r\n" }
        );
        if (report.Kind == ReportKind.Status)
            csv.WriteRecords(report.Jobs.Select(Line));
        else
            csv.WriteRecords(report.Rows.Select(Line));
    }

    private static OperationLine Line(ReportRow row) =>
        new(
            row.Identity,
            row.ObjectType.ToString(),
            row.Action.ToString(),
            row.Status,
            row.Drift.ToString(),
            string.Join("; ", row.Marks),
            row.Reason,
            row.Code,
            row.Note,
            string.Join("; ", row.Changes),
            row.SourceId,
            row.TargetId,
            Moment(row.Time),
            row.CycleId?.ToString()
        );

    private static JobLine Line(ProvisioningStatus job) =>
        new(
            job.Job,
            job.Status.ToString(),
            Moment(job.LastCycle?.Began),
            job.LastCycle?.State.ToString(),
            job.LastCycle?.Message,
            job.LinkedUsers,
            job.Escrowed,
            job.Staged.Count,
            job.Quarantine?.Reason.ToString(),
            Moment(job.NextCycle),
            job.IsOverdue
        );

    private static string? Moment(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private sealed record OperationLine(
        string Identity,
        string ObjectType,
        string Action,
        string Status,
        string Drift,
        string Marks,
        string Reason,
        string? Code,
        string? Note,
        string Changes,
        string SourceId,
        string? TargetId,
        string? Time,
        string? CycleId
    );

    private sealed record JobLine(
        string Job,
        string Status,
        string? LastCycle,
        string? State,
        string? Message,
        long LinkedUsers,
        long Escrowed,
        int Staged,
        string? Quarantine,
        string? NextCycle,
        bool IsOverdue
    );
}
