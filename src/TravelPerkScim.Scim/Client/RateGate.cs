namespace TravelPerkScim.Scim;

/// <summary>One gate for all callers of a client: a rate limit that one of them met holds every request until it is over.</summary>
internal sealed class RateGate(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();
    private long _openAt;

    /// <summary>Keeps the gate shut for this long from now, or longer when it already is.</summary>
    public void Pause(TimeSpan duration)
    {
        var until = (Now() + duration).Ticks;
        long current;
        do
        {
            current = Interlocked.Read(ref _openAt);
        }
        while (until > current && Interlocked.CompareExchange(ref _openAt, until, current) != current);
    }

    /// <summary>Returns when the gate is open.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Another caller may have met the limit again meanwhile, so the answer is read anew after each wait.
        while (TimeSpan.FromTicks(Interlocked.Read(ref _openAt)) - Now() is var left && left > TimeSpan.Zero)
            await Task.Delay(RoundUp(left), time, cancellationToken).ConfigureAwait(false);
    }

    private static TimeSpan RoundUp(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));

    private TimeSpan Now() => time.GetElapsedTime(_origin);
}
