using System.Net;
using System.Net.Http.Headers;
using TravelPerkScim.Scim.Client.Rate;

namespace TravelPerkScim.Scim.Client;

/// <summary>When a request may be repeated and how long to wait before.</summary>
internal sealed class RetryPolicy(ScimClientOptions options)
{
    /// <summary>
    /// The longest single wait, and the longest sum of the waits of one request, however long and often the service asks to wait.
    /// </summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_firstBackoff = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_longestBackoff = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<ScimFailure, RateSign> s_signs = new()
    {
        [ScimFailure.RateLimited] = RateSign.TooManyRequests,
        [ScimFailure.Unavailable] = RateSign.Overloaded,
        [ScimFailure.TimedOut] = RateSign.Lost,
        [ScimFailure.ConnectionLost] = RateSign.Lost,
        [ScimFailure.Truncated] = RateSign.Lost,
        [ScimFailure.Unreachable] = RateSign.Lost,
    };

    /// <summary>
    /// A request that was certainly not carried out may always be repeated. A request that may have been carried out may be repeated when
    /// it is idempotent.
    /// </summary>
    public static bool MayRepeat(ScimRequest request, ScimException failure) =>
        failure.Kind switch
        {
            ScimFailure.RateLimited or ScimFailure.Unavailable or ScimFailure.Unreachable => true,
            ScimFailure.ServerError or ScimFailure.ConnectionLost or ScimFailure.Truncated => request.Idempotent,
            _ => false,
        };

    /// <summary>Rate limits and maintenance concern every request. Other failures concern only the request that met them.</summary>
    public static bool ConcernsAllRequests(ScimException failure) =>
        failure.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;

    /// <summary>What a failure says about the load that the service bears.</summary>
    public static RateSign SignOf(ScimException failure)
    {
        bool isGateways = failure.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;
        // A gateway answers 502 and 504 for a service that does not keep up. A 500 may be about the one user.
        if (failure.Kind == ScimFailure.ServerError)
            return isGateways ? RateSign.Overloaded : RateSign.Failed;
        if (s_signs.TryGetValue(failure.Kind, out RateSign sign))
            return sign;
        return failure.StatusCode is null ? RateSign.None : RateSign.Answered;
    }

    /// <summary>True when a request that has waited this long may wait once more.</summary>
    public static bool MayWait(TimeSpan waited, TimeSpan pause) => waited + pause <= s_longestWait;

    /// <summary>The wait that the service asked for, within bounds. Without one, the wait grows exponentially, with jitter.</summary>
    public TimeSpan Delay(ScimException failure, int retry)
    {
        if (failure.RetryAfter is { } asked && asked > TimeSpan.Zero)
            return asked < s_longestWait ? asked : s_longestWait;
        TimeSpan backoff = s_firstBackoff * Math.Pow(2, Math.Min(retry, 16) - 1);
        if (backoff > s_longestBackoff)
            backoff = s_longestBackoff;
        // Random instances given by a caller are not thread-safe.
        lock (options.Random)
            return backoff * (0.5 + (options.Random.NextDouble() / 2));
    }

    /// <summary>Retry-After as seconds or as a date (RFC 9110 10.2.3); null when absent, unreadable or past.</summary>
    public TimeSpan? ReadRetryAfter(HttpResponseHeaders headers)
    {
        TimeSpan? asked = headers.RetryAfter?.Delta ?? headers.RetryAfter?.Date - options.TimeProvider.GetUtcNow();
        return asked > TimeSpan.Zero ? asked : null;
    }
}
