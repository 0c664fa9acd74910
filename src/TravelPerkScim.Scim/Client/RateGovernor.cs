namespace TravelPerkScim.Scim;

/// <summary>
/// One gate for all callers of a client. A 429 or 503 that one of them met holds every request until it is over; after a 429 requests leave evenly, at the rate that the server bears.
/// Without one, nothing is held back.
/// </summary>
internal sealed class RateGovernor(TimeProvider time)
{
    // A timer that fires late must not lose the slots it slept over; more than this would be a burst.
    private const double Slack = 0.05;

    private readonly object _gate = new();
    private readonly RateSearch _search = new();
    private readonly RateMeter _meter = new();
    private readonly long _origin = time.GetTimestamp();
    private double _openAt;
    private double _next;
    private int _epoch;
    private bool _refused;

    /// <summary>Returns when a request may leave; the number says in which stretch between two pauses it does, and is given back with the answer.</summary>
    public async ValueTask<int> EnterAsync(CancellationToken cancellationToken)
    {
        bool waited = false;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double wait;
            int epoch;
            lock (_gate)
            {
                double now = Now();
                epoch = _epoch;
                if (Left(now, out wait, ref waited))
                {
                    _meter.Sent(now);
                    return epoch;
                }
            }
            await Task.Delay(RoundUp(wait), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A request was answered with anything but 429.</summary>
    public void Answered()
    {
        lock (_gate)
            _search.Answered(Now());
    }

    /// <summary>A request was answered with 429.</summary>
    /// <param name="epoch">What <see cref="EnterAsync"/> gave.</param>
    /// <param name="pause">How long everybody has to wait from now.</param>
    public void Refused(int epoch, TimeSpan pause)
    {
        lock (_gate)
        {
            double now = Now();
            _meter.Refused();
            _openAt = Math.Max(_openAt, now + pause.TotalSeconds);
            // Requests that were under way together are refused together: that is one refusal.
            if (epoch != _epoch || _refused)
                return;
            _refused = true;
            _search.Refused(now);
        }
    }

    /// <summary>Keeps the gate shut for this long from now, or longer when it already is.</summary>
    public void Pause(TimeSpan duration)
    {
        lock (_gate)
            _openAt = Math.Max(_openAt, Now() + duration.TotalSeconds);
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
                };
            }
        }
    }

    // Whoever finds the slot taken waits until it is there and tries again: a refusal meanwhile moves it.
    private bool Left(double now, out double wait, ref bool waited)
    {
        wait = _openAt - now;
        if (wait > 0)
            return false;
        if (_refused)
        {
            _refused = false;
            _epoch++;
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
