using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>Ends a cycle in which nothing gets through any more, instead of letting every entry wait and fail. Thread-safe.</summary>
/// <param name="atOnce">The number of entries that are worked on at once now. They can all fail together.</param>
internal sealed class CircuitBreaker(Func<int> atOnce)
{
    private const int Rounds = 5;

    // These codes tell of the service, not of the entry.
    private static readonly HashSet<string> s_codes = new(StringComparer.Ordinal)
    {
        "TimedOut",
        "ConnectionLost",
        "InternalServerError",
        "TooManyRequests",
        ProvisioningException.UnexpectedId,
    };

    private int _inARow;
    private volatile int _mostAtOnce;

    // Failures make the number smaller, and the entries that fail were begun before.
    private int MostAtOnce()
    {
        int now = atOnce();
        for (int known = _mostAtOnce; known < now; known = _mostAtOnce)
            Interlocked.CompareExchange(ref _mostAtOnce, now, known);
        return Math.Max(now, _mostAtOnce);
    }

    /// <exception cref="ProvisioningException"><c>TargetFailing</c>.</exception>
    public void See(ProvisioningOutcome outcome)
    {
        int mostAtOnce = MostAtOnce();
        if (outcome.Status == OutcomeStatus.Success)
        {
            Interlocked.Exchange(ref _inARow, 0);
        }
        else if (
            outcome.ErrorCode is { } code
            && s_codes.Contains(code)
            && Interlocked.Increment(ref _inARow) >= Math.Max(20, Rounds * mostAtOnce)
        )
        {
            throw new ProvisioningException(
                "TargetFailing",
                $"{_inARow} entries in a row failed{ProvisioningException.EntryMark}{outcome.Reason} "
                    + $"The cycle was stopped; the next one goes on from there."
            )
            {
                Failure = ProvisioningFailure.TargetFailing,
            };
        }
    }
}
