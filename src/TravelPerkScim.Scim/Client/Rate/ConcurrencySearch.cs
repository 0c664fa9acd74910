namespace TravelPerkScim.Scim.Client.Rate;

/// <summary>
/// Finds how many requests at once a server bears, from the failures that an overloaded server gives. Pure: the caller gives the times, in
/// seconds. Not thread-safe.
/// A failure halves the number, and each good round trip adds one, as in TCP (RFC 5681) and in AIMDLimit of Netflix's concurrency-limits.
/// Unlike there, a number that failed as soon as it was reached is remembered. The search stops one below it and tries it rarely: a server
/// that takes a fixed number would otherwise refuse requests in every few round trips.
/// </summary>
internal sealed class ConcurrencySearch
{
    // Seconds until a number that failed is tried again.
    private const double FirstHold = 5;
    private const double LongestHold = 300;

    private int _borne;
    private int _tooMany = int.MaxValue;
    private double _hold = FirstHold;
    private double _heldUntil;
    private int _answersAtLimit;
    private bool _lastOneFailed;

    /// <summary>The most requests that may be under way now; <see cref="int.MaxValue"/> while the server was never overloaded.</summary>
    public int Limit { get; private set; } = int.MaxValue;

    /// <summary>The most requests at once that were all answered well for a whole round trip; 0 before the first decrease.</summary>
    public int Borne => _borne;

    /// <summary>Counts the decreases. Requests that were under way together fail together, so a request that left before the last decrease
    /// says nothing new.</summary>
    public int Epoch { get; private set; }

    /// <summary>Continues at this number instead of the half: so many requests came through where more were refused.</summary>
    public void Try(int number)
    {
        if (number > 0 && number < _tooMany)
            Limit = number;
    }

    /// <summary>A request was answered, and the answer shows no overload.</summary>
    /// <param name="now">Time.</param>
    /// <param name="epoch"><see cref="Epoch"/> when the request left.</param>
    /// <param name="underWay">Requests under way when it left, itself included.</param>
    public void Answered(double now, int epoch, int underWay)
    {
        _lastOneFailed = false;
        // Only a limit that was reached is known to be borne.
        if (epoch != Epoch || underWay < Limit || ++_answersAtLimit < Limit)
            return;
        _answersAtLimit = 0;
        _borne = Math.Max(_borne, Limit);
        if (_borne >= _tooMany)
            (_tooMany, _hold) = (int.MaxValue, FirstHold);
        if (Limit + 1 < _tooMany || now >= _heldUntil)
            Limit++;
    }

    /// <summary>A request failed, and the reason may lie in the request. Two such failures in a row are the server's.</summary>
    /// <inheritdoc cref="Answered"/>
    public void Failed(double now, int epoch, int underWay)
    {
        if (_lastOneFailed)
            Overloaded(now, epoch, underWay);
        _lastOneFailed = true;
    }

    /// <summary>A request failed because the server has too much to do.</summary>
    /// <inheritdoc cref="Answered"/>
    public void Overloaded(double now, int epoch, int underWay)
    {
        // One at a time is the least. Then a pause helps, or the caller gives up.
        if (epoch != Epoch || underWay < 2)
            return;
        if (underWay <= _borne)
        {
            // This number was borne before, so the failure may be chance. The next one is not.
            _borne = underWay - 1;
        }
        else
        {
            _hold = underWay == _tooMany ? Math.Min(2 * _hold, LongestHold) : FirstHold;
            _tooMany = underWay;
            _heldUntil = now + _hold;
        }
        Limit = underWay / 2;
        _answersAtLimit = 0;
        Epoch++;
    }
}
