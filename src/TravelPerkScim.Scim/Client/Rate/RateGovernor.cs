namespace TravelPerkScim.Scim.Client.Rate;

/// <summary>A request that may leave, for <see cref="RateGovernor.Leave"/>.</summary>
/// <param name="Stretch">Between which two pauses it leaves.</param>
/// <param name="Epoch">Between which two decreases of the concurrency.</param>
/// <param name="NumberEpoch">The same of the number that 429 are about.</param>
/// <param name="UnderWay">Requests under way with it.</param>
/// <param name="At">When, in seconds.</param>
internal readonly record struct RatePass(int Stretch, int Epoch, int NumberEpoch, int UnderWay, double At);

/// <summary>What the end of a request says about how much the server bears.</summary>
internal enum RateSign
{
    /// <summary>Nothing: it was cancelled, or never got there.</summary>
    None,

    /// <summary>Answered, whatever the answer.</summary>
    Answered,

    /// <summary>Refused with 429.</summary>
    TooManyRequests,

    /// <summary>Answered that the server failed: it may be the request's own fault.</summary>
    Failed,

    /// <summary>Answered that the server has too much to do.</summary>
    Overloaded,

    /// <summary>Not answered, or not to the end.</summary>
    Lost,
}

/// <summary>
/// One gate for all callers of a client. A 429 or 503 that one of them met holds every request until it is over. After a 429 there are
/// fewer at once, or they leave evenly at the rate that the
/// server bears, whichever makes the refusals go away (<see cref="RefusalJudge"/>); when neither does, only the refused request waits. An
/// overloaded server gets fewer at once.
/// Without such an answer, nothing is held back.
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="slow">An answer that took longer comes from a server that has too much to do, even if it is a good one.</param>
internal sealed class RateGovernor(TimeProvider time, TimeSpan slow)
{
    // A timer that fires late must not lose the slots it slept over; more than this would be a burst.
    private const double Slack = 0.05;

    private readonly object _gate = new();
    private readonly RefusalJudge _judge = new();
    private readonly ConcurrencySearch _concurrency = new();
    private readonly RateMeter _meter = new();
    private readonly long _origin = time.GetTimestamp();
    private double _openAt;
    private double _next;
    private int _stretch;
    private bool _refused;
    private int _underWay;
    private long _answers;
    private List<TaskCompletionSource> _waiting = [];

    /// <summary>Requests that were answered, and neither refused nor failed.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Returns when a request may leave. Each of them ends with <see cref="Leave"/>.</summary>
    public async ValueTask<RatePass> EnterAsync(CancellationToken cancellationToken)
    {
        bool waited = false;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double wait = 0;
            Task? freed = null;
            lock (_gate)
            {
                double now = Now();
                // The first one after a pause still belongs to it: if it is refused, the pause was too short, and that is no second
                // refusal.
                int stretch = _stretch;
                if (_underWay >= Limit)
                {
                    // Resumed where a place becomes free: a turn on another thread would leave the place empty for as long.
                    var place = new TaskCompletionSource();
                    _waiting.Add(place);
                    freed = place.Task;
                }
                else if (MayLeave(now, out wait, ref waited))
                {
                    _meter.Sent(now);
                    return new RatePass(stretch, _concurrency.Epoch, _judge.Number.Epoch, ++_underWay, now);
                }
            }
            await (freed?.WaitAsync(cancellationToken) ?? Task.Delay(RoundUp(wait), time, cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>A request is over.</summary>
    /// <param name="pass">What <see cref="EnterAsync"/> gave.</param>
    /// <param name="sign">How it ended.</param>
    /// <param name="pause">How long everybody has to wait from now; zero when nobody has to.</param>
    /// <returns>False when only the caller of this request has to.</returns>
    public bool Leave(RatePass pass, RateSign sign, TimeSpan pause)
    {
        bool everybody;
        List<TaskCompletionSource> freed = [];
        lock (_gate)
        {
            double now = Now();
            if (sign == RateSign.Answered)
                Interlocked.Increment(ref _answers);
            // Those that came after it are as much of the burden as those that were there.
            int together = Math.Max(pass.UnderWay, _underWay);
            if (sign == RateSign.TooManyRequests)
                Refused(pass, now, together);
            else if (sign is not (RateSign.None or RateSign.Lost))
                _judge.Passed(now, pass.NumberEpoch, pass.UnderWay);
            everybody = sign != RateSign.TooManyRequests || _judge.Cause != RefusalCause.Neither;
            if (everybody)
                _openAt = Math.Max(_openAt, now + pause.TotalSeconds);
            if (sign is RateSign.Overloaded or RateSign.Lost || (sign == RateSign.Answered && now - pass.At > slow.TotalSeconds))
                _concurrency.Overloaded(now, pass.Epoch, together);
            else if (sign == RateSign.Failed)
                _concurrency.Failed(now, pass.Epoch, together);
            else if (sign == RateSign.Answered)
                _concurrency.Answered(now, pass.Epoch, pass.UnderWay);
            if (--_underWay < Limit)
                (freed, _waiting) = (_waiting, freed);
        }
        // All of them try again: nobody who was woken and is cancelled then can take a place with them.
        freed.ForEach(place => place.SetResult());
        return everybody;
    }

    public ScimRate Rate
    {
        get
        {
            lock (_gate)
            {
                double now = Now();
                double pace = _judge.Pace;
                return _meter.Read(now) with
                {
                    Limit = double.IsPositiveInfinity(pace) ? null : pace,
                    PausedFor = TimeSpan.FromSeconds(Math.Max(0, _openAt - now)),
                    UnderWay = _underWay,
                    ConcurrencyLimit = Limit == int.MaxValue ? null : Limit,
                };
            }
        }
    }

    private int Limit => Math.Min(_concurrency.Limit, _judge.Number.Limit);

    private void Refused(RatePass pass, double now, int together)
    {
        _meter.Refused();
        if (_judge.Cause == RefusalCause.Neither)
            _judge.RefusedAgain();
        // Requests that were under way together are refused together: that is one refusal.
        if (pass.Stretch != _stretch || _refused || _judge.Cause == RefusalCause.Neither)
            return;
        _refused = true;
        _judge.Refused(now, pass.NumberEpoch, together);
    }

    // Whoever finds the slot taken waits until it is there and tries again: a refusal meanwhile moves it.
    private bool MayLeave(double now, out double wait, ref bool waited)
    {
        wait = _openAt - now;
        if (wait > 0)
            return false;
        if (_refused)
        {
            _refused = false;
            _stretch++;
            _judge.Resumed(now);
            _next = now;
        }
        double pace = _judge.Pace;
        wait = _next - now;
        if (wait > 0 && !double.IsPositiveInfinity(pace))
        {
            waited = true;
            return false;
        }
        _next = double.IsPositiveInfinity(pace) ? now : Math.Max(_next, now - Slack) + (1 / pace);
        _judge.Sent(now, waited);
        return true;
    }

    private static TimeSpan RoundUp(double seconds) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(Math.Round(seconds * 1000, 4))));

    private double Now() => time.GetElapsedTime(_origin).TotalSeconds;
}
