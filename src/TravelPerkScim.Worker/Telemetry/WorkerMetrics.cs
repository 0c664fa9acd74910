using System.Diagnostics;
using System.Diagnostics.Metrics;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker.Telemetry;

/// <summary>The worker's metrics and traces. Attributes are jobs, kinds, results and error codes; never a user.</summary>
internal sealed class WorkerMetrics : IDisposable
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "TravelPerkScim.Worker";

    private readonly ActivitySource _activities = new(Name);
    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _changes;
    private readonly TimeProvider _time;

    public WorkerMetrics(IMeterFactory meters, JobBoard board, WorkerOptions options)
    {
        _time = options.Time;
        _meter = meters.Create(Name);
        _duration = _meter.CreateHistogram<double>(
            "travelperkscim.cycle.duration",
            "s",
            "How long a cycle took, from reading the source to the watermark.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
            }
        );
        _active = _meter.CreateUpDownCounter<long>("travelperkscim.cycle.active", "{cycle}", "Cycles under way.");
        _changes = _meter.CreateCounter<long>(
            "travelperkscim.object.changes",
            "{user}",
            "Users and groups that were created, updated, enabled, disabled, deleted or linked, or for whom that failed or was staged."
        );
        Observe("travelperkscim.escrow.size", "{user}", "Failed entries that are kept for retry.", status => status.Escrowed);
        Observe(
            "travelperkscim.quarantine",
            "1",
            "1 while the job is in quarantine, else 0.",
            status => status.Status == JobStatus.Quarantine ? 1 : 0
        );
        Observe(
            "travelperkscim.deletes.staged",
            "{operation}",
            "Disables and deletes that wait for an approval.",
            status => status.Staged.Sum(cycle => cycle.Disables + cycle.Deletes)
        );
        Observe(
            "travelperkscim.watermark.age",
            "s",
            "Time since the last cycle that reached its end began.",
            status =>
                status.Cycles.FirstOrDefault(cycle => cycle.State is CycleState.Succeeded or CycleState.EntryLevelErrors) is { } cycle
                    ? (long)(_time.GetUtcNow() - cycle.Began).TotalSeconds
                    : null
        );

        void Observe(string name, string unit, string description, Func<ProvisioningStatus, long?> value) =>
            _meter.CreateObservableGauge(name, () => Measure(board, value), unit, description);
    }

    private static List<Measurement<long>> Measure(JobBoard board, Func<ProvisioningStatus, long?> value)
    {
        List<Measurement<long>> measured = [];
        foreach (JobView view in board.Views)
        {
            if (view is { IsOn: true, Status: { } status } && value(status) is { } number)
                measured.Add(new Measurement<long>(number, new KeyValuePair<string, object?>(Tags.Job, view.Name)));
        }
        return measured;
    }

    /// <summary>A cycle begins.</summary>
    public CycleWatch Begin(string job)
    {
        _active.Add(1, new KeyValuePair<string, object?>(Tags.Job, job));
        return new CycleWatch(this, job, _activities.StartActivity("cycle"), _time.GetTimestamp());
    }

    /// <summary>One outcome of the job's cycle.</summary>
    public void Add(string job, ProvisioningOutcome outcome)
    {
        TagList tags = new()
        {
            { Tags.Job, job },
            { Tags.Action, Tags.Lower(outcome.Action) },
            { Tags.Result, Tags.Lower(outcome.Status) },
            { Tags.Object, Tags.Lower(outcome.ObjectType) },
        };
        if (outcome is { Status: OutcomeStatus.Failure, ErrorCode: { } code })
            tags.Add(Tags.Error, code);
        _changes.Add(1, tags);
    }

    /// <summary>The cycle is over.</summary>
    public void End(string job, CycleKind? kind, string result, string? error, long began)
    {
        _active.Add(-1, new KeyValuePair<string, object?>(Tags.Job, job));
        TagList tags = new() { { Tags.Job, job }, { Tags.Result, result } };
        if (kind is { } known)
            tags.Add(Tags.Kind, Tags.Lower(known));
        if (error is not null)
            tags.Add(Tags.Error, error);
        _duration.Record(_time.GetElapsedTime(began).TotalSeconds, tags);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _activities.Dispose();
    }
}
