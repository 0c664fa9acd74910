namespace TravelPerkScim.Scim.Client.Rate;

/// <summary>A request that may leave, for <see cref="RateGovernor.Leave"/>.</summary>
/// <param name="Stretch">Number of the stretch between two pauses in which the request leaves.</param>
/// <param name="Epoch">Decreases of the concurrency before it.</param>
/// <param name="NumberEpoch">Decreases before it of the number of requests that the server takes at once without a 429.</param>
/// <param name="UnderWay">Requests under way, itself included.</param>
/// <param name="At">When the request leaves, in seconds.</param>
internal readonly record struct RatePass(int Stretch, int Epoch, int NumberEpoch, int UnderWay, double At);

/// <summary>What the end of a request says about how much the server bears.</summary>
internal enum RateSign
{
    /// <summary>Nothing: the request was cancelled, or never reached the server.</summary>
    None,

    /// <summary>Answered, whatever the answer.</summary>
    Answered,

    /// <summary>Refused with 429.</summary>
    TooManyRequests,

    /// <summary>Answered with a failure of the server, whose reason may lie in the request.</summary>
    Failed,

    /// <summary>Answered with a failure that says that the server is overloaded.</summary>
    Overloaded,

    /// <summary>Not answered, or not to the end.</summary>
    Lost,
}

/// <summary>
/// One gate for all callers of a client. A 429 or 503 to one of them holds every request until the pause is over. After a 429 the gate lets
/// fewer requests leave at once, or lets them leave evenly at the rate that the server bears. <see cref="RefusalJudge"/> finds which of the
/// two makes the refusals go away; when neither does, only the refused request waits. An overloaded server gets fewer requests at once.
/// Without such an answer, the gate holds nothing back. What it saw of the answers' times says how many requests are worth sending at once.
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="slow">An answer that took longer than this shows an overloaded server, even if it is a good answer.</param>
internal sealed class RateGovernor(TimeProvider time, TimeSpan slow)
{
    // Seconds. A timer that fires late must not lose the slots it slept over; to make up for more would be a burst.
    private const double Slack = 0.05;

    private readonly object _gate = new();
    private readonly RefusalJudge _judge = new();
    private readonly ConcurrencySearch _concurrency = new();
    private readonly ConcurrencyGrowth _growth = new();
    private readonly RateMeter _meter = new();
    private readonly long _origin = time.GetTimestamp();
    private double _openAt;
    private double _nextSlot;
    private int _stretch;
    private bool _refused;
    private int _underWay;
    private long _answers;
    private List<TaskCompletionSource> _waiting = [];

    /// <summary>Number of requests that were answered, and neither refused nor failed.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>The number of requests that are worth sending at once. The gate holds back none for it.</summary>
    public int Concurrency => _growth.Number;

    /// <summary>The last number of requests at once that were answered as fast as few; null when none was measured.</summary>
    public int? ProvenConcurrency => _growth.Proven;

    /// <summary>Begins with the number that another session measured.</summary>
    public void Recall(int proven)
    {
        lock (_gate)
            _growth.StartAt(proven);
    }

    /// <summary>Returns when a request may leave. Each such request ends with <see cref="Leave"/>.</summary>
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
                // The first request after a pause still belongs to the stretch before. If it is refused, the pause was too short, and
                // that is no second refusal.
                int stretch = _stretch;
                if (_underWay >= Limit)
                {
                    // Continues on the thread that frees the place. A switch of threads would leave the place empty meanwhile.
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
    /// <param name="pause">How long all callers are to wait from now; zero for no wait.</param>
    /// <returns>False when only the caller of this request is to wait.</returns>
    public bool Leave(RatePass pass, RateSign sign, TimeSpan pause)
    {
        bool allWait;
        List<TaskCompletionSource> freed = [];
        lock (_gate)
        {
            double now = Now();
            if (sign == RateSign.Answered)
                Interlocked.Increment(ref _answers);
            // Requests that left after it burden the server as much as those before it.
            int together = Math.Max(pass.UnderWay, _underWay);
            if (sign == RateSign.TooManyRequests)
                Refused(pass, now, together);
            else if (sign is not (RateSign.None or RateSign.Lost))
                _judge.Passed(now, pass.NumberEpoch, pass.UnderWay);
            allWait = sign != RateSign.TooManyRequests || _judge.Cause != RefusalCause.Neither;
            if (allWait)
                _openAt = Math.Max(_openAt, now + pause.TotalSeconds);
            TeachConcurrency(pass, sign, now, together);
            if (--_underWay < Limit)
                (freed, _waiting) = (_waiting, freed);
        }
        // All of them try again. If only one were woken and then cancelled, the free place would be lost.
        freed.ForEach(place => place.SetResult());
        return allWait;
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
                    Concurrency = _growth.Number,
                    ConcurrencyLimit = Limit == int.MaxValue ? null : Limit,
                };
            }
        }
    }

    private int Limit => Math.Min(_concurrency.Limit, _judge.Number.Limit);

    private void TeachConcurrency(RatePass pass, RateSign sign, double now, int together)
    {
        bool isSlow = sign == RateSign.Answered && now - pass.At > slow.TotalSeconds;
        if (isSlow || sign is RateSign.Overloaded or RateSign.Lost)
            _concurrency.Overloaded(now, pass.Epoch, together);
        else if (sign == RateSign.Failed)
            _concurrency.Failed(now, pass.Epoch, together);
        else if (sign == RateSign.Answered)
            _concurrency.Answered(now, pass.Epoch, pass.UnderWay);

        if (isSlow || sign is RateSign.Overloaded or RateSign.Lost or RateSign.TooManyRequests)
            _growth.Refused(now, pass.At);
        else if (sign == RateSign.Answered)
            _growth.Answered(now, now - pass.At, pass.UnderWay);
    }

    private void Refused(RatePass pass, double now, int together)
    {
        _meter.Refused();
        if (_judge.Cause == RefusalCause.Neither)
            _judge.RefusedAgain();
        // Requests that were under way together are refused together. They count as one refusal.
        if (pass.Stretch != _stretch || _refused || _judge.Cause == RefusalCause.Neither)
            return;
        _refused = true;
        _judge.Refused(now, pass.NumberEpoch, together);
    }

    // A request that finds the slot taken waits until the next slot and tries again, because a refusal meanwhile moves the slots.
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
            _nextSlot = now;
        }
        double pace = _judge.Pace;
        wait = _nextSlot - now;
        if (wait > 0 && !double.IsPositiveInfinity(pace))
        {
            waited = true;
            return false;
        }
        _nextSlot = double.IsPositiveInfinity(pace) ? now : Math.Max(_nextSlot, now - Slack) + (1 / pace);
        _judge.Sent(now, waited);
        return true;
    }

    private static TimeSpan RoundUp(double seconds) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(Math.Round(seconds * 1000, 4))));

    private double Now() => time.GetElapsedTime(_origin).TotalSeconds;
}
