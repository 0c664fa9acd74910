using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Review;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Reports;

/// <summary>What a report is about.</summary>
public enum ReportKind : long
{
    /// <summary>Nothing came: there is nothing to do, or nothing was found.</summary>
    Nothing,

    /// <summary>What a cycle would do.</summary>
    Plan,

    /// <summary>What was changed in TravelPerk behind the job's back.</summary>
    Drift,

    /// <summary>What cycles did.</summary>
    Outcomes,

    /// <summary>Where the hosted job and this one differ.</summary>
    Comparison,

    /// <summary>How jobs stand.</summary>
    Status,
}

/// <summary>A number of operations that have something in common.</summary>
/// <param name="Name">What they have in common.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Tone">The colour that shows it.</param>
internal sealed record ReportCount(string Name, int Count, string Tone);

/// <summary>Operations with one reason.</summary>
/// <param name="Key">What they are put together by.</param>
/// <param name="Label">The reason in one word; null when there is none.</param>
/// <param name="Reason">The reason; of several, the first.</param>
/// <param name="Others">How many other reasons have the same word.</param>
/// <param name="Actions">Their actions, the most frequent first.</param>
/// <param name="Count">How many they are.</param>
internal sealed record ReportReason(
    string Key,
    string? Label,
    string Reason,
    int Others,
    IReadOnlyList<ProvisioningAction> Actions,
    int Count
);

/// <summary>What a report tells, before a format gives it a form. Values that the mapping redacts came as [Redact], and are nowhere in
/// it.</summary>
public sealed class ProvisioningReport
{
    private static readonly Dictionary<Type, (ReportKind Kind, string Name)> s_kinds = new()
    {
        [typeof(ProvisioningOperation)] = (ReportKind.Plan, "ProvisioningOperation (a plan)"),
        [typeof(ProvisioningOutcome)] = (ReportKind.Outcomes, "ProvisioningOutcome (outcomes or a log)"),
        [typeof(EngineComparison)] = (ReportKind.Comparison, "EngineComparison (a comparison)"),
        [typeof(ProvisioningStatus)] = (ReportKind.Status, "ProvisioningStatus (the status of a job)"),
    };

    private static readonly Dictionary<ReportKind, (string Title, string Purpose)> s_texts = new()
    {
        [ReportKind.Nothing] = ("Provisioning report", "Provisioning to TravelPerk."),
        [ReportKind.Plan] = ("Provisioning plan", "What the next cycle would do in TravelPerk. Nothing was written."),
        [ReportKind.Drift] = (
            "Provisioning drift",
            "What was changed in TravelPerk behind the job's back, and what a cycle would do about it."
        ),
        [ReportKind.Outcomes] = ("Provisioning outcomes", "What cycles did in TravelPerk."),
        [ReportKind.Comparison] = (
            "Hosted job and this job compared",
            "Where Microsoft's hosted provisioning job and this job would leave a user otherwise."
        ),
        [ReportKind.Status] = ("Provisioning status", "How provisioning to TravelPerk stands."),
    };

    private ProvisioningReport(ReportKind kind, string title, DateTimeOffset made)
    {
        Kind = kind;
        Title = title;
        Made = made;
    }

    /// <summary>What it is about.</summary>
    public ReportKind Kind { get; }

    /// <summary>The heading.</summary>
    public string Title { get; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset Made { get; }

    /// <summary>Users and groups, in the order they came in; empty for the status of jobs.</summary>
    public IReadOnlyList<ReportRow> Rows { get; private init; } = [];

    /// <summary>The jobs whose status it tells, or whose last cycles are shown beside the rows.</summary>
    public IReadOnlyList<ProvisioningStatus> Jobs { get; private init; } = [];

    /// <summary>Of which job, source, target and time it tells, a line each; empty when none is known.</summary>
    public IReadOnlyList<string> About { get; private init; } = [];

    /// <summary>Attributes whose values the mapping redacts.</summary>
    public IReadOnlyList<string> Hidden =>
        field ??= [
            .. Rows.SelectMany(row => row.Changes)
                .Where(change => change.IsHidden)
                .Select(change => change.Label)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>What it tells, in a sentence.</summary>
    internal string Purpose => s_texts[Kind].Purpose;

    internal IReadOnlyList<ReportCount> Actions =>
        field ??= [
            .. Rows.GroupBy(row => row.Action)
                .OrderBy(rows => rows.Key)
                .Select(rows => new ReportCount(rows.Key.ToString(), rows.Count(), ToneOf(rows.Key))),
        ];

    internal IReadOnlyList<ReportCount> Statuses =>
        field ??= [
            .. Rows.GroupBy(row => row.Status)
                .OrderByDescending(rows => rows.Count())
                .Select(rows => new ReportCount(rows.Key, rows.Count(), rows.First().Tone)),
        ];

    internal IReadOnlyList<ReportCount> Marks =>
        field ??= [
            .. Rows.SelectMany(row => row.Marks)
                .GroupBy(mark => mark)
                .OrderBy(marks => marks.Key)
                .Select(marks => new ReportCount(marks.Key.Text(), marks.Count(), marks.Key.Tone())),
        ];

    internal IReadOnlyList<ReportReason> Reasons =>
        field ??= [
            .. Rows.GroupBy(row => row.Group)
                .OrderByDescending(rows => rows.Count())
                .Select(rows => new ReportReason(
                    rows.Key,
                    rows.First().Label,
                    rows.First().Reason,
                    rows.Select(row => row.Reason).Distinct().Count() - 1,
                    [.. rows.GroupBy(row => row.Action).OrderByDescending(action => action.Count()).Select(action => action.Key)],
                    rows.Count()
                )),
        ];

    /// <summary>Whose values stand in the two columns of a change.</summary>
    internal (string Old, string New) Sides => Kind == ReportKind.Comparison ? ("Hosted job", "This job") : ("Before", "After");

    /// <summary>Makes a report of objects that other commands gave.</summary>
    /// <param name="items">Operations, outcomes, comparisons or statuses of jobs: all of one kind.</param>
    /// <param name="made">The time now, UTC.</param>
    /// <param name="title">The heading. Default: what it is about, and the job where it is known.</param>
    /// <param name="job">The status of the job that operations or outcomes are of: its last cycles are shown beside them. Default:
    /// none.</param>
    /// <param name="of">The job that operations or outcomes are of: source and target, and names of managers, are taken from it. Default:
    /// none.</param>
    /// <exception cref="ProvisioningException"><c>ReportMixed</c>: several kinds. <c>ReportInputUnknown</c>: none of these.</exception>
    public static ProvisioningReport Of(
        IReadOnlyList<object> items,
        DateTimeOffset made,
        string? title = null,
        ProvisioningStatus? job = null,
        ProvisioningJob? of = null
    )
    {
        ArgumentNullException.ThrowIfNull(items);
        ReportKind kind = KindOf(items);
        if (kind == ReportKind.Status)
        {
            ProvisioningStatus[] statuses = [.. items.Cast<ProvisioningStatus>()];
            return new ProvisioningReport(kind, title ?? TitleOf(kind, items, statuses, of), made) { Jobs = statuses };
        }
        ProvisioningStatus[] jobs = job is null ? [] : [job];
        IReadOnlyList<ReportRow> rows = Approved(WithManagers([.. Once(items).Select(RowOf)], of), jobs);
        return new ProvisioningReport(kind, title ?? TitleOf(kind, items, jobs, of), made)
        {
            Rows = rows,
            Jobs = jobs,
            About = [.. AboutOf(rows, of)],
        };
    }

    // What is staged comes out of each cycle until it is approved: it is one operation that waits, and the last of them tells of it.
    private static IEnumerable<object> Once(IReadOnlyList<object> items)
    {
        var later = new HashSet<(string, ProvisioningAction)>();
        return items
            .Reverse()
            .Where(item =>
                item is not ProvisioningOutcome { Status: OutcomeStatus.Staged } staged || later.Add((staged.SourceId, staged.Action))
            )
            .Reverse();
    }

    private static IEnumerable<string> AboutOf(IReadOnlyList<ReportRow> rows, ProvisioningJob? job)
    {
        if (job is not null)
        {
            string source = job.SourcePath ?? $"Microsoft Entra ID, tenant {job.Settings.Source.TenantId}";
            yield return $"Job: {ShownText.Of(job.Path)}";
            yield return $"Source: {ShownText.Of(source)}";
            yield return $"Target: {ShownText.Of(job.Target.ToString())}";
        }
        DateTimeOffset[] times = [.. rows.Select(row => row.Time).OfType<DateTimeOffset>()];
        if (times.Length > 0)
            yield return $"Period: {ShownTime.Text(times.Min())} to {ShownTime.Text(times.Max())}";
    }

    // TravelPerk knows a manager by an id, a reader by a name.
    private static IReadOnlyList<ReportRow> WithManagers(IReadOnlyList<ReportRow> rows, ProvisioningJob? job)
    {
        HashSet<string> ids =
        [
            .. rows.SelectMany(row => row.Changes)
                .Where(change => change.IsManager)
                .SelectMany(change => new[] { change.Old, change.New })
                .OfType<string>(),
        ];
        if (ids.Count == 0)
            return rows;
        Dictionary<string, string> names = job is null
            ? new(StringComparer.Ordinal)
            : new(ProvisioningLog.NamesOf(job, ids), StringComparer.Ordinal);
        // Of a manager who is created in the same cycle, a plan knows the source id only.
        foreach (ReportRow row in rows)
        {
            foreach (string id in new[] { row.TargetId, row.SourceId }.OfType<string>().Where(ids.Contains))
                names[id] = row.Identity;
        }
        return [.. rows.Select(row => row with { Changes = [.. row.Changes.Select(Named)] })];

        ReportChange Named(ReportChange change) =>
            change.IsManager ? change with { Old = NameOf(change.Old), New = NameOf(change.New) } : change;

        string? NameOf(string? id) => id is not null && names.TryGetValue(id, out string? name) ? ShownText.Of($"{name} ({id})") : id;
    }

    private static IReadOnlyList<ReportRow> Approved(IReadOnlyList<ReportRow> rows, IReadOnlyList<ProvisioningStatus> jobs)
    {
        var approved = jobs.SelectMany(job => job.Cycles)
            .Where(cycle => cycle.Approved is not null)
            .GroupBy(cycle => cycle.Id)
            .ToDictionary(cycles => cycles.Key, cycles => cycles.First());
        return approved.Count == 0 ? rows : [.. rows.Select(Noted)];

        // A cycle that runs with an approval applies what the approved cycle staged. It also disables users who left after that cycle,
        // within the thresholds. A row does not say which of the two it is, so the note names the cycle that was approved.
        ReportRow Noted(ReportRow row)
        {
            if (!IsDeparture(row) || row.CycleId is not { } id || !approved.TryGetValue(id, out CycleSummary? cycle))
                return row;
            string approval = $"{cycle.ApprovedBy} approved what cycle {cycle.Approved} staged.";
            return row with { Note = row.Note is null ? approval : $"{row.Note} {approval}" };
        }
    }

    private static bool IsDeparture(ReportRow row) =>
        row is { Action: ProvisioningAction.Disable or ProvisioningAction.Delete, Status: nameof(OutcomeStatus.Success) };

    internal static string ToneOf(ProvisioningAction action) => action.ToString().ToLowerInvariant();

    internal static string NextCycleOf(ProvisioningStatus job)
    {
        if (job.NextCycle is { } next)
            return ShownTime.Text(next);
        return job.IsDue ? "due now" : "–";
    }

    private static ReportKind KindOf(IReadOnlyList<object> items)
    {
        List<(string Name, int Count)> kinds = [.. items.GroupBy(NameOf).Select(group => (group.Key, group.Count()))];
        if (kinds.Count > 1)
        {
            throw new ProvisioningException(
                "ReportMixed",
                $"A report is about one kind of objects, and several came: "
                    + $"{string.Join(", ", kinds.Select(kind => FormattableString.Invariant($"{kind.Count} of {kind.Name}")))}. "
                    + $"Export each kind to a file of its own."
            );
        }
        if (items.Count == 0)
            return ReportKind.Nothing;
        if (!s_kinds.TryGetValue(items[0].GetType(), out (ReportKind Kind, string Name) known))
        {
            throw new ProvisioningException(
                "ReportInputUnknown",
                $"There is no report about {kinds[0].Name}. Give what Get-ProvisioningPlan, Invoke-Provisioning, "
                    + $"Get-ProvisioningLog, Compare-Provisioning or Get-ProvisioningStatus gives."
            );
        }
        bool isDrift = items.All(item => item is ProvisioningOperation { Drift: not ProvisioningDrift.None });
        return isDrift ? ReportKind.Drift : known.Kind;
    }

    private static string NameOf(object item)
    {
        Type type = item.GetType();
        return s_kinds.TryGetValue(type, out (ReportKind Kind, string Name) known) ? known.Name : type.Name;
    }

    private static ReportRow RowOf(object item) =>
        item switch
        {
            ProvisioningOperation operation => ReportRow.Of(operation),
            ProvisioningOutcome outcome => ReportRow.Of(outcome),
            _ => ReportRow.Of((EngineComparison)item),
        };

    private static string TitleOf(ReportKind kind, IReadOnlyList<object> items, IReadOnlyList<ProvisioningStatus> jobs, ProvisioningJob? of)
    {
        string about = s_texts[kind].Title;
        return JobsOf(items, jobs, of) is [var only] ? $"{about} of {only}" : about;
    }

    private static string[] JobsOf(IReadOnlyList<object> items, IReadOnlyList<ProvisioningStatus> jobs, ProvisioningJob? of)
    {
        if (jobs.Count > 0)
            return [.. jobs.Select(job => job.Job)];
        if (of is not null)
            return [of.Name];
        IEnumerable<string?> names = items.OfType<ProvisioningOperation>().Select(operation => Path.GetFileName(operation.JobPath));
        return [.. names.OfType<string>().Distinct()];
    }
}
