using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Operations.Reports;

/// <summary>A report for programs. Names stay, values of enumerations are names, and <c>version</c> counts up when a program would have to
/// be changed.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All),
        Converters = { new JsonStringEnumConverter() },
    };

    public static void Write(Stream stream, ProvisioningReport report) =>
        JsonSerializer.Serialize(
            stream,
            new Document(
                "TravelPerkScim.Report",
                1,
                report.Kind,
                report.Title,
                report.Made,
                report.About,
                report.Hidden,
                new Counts(
                    report.Rows.Count,
                    Named(report.Actions),
                    Named(report.Statuses),
                    report
                        .Rows.SelectMany(row => row.Marks)
                        .GroupBy(mark => mark)
                        .OrderBy(marks => marks.Key)
                        .ToDictionary(marks => marks.Key.ToString(), marks => marks.Count())
                ),
                report.Rows,
                [.. report.Jobs.Select(JobOf)]
            ),
            s_options
        );

    private static Dictionary<string, int> Named(IReadOnlyList<ReportCount> counts) =>
        counts.ToDictionary(count => count.Name, count => count.Count);

    private static Job JobOf(ProvisioningStatus job) =>
        new(
            job.Job,
            job.Status,
            job.LinkedUsers,
            job.Escrowed,
            [.. job.Staged.Select(staged => staged.CycleId)],
            job.Quarantine is { } quarantine
                ? new Held(quarantine.Reason, quarantine.Began, quarantine.NextAttempt, quarantine.Message)
                : null,
            job.NextCycle,
            job.IsOverdue,
            [
                .. job.Cycles.Select(cycle => new Cycle(
                    cycle.Id,
                    cycle.Kind,
                    cycle.State,
                    cycle.Began,
                    cycle.Ended,
                    cycle.Counts,
                    cycle.Message,
                    cycle.Approved,
                    cycle.ApprovedBy
                )),
            ]
        );

    private sealed record Document(
        string Format,
        int Version,
        ReportKind Kind,
        string Title,
        DateTimeOffset Made,
        IReadOnlyList<string> About,
        IReadOnlyList<string> Hidden,
        Counts Counts,
        IReadOnlyList<ReportRow> Operations,
        IReadOnlyList<Job> Jobs
    );

    private sealed record Counts(
        int Operations,
        Dictionary<string, int> Actions,
        Dictionary<string, int> Statuses,
        Dictionary<string, int> Marks
    );

    private sealed record Job(
        string Name,
        JobStatus Status,
        long LinkedUsers,
        long Escrowed,
        IReadOnlyList<Guid> StagedCycles,
        Held? Quarantine,
        DateTimeOffset? NextCycle,
        bool IsOverdue,
        IReadOnlyList<Cycle> Cycles
    );

    private sealed record Held(QuarantineReason Reason, DateTimeOffset Began, DateTimeOffset NextAttempt, string Message);

    private sealed record Cycle(
        Guid Id,
        CycleKind Kind,
        CycleState State,
        DateTimeOffset Began,
        DateTimeOffset? Ended,
        CycleCounts Counts,
        string? Message,
        Guid? Approved,
        string? ApprovedBy
    );
}
