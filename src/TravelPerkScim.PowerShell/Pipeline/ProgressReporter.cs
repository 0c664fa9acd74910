using System.Management.Automation;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>The progress bar of one cmdlet: at most four updates a second, because every update costs a redraw, and a last update that
/// removes the bar.</summary>
/// <param name="cmdlet">The cmdlet that shows the bar.</param>
/// <param name="name">Name of the job or service.</param>
/// <param name="clock">Clock. Default: the system's.</param>
internal sealed class ProgressReporter(AsyncCmdlet cmdlet, string name, TimeProvider? clock = null)
{
    private const int ActivityId = 0x5C1;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private long _started = (clock ?? TimeProvider.System).GetTimestamp();
    private bool _shown;

    /// <summary>Shows how far the activity is, unless an update was shown just now.</summary>
    /// <param name="phase">The current phase. Each phase is an activity of its own.</param>
    /// <param name="status">The progress in words.</param>
    /// <param name="done">Items done.</param>
    /// <param name="total">Items in all; null when unknown: no percentage is shown then.</param>
    public async Task ReportAsync(string phase, string status, long done, long? total)
    {
        if (_clock.GetElapsedTime(_started) < s_interval)
            return;

        _started = _clock.GetTimestamp();
        _shown = true;
        await cmdlet
            .WriteProgressAsync(
                new ProgressRecord(ActivityId, ShownText.Of($"{name}: {phase}"), ShownText.Of(status))
                {
                    PercentComplete = total > 0 ? (int)Math.Clamp(done * 100 / total.Value, 0, 100) : -1,
                }
            )
            .ConfigureAwait(false);
    }

    /// <summary>Removes the bar.</summary>
    public async Task CompleteAsync()
    {
        if (_shown)
        {
            await cmdlet
                .WriteProgressAsync(
                    new ProgressRecord(ActivityId, ShownText.Of(name), "Completed") { RecordType = ProgressRecordType.Completed }
                )
                .ConfigureAwait(false);
        }
    }
}
