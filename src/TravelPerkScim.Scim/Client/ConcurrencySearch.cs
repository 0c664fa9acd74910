namespace TravelPerkScim.Scim;

/// <summary>
/// Finds how many requests at once a server bears, from nothing but which of them came through. Pure; not thread-safe.
/// Additive increase, multiplicative decrease (RFC 5681's idea of congestion): a sign of overload halves what is under way, each round of successes allows one more.
/// A level that failed is tried again ever more rarely.
/// </summary>
internal sealed class ConcurrencySearch
{
    private const int LongestPatience = 64;

    private int _good, _patience = 1, _successes;
    private int _failed = int.MaxValue;

    /// <summary>Requests that may be under way at once; <see cref="int.MaxValue"/> while the server has shown no sign of overload.</summary>
    public int Limit { get; private set; } = int.MaxValue;

    /// <summary>Counts the decreases. Requests that left before one say nothing about what is under way after it.</summary>
    public int Epoch { get; private set; }

    /// <summary>A request met overload: 502, 503 or 504, no answer in time, or a connection that was cut.</summary>
    /// <param name="underWay">How many were under way, this one included.</param>
    /// <param name="epoch">The <see cref="Epoch"/> in which it left.</param>
    public void Overloaded(int underWay, int epoch)
    {
        if (epoch != Epoch)
            return;
        Epoch++;
        _successes = 0;
        int level = Math.Min(underWay, Limit);
        bool triedOneMore = _good > 0 && level > _good;
        _failed = level;
        _patience = triedOneMore ? Math.Min(_patience * 2, LongestPatience) : 1;
        Limit = Math.Max(1, triedOneMore ? _good : level / 2);
        _good = triedOneMore ? _good : 0;
    }

    /// <summary>A request was answered without a sign of overload.</summary>
    /// <param name="atLimit">As many were under way as may be: only then does it say that this many are borne.</param>
    /// <param name="epoch">The <see cref="Epoch"/> in which it left.</param>
    public void Answered(bool atLimit, int epoch)
    {
        if (Limit == int.MaxValue || !atLimit || epoch != Epoch)
            return;
        // Up to where it failed, a round is enough; from there on it takes more of them each time.
        int rounds = Limit + 1 < _failed ? 1 : _patience;
        if (++_successes < Limit * rounds)
            return;
        _successes = 0;
        _good = Limit;
        if (Limit >= _failed)
            (_failed, _patience) = (int.MaxValue, 1);
        Limit++;
    }
}
