using System.Net.Http.Headers;

namespace TravelPerkScim.Entra.Http;

/// <summary>One pause for every request of a directory: Graph throttles the application, not the request.</summary>
internal sealed class ThrottleGate(TimeProvider time)
{
    /// <summary>How often one request is repeated before its failure counts.</summary>
    public const int MaxRepeats = 8;

    /// <summary>The longest wait that is obeyed. A longer wait ends the read.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan s_firstBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastBackoff = TimeSpan.FromSeconds(60);

    private readonly object _lock = new();
    private DateTimeOffset _until = DateTimeOffset.MinValue;

    /// <summary>Returns when the pause is over, also when it was prolonged meanwhile.</summary>
    public async Task PassAsync(CancellationToken cancellationToken)
    {
        while (Remaining() is { Ticks: > 0 } wait)
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pauses every request. A pause is prolonged, never cut short.</summary>
    public void Pause(TimeSpan wait)
    {
        DateTimeOffset until = time.GetUtcNow() + wait;
        lock (_lock)
            _until = until > _until ? until : _until;
    }

    /// <summary>The wait that <c>Retry-After</c> asks for, in seconds or as a date. Without it, the wait doubles each time.</summary>
    public TimeSpan WaitFor(RetryConditionHeaderValue? retryAfter, int repeat)
    {
        TimeSpan wait = retryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => Backoff(repeat),
        };
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private static TimeSpan Backoff(int repeat)
    {
        TimeSpan wait = s_firstBackoff * Math.Pow(2, repeat);
        return wait < s_lastBackoff ? wait : s_lastBackoff;
    }

    private TimeSpan Remaining()
    {
        lock (_lock)
            return _until - time.GetUtcNow();
    }
}
