namespace TravelPerkScim.Simulation;

/// <summary>A clock that stands still while anything works, and jumps to the next timer when everything waits.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    // A lease is renewed for ever, so that a clock with one always has a next timer.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(30);

    private readonly object _lock = new();
    private readonly PriorityQueue<Timer, (long Due, long Order)> _timers = new();
    private DateTimeOffset _now = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        lock (_lock)
            _now += by;
        while (FireNext(onlyDue: true)) { }
    }

    /// <summary>Lets time pass as the task needs it. The process has one worker thread, so while this runs on it, whatever is not queued
    /// for it waits for the clock.</summary>
    /// <param name="task">What is waited for.</param>
    /// <param name="step">Called in between, wherever the work of the others is at that moment.</param>
    /// <exception cref="TimeoutException">Nothing happens any more, or nothing but timers, and the task is not done.</exception>
    public async Task DriveAsync(Task task, Action step)
    {
        DateTimeOffset latest = GetUtcNow() + s_longest;
        while (!task.IsCompleted)
        {
            await Task.Yield();
            step();
            if (!task.IsCompleted && ThreadPool.PendingWorkItemCount == 0 && (!FireNext(onlyDue: false) || GetUtcNow() > latest))
                throw new TimeoutException("Nothing happens any more.");
        }
    }

    private bool FireNext(bool onlyDue)
    {
        Timer? timer = null;
        lock (_lock)
        {
            while (_timers.TryPeek(out Timer? next, out (long Due, long Order) at))
            {
                if (next.Order != at.Order)
                {
                    _timers.Dequeue();
                    continue;
                }
                if (onlyDue && at.Due > _now.UtcTicks)
                    break;
                _timers.Dequeue();
                if (at.Due > _now.UtcTicks)
                    _now = new DateTimeOffset(at.Due, TimeSpan.Zero);
                timer = next;
                break;
            }
        }
        timer?.Fire();
        return timer is not null;
    }

    private sealed class Timer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        /// <summary>Which of its queue entries counts; 0 when none does.</summary>
        public long Order { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                _period = period;
                Order = 0;
                if (dueTime >= TimeSpan.Zero)
                {
                    Order = ++time._order;
                    time._timers.Enqueue(this, (time._now.UtcTicks + dueTime.Ticks, Order));
                }
            }
            return true;
        }

        public void Fire()
        {
            Order = 0;
            if (_period > TimeSpan.Zero)
                Change(_period, _period);
            callback(state);
        }

        public void Dispose()
        {
            lock (time._lock)
                Order = 0;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
