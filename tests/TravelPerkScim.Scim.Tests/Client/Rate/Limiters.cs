using System.Globalization;
using System.Net;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>How a server counts requests. Times are seconds.</summary>
internal abstract class Limiter
{
    /// <summary>Null when the request is let through, otherwise how long until one is.</summary>
    public abstract double? Refuse(double now);

    /// <summary>A request that was let through is answered.</summary>
    public virtual void Answered() { }
}

internal sealed class TokenBucket(double perSecond, double burst) : Limiter
{
    private double _tokens = double.PositiveInfinity,
        _asOf;

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

/// <summary>So many requests at once.</summary>
internal sealed class AtOnce(int requests) : Limiter
{
    private int _underWay;

    public override double? Refuse(double now)
    {
        if (_underWay == requests)
            return 1;
        _underWay++;
        return null;
    }

    public override void Answered() => _underWay--;
}

/// <summary>Each so many-th request is refused, however slowly they come.</summary>
internal sealed class EachOf(int requests) : Limiter
{
    private int _count;

    public override double? Refuse(double now) => ++_count % requests == 0 ? 1 : null;
}

/// <summary>A share of the requests is refused, whichever it hits.</summary>
internal sealed class ByChance(double share, int seed = 1) : Limiter
{
    private readonly Random _random = new(seed);

    public override double? Refuse(double now) => _random.NextDouble() < share ? 1 : null;
}

/// <summary>Who goes beyond the limit is shut out for a second, and each time for twice as long.</summary>
internal sealed class GrowingPenalty(Limiter limit) : Limiter
{
    private double _until,
        _penalty = 1;

    public override double? Refuse(double now)
    {
        if (now < _until)
            return _until - now;
        if (limit.Refuse(now) is null)
            return null;
        _until = now + _penalty;
        _penalty *= 2;
        return _until - now;
    }
}

internal enum RetryAfterForm
{
    Seconds,
    Date,
    None,
}

internal static class RetryAfter
{
    /// <summary>What a server that counts in whole seconds asks for, at least one.</summary>
    public static double Whole(double seconds) => Math.Max(1, Math.Ceiling(seconds));

    /// <summary>When a request may come again, as the header says it; null without one.</summary>
    /// <param name="form">How it is said.</param>
    /// <param name="now">Time.</param>
    /// <param name="seconds">How long until a request is let through.</param>
    public static double? At(RetryAfterForm form, double now, double seconds) =>
        form switch
        {
            RetryAfterForm.Seconds => now + Whole(seconds),
            RetryAfterForm.Date => Math.Floor(now + Whole(seconds)) + 1,
            _ => null,
        };
}

/// <summary>A server in the same process and time, with a limit.</summary>
/// <param name="time">Clock.</param>
/// <param name="limiter">The limit, or null.</param>
/// <param name="form">How it asks to wait.</param>
/// <param name="way">How long a request is on its way.</param>
/// <param name="work">How long it is worked on, and its answer on the way back.</param>
internal sealed class LimitedServer(TimeProvider time, Limiter? limiter, RetryAfterForm form, TimeSpan way, TimeSpan work)
    : HttpMessageHandler
{
    private readonly DateTimeOffset _began = time.GetUtcNow();

    /// <summary>When each request came, in seconds, and whether it was refused.</summary>
    public List<(double At, bool Refused)> Answers { get; } = [];

    public double RefusedShareAfter(double seconds) =>
        Answers.Where(a => a.At > seconds).Select(a => a.Refused ? 1.0 : 0).DefaultIfEmpty(0).Average();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (way > TimeSpan.Zero)
            await Task.Delay(way, time, cancellationToken).ConfigureAwait(false);
        double? wait = limiter?.Refuse(Now());
        Answers.Add((Now(), wait is not null));
        if (work > TimeSpan.Zero)
            await Task.Delay(work, time, cancellationToken).ConfigureAwait(false);
        if (wait is { } seconds)
            return Refusal(seconds);
        limiter?.Answered();
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{\"id\":\"29\"}") };
    }

    private HttpResponseMessage Refusal(double seconds)
    {
        var refusal = new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StringContent("{}") };
        if (form == RetryAfterForm.Seconds)
            refusal.Headers.TryAddWithoutValidation("Retry-After", RetryAfter.Whole(seconds).ToString(CultureInfo.InvariantCulture));
        else if (RetryAfter.At(form, Now(), seconds) is { } at)
            refusal.Headers.TryAddWithoutValidation("Retry-After", _began.AddSeconds(at).ToString("R", CultureInfo.InvariantCulture));
        return refusal;
    }

    private double Now() => (time.GetUtcNow() - _began).TotalSeconds;
}
