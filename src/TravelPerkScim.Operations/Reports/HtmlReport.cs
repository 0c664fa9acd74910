using System.Text.Json;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Reports;

/// <summary>
/// A report as a page. The first rows stand in it as they are, for viewers without a script; all of them are in it as data, from which the
/// script makes the rows that are looked for.
/// </summary>
internal sealed class HtmlReport(ProvisioningReport report)
{
    /// <summary>Rows that can be read without a script.</summary>
    public const int PlainRows = 500;

    private const int ShownReasons = 12;
    private const int NamedChanges = 4;
    private static readonly string s_script = HtmlPage.Asset("report.js");

    // Every character that could end the script element, or begin a comment in it, is escaped by this encoder.
    private static readonly JsonWriterOptions s_json = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All),
    };

    private bool Timed => report.Kind == ReportKind.Outcomes;

    public void Write(Stream stream)
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        new HtmlPage { Title = report.Title, Script = report.Rows.Count > 0 ? s_script : null }.Write(writer, WriteBody);
    }

    private void WriteBody(TextWriter page)
    {
        page.Write($"<header>\n<h1>{Text(report.Title)}</h1>\n<p class=\"muted\">{Text(Subtitle())}</p>\n");
        foreach (string line in report.About)
            page.Write($"<p class=\"muted\">{Text(line)}</p>\n");
        page.Write("</header>\n<main>\n");
        if (report.Kind == ReportKind.Status)
            WriteStatus(page);
        else if (report.Rows.Count == 0)
            page.Write("<div class=\"notice tone-good\"><p>There is nothing to report: no operation came.</p></div>\n");
        else
            WriteOperations(page);
        page.Write("</main>\n<footer>\n");
        if (report.Hidden.Count > 0)
        {
            page.Write(
                $"<p>Hidden by the mapping (Redact): {Text(string.Join(", ", report.Hidden))}. "
                    + $"Their values show as [Redact] and are not in this file.</p>\n"
            );
        }
        string personal = report.Kind == ReportKind.Status ? "" : "It holds personal data. ";
        page.Write(
            $"<p>Made by TravelPerkScim at {Text(ShownTime.Text(report.Made))}. "
                + $"{personal}The page is complete in this file and loads nothing.</p>\n</footer>\n"
        );
    }

    private string Subtitle() => $"{report.Purpose} {ShownTime.Text(report.Made)}";

    private void WriteOperations(TextWriter page)
    {
        WriteTiles(
            page,
            [
                new ReportCount(report.Rows.Count == 1 ? "operation" : "operations", report.Rows.Count, "none"),
                .. Named(report.Statuses),
                .. report.Marks,
            ]
        );
        page.Write("<div class=\"pair\">\n<section aria-labelledby=\"actions\">\n<h2 id=\"actions\">Actions</h2>\n");
        page.Write(Charts.StackedBar(report.Actions));
        page.Write("\n<ul class=\"legend\">");
        foreach (ReportCount action in report.Actions)
            page.Write($"<li class=\"tone-{action.Tone}\">{Text(action.Name)} <b>{Charts.Number(action.Count)}</b></li>");
        page.Write("</ul>\n</section>\n");
        foreach (ProvisioningStatus job in report.Jobs)
            WriteCycles(page, job);
        page.Write("</div>\n");
        WriteReasons(page);
        WriteRows(page);
        WriteData(page);
    }

    private static void WriteTiles(TextWriter page, IEnumerable<ReportCount> counts)
    {
        page.Write("<ul class=\"tiles\">\n");
        foreach (ReportCount count in counts)
            page.Write($"<li class=\"tile tone-{count.Tone}\"><b>{Charts.Number(count.Count)}</b><span>{Text(count.Name)}</span></li>\n");
        page.Write("</ul>\n");
    }

    private void WriteReasons(TextWriter page)
    {
        page.Write(
            "<section aria-labelledby=\"reasons\">\n<h2 id=\"reasons\">By reason</h2>\n<div class=\"scroll\"><table class=\"stack\">\n"
        );
        page.Write(
            "<thead><tr><th scope=\"col\">Reason</th><th scope=\"col\">Action</th><th "
                + "scope=\"col\" class=\"number\">Users</th></tr></thead>\n<tbody>\n"
        );
        for (int i = 0; i < Math.Min(ShownReasons, report.Reasons.Count); i++)
        {
            ReportReason reason = report.Reasons[i];
            string others = reason.Others == 0 ? "" : $" <span class=\"muted\">and {Charts.Number(reason.Others)} more like it</span>";
            page.Write($"<tr data-reason=\"{i}\"><td>{Labelled(reason.Label, reason.Reason)}{others}</td><td class=\"tags\">");
            foreach (ProvisioningAction action in reason.Actions)
                page.Write(Tag(action.ToString(), ProvisioningReport.ToneOf(action)));
            page.Write($"</td><td class=\"number\" data-label=\"Users\">{Charts.Number(reason.Count)}</td></tr>\n");
        }
        page.Write("</tbody>\n</table></div>\n");
        if (report.Reasons.Count > ShownReasons)
        {
            int users = report.Reasons.Skip(ShownReasons).Sum(reason => reason.Count);
            page.Write(
                $"<p class=\"muted\">{Charts.Number(report.Reasons.Count - ShownReasons)} "
                    + $"more reasons with {Charts.Number(users)} users.</p>\n"
            );
        }
        page.Write("</section>\n");
    }

    private void WriteRows(TextWriter page)
    {
        page.Write(
            "<section aria-labelledby=\"users\" id=\"operations\">\n<h2 id=\"users\">Users</h2>\n<div "
                + "id=\"tools\" class=\"tools screen\" hidden></div>\n"
        );
        page.Write("<p id=\"found\" class=\"muted\" role=\"status\">");
        if (report.Rows.Count > PlainRows)
            page.Write($"The first {PlainRows} of {Charts.Number(report.Rows.Count)} rows; where scripts run, all of them.");
        page.Write(
            $"</p>\n<div class=\"scroll\"><table id=\"rows\" class=\"stack\">\n<thead><tr><th "
                + $"scope=\"col\">User</th>{(Timed ? "<th scope=\"col\">Time</th>" : "")}"
        );
        page.Write(
            "<th scope=\"col\">Action</th><th scope=\"col\">Status</th><th scope=\"col\">Marks</th><th "
                + "scope=\"col\">Reason and values</th></tr></thead>\n<tbody>\n"
        );
        foreach (ReportRow row in report.Rows.Take(PlainRows))
            WriteRow(page, row);
        page.Write("</tbody>\n</table></div>\n<div id=\"pages\" class=\"pages screen\" hidden></div>\n</section>\n");
    }

    private void WriteRow(TextWriter page, ReportRow row)
    {
        page.Write($"<tr><th scope=\"row\">{Text(row.Identity)}</th>");
        if (Timed)
            page.Write($"<td data-label=\"Time\">{Text(TimeOf(row))}</td>");
        page.Write(
            $"<td class=\"tags\">{Tag(row.Action.ToString(), ProvisioningReport.ToneOf(row.Action))}</td><td "
                + $"class=\"tags\">{Tag(Spaced(row.Status), row.Tone)}</td><td class=\"tags\">"
        );
        foreach (ReportMark mark in row.Marks)
            page.Write(Tag(mark.Text(), mark.Tone()));
        page.Write($"</td><td>{Labelled(row.Label, row.Reason)}");
        if (row.Note is not null)
            page.Write($"<p class=\"muted\">{Text(row.Note)}</p>");
        if (row.Changes.Count > 0)
        {
            // A new user had no value before.
            bool created = row.Action == ProvisioningAction.Create;
            page.Write(
                $"<details><summary>{Text(Summary(row.Changes))}</summary><table "
                    + $"class=\"changes\"><thead><tr><th scope=\"col\">Attribute</th>"
            );
            page.Write(
                $"{(created ? "" : $"<th scope=\"col\">{report.Sides.Old}</th>")}<th "
                    + $"scope=\"col\">{report.Sides.New}</th></tr></thead><tbody>"
            );
            foreach (ReportChange change in row.Changes)
            {
                string old = created ? "" : $"<td class=\"old\" data-label=\"{report.Sides.Old}\">{Text(change.Old ?? "–")}</td>";
                page.Write(
                    $"<tr><th scope=\"row\">{Text(change.Label)}</th>{old}<td class=\"new\" "
                        + $"data-label=\"{report.Sides.New}\">{Text(change.New ?? "–")}</td></tr>"
                );
            }
            page.Write("</tbody></table></details>");
        }
        page.Write("</td></tr>\n");
    }

    // Each text that many rows share stands in the data once; a row names its place.
    private void WriteData(TextWriter page)
    {
        var actions = new Shared<ProvisioningAction>();
        var statuses = new Shared<(string Name, string Tone)>();
        var marks = new Shared<ReportMark>();
        var attributes = new Shared<string>();
        var texts = new Shared<string>();
        var reasons = new Shared<string>();
        foreach (ReportReason reason in report.Reasons)
            reasons.PlaceOf(reason.Key);

        page.Write("<script type=\"application/json\" id=\"data\">");
        page.Flush();
        using (var buffer = new MemoryStream())
        {
            using (var json = new Utf8JsonWriter(buffer, s_json))
            {
                json.WriteStartObject();
                json.WriteStartArray("rows");
                foreach (ReportRow row in report.Rows)
                {
                    json.WriteStartArray();
                    json.WriteStringValue(row.Identity);
                    json.WriteNumberValue(actions.PlaceOf(row.Action));
                    json.WriteNumberValue(statuses.PlaceOf((Spaced(row.Status), row.Tone)));
                    json.WriteNumberValue(reasons.PlaceOf(row.Group));
                    json.WriteNumberValue(texts.PlaceOf(row.Reason));
                    json.WriteStringValue(row.Label);
                    json.WriteStringValue(row.Note);
                    json.WriteStringValue(Timed ? TimeOf(row) : null);
                    json.WriteStartArray();
                    foreach (ReportMark mark in row.Marks)
                        json.WriteNumberValue(marks.PlaceOf(mark));
                    json.WriteEndArray();
                    json.WriteStartArray();
                    foreach (ReportChange change in row.Changes)
                    {
                        json.WriteNumberValue(attributes.PlaceOf(change.Label));
                        json.WriteStringValue(change.Old);
                        json.WriteStringValue(change.New);
                    }
                    json.WriteEndArray();
                    json.WriteEndArray();
                }
                json.WriteEndArray();
                Write(json, "actions", actions.Items.Select(action => (action.ToString(), ProvisioningReport.ToneOf(action))));
                Write(json, "statuses", statuses.Items);
                Write(json, "marks", marks.Items.Select(mark => (mark.Text(), mark.Tone())));
                Write(json, "attributes", attributes.Items);
                Write(json, "texts", texts.Items);
                Write(
                    json,
                    "reasons",
                    report.Reasons.Select(reason => reason.Label is null ? reason.Reason : $"{reason.Label}: {reason.Reason}")
                );
                Write(json, "sides", [report.Sides.Old, report.Sides.New]);
                json.WriteEndObject();
            }
            page.Write(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        }
        page.Write("</script>\n");
    }

    private void WriteStatus(TextWriter page)
    {
        WriteTiles(
            page,
            [
                new ReportCount(report.Jobs.Count == 1 ? "job" : "jobs", report.Jobs.Count, "none"),
                .. report
                    .Jobs.GroupBy(job => job.Status)
                    .OrderBy(jobs => jobs.Key)
                    .Select(jobs => new ReportCount(jobs.Key.ToString(), jobs.Count(), ToneOf(jobs.Key))),
                .. Some("overdue", report.Jobs.Count(job => job.IsOverdue), "bad"),
                new ReportCount("linked users", (int)report.Jobs.Sum(job => job.LinkedUsers), "link"),
                .. Some("in escrow", (int)report.Jobs.Sum(job => job.Escrowed), "warn"),
                .. Some("cycles to approve", report.Jobs.Sum(job => job.Staged.Count), "warn"),
            ]
        );
        foreach (ProvisioningStatus job in report.Jobs.Where(job => job.Quarantine is not null || job.IsOverdue))
        {
            (string tone, string what) = job.Quarantine is { } quarantine
                ? ("bad", $"is in quarantine since {ShownTime.Text(quarantine.Began)}: {quarantine.Message}")
                : ("warn", "is On, and no cycle began for three intervals: the scheduler that should run it may be gone.");
            page.Write($"<div class=\"notice tone-{tone}\"><p><b>{Text(job.Job)}</b> {Text(what)}</p></div>\n");
        }
        page.Write(
            "<section aria-labelledby=\"jobs\">\n<h2 id=\"jobs\">Jobs</h2>\n<div class=\"scroll\"><table class=\"stack\">\n<thead><tr>"
        );
        foreach (string column in new[] { "Job", "Status", "Last cycle", "Last cycles" })
            page.Write($"<th scope=\"col\">{column}</th>");
        foreach (string column in new[] { "Linked", "Escrow", "Staged" })
            page.Write($"<th scope=\"col\" class=\"number\">{column}</th>");
        page.Write("<th scope=\"col\">Next cycle</th></tr></thead>\n<tbody>\n");
        foreach (ProvisioningStatus job in report.Jobs)
            WriteJob(page, job);
        page.Write("</tbody>\n</table></div>\n</section>\n");
        foreach (ProvisioningStatus job in report.Jobs)
            WriteCycles(page, job);
    }

    private static void WriteJob(TextWriter page, ProvisioningStatus job)
    {
        page.Write(
            $"<tr><th scope=\"row\">{Text(job.Job)}</th><td "
                + $"data-label=\"Status\">{Tag(job.Status.ToString(), ToneOf(job.Status))}</td><td data-label=\"Last cycle\">"
        );
        if (job.LastCycle is { } last)
        {
            page.Write(
                $"{Tag(Spaced(last.State.ToString()), Charts.ToneOf(last.State))} "
                    + $"<span class=\"muted\">{Text(ShownTime.Text(last.Began))}</span>"
            );
        }
        page.Write($"</td><td data-label=\"Last cycles\">{(job.Cycles.Count == 0 ? "" : Charts.Sparkline(job.Cycles))}</td>");
        page.Write(
            $"<td class=\"number\" data-label=\"Linked\">{Charts.Number(job.LinkedUsers)}</td><td "
                + $"class=\"number\" data-label=\"Escrow\">{Charts.Number(job.Escrowed)}</td>"
        );
        page.Write(
            $"<td class=\"number\" data-label=\"Staged\">{Charts.Number(job.Staged.Count)}</td><td "
                + $"data-label=\"Next cycle\">{Text(ProvisioningReport.NextCycleOf(job))}</td></tr>\n"
        );
    }

    private static void WriteCycles(TextWriter page, ProvisioningStatus job)
    {
        if (job.Cycles.Count == 0)
            return;
        page.Write($"<section>\n<h2>Last cycles of {Text(job.Job)}</h2>\n{Charts.Sparkline(job.Cycles)}\n");
        page.Write(
            $"<details><summary>{Charts.Number(job.Cycles.Count)} {(job.Cycles.Count == 1 ? "cycle" : "cycles")}, "
                + $"the newest first</summary>"
        );
        page.Write("<div class=\"scroll\"><table class=\"stack\">\n<thead><tr>");
        foreach (string column in new[] { "Began", "Kind", "State" })
            page.Write($"<th scope=\"col\">{column}</th>");
        foreach (string column in new[] { "Read", "Writes", "Failed", "Staged", "Requests" })
            page.Write($"<th scope=\"col\" class=\"number\">{column}</th>");
        page.Write("<th scope=\"col\">Message</th></tr></thead>\n<tbody>\n");
        foreach (CycleSummary cycle in job.Cycles)
        {
            CycleCounts counts = cycle.Counts;
            (string, long)[] figures =
            [
                ("Read", counts.Read),
                ("Writes", Charts.WritesOf(cycle)),
                ("Failed", counts.Failed),
                ("Staged", counts.Staged),
                ("Requests", counts.Requests),
            ];
            page.Write($"<tr><th scope=\"row\">{Text(ShownTime.Text(cycle.Began))}</th><td data-label=\"Kind\">{cycle.Kind}</td>");
            page.Write($"<td data-label=\"State\">{Tag(Spaced(cycle.State.ToString()), Charts.ToneOf(cycle.State))}</td>");
            foreach ((string name, long count) in figures)
                page.Write($"<td class=\"number\" data-label=\"{name}\">{Charts.Number(count)}</td>");
            page.Write($"<td data-label=\"Message\">{Text(cycle.Message)}</td></tr>\n");
        }
        page.Write("</tbody>\n</table></div></details>\n</section>\n");
    }

    // Few attributes are named; of many, as a new user has, their number tells more.
    private static string Summary(IReadOnlyList<ReportChange> changes) =>
        changes.Count > NamedChanges ? $"{Charts.Number(changes.Count)} values" : string.Join(", ", changes.Select(change => change.Label));

    private static string Labelled(string? label, string reason) => label is null ? Text(reason) : $"<b>{Text(label)}</b> {Text(reason)}";

    private static string Tag(string text, string tone) => $"<span class=\"tag tone-{tone}\">{Text(text)}</span>";

    private static string Text(string? text) => HtmlPage.Escape(text);

    private static string TimeOf(ReportRow row) => row.Time is { } time ? ShownTime.Text(time) : "";

    private static string ToneOf(JobStatus status) =>
        status switch
        {
            JobStatus.On => "good",
            JobStatus.Quarantine => "bad",
            _ => "none",
        };

    private static IEnumerable<ReportCount> Named(IEnumerable<ReportCount> statuses) =>
        statuses.Select(status => status with { Name = Spaced(status.Name) });

    private static ReportCount[] Some(string name, int count, string tone) => count == 0 ? [] : [new ReportCount(name, count, tone)];

    /// <summary>Such as "Entry level errors" for EntryLevelErrors.</summary>
    private static string Spaced(string name) =>
        string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : c.ToString()));

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<(string Name, string Tone)> texts)
    {
        json.WriteStartArray(name);
        foreach ((string text, string tone) in texts)
        {
            json.WriteStartArray();
            json.WriteStringValue(text);
            json.WriteStringValue(tone);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    /// <summary>Values that many rows share, each at its place.</summary>
    private sealed class Shared<T>
        where T : notnull
    {
        private readonly Dictionary<T, int> _places = [];

        public List<T> Items { get; } = [];

        public int PlaceOf(T item)
        {
            if (!_places.TryGetValue(item, out int place))
            {
                _places.Add(item, place = Items.Count);
                Items.Add(item);
            }
            return place;
        }
    }
}
