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
    /// <param name="wasStopped">The worker stopped the cycle.</param>
    /// <param name="status">The job's status after it; null when the status cannot be read.</param>
    public void End(Exception? error, bool wasStopped, ProvisioningStatus? status)
    {
        if (wasStopped)
            _result = "cancellation";
        else if (error is not null)
            (_result, _error) = ("error", JobErrors.Of(error).Id);
        else if (status is { LastCycle.State: CycleState.Succeeded })
            _result = "success";
        else
            (_result, _error) = ("failure", status?.LastCycle?.State.ToString());
    }

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
