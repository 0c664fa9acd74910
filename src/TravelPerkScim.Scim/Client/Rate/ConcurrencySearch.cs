namespace TravelPerkScim.Scim.Client.Rate;

/// <summary>
/// Finds how many requests at once a server bears, from nothing but which of them failed as those of an overloaded server do. Pure: times
/// are seconds given by the caller. Not thread-safe.
/// As TCP does (RFC 5681) and AIMDLimit of Netflix's concurrency-limits, a failure halves the number, and each round trip that goes well
/// adds one. Unlike there, a number that was refused as soon
/// as it was reached is remembered: the search stops one below it and tries it rarely, for a server that takes a fixed number would
/// otherwise refuse some in every few round trips.
/// </summary>
internal sealed class ConcurrencySearch
{
    private const double FirstHold = 5,
        LongestHold = 300;

    private int _good,
        _tooMany = int.MaxValue;
    private double _hold = FirstHold,
        _heldUntil;
    private int _answered;
    private bool _failed;

    /// <summary>The most requests that may be under way now; <see cref="int.MaxValue"/> while the server was never overloaded.</summary>
    public int Limit { get; private set; } = int.MaxValue;

    /// <summary>The most requests under way that went well so far for a whole round trip; 0 before the first decrease.</summary>
    public int Borne => _good;

    /// <summary>Counts the decreases. Requests that were under way together fail together: those that left before the last decrease say
    /// nothing new.</summary>
    public int Epoch { get; private set; }

    /// <summary>Goes on from another number than the half: so many came through where more were refused.</summary>
    public void Try(int number)
    {
        if (number > 0 && number < _tooMany)
            Limit = number;
    }

    /// <summary>A request was answered as a server does that is well.</summary>
    /// <param name="now">Time.</param>
    /// <param name="epoch"><see cref="Epoch"/> when it left.</param>
    /// <param name="underWay">How many were under way when it left, itself included.</param>
    public void Answered(double now, int epoch, int underWay)
    {
        _failed = false;
        // A limit that nobody comes up to is not known to be borne.
        if (epoch != Epoch || underWay < Limit || ++_answered < Limit)
            return;
        _answered = 0;
        _good = Math.Max(_good, Limit);
        if (_good >= _tooMany)
            (_tooMany, _hold) = (int.MaxValue, FirstHold);
        if (Limit + 1 < _tooMany || now >= _heldUntil)
            Limit++;
    }

    /// <summary>A request failed for a reason that may be its own. Two in a row are the server's.</summary>
    /// <inheritdoc cref="Answered"/>
    public void Failed(double now, int epoch, int underWay)
    {
        if (_failed)
            Overloaded(now, epoch, underWay);
        _failed = true;
    }

    /// <summary>A request failed because the server has too much to do.</summary>
    /// <inheritdoc cref="Answered"/>
    public void Overloaded(double now, int epoch, int underWay)
    {
        // Fewer than one at a time cannot be: that is for the pause, or for the caller to give up.
        if (epoch != Epoch || underWay < 2)
            return;
        if (underWay <= _good)
        {
            // It went well before, so it may be chance. The next time it is not.
            _good = underWay - 1;
        }
        else
        {
            _hold = underWay == _tooMany ? Math.Min(2 * _hold, LongestHold) : FirstHold;
            _tooMany = underWay;
            _heldUntil = now + _hold;
        }
        Limit = underWay / 2;
        _answered = 0;
        Epoch++;
    }
}
