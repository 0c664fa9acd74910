using System.Net.Http.Headers;

namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>The server's clock and its limits, as the headers of answers give them.</summary>
internal sealed class ServerSigns(TimeProvider time)
{
    private readonly SortedDictionary<string, string> _limits = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The difference between the server's clock and ours, to the second; null while no answer had a Date.</summary>
    public TimeSpan? ClockSkew { get; private set; }

    /// <summary>The last values of headers about limits, as <c>name: value</c>.</summary>
    public IReadOnlyList<string> Limits
    {
        get
        {
            lock (_limits)
                return [.. _limits.Select(limit => $"{limit.Key}: {limit.Value}")];
        }
    }

    public void Note(HttpResponseHeaders headers)
    {
        lock (_limits)
        {
            if (headers.Date is { } date)
                ClockSkew = date - time.GetUtcNow();
            foreach ((string name, IEnumerable<string> values) in headers)
            {
                // RateLimit, RateLimit-Policy, X-RateLimit-Remaining, X-Rate-Limit-Limit and the like.
                if (
                    name.Replace("-", "", StringComparison.Ordinal).Contains("RateLimit", StringComparison.OrdinalIgnoreCase)
                    || name.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)
                )
                {
                    _limits[name] = string.Join(", ", values);
                }
            }
        }
    }
}
