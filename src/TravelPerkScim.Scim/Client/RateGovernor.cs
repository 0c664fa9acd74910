namespace TravelPerkScim.Scim;

/// <summary>A request that may leave, for <see cref="RateGovernor.Leave"/>.</summary>
/// <param name="Stretch">Between which two pauses it leaves.</param>
/// <param name="Epoch">Between which two decreases of the concurrency.</param>
/// <param name="UnderWay">Requests under way with it.</param>
/// <param name="At">When, in seconds.</param>
internal readonly record struct RatePass(int Stretch, int Epoch, int UnderWay, double At);

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
/// One gate for all callers of a client. A 429 or 503 that one of them met holds every request until it is over; after a 429 requests leave evenly, at the rate that the server bears,
/// and an overloaded server gets fewer at once. Without such an answer, nothing is held back.
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="slow">An answer that took longer comes from a server that has too much to do, even if it is a good one.</param>
internal sealed class RateGovernor(TimeProvider time, TimeSpan slow)
{
    // A timer that fires late must not lose the slots it slept over; more than this would be a burst.
    private const double Slack = 0.05;

    private readonly object _gate = new();
    private readonly RateSearch _search = new();
    private readonly ConcurrencySearch _concurrency = new();
    private readonly RateMeter _meter = new();
    private readonly long _origin = time.GetTimestamp();
    private double _openAt;
    private double _next;
    private int _stretch;
    private bool _refused;
    private int _underWay;
    private long _answers;
    private TaskCompletionSource? _freed;

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
                // The first one after a pause still belongs to it: if it is refused, the pause was too short, and that is no second refusal.
                int stretch = _stretch;
                if (_underWay >= _concurrency.Limit)
                {
                    freed = (_freed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }
                else if (MayLeave(now, out wait, ref waited))
                {
                    _meter.Sent(now);
                    return new RatePass(stretch, _concurrency.Epoch, ++_underWay, now);
                }
            }
            await (freed?.WaitAsync(cancellationToken) ?? Task.Delay(RoundUp(wait), time, cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>A request is over.</summary>
    /// <param name="pass">What <see cref="EnterAsync"/> gave.</param>
    /// <param name="sign">How it ended.</param>
    /// <param name="pause">How long everybody has to wait from now; zero when nobody has to.</param>
    public void Leave(RatePass pass, RateSign sign, TimeSpan pause)
    {
        TaskCompletionSource? freed = null;
        lock (_gate)
        {
            double now = Now();
            _openAt = Math.Max(_openAt, now + pause.TotalSeconds);
            if (sign == RateSign.Answered)
                Interlocked.Increment(ref _answers);
            if (sign == RateSign.TooManyRequests)
                Refused(pass, now);
            else if (sign is not (RateSign.None or RateSign.Lost))
                _search.Answered(now);
            // Those that came after it are as much of the burden as those that were there.
            int together = Math.Max(pass.UnderWay, _underWay);
            if (sign is RateSign.Overloaded or RateSign.Lost || (sign == RateSign.Answered && now - pass.At > slow.TotalSeconds))
                _concurrency.Overloaded(now, pass.Epoch, together);
            else if (sign == RateSign.Failed)
                _concurrency.Failed(now, pass.Epoch, together);
            else if (sign == RateSign.Answered)
                _concurrency.Answered(now, pass.Epoch, pass.UnderWay);
            if (--_underWay < _concurrency.Limit)
                (freed, _freed) = (_freed, null);
        }
        // All of them try again: nobody who was woken and is cancelled then can take a place with them.
        freed?.SetResult();
    }

    public ScimRate Rate
    {
        get
        {
            lock (_gate)
            {
                double now = Now();
                double pace = _search.Pace;
                return _meter.Read(now) with
                {
                    Limit = double.IsPositiveInfinity(pace) ? null : pace,
                    PausedFor = TimeSpan.FromSeconds(Math.Max(0, _openAt - now)),
                    UnderWay = _underWay,
                    ConcurrencyLimit = _concurrency.Limit == int.MaxValue ? null : _concurrency.Limit,
                };
            }
        }
    }

    private void Refused(RatePass pass, double now)
    {
        _meter.Refused();
        // Requests that were under way together are refused together: that is one refusal.
        if (pass.Stretch != _stretch || _refused)
            return;
        _refused = true;
        _search.Refused(now);
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
            _search.Resumed(now);
            _next = now;
        }
        double pace = _search.Pace;
        wait = _next - now;
        if (wait > 0 && !double.IsPositiveInfinity(pace))
        {
            waited = true;
            return false;
        }
        _next = double.IsPositiveInfinity(pace) ? now : Math.Max(_next, now - Slack) + (1 / pace);
        _search.Sent(now, waited);
        return true;
    }

    private static TimeSpan RoundUp(double seconds) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(Math.Round(seconds * 1000, 4))));

    private double Now() => time.GetElapsedTime(_origin).TotalSeconds;
}
