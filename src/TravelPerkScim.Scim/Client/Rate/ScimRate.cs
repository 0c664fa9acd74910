namespace TravelPerkScim.Scim.Client.Rate;

/// <summary>How fast a client sends, and how the server holds it back.</summary>
public sealed record ScimRate
{
    /// <summary>Requests sent since the client was made, repeats included.</summary>
    public long Requests { get; init; }

    /// <summary>How many of them were answered with 429.</summary>
    public long TooManyRequests { get; init; }

    /// <summary>Requests sent per second, over the last ten seconds.</summary>
    public double PerSecond { get; init; }

    /// <summary>The most requests per second that are sent, because the server refused some; null when it refused none.</summary>
    public double? Limit { get; init; }

    /// <summary>Requests under way now.</summary>
    public int UnderWay { get; init; }

    /// <summary>The number of requests that a cycle sends at once, up to the Concurrency of its job. It begins with 8, or with the number
    /// that was measured before, and grows up to 64 while the server answers as fast.</summary>
    public int Concurrency { get; init; }

    /// <summary>The most requests that are sent at once because the server was overloaded (503, other failures of the server, no answer);
    /// null when it never was.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>How long requests still wait, because the server asked for a pause; zero without a pause.</summary>
    public TimeSpan PausedFor { get; init; }
}

/// <summary>Counts requests over the last ten seconds. Not thread-safe.</summary>
internal sealed class RateMeter
{
    private const int Seconds = 10;

    private readonly long[] _bySecond = new long[Seconds + 1];
    private long _second = -1;
    private double _first = double.NaN;
    private long _requests;
    private long _refused;

    public void Sent(double now)
    {
        if (double.IsNaN(_first))
            _first = now;
        Turn(now);
        _bySecond[_second % _bySecond.Length]++;
        _requests++;
    }

    public void Refused() => _refused++;

    public ScimRate Read(double now)
    {
        Turn(now);
        double span = double.IsNaN(_first) ? 0 : Math.Min(now - _first, Seconds + (now - Math.Floor(now)));
        return new ScimRate
        {
            Requests = _requests,
            TooManyRequests = _refused,
            PerSecond = span > 0 ? _bySecond.Sum() / Math.Max(span, 1) : 0,
        };
    }

    private void Turn(double now)
    {
        long second = (long)now;
        for (long passed = Math.Max(_second + 1, second - _bySecond.Length + 1); passed <= second; passed++)
            _bySecond[passed % _bySecond.Length] = 0;
        _second = Math.Max(_second, second);
    }
}
