using System.Globalization;
using System.Net;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>How a server counts requests. Times are seconds.</summary>
internal abstract class Limiter
{
    /// <summary>Null when the request is let through, otherwise how long until one is.</summary>
    public abstract double? Refuse(double now);
}

internal sealed class TokenBucket(double perSecond, double burst) : Limiter
{
    private double _tokens = double.PositiveInfinity, _asOf;

    public double PerSecond { get; set; } = perSecond;

    public override double? Refuse(double now)
    {
        _tokens = Math.Min(burst, _tokens + ((now - _asOf) * PerSecond));
        _asOf = now;
        // Sums of fractions end a hair below the whole token.
        if (_tokens < 0.999999)
            return (1 - _tokens) / PerSecond;
        _tokens--;
        return null;
    }
}

internal sealed class FixedWindow(int requests, double seconds) : Limiter
{
    private double _window = -1;
    private int _used;

    public override double? Refuse(double now)
    {
        double window = Math.Floor(now / seconds);
        if (window != _window)
            (_window, _used) = (window, 0);
        return ++_used > requests ? ((window + 1) * seconds) - now : null;
    }
}

internal sealed class SlidingWindow(int requests, double seconds) : Limiter
{
    private readonly Queue<double> _passed = new();

    public override double? Refuse(double now)
    {
        while (_passed.TryPeek(out double oldest) && oldest <= now - seconds)
            _passed.Dequeue();
        if (_passed.Count >= requests)
            return _passed.Peek() + seconds - now;
        _passed.Enqueue(now);
        return null;
    }
}

internal enum RetryAfterForm
{
    Seconds,
    Date,
    None,
}

/// <summary>A server in the same process and time, with a limit.</summary>
internal sealed class LimitedServer(TimeProvider time, Limiter? limiter, RetryAfterForm form, TimeSpan latency) : HttpMessageHandler
{
    private readonly DateTimeOffset _began = time.GetUtcNow();

    /// <summary>When each request was answered, in seconds, and whether it was refused.</summary>
    public List<(double At, bool Refused)> Answers { get; } = [];

    public double RefusedShareAfter(double seconds) =>
        Answers.Where(a => a.At > seconds).Select(a => a.Refused ? 1.0 : 0).DefaultIfEmpty(0).Average();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (latency > TimeSpan.Zero)
            await Task.Delay(latency, time, cancellationToken).ConfigureAwait(false);
        double now = (time.GetUtcNow() - _began).TotalSeconds;
        double? wait = limiter?.Refuse(now);
        Answers.Add((now, wait is not null));
        if (wait is not { } seconds)
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{\"id\":\"29\"}") };
        var refusal = new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StringContent("{}") };
        DateTimeOffset again = time.GetUtcNow().AddSeconds(Math.Max(1, Math.Ceiling(seconds)));
        if (form == RetryAfterForm.Seconds)
            refusal.Headers.TryAddWithoutValidation("Retry-After", Math.Max(1, Math.Ceiling(seconds)).ToString(CultureInfo.InvariantCulture));
        else if (form == RetryAfterForm.Date)
            refusal.Headers.TryAddWithoutValidation("Retry-After", again.AddTicks(-(again.Ticks % TimeSpan.TicksPerSecond)).AddSeconds(1).ToString("R", CultureInfo.InvariantCulture));
        return refusal;
    }
}
