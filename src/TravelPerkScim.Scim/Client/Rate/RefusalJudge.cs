namespace TravelPerkScim.Scim.Client.Rate;

/// <summary>Why a server answers 429.</summary>
internal enum RefusalCause
{
    /// <summary>The server has answered no 429.</summary>
    None,

    /// <summary>Too many requests at once.</summary>
    AtOnce,

    /// <summary>Too many requests in a time.</summary>
    InTime,

    /// <summary>Neither: the server refuses some requests whatever the client does, by count or by chance.</summary>
    Neither,
}

/// <summary>
/// Finds out why a server answers 429. Only one thing tells the causes apart: what makes the refusals go away.
/// A number of requests at once is not the cause when as many went well for a round trip before. Otherwise fewer at once are tried first,
/// because the effect is soon seen. Then a pace is searched.
/// When refusals keep coming after as few requests as before and the pauses cost time, an experiment decides. Its pace is below the rate
/// that came through before, pauses included, so a limit in time has nothing to refuse. Each refusal in the experiment is evidence against
/// the pace, each request that comes through is evidence for it. When the pace does not help, each refused request waits as long as the
/// server asks, and no other request is held back. That finding is given up when many more requests are refused than before. It then takes
/// twice the evidence to come back to it.
/// Not thread-safe.
/// </summary>
internal sealed class RefusalJudge
{
    // A stretch is the time from one refusal to the next; its length is the number of requests that came through. These three are in
    // usual lengths: a stretch that is short, the length without a refusal that proves the pace, and a stretch of another kind.
    private const double ShortStretch = 1.5;
    private const double ProvenStretch = 2;
    private const double UnusualStretch = 6;

    /// <summary>The first so many stretches count for the usual length, however long they are.</summary>
    private const int Measuring = 4;

    /// <summary>Short stretches in a row that begin an experiment.</summary>
    private const int ShortInARow = 3;

    /// <summary>Share of a stretch that its pause takes. Below it, an experiment has nothing to gain.</summary>
    private const double CostlyPause = 0.04;

    /// <summary>The pace of an experiment, as a share of what came through before.</summary>
    private const double Slower = 0.95;

    /// <summary>How much the best rate that came through counts after one more refusal.</summary>
    private const double Fading = 0.9;

    // A pause that is nearly twice the one before, twice in a row, is a penalty that doubles.
    private const double Doubling = 1.9;

    private const int MostCallers = 64;

    /// <summary>Answers that are compared with the share that was refused before.</summary>
    private const int Window = 128;

    /// <summary>Number of requests that came through, by the number under way at once.</summary>
    private readonly int[] _together = new int[MostCallers + 1];
    private readonly Queue<bool> _latest = new(Window);

    // The stretch that is under way.
    private double _began = double.NaN;
    private double _refusedAt;
    private double _pause;
    private long _passed;

    // The stretches before it.
    private int _stretches;
    private int _shortStretches;
    private int _longerPauses;
    private long _measured;
    private double _letThrough;

    // Whether a pace helps: the pace of the experiment, the evidence against it, and how much evidence is enough.
    private double _experiment = double.PositiveInfinity;
    private double _evidence;
    private double _enough = 2;

    // While neither is the cause: the share that was refused before, and the number refused among the latest answers.
    private double _share;
    private int _refusedOfLatest;

    /// <summary>The cause, as far as it is known.</summary>
    public RefusalCause Cause { get; private set; }

    /// <summary>Requests at once, while that is the cause.</summary>
    public ConcurrencySearch Number { get; private set; } = new();

    /// <summary>The pace, while that is the cause.</summary>
    public RateSearch Search { get; private set; } = new();

    /// <summary>
    /// Requests per second that may be sent now; infinite when the cause is no limit in time. Never less than half of what came through
    /// before: a search that takes chance for a limit ends at nothing.
    /// </summary>
    public double Pace =>
        Cause == RefusalCause.InTime ? Math.Min(Math.Max(Search.Pace, _letThrough / 2), _experiment) : double.PositiveInfinity;

    private bool IsExperiment => !double.IsPositiveInfinity(_experiment);

    private double UsualLength => (double)_measured / Math.Max(1, _stretches);

    /// <summary>A request leaves.</summary>
    /// <param name="now">Time.</param>
    /// <param name="waited">The pace held the request back.</param>
    public void Sent(double now, bool waited)
    {
        if (double.IsNaN(_began))
            _began = now;
        // Time at the pace of an experiment says nothing of the pace of the search.
        Search.Sent(now, waited && !IsExperiment);
    }

    /// <summary>A request was answered, other than with 429.</summary>
    /// <param name="now">Time.</param>
    /// <param name="epoch">Decreases of <see cref="Number"/> before the request left.</param>
    /// <param name="underWay">Requests under way when it left, itself included.</param>
    public void Passed(double now, int epoch, int underWay)
    {
        _passed++;
        _together[Math.Min(underWay, MostCallers)]++;
        Search.Answered(now);
        Number.Answered(now, epoch, underWay);
        if (Cause == RefusalCause.Neither)
            Compare(refused: false);
        else if (IsExperiment && _passed > (ProvenStretch + _evidence) * UsualLength)
            PaceHelps();
    }

    /// <summary>A request was refused while neither was the cause.</summary>
    public void RefusedAgain() => Compare(refused: true);

    /// <summary>The first 429 after a pause.</summary>
    /// <param name="now">Time.</param>
    /// <param name="epoch">Decreases of <see cref="Number"/> before the request left.</param>
    /// <param name="underWay">Requests under way, itself included.</param>
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

    /// <summary>The pause after the refusal is over.</summary>
    /// <param name="now">Time.</param>
    public void Resumed(double now)
    {
        double pause = now - _refusedAt;
        _longerPauses = pause > Doubling * _pause && _pause > 0 ? _longerPauses + 1 : 0;
        _pause = pause;
        if (Cause == RefusalCause.AtOnce && _stretches == 0)
            Number.Try((int)_passed);
        if (Cause == RefusalCause.InTime)
            Search.Resumed(now, penalized: _longerPauses > 1);
        WeighEvidence(now);
        Measure(now);
        (_passed, _began) = (0, double.NaN);
    }

    // The first stretch has used up the server's burst. A stretch of unusual length is of another kind.
    private void Measure(double now)
    {
        if (_stretches > 0)
            _letThrough = Math.Max(Fading * _letThrough, _passed / (now - _began));
        if (_stretches < Measuring || _passed <= UnusualStretch * UsualLength)
            (_stretches, _measured) = (_stretches + 1, _measured + _passed);
    }

    private void WeighEvidence(double now)
    {
        if (_passed > UnusualStretch * UsualLength)
            _shortStretches = 0;
        else if (_passed <= ShortStretch * UsualLength)
            _shortStretches++;
        // The refusal is evidence for chance, and each request before it is evidence against chance.
        if (IsExperiment)
            _evidence += 2 - (_passed / UsualLength);
        if (_evidence >= _enough)
            PaceDoesNotHelp();
        else if (_shortStretches >= ShortInARow)
            BeginExperiment(now - _began);
    }

    private void BeginExperiment(double stretch)
    {
        bool isWorthIt = _pause >= CostlyPause * stretch && !double.IsPositiveInfinity(Pace);
        if (isWorthIt)
            _experiment = Slower * Math.Min(Pace, Math.Max(_letThrough / 2, _passed / stretch));
    }

    // Whether as many at once came through before, for a round trip at least.
    private bool WentWell(int underWay) => _together.Skip(Math.Min(underWay, MostCallers)).Sum() >= underWay;

    private void PaceHelps()
    {
        _experiment = double.PositiveInfinity;
        (_shortStretches, _evidence) = (0, 0);
    }

    private void PaceDoesNotHelp()
    {
        // A little more than the share that was seen, because a few refusals say little of the true share.
        _share = Math.Min(1, 2 / (1 + UsualLength));
        _latest.Clear();
        (Cause, _experiment, _refusedOfLatest) = (RefusalCause.Neither, double.PositiveInfinity, 0);
    }

    // More refusals than four standard deviations, and four more for small numbers, are no chance.
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
        (_shortStretches, _evidence, _stretches, _measured, _passed, _began) = (0, 0, 0, 0, 0, double.NaN);
    }
}
