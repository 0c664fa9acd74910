using System.Collections.Concurrent;
using System.Net;

namespace TravelPerkScim.Sandbox.Protocol;

/// <summary>Counts every answer and keeps the last ones.</summary>
internal sealed class RequestLog(TimeProvider timeProvider)
{
    private const int Kept = 1000;

    private readonly ConcurrentDictionary<(string Method, HttpStatusCode Status), long> _counts = new();
    private readonly Queue<SandboxRequestEntry> _last = new(Kept);
    private long _total;

    public long Total => Interlocked.Read(ref _total);

    public IReadOnlyList<SandboxRequestCount> Counts =>
        [
            .. _counts
                .Select(pair => new SandboxRequestCount(pair.Key.Method, pair.Key.Status, pair.Value))
                .OrderBy(count => count.Method, StringComparer.Ordinal)
                .ThenBy(count => count.Status),
        ];

    public IReadOnlyList<SandboxRequestEntry> Last
    {
        get
        {
            lock (_last)
                return [.. _last];
        }
    }

    public void Record(SandboxRequest request, SandboxResponse response)
    {
        _ = Interlocked.Increment(ref _total);
        string method = request.IsHead ? "HEAD" : request.Method;
        _ = _counts.AddOrUpdate((method, response.Status), 1, static (_, count) => count + 1);
        SandboxRequestEntry entry = new(timeProvider.GetUtcNow(), method, request.LoggedPath, response.Status, response.Aborted);
        lock (_last)
        {
            if (_last.Count == Kept)
                _ = _last.Dequeue();
            _last.Enqueue(entry);
        }
    }
}
