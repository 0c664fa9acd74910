using System.Diagnostics;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Worker.Jobs;

namespace TravelPerkScim.Worker.Telemetry;

/// <summary>Measures one cycle.</summary>
internal sealed class CycleWatch(WorkerMetrics metrics, string job, Activity? activity, long began) : IDisposable
{
    private CycleKind? _kind;
    private string _result = "error";
    private string? _error;

    /// <summary>The plan is made.</summary>
    public void Planned(CycleKind kind) => _kind = kind;

    /// <summary>One outcome.</summary>
    public void Add(ProvisioningOutcome outcome) => metrics.Add(job, outcome);

    /// <summary>How it ended.</summary>
    /// <param name="error">What ended it; null when it reached its end.</param>
    /// <param name="status">The job's status after it; null when it was stopped.</param>
    public void End(Exception? error, ProvisioningStatus? status) =>
        (_result, _error) = (error, status) switch
        {
            (_, null) => ("cancellation", null),
            ({ } e, _) => ("error", JobErrors.Of(e).Id),
            (_, { LastCycle.State: CycleState.Succeeded }) => ("success", null),
            _ => ("failure", status.LastCycle?.State.ToString()),
        };

    public void Dispose()
    {
        metrics.End(job, _kind, _result, _error, began);
        if (activity is null)
            return;
        activity
            .SetTag(Tags.Job, job)
            .SetTag(Tags.Result, _result)
            .SetTag(Tags.Kind, _kind is { } kind ? Tags.Lower(kind) : null)
            .SetTag(Tags.Error, _error);
        activity.SetStatus(_result == "error" ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
        activity.Dispose();
    }
}
