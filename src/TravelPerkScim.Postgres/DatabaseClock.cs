namespace TravelPerkScim.Postgres;

/// <summary>The database's clock, as this process knows it, with the timers of the machine. Machines whose clocks are apart agree by it on
/// when a cycle began and when the next one is due. Thread-safe.</summary>
/// <param name="machine">The machine's clock.</param>
internal sealed class DatabaseClock(TimeProvider machine) : TimeProvider
{
    // A smaller difference is the time that a question takes. To follow it would let the time run back a little again and again.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(1);

    private long _apart;

    /// <summary>How far the machine's clock is ahead of the database's; less than zero when it is behind.</summary>
    public TimeSpan Apart => TimeSpan.FromTicks(Interlocked.Read(ref _apart));

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow() - Apart;

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes what the database answered.</summary>
    /// <param name="asked">The machine's time at the question.</param>
    /// <param name="told">The database's time between question and answer.</param>
    /// <param name="answered">The machine's time at the answer.</param>
    public void Set(DateTimeOffset asked, DateTimeOffset told, DateTimeOffset answered)
    {
        TimeSpan apart = asked + ((answered - asked) / 2) - told;
        // The truth lies anywhere between question and answer.
        TimeSpan tolerance = s_tolerance + (answered - asked);
        if ((apart - Apart).Duration() > tolerance)
            Interlocked.Exchange(ref _apart, apart.Ticks);
    }
}
