using System.Net;
using Microsoft.Kiota.Abstractions;

namespace TravelPerkScim.Entra.Http;

/// <summary>
/// Waits while Graph throttles, and repeats requests that failed for a moment. The SDK's own handler sleeps on its own clock and holds up
/// its own request only. An answer is read whole before it is passed on, so that a request whose connection is cut in the middle is
/// repeated too.
/// </summary>
internal sealed class RepeatHandler(ThrottleGate gate, TimeProvider time, GraphBounds bounds) : DelegatingHandler
{
    private const int MaxLostConnections = 3;

    /// <summary>How long one answer may take.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(100);

    private long _sent;

    /// <summary>Requests sent so far, repeats included.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
            await content.LoadIntoBufferAsync().ConfigureAwait(false);
        bool once = SentOnce.IsIn(request);
        int units = ResourceUnits.Of(request);
        for (int repeat = 0; ; repeat++)
        {
            await gate.PassAsync(units, cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _sent);
            HttpResponseMessage response;
            try
            {
                response = await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!once && repeat < MaxLostConnections && IsLostConnection(e))
            {
                gate.Pause(gate.WaitFor(null, repeat), status: null);
                continue;
            }

            // A throttled request did nothing. A request with another answer may have done its work.
            bool mayRepeat = once ? response.StatusCode == HttpStatusCode.TooManyRequests : IsPassing(response.StatusCode);
            if (!mayRepeat || repeat >= ThrottleGate.MaxRepeats)
                return response;
            string? retryAfter = response.Headers.TryGetValues("Retry-After", out IEnumerable<string>? values) ? values.First() : null;
            TimeSpan wait = gate.WaitFor(retryAfter, repeat);
            if (wait > ThrottleGate.LongestWait)
                return response;
            gate.Pause(wait, response.StatusCode);
            response.Dispose();
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, either.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(bounds.AnswerBytes).WaitAsync(either.Token).ConfigureAwait(false);
            return response;
        }
        catch (Exception e)
        {
            response?.Dispose();
            if (e is OperationCanceledException && timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                throw new TimeoutException($"No answer within {RequestTimeout.TotalSeconds:0} seconds.", e);
            // For spoilt data Brotli throws this, and gzip throws InvalidDataException.
            if (e is InvalidOperationException && response is not null)
                throw new InvalidDataException("The answer cannot be decompressed.", e);
            throw;
        }
    }

    private static bool IsLostConnection(Exception e) =>
        e is HttpRequestException { HttpRequestError: not HttpRequestError.ConfigurationLimitExceeded } or IOException or TimeoutException;

    /// <summary>Whether the same request may succeed a moment later.</summary>
    public static bool IsPassing(HttpStatusCode status) =>
        status
            is HttpStatusCode.TooManyRequests
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.InternalServerError
                or HttpStatusCode.BadGateway
                or HttpStatusCode.GatewayTimeout
                or HttpStatusCode.RequestTimeout;
}

/// <summary>Marks a request that makes a new object each time it arrives, so that it is not repeated when its answer is lost.</summary>
internal sealed class SentOnce : IRequestOption
{
    // The key under which Kiota hands the options of a request to the handlers.
    private static readonly HttpRequestOptionsKey<IRequestOption> s_key = new(typeof(SentOnce).FullName!);

    public static bool IsIn(HttpRequestMessage request) => request.Options.TryGetValue(s_key, out _);
}
