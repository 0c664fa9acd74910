namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>How far a cycle is.</summary>
/// <param name="Activity">What it does now: reading the source, matching, applying.</param>
/// <param name="Done">Entries done.</param>
/// <param name="Total">Entries in all, when known.</param>
/// <param name="PerSecond">Entries a second since the activity began.</param>
public sealed record ProvisioningProgress(string Activity, long Done, long? Total, double PerSecond);

/// <summary>Counts one activity and passes it on.</summary>
internal sealed class ProgressMeter(Action<ProvisioningProgress>? report, TimeProvider time, string activity, long? total)
{
    private readonly long _began = time.GetTimestamp();
    private long _done;

    public void Step(long count = 1)
    {
        long done = Interlocked.Add(ref _done, count);
        if (report is null)
            return;
        double seconds = time.GetElapsedTime(_began).TotalSeconds;
        report(new ProvisioningProgress(activity, done, total, seconds > 0 ? done / seconds : 0));
    }
}
