namespace TravelPerkScim.Scim.Client.Rate;

/// <summary>
/// Finds the rate a limited server bears, from nothing but when it answered and when it refused. Pure: times are seconds given by the
/// caller. Not thread-safe.
/// At each refusal the server's allowance is used up. What it let through from one refusal to the next is what it gives in that time, so
/// every such count is a lower bound of the
/// limit, for a token bucket as for a fixed or a sliding window; the best bound becomes the pace. From there the pace is raised, first soon
/// and fast, then rarely and gently.
/// </summary>
internal sealed class RateSearch
{
    // Just under the bound: a server that counts strictly refuses the one request too many, and a refusal costs a pause.
    private const double Caution = 0.99;
    private const double Slowest = 0.05;
    private const double Unlimited = 20_000;
    private const double FirstHold = 60,
        LongestHold = 600;

    // A try is paid for when the pause that it may cost is a fiftieth of the time until the next one.
    private const double Worth = 50;
    private const int Kept = 512,
        Telling = 5;

    private readonly Queue<double> _answers = new(Kept);
    private double _base = double.PositiveInfinity;
    private double _growth,
        _hold,
        _scale,
        _speed;
    private double _period,
        _held,
        _bound,
        _ceiling = double.PositiveInfinity;
    private double _burst = double.NaN,
        _burstTook;
    private double _counted = double.NaN,
        _baseBefore;
    private bool _doubted;
    private double _wanted,
        _last = double.NaN,
        _paused;
    private double _refusedAt,
        _paceAtRefusal;
    private long _count;

    /// <summary>Requests per second that may be sent now; infinite while the server has refused none.</summary>
    public double Pace
    {
        get
        {
            if (double.IsPositiveInfinity(_base) || _growth <= _hold)
                return _base;
            double pace = PaceAt(_growth);
            return pace > Unlimited ? double.PositiveInfinity : pace;
        }
    }

    /// <summary>A request leaves. <paramref name="waited"/>: the pace held it back, so the pace is what bounds the throughput, and time
    /// that counts for raising it has passed.</summary>
    public void Sent(double now, bool waited)
    {
        double gap = double.IsNaN(_last) ? 0 : now - _last;
        _last = now;
        // Time in which nobody wanted to send says nothing about the server.
        _wanted += Math.Min(gap, Math.Max(1, 2 / Pace));
        if (waited)
            _growth += Math.Min(gap, 1 / Pace);
    }

    /// <summary>An answer other than 429.</summary>
    public void Answered(double now)
    {
        _count++;
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
    /// <param name="penalized">The server makes each pause longer than the one before: what is known has to do, for the next refusal costs
    /// more than it tells.</param>
    public void Resumed(double now, bool penalized)
    {
        double pause = now - _refusedAt;
        _period = Math.Clamp(pause, Math.Max(1, 0.9 * _period), 60);
        double sending = Math.Max(_wanted, 0.001);
        if (_count == 0)
        {
            // A quota that others used up, or a server that is busy for the moment.
        }
        else if (_count < Telling && double.IsNaN(_burst))
        {
            // Too few to say anything, until there are more.
            (_wanted, _last) = (sending + pause, now);
            return;
        }
        else if (double.IsNaN(_burst))
        {
            _burst = _count;
            _burstTook = sending;
            _bound = _count / (sending + pause);
            Search();
        }
        else
        {
            Conclude(sending, penalized);
        }
        _paused = pause;
        _wanted = 0;
        _count = 0;
        _growth = 0;
        _last = now;
        _answers.Clear();
    }

    private void Conclude(double sending, bool penalized)
    {
        double between = _count / (sending + _paused),
            above = RateAboveBurst();
        double counted = Math.Max(between, above),
            before = _counted,
            heldBefore = _held;
        // The burst at the start was the allowance and what came in while it lasted.
        _burst = Math.Max(1, _burst - (counted * _burstTook));
        _burstTook = 0;
        bool held = _growth >= Math.Max(_hold, 2 * _period);
        if (held)
        {
            _held = Math.Max(_held, _base);
            _doubted = false;
        }
        else
        {
            // What was thought to hold does not: the limit fell, somebody else uses it too, or the burst was larger than it seemed.
            if (above > _base)
                _burst = Math.Max(_burst, BestWindow(_base));
            if (_growth > 1.5 * _hold)
                // It held for one period, though not for two.
                _held = Math.Max(_held, 0.96 * _base);
            else if (_held > 0.99 * _base)
            {
                _held = _doubted ? Math.Min(counted, 0.97 * _base) : 0.97 * _base;
                _doubted = true;
            }
        }
        // The same count at another pace is the server's, not ours; so is one that no pace that held contradicts.
        bool agreed =
            Math.Abs((counted / before) - 1) <= 0.04
            && (counted >= 0.98 * heldBefore || (sending >= 2 * _paused && Math.Abs((_base / _baseBefore) - 1) > 0.08));
        _counted = counted;
        _baseBefore = _base;
        _bound = agreed ? Math.Max(counted, before) : Math.Max(counted, Between(_held, held ? _paceAtRefusal : _base));
        if (agreed && counted < _held)
            _held = _bound;
        else
            _bound = held ? Math.Max(_bound, _base) : Math.Min(_bound, 0.985 * _base);
        _ceiling = _paceAtRefusal;
        if (_count < Telling)
            _bound = Math.Max(_bound, _base / 4);
        if (penalized)
            _bound = Math.Min(_bound, counted) * Caution;
        if (penalized || agreed || _ceiling <= 1.045 * _bound)
            Hold(penalized);
        else
            Search();
    }

    private static double Between(double low, double high) => low < high ? Math.Sqrt(low * high) : low;

    private double PaceAt(double growth) =>
        growth <= _hold ? _base : _base * Math.Exp(_speed / Math.Log(2) * (Math.Pow(2, Math.Min(20, (growth - _hold) / _scale)) - 1));

    // Unsure: raise soon, and twice as fast each time; more carefully towards a pace that was refused before.
    private void Search()
    {
        _base = Math.Max(Slowest, _bound * Caution);
        _hold = Math.Max(_period, 10 / _base);
        bool open = double.IsPositiveInfinity(_ceiling) || _ceiling <= _base;
        _scale = open ? _hold : 3 * _hold;
        _speed = open ? 0.15 : Math.Clamp(Math.Log(_ceiling / _base), 0.05, 0.3);
    }

    // The limit is known. Whether it was raised is tried rarely, and more rarely each time it was not.
    private void Hold(bool penalized)
    {
        _base = Math.Max(Slowest, _bound * Caution);
        _hold = penalized ? Worth * _period : Math.Clamp(_hold * 2, FirstHold, LongestHold);
        _scale = Math.Max(10, _period);
        _speed = 0.05;
    }

    // Nothing lets through more than its burst and its rate, in whatever stretch of time.
    private double RateAboveBurst()
    {
        double best = 0;
        int left = _answers.Count;
        foreach (double began in _answers)
        {
            double stretch = _refusedAt - began;
            if (stretch >= 0.5)
                best = Math.Max(best, (left - _burst) / stretch);
            left--;
        }
        return best;
    }

    private double BestWindow(double rate)
    {
        double best = 0;
        int left = _answers.Count;
        foreach (double began in _answers)
            best = Math.Max(best, left-- - (rate * Math.Max(0, _refusedAt - began)));
        return best;
    }
}
