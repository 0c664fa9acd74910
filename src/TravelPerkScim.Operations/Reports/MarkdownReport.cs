using System.Text;
using System.Text.RegularExpressions;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Reports;

/// <summary>
/// A report for a pull request, or for the summary of a pipeline's run: counts first, then what needs a person, then every action in a part
/// that opens. It ends in time for the limit, and says what it left out.
/// </summary>
internal sealed partial class MarkdownReport(ProvisioningReport report, int limit)
{
    private const int ShownReasons = 12;

    private static readonly Dictionary<string, string> s_entities = new(StringComparer.Ordinal)
    {
        ["<"] = "&lt;",
        [">"] = "&gt;",
        ["&"] = "&amp;",
    };

    // For the sentence that says what was left out, and the end tags of what is open.
    private const int Reserve = 400;

    private readonly StringBuilder _text = new();
    private int _bytes;

    public void Write(Stream stream)
    {
        WriteHead();
        if (report.Kind == ReportKind.Status)
            WriteJobs();
        else if (report.Rows.Count > 0)
            WriteOperations();
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write(_text);
    }

    /// <summary>Foreign text between words of ours: it makes no element, no link, no mention and no reference to an issue.</summary>
    internal static string Text(string? text)
    {
        string escaped = Punctuation()
            .Replace(ShownText.Of(text ?? ""), match => s_entities.GetValueOrDefault(match.Value) ?? $"\\{match.Value}");
        // An empty comment parts what a service would make a link or a mention of, and cannot be seen.
        return Linked().Replace(escaped, match => $"{match.Value}<!-- -->");
    }

    /// <summary>A foreign name or value as code, in which nothing means anything but a bar in a table, and backticks as many as it begins
    /// with.</summary>
    internal static string Code(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "–";
        string shown = ShownText.Of(text).Replace("|", "\\|", StringComparison.Ordinal);
        int longest = Backticks().Matches(shown).Select(match => match.Length).DefaultIfEmpty(0).Max();
        string fence = new('`', longest + 1);
        string pad = shown.Trim(' ', '`').Length < shown.Length ? " " : "";
        return $"{fence}{pad}{shown}{pad}{fence}";
    }

    private void WriteHead()
    {
        Add($"## {Text(report.Title)}\n\n");
        if (report.About.Count > 0)
            Add($"{string.Join("  \n", report.About.Select(Text))}\n\n");
        if (report.Kind == ReportKind.Nothing)
            Add("There is nothing to report: no operation came.\n");
        if (report.Kind is ReportKind.Status or ReportKind.Nothing)
            return;
        IEnumerable<string> counts = report
            .Statuses.Concat(report.Marks)
            .Select(count => $"{Text(count.Name)} {Charts.Number(count.Count)}");
        Add(
            $"**{Charts.Number(report.Rows.Count)} {(report.Rows.Count == 1 ? "operation" : "operations")}**: "
                + $"{string.Join(", ", report.Actions.Select(count => $"{count.Name} {Charts.Number(count.Count)}"))}.\n"
        );
        Add($"{string.Join(", ", counts)}.\n\n");
        if (report.Hidden.Count > 0)
            Add($"Hidden by the mapping (Redact): {string.Join(", ", report.Hidden.Select(Code))}.\n\n");
        foreach (ProvisioningStatus job in report.Jobs.Where(job => job.LastCycle is not null))
            Add($"Last cycle of {Text(job.Job)}: {Text(job.LastCycle!.ToString())}, begun {ShownTime.Text(job.LastCycle.Began)}.\n\n");
    }

    private void WriteOperations()
    {
        Add("| Reason | Action | Users |\n|---|---|--:|\n");
        foreach (ReportReason reason in report.Reasons.Take(ShownReasons))
        {
            string others = reason.Others == 0 ? "" : $" (and {Charts.Number(reason.Others)} more like it)";
            string actions = string.Join(", ", reason.Actions);
            Add($"| {Labelled(reason.Label, reason.Reason)}{others} | {actions} | {Charts.Number(reason.Count)} |\n");
        }
        if (report.Reasons.Count > ShownReasons)
        {
            Add(
                $"| {report.Reasons.Count - ShownReasons} more reasons | | "
                    + $"{Charts.Number(report.Reasons.Skip(ShownReasons).Sum(reason => reason.Count))} |\n"
            );
        }
        Add("\n");

        // What fails, waits, or takes away comes first, and is open.
        ILookup<bool, ReportRow> byNeed = report.Rows.ToLookup(row => row.Tone is "bad" or "warn");
        int left = WriteRows("Needs attention", [.. byNeed[true]], open: true);
        foreach (IGrouping<ProvisioningAction, ReportRow> rows in byNeed[false].GroupBy(row => row.Action).OrderBy(RankOf))
            left += WriteRows(rows.Key.ToString(), [.. rows], open: rows.Key is ProvisioningAction.Delete or ProvisioningAction.Disable);
        if (left > 0)
        {
            Add(
                $"**{Charts.Number(left)} more {(left == 1 ? "row is" : "rows are")} left out**, so that the text "
                    + $"stays within {Charts.Number(limit)} bytes. The HTML, CSV and JSON reports have all of them.\n"
            );
        }
    }

    // Gives how many rows found no room.
    private int WriteRows(string heading, List<ReportRow> rows, bool open)
    {
        if (rows.Count == 0)
            return 0;
        string head =
            $"<details{(open ? " open" : "")}><summary>{heading} ({Charts.Number(rows.Count)})</summary>\n\n| "
            + $"User | Action | Status | Values | Reason |\n|---|---|---|---|---|\n";
        if (!Fits(head.Length + 200))
            return rows.Count;
        Add(head);
        int written = 0;
        foreach (ReportRow row in rows)
        {
            string line = Line(row);
            if (!Fits(Encoding.UTF8.GetByteCount(line)))
                break;
            Add(line);
            written++;
        }
        Add("\n</details>\n\n");
        return rows.Count - written;
    }

    private static string Line(ReportRow row)
    {
        string status = string.Join(", ", row.Marks.Select(mark => mark.Text()).Prepend(row.Status));
        string values = string.Join(
            "<br>",
            row.Changes.Select(change =>
                row.Action == ProvisioningAction.Create
                    ? $"{Text(change.Label)}: {Code(change.New)}"
                    : $"{Text(change.Label)}: {Code(change.Old)} → {Code(change.New)}"
            )
        );
        string note = row.Note is null ? "" : $"<br>{Text(row.Note)}";
        return $"| {Code(row.Identity)} | {row.Action} | {Text(status)} | {values} | {Labelled(row.Label, row.Reason)}{note} |\n";
    }

    private static string Labelled(string? label, string reason) => label is null ? Text(reason) : $"**{Text(label)}** {Text(reason)}";

    private void WriteJobs()
    {
        Add("| Job | Status | Last cycle | Linked | Escrow | Staged | Next cycle |\n|---|---|---|--:|--:|--:|---|\n");
        int written = 0;
        foreach (ProvisioningStatus job in report.Jobs)
        {
            string last = job.LastCycle is { } cycle ? $"{cycle.State}, {ShownTime.Text(cycle.Began)}" : "–";
            string line =
                $"| {Code(job.Job)} | {job.Status}{Held(job)} | {last} | {Charts.Number(job.LinkedUsers)} "
                + $"| {Charts.Number(job.Escrowed)} | {Charts.Number(job.Staged.Count)} | {ProvisioningReport.NextCycleOf(job)} |\n";
            if (!Fits(Encoding.UTF8.GetByteCount(line)))
                break;
            Add(line);
            written++;
        }
        if (written < report.Jobs.Count)
        {
            Add(
                $"\n**{Charts.Number(report.Jobs.Count - written)} more jobs are left "
                    + $"out**, so that the text stays within {Charts.Number(limit)} bytes.\n"
            );
        }
    }

    private static string Held(ProvisioningStatus job)
    {
        if (job.Quarantine is { } quarantine)
            return $"<br>{Text(quarantine.Message)}";
        return job.IsOverdue ? "<br>overdue" : "";
    }

    private static int RankOf(IGrouping<ProvisioningAction, ReportRow> rows) =>
        rows.Key switch
        {
            ProvisioningAction.Delete => 0,
            ProvisioningAction.Disable => 1,
            ProvisioningAction.None => 3,
            _ => 2,
        };

    private bool Fits(int bytes) => _bytes + bytes + Reserve <= limit;

    private void Add(string text)
    {
        _text.Append(text);
        _bytes += Encoding.UTF8.GetByteCount(text);
    }

    [GeneratedRegex(@"[\\`*_\[\]<>|~&$]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"@(?=[A-Za-z0-9])|#(?=\d)|https?:(?=//)|www(?=\.)|GH(?=-\d)", RegexOptions.IgnoreCase)]
    private static partial Regex Linked();

    [GeneratedRegex("`+")]
    private static partial Regex Backticks();
}
