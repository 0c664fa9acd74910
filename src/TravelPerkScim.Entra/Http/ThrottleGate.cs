using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace TravelPerkScim.Entra.Http;

/// <summary>The gate of every request of a directory. It holds them for the pauses of the tenant, and for those of the directory: a failure
/// that is no throttling may lie in what one job asks, and holds no other job.</summary>
internal sealed class ThrottleGate(TenantPace pace, TimeProvider time)
{
    /// <summary>How often one request is repeated before its failure counts.</summary>
    public const int MaxRepeats = 8;

    /// <summary>The longest wait that is obeyed. A longer wait ends the read.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan s_firstBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastBackoff = TimeSpan.FromSeconds(60);

    private readonly object _lock = new();
    private DateTimeOffset _until = DateTimeOffset.MinValue;

    /// <summary>The pace that the jobs of the tenant share.</summary>
    public TenantPace Pace => pace;

    /// <summary>Returns when a request of so many resource units may leave: when the pauses are over, also when they were prolonged
    /// meanwhile, and when the tenant has units left.</summary>
    public async Task PassAsync(int units, CancellationToken cancellationToken)
    {
        while (Wait(units) is { Ticks: > 0 } wait)
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pauses every request of the directory; of the tenant, when Graph throttles. A pause is prolonged, never cut
    /// short.</summary>
    /// <param name="wait">How long.</param>
    /// <param name="status">The answer that asks for the pause; null when no answer came.</param>
    public void Pause(TimeSpan wait, HttpStatusCode? status)
    {
        if (status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            pace.Pause(wait);
            return;
        }
        DateTimeOffset until = time.GetUtcNow() + wait;
        lock (_lock)
            _until = until > _until ? until : _until;
    }

    /// <summary>The wait that <c>Retry-After</c> asks for, in seconds or as a date. Graph also gives a fraction of seconds. Without a wait
    /// that can be read, the wait doubles each time.</summary>
    public TimeSpan WaitFor(string? retryAfter, int repeat)
    {
        TimeSpan wait = Backoff(repeat);
        if (double.TryParse(retryAfter, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds))
            wait = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(1).TotalSeconds));
        else if (RetryConditionHeaderValue.TryParse(retryAfter, out RetryConditionHeaderValue? value) && value.Date is { } date)
            wait = date - time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private static TimeSpan Backoff(int repeat)
    {
        TimeSpan wait = s_firstBackoff * Math.Pow(2, repeat);
        return wait < s_lastBackoff ? wait : s_lastBackoff;
    }

    private TimeSpan Wait(int units)
    {
        lock (_lock)
        {
            TimeSpan wait = _until - time.GetUtcNow();
            if (wait > TimeSpan.Zero)
                return wait;
        }
        return pace.Take(units);
    }
}
