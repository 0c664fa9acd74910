using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>Ends a cycle in which nothing gets through any more, instead of letting every entry wait and fail. Thread-safe.</summary>
internal sealed class CircuitBreaker(int concurrency)
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

    /// <exception cref="ProvisioningException"><c>TargetFailing</c>.</exception>
    public void See(ProvisioningOutcome outcome)
    {
        if (outcome.Status == OutcomeStatus.Success)
        {
            Interlocked.Exchange(ref _inARow, 0);
        }
        else if (
            outcome.ErrorCode is { } code
            && s_codes.Contains(code)
            && Interlocked.Increment(ref _inARow) >= Math.Max(20, Rounds * concurrency)
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
