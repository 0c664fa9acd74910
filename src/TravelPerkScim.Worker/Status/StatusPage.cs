using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TravelPerkScim.Operations.Reports;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker.Status;

/// <summary>The status page: read-only, one file, without script. The jobs that need a person come first.</summary>
internal sealed class StatusPage(JobBoard board, WorkerOptions options)
{
    private const int RefreshSeconds = 15;
    private const int MostEscrows = 10;

    private static readonly Dictionary<CycleState, string> s_tones = new()
    {
        [CycleState.Succeeded] = "good",
        [CycleState.Failed] = "bad",
        [CycleState.Running] = "none",
    };

    /// <summary>The page; its policy goes into a header too.</summary>
    public HtmlPage Page { get; } = new() { Title = "Provisioning jobs", RefreshSeconds = RefreshSeconds };

    /// <summary>Writes the page as the jobs stand now.</summary>
    public void Write(TextWriter writer) => Page.Write(writer, WriteBody);

    private void WriteBody(TextWriter page)
    {
        DateTimeOffset now = options.Time.GetUtcNow();
        List<(JobView View, JobHealth Health)> jobs =
        [
            // The board gives the jobs by name, and jobs of one rank stay so.
            .. board.Views.Select(view => (View: view, Health: JobHealth.Of(view))).OrderBy(job => job.Health.Rank),
        ];
        page.Write(
            $"<header><h1>Provisioning jobs</h1><p class=\"muted\">{E(options.Folder)} · "
                + $"{E(Time(now))}, read again every {RefreshSeconds} seconds</p></header>\n<main>\n"
        );
        if (board.FolderProblem is { } problem)
        {
            page.Write(
                $"<div class=\"notice tone-bad\"><p>The folder cannot be read: {E(problem)} The jobs that are known run on.</p></div>\n"
            );
        }
        WriteTiles(page, jobs);
        if (jobs.Count == 0 && board.IsRead)
        {
            page.Write(
                "<div class=\"notice\"><p>There is no job in the folder. "
                    + "New-ProvisioningJob makes one; it is taken up within seconds.</p></div>\n"
            );
        }
        foreach ((JobView view, JobHealth health) in jobs)
            WriteJob(page, view, health, now);
        page.Write("</main>\n<footer>This page changes nothing. The commands in it are for PowerShell.</footer>\n");
    }

    private static void WriteTiles(TextWriter page, List<(JobView View, JobHealth Health)> jobs)
    {
        (string Name, int Count, string Tone)[] tiles =
        [
            ("need attention", jobs.Count(job => job.Health.Status != HealthStatus.Healthy || HasStaged(job.View)), "bad"),
            ("with staged operations", jobs.Count(job => HasStaged(job.View)), "warn"),
            ("with failed entries", jobs.Count(job => job.View.Status?.Escrowed > 0), "warn"),
            ("running now", jobs.Count(job => job.View.RunningSince is not null), "good"),
            ("On", jobs.Count(job => job.View.IsOn), "none"),
            ("jobs", jobs.Count, "none"),
        ];
        page.Write("<ul class=\"tiles\">\n");
        foreach ((string name, int count, string tone) in tiles)
        {
            page.Write(
                $"<li class=\"tile tone-{(count == 0 ? "none" : tone)}\"><b>{count.ToString(CultureInfo.InvariantCulture)}</b> "
                    + $"<span>{name}</span></li>\n"
            );
        }
        page.Write("</ul>\n");
    }

    private static bool HasStaged(JobView view) => view.Status?.Staged.Count > 0;

    private static void WriteJob(TextWriter page, JobView view, JobHealth health, DateTimeOffset now)
    {
        string tag = $"<span class=\"tag tone-{health.Tone}\">{E(health.Word)}</span>";
        string running = view.RunningSince is null ? "" : "<span class=\"tag tone-good\">Running</span>";
        page.Write($"<section>\n<h2>{E(view.Name)} {tag}{running}</h2>\n");
        page.Write($"<p class=\"muted\">{E(Schedule(view))}{E(Next(view, now))}</p>\n");
        if (view.RunningSince is { } since)
            page.Write($"<p>A cycle is under way since {E(Time(since))}{E(ProgressOf(view))}.</p>\n");
        if (view.Problem is { } problem)
            Notice(page, "bad", $"{problem.Message} (since {Time(problem.Since)})");
        if (view.Status is { } status)
            WriteStatus(page, view, status);
        page.Write("</section>\n");
    }

    private static string ProgressOf(JobView view)
    {
        if (view.Progress is not { } progress)
            return "";
        string done = string.Create(CultureInfo.InvariantCulture, $": {progress.Activity}, {progress.Done}");
        return progress.Total is { } total ? string.Create(CultureInfo.InvariantCulture, $"{done} of {total}") : done;
    }

    private static void WriteStatus(TextWriter page, JobView view, ProvisioningStatus status)
    {
        if (status.Status == JobStatus.Quarantine && status.Quarantine is { } quarantine)
        {
            Notice(
                page,
                "bad",
                $"In quarantine since {Time(quarantine.Began)}: {quarantine.Message}",
                $"Reset-ProvisioningJob {Quoted(view.Path)} Quarantine"
            );
        }
        foreach (StagedCycle staged in status.Staged)
        {
            Notice(
                page,
                "warn",
                $"Waiting for an approval: {staged}.",
                $"Invoke-Provisioning {Quoted(view.Path)} -ApproveCycle {staged.CycleId}"
            );
        }
        if (status.IsOverdue && view is { IsOn: true, RunningSince: null })
            Notice(page, "bad", "No cycle began for three intervals.");
        if (status is { IsSourceStale: true, SourceWritten: { } written })
            Notice(page, "warn", $"The source file was not written since {Time(written)}. Look at what exports it.");
        page.Write($"<p>{status.LinkedUsers.ToString(CultureInfo.InvariantCulture)} linked users.</p>\n");
        WriteCycles(page, status.Cycles);
        WriteEscrow(page, status);
        WriteNotifications(page, view, status);
    }

    private static void WriteNotifications(TextWriter page, JobView view, ProvisioningStatus status)
    {
        foreach (NotificationChannelStatus channel in status.Channels.Where(channel => channel.NeedsAttention))
        {
            string what = $"Notifications, channel {channel}";
            if (channel.IsSending)
                Notice(page, "none", what);
            else
                Notice(page, "bad", what, $"Test-ProvisioningNotification {Quoted(view.Path)} {channel.Name}");
        }
    }

    // The path as a command line of PowerShell has it.
    private static string Quoted(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";

    private static void WriteCycles(TextWriter page, IReadOnlyList<CycleSummary> cycles)
    {
        if (cycles.Count == 0)
        {
            page.Write("<p class=\"muted\">No cycle yet.</p>\n");
            return;
        }
        page.Write("<table class=\"stack\"><thead><tr><th>Began</th><th>Cycle</th><th>Ended</th><th>Counts</th></tr></thead><tbody>\n");
        foreach (CycleSummary cycle in cycles)
        {
            string ended = cycle.Duration is { } took
                ? string.Create(CultureInfo.InvariantCulture, $"{cycle.State} after {took.TotalSeconds:0.0} s")
                : cycle.State.ToString();
            page.Write(
                $"<tr><td data-label=\"Began\">{E(Time(cycle.Began))}</td><td "
                    + $"data-label=\"Cycle\">{E(cycle.Kind.ToString())}</td><td data-label=\"Ended\"><span "
                    + $"class=\"tag tone-{ToneOf(cycle.State)}\">{E(ended)}</span></td>"
            );
            string why = cycle.Message is { } message ? $"<br><span class=\"muted\">{E(message)}</span>" : "";
            page.Write($"<td data-label=\"Counts\">{E(cycle.Counts.ToString())}{why}</td></tr>\n");
        }
        page.Write("</tbody></table>\n");
    }

    // Names of users are for who reads the log; the page shows how many wait, why and until when.
    private static void WriteEscrow(TextWriter page, ProvisioningStatus status)
    {
        if (status.Escrowed == 0)
            return;
        page.Write(
            $"<p>{status.Escrowed.ToString(CultureInfo.InvariantCulture)} failed "
                + $"{(status.Escrowed == 1 ? "entry waits" : "entries wait")} in escrow.</p>\n<ul>\n"
        );
        IEnumerable<IGrouping<string?, EscrowedEntry>> reasons = status
            .Escrows.GroupBy(entry => entry.ErrorCode)
            .OrderByDescending(group => group.Count())
            .Take(MostEscrows);
        foreach (IGrouping<string?, EscrowedEntry> reason in reasons)
        {
            page.Write(
                $"<li>{E(reason.Key ?? "Failure")}: {reason.Count().ToString(CultureInfo.InvariantCulture)}, "
                    + $"the next attempt {E(Time(reason.Min(entry => entry.NextAttempt)))}</li>\n"
            );
        }
        page.Write("</ul>\n");
    }

    private static void Notice(TextWriter page, string tone, string text, string? command = null) =>
        page.Write(
            $"<div class=\"notice tone-{tone}\"><p>{E(text)}</p>{(command is null ? "" : $"<p><code>{E(command)}</code></p>")}</div>\n"
        );

    private static string Schedule(JobView view) =>
        view.Job is null ? "The folder cannot be read" : view.Job.Settings.Schedule?.ToString() ?? "No schedule";

    private static string Next(JobView view, DateTimeOffset now)
    {
        if (view.IsElsewhere)
            return "; another machine runs a cycle now";
        if (view.RunningSince is not null || view.Next(now) is not { } next)
            return "";
        return next <= now ? "; the next cycle is due now" : $"; the next cycle begins {Time(next)}";
    }

    private static string ToneOf(CycleState state) => s_tones.GetValueOrDefault(state, "warn");

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string E(string text) => HtmlPage.Escape(text);
}
