namespace TravelPerkScim.Provisioning.Model;

/// <summary>The progress of one phase of a cycle.</summary>
/// <param name="Activity">The phase: reading the source, comparing with TravelPerk, applying.</param>
/// <param name="Done">Users done.</param>
/// <param name="Total">Users in all; null when the number is not known.</param>
/// <param name="PerSecond">Users a second since the phase began; 0 while it is too early to tell.</param>
public sealed record ProvisioningProgress(string Activity, long Done, long? Total, double PerSecond);

/// <summary>Counts the users of one phase and reports each count.</summary>
internal sealed class ProgressMeter
{
    private const double SecondsToTell = 2;
    private const long EnoughToTell = 10;

    private readonly Action<ProvisioningProgress>? _report;
    private readonly TimeProvider _time;
    private readonly string _activity;
    private readonly long? _total;
    private readonly long _began;
    private long _done;

    public ProgressMeter(Action<ProvisioningProgress>? report, TimeProvider time, string activity, long? total)
    {
        (_report, _time, _activity, _total, _began) = (report, time, activity, total, time.GetTimestamp());
        Step(0);
    }

    public void Step(long count = 1)
    {
        long done = Interlocked.Add(ref _done, count);
        if (_report is null)
            return;
        double seconds = _time.GetElapsedTime(_began).TotalSeconds;
        _report(new ProvisioningProgress(_activity, done, _total, seconds >= SecondsToTell && done >= EnoughToTell ? done / seconds : 0));
    }
}
