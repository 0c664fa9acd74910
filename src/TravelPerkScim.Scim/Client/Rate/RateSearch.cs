namespace TravelPerkScim.Scim.Client.Rate;

/// <summary>
/// Finds the rate that a limited server bears, from the times of its answers and refusals alone. Pure: the caller gives the times, in
/// seconds. Not thread-safe.
/// At each refusal the server's allowance is used up. The number of requests that came through from one refusal to the next is what the
/// server gives in that time. So each such count is a lower bound of the limit, for a token bucket as for a fixed or a sliding window. The
/// best bound becomes the pace. From there the pace is raised, at first soon and fast, then rarely and gently.
/// </summary>
internal sealed class RateSearch
{
    // Just under the bound: a server that counts strictly refuses the one request too many, and a refusal costs a pause.
    private const double Caution = 0.99;

    /// <summary>Requests per second; a pace is never below it.</summary>
    private const double Slowest = 0.05;

    /// <summary>Requests per second; a pace above it counts as none.</summary>
    private const double Unlimited = 20_000;

    // Seconds that a known limit is kept before a higher pace is tried.
    private const double FirstHold = 60;
    private const double LongestHold = 600;

    // Seconds. A server that asks for a longer pause than the longest window punishes, and does not count in a window.
    private const double ShortestWindow = 1;
    private const double LongestWindow = 60;

    // A try is paid for when the pause that it may cost is a fiftieth of the time until the next try.
    private const double WindowsBetweenTries = 50;

    /// <summary>Answers whose times are kept.</summary>
    private const int Kept = 512;

    /// <summary>Fewer requests than this between two refusals tell nothing of the limit.</summary>
    private const int Telling = 5;

    // Two counts that differ by less are the same count; two paces that differ by more are different paces.
    private const double SameCount = 0.04;
    private const double OtherPace = 0.08;

    /// <summary>A count that is this near to a sustained pace does not contradict it.</summary>
    private const double NearlySustained = 0.98;

    // What is left of a pace that held for one window but not for two, that was sustained and is refused, and of a bound that was refused.
    private const double AfterOneWindow = 0.96;
    private const double AfterRefusal = 0.97;
    private const double BelowRefused = 0.985;

    /// <summary>A refused pace this near above the bound leaves nothing to search for.</summary>
    private const double SearchIsOver = 1.045;

    /// <summary>Seconds before the refusal that a stretch of answers has at least to be counted.</summary>
    private const double ShortestStretch = 0.5;

    private readonly Queue<double> _answers = new(Kept);

    // The pace: how high it is, how long it stays there, and how fast it is raised afterwards.
    private double _basePace = double.PositiveInfinity;
    private double _holdSeconds;
    private double _doublingSeconds;
    private double _raise;

    // What is known of the server: its window, the pace that held, the lower bound of its limit, a pace that was refused, its burst.
    private double _window;
    private double _sustained;
    private bool _sustainedIsInDoubt;
    private double _bound;
    private double _refusedPace = double.PositiveInfinity;
    private double _burst = double.NaN;
    private double _burstSeconds;

    // The stretch since the last refusal.
    private long _letThrough;
    private double _sendingSeconds;
    private double _pacedSeconds;
    private double _lastSent = double.NaN;
    private double _refusedAt;
    private double _paceAtRefusal;

    // The stretch before it.
    private double _countedBefore = double.NaN;
    private double _basePaceBefore;
    private double _pauseBefore;

    /// <summary>Requests per second that may be sent now; infinite while the server has refused none.</summary>
    public double Pace
    {
        get
        {
            if (double.IsPositiveInfinity(_basePace) || _pacedSeconds <= _holdSeconds)
                return _basePace;
            double pace = RaisedPace();
            return pace > Unlimited ? double.PositiveInfinity : pace;
        }
    }

    /// <summary>A request leaves.</summary>
    /// <param name="now">Time.</param>
    /// <param name="waited">The pace held the request back. Then the pace bounds the throughput, and the time counts for raising
    /// it.</param>
    public void Sent(double now, bool waited)
    {
        double gap = double.IsNaN(_lastSent) ? 0 : now - _lastSent;
        _lastSent = now;
        // Time without a request to send says nothing about the server.
        _sendingSeconds += Math.Min(gap, Math.Max(1, 2 / Pace));
        if (waited)
            _pacedSeconds += Math.Min(gap, 1 / Pace);
    }

    /// <summary>An answer other than 429 came.</summary>
    public void Answered(double now)
    {
        _letThrough++;
        if (_answers.Count == Kept)
            _answers.Dequeue();
        _answers.Enqueue(now);
    }

    /// <summary>The first 429 since the last <see cref="Resumed"/>. Answers under way may still come before that is called again.</summary>
    public void Refused(double now)
    {
        _refusedAt = now;
        _paceAtRefusal = Pace;
    }

    /// <summary>The pause is over: draws the conclusions.</summary>
    /// <param name="now">Time.</param>
    /// <param name="penalized">The server makes each pause longer than the one before. Then the next refusal costs more than it tells, and
    /// what is known has to do.</param>
    public void Resumed(double now, bool penalized)
    {
        double pause = now - _refusedAt;
        double sending = Math.Max(_sendingSeconds, 0.001);
        _window = Math.Clamp(pause, Math.Max(ShortestWindow, 0.9 * _window), LongestWindow);
        bool isFirst = double.IsNaN(_burst);
        if (isFirst && _letThrough is > 0 and < Telling)
        {
            // Too few to say anything: the stretch goes on.
            (_sendingSeconds, _lastSent) = (sending + pause, now);
            return;
        }
        // Where no request came through, others used up the quota, or the server is busy for the moment.
        if (_letThrough > 0 && isFirst)
            BeginSearch(sending, pause);
        else if (_letThrough > 0)
            Conclude(sending, penalized);
        BeginStretch(now, pause);
    }

    private void BeginStretch(double now, double pause)
    {
        _pauseBefore = pause;
        _sendingSeconds = 0;
        _letThrough = 0;
        _pacedSeconds = 0;
        _lastSent = now;
        _answers.Clear();
    }

    private void BeginSearch(double sending, double pause)
    {
        _burst = _letThrough;
        _burstSeconds = sending;
        _bound = _letThrough / (sending + pause);
        Search();
    }

    private void Conclude(double sending, bool penalized)
    {
        double aboveBurst = RateAboveBurst();
        double counted = Math.Max(_letThrough / (sending + _pauseBefore), aboveBurst);
        double sustainedBefore = _sustained;
        // The burst at the start was the allowance, and what came in while it lasted.
        _burst = Math.Max(1, _burst - (counted * _burstSeconds));
        _burstSeconds = 0;

        bool held = _pacedSeconds >= Math.Max(_holdSeconds, 2 * _window);
        if (held)
            (_sustained, _sustainedIsInDoubt) = (Math.Max(_sustained, _basePace), false);
        else
            LowerSustained(counted, aboveBurst);

        bool agrees = AgreesWithBefore(counted, sending, sustainedBefore);
        _bound = BoundAfter(counted, agrees, held, penalized);
        (_countedBefore, _basePaceBefore, _refusedPace) = (counted, _basePace, _paceAtRefusal);
        if (penalized || agrees || _refusedPace <= SearchIsOver * _bound)
            Hold(penalized);
        else
            Search();
    }

    // The pace did not hold: the limit fell, another client uses it too, or the burst was larger than it seemed.
    private void LowerSustained(double counted, double aboveBurst)
    {
        if (aboveBurst > _basePace)
            _burst = Math.Max(_burst, LargestBurst(_basePace));
        if (_pacedSeconds > 1.5 * _holdSeconds)
        {
            _sustained = Math.Max(_sustained, AfterOneWindow * _basePace);
            return;
        }
        if (_sustained <= 0.99 * _basePace)
            return;
        double lower = AfterRefusal * _basePace;
        _sustained = _sustainedIsInDoubt ? Math.Min(counted, lower) : lower;
        _sustainedIsInDoubt = true;
    }

    // The same count at another pace is the server's doing and not the pace's. So is a count that no sustained pace contradicts.
    private bool AgreesWithBefore(double counted, double sending, double sustainedBefore)
    {
        bool isSameCount = Math.Abs((counted / _countedBefore) - 1) <= SameCount;
        bool atOtherPace = Math.Abs((_basePace / _basePaceBefore) - 1) > OtherPace;
        bool isLongStretch = sending >= 2 * _pauseBefore;
        return isSameCount && (counted >= NearlySustained * sustainedBefore || (isLongStretch && atOtherPace));
    }

    private double BoundAfter(double counted, bool agrees, bool held, bool penalized)
    {
        double bound = agrees
            ? Math.Max(counted, _countedBefore)
            : Math.Max(counted, Between(_sustained, held ? _paceAtRefusal : _basePace));
        if (agrees && counted < _sustained)
            _sustained = bound;
        else
            bound = held ? Math.Max(bound, _basePace) : Math.Min(bound, BelowRefused * _basePace);
        if (_letThrough < Telling)
            bound = Math.Max(bound, _basePace / 4);
        return penalized ? Math.Min(bound, counted) * Caution : bound;
    }

    private static double Between(double low, double high) => low < high ? Math.Sqrt(low * high) : low;

    // The raise doubles each so many seconds.
    private double RaisedPace()
    {
        double doublings = Math.Min(20, (_pacedSeconds - _holdSeconds) / _doublingSeconds);
        return _basePace * Math.Exp(_raise / Math.Log(2) * (Math.Pow(2, doublings) - 1));
    }

    // The limit is not known. The pace is raised soon and ever faster, and more carefully towards a pace that was refused before.
    private void Search()
    {
        _basePace = Math.Max(Slowest, _bound * Caution);
        _holdSeconds = Math.Max(_window, 10 / _basePace);
        bool isOpen = double.IsPositiveInfinity(_refusedPace) || _refusedPace <= _basePace;
        _doublingSeconds = isOpen ? _holdSeconds : 3 * _holdSeconds;
        _raise = isOpen ? 0.15 : Math.Clamp(Math.Log(_refusedPace / _basePace), 0.05, 0.3);
    }

    // The limit is known. A higher pace is tried rarely, and more rarely each time that it was refused.
    private void Hold(bool penalized)
    {
        _basePace = Math.Max(Slowest, _bound * Caution);
        _holdSeconds = penalized ? WindowsBetweenTries * _window : Math.Clamp(_holdSeconds * 2, FirstHold, LongestHold);
        _doublingSeconds = Math.Max(10, _window);
        _raise = 0.05;
    }

    // No server lets through more than its burst and its rate, in whatever stretch of time.
    private double RateAboveBurst()
    {
        double best = 0;
        int left = _answers.Count;
        foreach (double began in _answers)
        {
            double stretch = _refusedAt - began;
            if (stretch >= ShortestStretch)
                best = Math.Max(best, (left - _burst) / stretch);
            left--;
        }
        return best;
    }

    // The most requests that came through in any stretch up to the refusal beyond what the rate gives in that time.
    private double LargestBurst(double rate)
    {
        double largest = 0;
        int left = _answers.Count;
        foreach (double began in _answers)
            largest = Math.Max(largest, left-- - (rate * Math.Max(0, _refusedAt - began)));
        return largest;
    }
}
