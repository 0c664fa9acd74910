namespace TravelPerkScim.Scim.Client.Rate;

/// <summary>What a server's 429 are about.</summary>
internal enum RefusalCause
{
    /// <summary>It has sent none.</summary>
    None,

    /// <summary>Too many requests at once.</summary>
    AtOnce,

    /// <summary>Too many requests in a time.</summary>
    InTime,

    /// <summary>Neither: it refuses some whatever the client does, by count or by chance.</summary>
    Neither,
}

/// <summary>
/// Finds out what a server's 429 are about, by the one thing that tells the causes apart: what makes the refusals go away.
/// A number of requests at once that went well for a round trip before is not the cause. Any other is tried first, because that is soon
/// seen: fewer at once. Then a pace is searched.
/// When refusals keep coming after as few requests as before and the pauses cost time, an experiment decides: a pace below what has come
/// through, pauses included, at which a limit in time
/// has nothing to refuse. Each refusal in it tells against the pace, each request that comes through tells for it. When the pace does not
/// help, each refused request waits as long as the server
/// asks for, and nothing else is held back. That is given up when many more are refused than before; it takes twice the evidence to believe
/// it again.
/// Not thread-safe.
/// </summary>
internal sealed class RefusalJudge
{
    // A stretch is the time from one refusal to the next. All these are in stretches of the usual length, in requests that came through.
    private const double Soon = 1.5,
        Clear = 2,
        Unlike = 6;

    // The first so many stretches are measured whatever their length.
    private const int Measuring = 4;

    private const int SoonInARow = 3;

    // Share of a stretch that its pause takes: where it is less, there is nothing to gain.
    private const double Costly = 0.04;

    private const double Slower = 0.95;

    // How much the best rate that came through counts after one more refusal.
    private const double Fading = 0.9;

    // A pause that is nearly twice the one before, twice in a row, is a penalty that doubles.
    private const double Doubling = 1.9;

    private const int MostCallers = 64;

    /// <summary>Answers that are compared with the share that was refused before.</summary>
    private const int Window = 128;

    /// <summary>Requests that came through with so many under way.</summary>
    private readonly int[] _together = new int[MostCallers + 1];
    private readonly Queue<bool> _latest = new(Window);

    // The stretch that is under way.
    private double _began = double.NaN,
        _refusedAt,
        _pause;
    private long _passed;

    // Those before it.
    private int _stretches,
        _soon,
        _longer;
    private long _measured;
    private double _letThrough;

    // Whether a pace helps.
    private double _experiment = double.PositiveInfinity,
        _evidence,
        _enough = 2;

    // While neither is the cause: what was refused before, and of the latest answers.
    private double _share;
    private int _refusedOfLatest;

    /// <summary>What they are about, as far as it is known.</summary>
    public RefusalCause Cause { get; private set; }

    /// <summary>Requests at once, while that is the cause.</summary>
    public ConcurrencySearch Number { get; private set; } = new();

    /// <summary>The pace, while that is the cause.</summary>
    public RateSearch Search { get; private set; } = new();

    /// <summary>
    /// Requests per second that may be sent now, and never less than half of what came through before, for a search that takes chance for a
    /// limit ends at nothing; infinite when the cause is
    /// no pace.
    /// </summary>
    public double Pace =>
        Cause == RefusalCause.InTime ? Math.Min(Math.Max(Search.Pace, _letThrough / 2), _experiment) : double.PositiveInfinity;

    private bool Experiments => !double.IsPositiveInfinity(_experiment);

    private double Usual => (double)_measured / Math.Max(1, _stretches);

    /// <summary>A request leaves. <paramref name="waited"/>: the pace held it back.</summary>
    public void Sent(double now, bool waited)
    {
        if (double.IsNaN(_began))
            _began = now;
        // Time at the pace of an experiment says nothing of the search's own.
        Search.Sent(now, waited && !Experiments);
    }

    /// <summary>A request was answered, other than with 429.</summary>
    /// <param name="now">Time.</param>
    /// <param name="epoch">Between which two decreases of <see cref="Number"/> it left.</param>
    /// <param name="underWay">Requests under way with it when it left.</param>
    public void Passed(double now, int epoch, int underWay)
    {
        _passed++;
        _together[Math.Min(underWay, MostCallers)]++;
        Search.Answered(now);
        Number.Answered(now, epoch, underWay);
        if (Cause == RefusalCause.Neither)
            Compare(refused: false);
        else if (Experiments && _passed > (Clear + _evidence) * Usual)
            PaceHelps();
    }

    /// <summary>A request was refused while neither was the cause.</summary>
    public void RefusedAgain() => Compare(refused: true);

    /// <summary>The first 429 after a pause.</summary>
    /// <param name="now">Time.</param>
    /// <param name="epoch">Between which two decreases of <see cref="Number"/> it left.</param>
    /// <param name="underWay">Requests under way with it.</param>
    public void Refused(double now, int epoch, int underWay)
    {
        _refusedAt = now;
        if (Cause == RefusalCause.None)
            Cause = underWay < 2 || WentWell(underWay) ? RefusalCause.InTime : RefusalCause.AtOnce;
        else if (Cause == RefusalCause.AtOnce && (underWay < 2 || underWay <= Number.Borne))
            (Cause, Number) = (RefusalCause.InTime, new ConcurrencySearch());
        if (Cause == RefusalCause.AtOnce)
            Number.Overloaded(now, epoch, underWay);
        else
            Search.Refused(now);
    }

    /// <summary>The pause after it is over.</summary>
    /// <param name="now">Time.</param>
    public void Resumed(double now)
    {
        double pause = now - _refusedAt;
        _longer = pause > Doubling * _pause && _pause > 0 ? _longer + 1 : 0;
        _pause = pause;
        if (Cause == RefusalCause.AtOnce && _stretches == 0)
            Number.Try((int)_passed);
        if (Cause == RefusalCause.InTime)
            Search.Resumed(now, penalized: _longer > 1);
        Judge(now);
        Measure(now);
        (_passed, _began) = (0, double.NaN);
    }

    // The first stretch has used up what the server had saved; an unusually long one is of another kind.
    private void Measure(double now)
    {
        if (_stretches > 0)
            _letThrough = Math.Max(Fading * _letThrough, _passed / (now - _began));
        if (_stretches < Measuring || _passed <= Unlike * Usual)
            (_stretches, _measured) = (_stretches + 1, _measured + _passed);
    }

    private void Judge(double now)
    {
        bool soon = _passed <= Soon * Usual;
        if (_passed > Unlike * Usual)
            _soon = 0;
        else if (soon)
            _soon++;
        // A refusal tells for chance, and each request before it against it.
        if (Experiments)
            _evidence += 2 - (_passed / Usual);
        if (_evidence >= _enough)
            PaceDoesNotHelp();
        else if (_soon >= SoonInARow && _pause >= Costly * (now - _began) && !double.IsPositiveInfinity(Pace))
            _experiment = Slower * Math.Min(Pace, Math.Max(_letThrough / 2, _passed / (now - _began)));
    }

    // For a round trip at least.
    private bool WentWell(int underWay) => _together.Skip(Math.Min(underWay, MostCallers)).Sum() >= underWay;

    private void PaceHelps()
    {
        _experiment = double.PositiveInfinity;
        (_soon, _evidence) = (0, 0);
    }

    private void PaceDoesNotHelp()
    {
        // A little more than was seen: a few refusals say little of how many there are.
        _share = Math.Min(1, 2 / (1 + Usual));
        _latest.Clear();
        (Cause, _experiment, _refusedOfLatest) = (RefusalCause.Neither, double.PositiveInfinity, 0);
    }

    // More than four standard deviations, and some for small numbers, are no chance.
    private void Compare(bool refused)
    {
        if (_latest.Count == Window && _latest.Dequeue())
            _refusedOfLatest--;
        _latest.Enqueue(refused);
        _refusedOfLatest += refused ? 1 : 0;
        double expected = _share * _latest.Count;
        if (_refusedOfLatest <= expected + (4 * Math.Sqrt(expected * (1 - _share))) + 4)
            return;
        (Cause, Search, _enough) = (RefusalCause.InTime, new RateSearch(), 2 * _enough);
        (_soon, _evidence, _stretches, _measured, _passed, _began) = (0, 0, 0, 0, 0, double.NaN);
    }
}
