namespace TravelPerkScim.Scim.Client.Rate;

/// <summary>
/// Finds how many requests at once a server answers as fast as few of them. Pure: the caller gives the times, in seconds. Not thread-safe.
/// The number grows by a half while a round of answers is as fast as the rounds before. It goes back when two rounds in a row are slower,
/// and when the server refuses a request. Growth is then tried again, more and more rarely. The idea is that of TCP Vegas: answers slow
/// down before a server refuses any. What a server refuses is <see cref="ConcurrencySearch"/>'s and <see cref="RefusalJudge"/>'s to find.
/// </summary>
internal sealed class ConcurrencyGrowth
{
    /// <summary>The number of requests at once with a server that is not known.</summary>
    public const int First = 8;

    /// <summary>The most requests at once, whatever the server bears.</summary>
    public const int Most = 64;

    /// <summary>A round is as fast as another when its median is at most so many times as long.</summary>
    private const double AsFast = 1.25;

    /// <summary>Seconds by which the answers of a server differ for no reason.</summary>
    private const double Noise = 0.0005;

    /// <summary>Round trips whose answers make a round.</summary>
    private const int RoundTrips = 2;

    /// <summary>The weight of one more round in the usual time of an answer.</summary>
    private const double Weight = 0.25;

    /// <summary>One slow round may be chance.</summary>
    private const int SlowInARow = 2;

    // Seconds until growth is tried again.
    private const double FirstHold = 10;
    private const double LongestHold = 300;

    private readonly List<double> _round = [];
    private double _usual = double.NaN;
    private int _slowRounds;
    private int _fewer = First;
    private int _tooMany = int.MaxValue;
    private double _hold = FirstHold;
    private double _heldUntil = double.NegativeInfinity;
    private double _wentBack = double.NegativeInfinity;

    /// <summary>The number of requests to send at once.</summary>
    public int Number { get; private set; } = First;

    /// <summary>The last number whose round was fast; null before the first round.</summary>
    public int? Proven { get; private set; }

    /// <summary>Begins with a number that was proven in another session.</summary>
    public void StartAt(int proven)
    {
        if (Proven is not null)
            return;
        Number = Math.Clamp(proven, First, Most);
        _fewer = Fewer(Number);
    }

    /// <summary>A request was answered well.</summary>
    /// <param name="now">Time.</param>
    /// <param name="duration">Seconds from its departure to the whole answer.</param>
    /// <param name="underWay">Requests under way when it left, itself included.</param>
    public void Answered(double now, double duration, int underWay)
    {
        // Only a number that is nearly used up says something.
        if (underWay * 4 < Number * 3)
            return;
        _round.Add(duration);
        if (_round.Count < RoundTrips * Number)
            return;
        _round.Sort();
        double median = _round[_round.Count / 2];
        _round.Clear();
        // Few requests at once tell how fast the server is now.
        if (double.IsNaN(_usual) || (Number == First && _slowRounds > 0))
            _usual = median;
        if (median <= (AsFast * _usual) + Noise)
            WentWell(now, median);
        else if (++_slowRounds == SlowInARow)
            GoBack(now);
    }

    /// <summary>The server refused a request, or did not answer it.</summary>
    /// <param name="now">Time.</param>
    /// <param name="left">When the request left. Requests that were under way together are refused together, and count once.</param>
    public void Refused(double now, double left)
    {
        if (left < _wentBack)
            return;
        _round.Clear();
        GoBack(now);
    }

    private void WentWell(double now, double median)
    {
        _slowRounds = 0;
        _usual += (median - _usual) * Weight;
        Proven = Number;
        if (Number >= _tooMany)
            (_tooMany, _hold) = (int.MaxValue, FirstHold);
        if (now >= _heldUntil && Number < Most)
            (_fewer, Number) = (Number, Math.Min(Most, Number + (Number / 2)));
    }

    private void GoBack(double now)
    {
        if (now >= _heldUntil)
        {
            (_tooMany, _heldUntil) = (Number, now + _hold);
            _hold = Math.Min(2 * _hold, LongestHold);
        }
        Number = _fewer;
        _fewer = Fewer(Number);
        _slowRounds = 0;
        _wentBack = now;
    }

    private static int Fewer(int number) => Math.Max(First, number / 2);
}
