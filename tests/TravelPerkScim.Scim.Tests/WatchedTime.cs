using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace TravelPerkScim.Scim.Tests;

/// <summary>A fake clock that tells which waits were begun, so that a test moves it only when somebody waits.</summary>
internal sealed class WatchedTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    /// <summary>Timeouts of requests are timers too; they are not waits.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30.5);

    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != RequestTimeout)
            _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Length of the next wait, once it has begun; fails when none begins.</summary>
    public Task<TimeSpan> NextWaitAsync() => _waits.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Lets every wait pass until the task is done.</summary>
    public async Task DriveAsync(Task task)
    {
        while (true)
        {
            Task<TimeSpan> wait = NextWaitAsync();
            if (await Task.WhenAny(task, wait) == task)
                return;
            Advance(await wait);
        }
    }
}
