namespace TravelPerkScim.Entra.Hosting;

/// <summary>Keeps to a limit of requests in a window of time, so that Graph answers no 429. A 429 would hold up every request of the
/// connection.</summary>
/// <param name="time">The clock.</param>
/// <param name="requests">Most requests in the window.</param>
/// <param name="window">Its length.</param>
internal sealed class RequestPace(TimeProvider time, int requests, TimeSpan window)
{
    private readonly Queue<DateTimeOffset> _sent = new();

    /// <summary>5 in 10 seconds: provisionOnDemand ("synchronizationJob: provisionOnDemand") and the reports (Graph, "Microsoft Graph
    /// service-specific throttling limits").</summary>
    public static RequestPace FiveInTenSeconds(TimeProvider time) => new(time, 5, TimeSpan.FromSeconds(10));

    /// <summary>Returns when one more request may be sent, and counts it. Not for several callers at once.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        while (_sent.Count >= requests)
        {
            TimeSpan wait = _sent.Peek() + window - time.GetUtcNow();
            if (wait <= TimeSpan.Zero)
                _sent.Dequeue();
            else
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
        _sent.Enqueue(time.GetUtcNow());
    }
}
