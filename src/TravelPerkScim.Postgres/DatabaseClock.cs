namespace TravelPerkScim.Postgres;

/// <summary>The database's clock, as this process knows it, with the timers of the machine. Machines whose clocks are apart agree by it on
/// when a cycle began and when the next one is due. Thread-safe.</summary>
/// <param name="machine">The machine's clock.</param>
internal sealed class DatabaseClock(TimeProvider machine) : TimeProvider
{
    private long _apart;

    /// <summary>How far the machine's clock is ahead of the database's; less than zero when it is behind.</summary>
    public TimeSpan Apart => TimeSpan.FromTicks(Interlocked.Read(ref _apart));

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow() - Apart;

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes what the database answered. At that moment the machine's time was between question and answer. What is known is
    /// changed only where this proves it wrong, and no further: quick answers make it exact, and a slow one spoils nothing.</summary>
    /// <param name="asked">The machine's time at the question.</param>
    /// <param name="told">The database's time between question and answer.</param>
    /// <param name="answered">The machine's time at the answer.</param>
    public void Set(DateTimeOffset asked, DateTimeOffset told, DateTimeOffset answered)
    {
        long least = (asked - told).Ticks,
            most = Math.Max(least, (answered - told).Ticks);
        Interlocked.Exchange(ref _apart, Math.Clamp(Apart.Ticks, least, most));
    }
}
