using System.Collections.Concurrent;
using System.Net.Http.Headers;

namespace TravelPerkScim.Entra.Http;

/// <summary>
/// One pace for every request to a tenant: Graph throttles the application in the tenant, not the request and not the job. So the jobs of a
/// tenant in this process share one gate. A pause holds all of them. A window keeps them within the resource units that the tenant gets.
/// </summary>
internal sealed class ThrottleGate(TimeProvider time)
{
    /// <summary>Graph counts resource units over so long.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>The share of the tenant's units that is used. Graph warns from 0.8 on. The rest is for other processes.</summary>
    private const double Share = 0.8;

    // An entry for each tenant that this process has read. A pause must outlast the directory of one cycle.
    private static readonly ConcurrentDictionary<(string Endpoint, string Tenant, TimeProvider Time), ThrottleGate> s_gates = [];

    /// <summary>How often one request is repeated before its failure counts.</summary>
    public const int MaxRepeats = 8;

    /// <summary>The longest wait that is obeyed. A longer wait ends the read.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan s_firstBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastBackoff = TimeSpan.FromSeconds(60);

    private readonly object _lock = new();
    private readonly Queue<(DateTimeOffset At, int Units)> _spent = [];
    private DateTimeOffset _until = DateTimeOffset.MinValue;
    private int _inWindow;
    private int _most = MostOf(0);

    /// <summary>The gate of a directory's tenant; a gate of its own where the tenant is not known.</summary>
    public static ThrottleGate Of(EntraDirectoryOptions options) =>
        options.TenantId is { } tenant
            ? s_gates.GetOrAdd(
                (options.GraphEndpoint.GetLeftPart(UriPartial.Authority), tenant.ToUpperInvariant(), options.TimeProvider),
                key => new ThrottleGate(key.Time)
            )
            : new ThrottleGate(options.TimeProvider);

    /// <summary>How many users the tenant has, once that is known. A large tenant gets more units.</summary>
    public void TenantHas(long users)
    {
        lock (_lock)
            _most = MostOf(users);
    }

    /// <summary>Returns when a request of so many resource units may leave: when the pause is over, also when it was prolonged meanwhile,
    /// and when the window has room.</summary>
    public async Task PassAsync(int units, CancellationToken cancellationToken)
    {
        while (Take(units) is { Ticks: > 0 } wait)
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pauses every request. A pause is prolonged, never cut short.</summary>
    public void Pause(TimeSpan wait)
    {
        DateTimeOffset until = time.GetUtcNow() + wait;
        lock (_lock)
            _until = until > _until ? until : _until;
    }

    /// <summary>The wait that <c>Retry-After</c> asks for, in seconds or as a date. Without it, the wait doubles each time.</summary>
    public TimeSpan WaitFor(RetryConditionHeaderValue? retryAfter, int repeat)
    {
        TimeSpan wait = retryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => Backoff(repeat),
        };
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private static TimeSpan Backoff(int repeat)
    {
        TimeSpan wait = s_firstBackoff * Math.Pow(2, repeat);
        return wait < s_lastBackoff ? wait : s_lastBackoff;
    }

    // "Identity and access service limits" of Graph's documentation: units for one application in one tenant.
    private static int MostOf(long users) =>
        (int)(
            Share
            * users switch
            {
                < 50 => 3_500,
                <= 500 => 5_000,
                _ => 8_000,
            }
        );

    /// <summary>Takes the units from the window; otherwise tells how long to wait before the next try.</summary>
    private TimeSpan Take(int units)
    {
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (_until > now)
                return _until - now;
            while (_spent.TryPeek(out (DateTimeOffset At, int Units) oldest) && oldest.At + Window <= now)
                _inWindow -= _spent.Dequeue().Units;
            // A request that is larger than the window leaves alone.
            if (_inWindow > 0 && _inWindow + units > _most)
                return _spent.Peek().At + Window - now;
            _spent.Enqueue((now, units));
            _inWindow += units;
            return TimeSpan.Zero;
        }
    }
}
