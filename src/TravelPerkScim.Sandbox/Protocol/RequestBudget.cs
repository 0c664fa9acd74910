using System.Globalization;
using System.Net;

namespace TravelPerkScim.Sandbox.Protocol;

/// <summary>A token bucket: so many requests per second on average, so many at once.</summary>
internal sealed class RequestBudget(double perSecond, int burst, TimeProvider timeProvider)
{
    private readonly object _gate = new();
    private double _tokens = burst;
    private long _asOf = timeProvider.GetTimestamp();

    /// <exception cref="ScimErrorException">429 with <c>Retry-After</c> in whole seconds.</exception>
    public void Spend()
    {
        lock (_gate)
        {
            if (!TrySpend())
                throw Refusal((1 - _tokens) / perSecond);
        }
    }

    /// <summary>False when there is nothing left to spend.</summary>
    public bool TrySpend()
    {
        lock (_gate)
        {
            long now = timeProvider.GetTimestamp();
            _tokens = Math.Min(burst, _tokens + timeProvider.GetElapsedTime(_asOf, now).TotalSeconds * perSecond);
            _asOf = now;
            if (_tokens < 1)
                return false;
            _tokens--;
            return true;
        }
    }

    public static ScimErrorException Refusal(double seconds) =>
        new ScimErrorException(HttpStatusCode.TooManyRequests, null, "Request was throttled.").With(
            "Retry-After",
            Math.Max(1, (long)Math.Ceiling(seconds)).ToString(CultureInfo.InvariantCulture)
        );
}
