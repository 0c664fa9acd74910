using System.Management.Automation;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>One progress activity of one cmdlet: at most four updates a second, since every update costs a redraw, and a last one that takes the bar away.</summary>
internal sealed class ProgressReporter(AsyncCmdlet cmdlet, string activity, TimeProvider? clock = null)
{
    private const int ActivityId = 0x5C1;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private long _started = (clock ?? TimeProvider.System).GetTimestamp();
    private bool _shown;

    /// <summary>Shows how far the activity is, unless an update was shown just now.</summary>
    /// <param name="status">In words.</param>
    /// <param name="done">Items done.</param>
    /// <param name="total">Items in all; null when that is not known, and then no percentage is shown.</param>
    public async Task ReportAsync(string status, long done, long? total)
    {
        if (_clock.GetElapsedTime(_started) < s_interval)
        {
            return;
        }

        _started = _clock.GetTimestamp();
        _shown = true;
        await cmdlet.WriteProgressAsync(new ProgressRecord(ActivityId, ShownText.Of(activity), ShownText.Of(status))
        {
            PercentComplete = total > 0 ? (int)Math.Clamp(done * 100 / total.Value, 0, 100) : -1,
        }).ConfigureAwait(false);
    }

    /// <summary>Takes the bar away.</summary>
    public async Task CompleteAsync()
    {
        if (_shown)
        {
            await cmdlet.WriteProgressAsync(new ProgressRecord(ActivityId, activity, "Completed") { RecordType = ProgressRecordType.Completed }).ConfigureAwait(false);
        }
    }
}
