using System.Collections.Concurrent;

namespace TravelPerkScim.Entra.Http;

/// <summary>
/// One pace for every request to a tenant: Graph throttles the application in the tenant, not the request and not the job. So the jobs of a
/// tenant in this process share it. A pause holds all of them. A window keeps them within the resource units that the tenant gets.
/// </summary>
internal sealed class TenantPace(TimeProvider time)
{
    /// <summary>Graph counts resource units over so long.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>The share of the tenant's units that is used. Graph warns from 0.8 on. The rest is for other processes.</summary>
    private const double Share = 0.8;

    // An entry for each tenant that this process has read. A pause must outlast the directory of one cycle.
    private static readonly ConcurrentDictionary<(string Endpoint, string Tenant, TimeProvider Time), TenantPace> s_paces = [];

    private readonly object _lock = new();
    private readonly Queue<(DateTimeOffset At, int Units)> _spent = [];
    private DateTimeOffset _until = DateTimeOffset.MinValue;
    private int _inWindow;
    private int _most = MostOf(0);

    /// <summary>The pace of a directory's tenant; a pace of its own where the tenant is not known.</summary>
    public static TenantPace Of(EntraDirectoryOptions options) =>
        options.TenantId is { } tenant
            ? s_paces.GetOrAdd(
                (options.GraphEndpoint.GetLeftPart(UriPartial.Authority), tenant.ToUpperInvariant(), options.TimeProvider),
                key => new TenantPace(key.Time)
            )
            : new TenantPace(options.TimeProvider);

    /// <summary>How many users the tenant has. A large tenant gets more units.</summary>
    public void TenantHas(long users)
    {
        lock (_lock)
            _most = MostOf(users);
    }

    /// <summary>Pauses every request. A pause is prolonged, never cut short.</summary>
    public void Pause(TimeSpan wait)
    {
        DateTimeOffset until = time.GetUtcNow() + wait;
        lock (_lock)
            _until = until > _until ? until : _until;
    }

    /// <summary>Takes the units of a request from the window. The request may leave when the answer is zero. Otherwise the answer is the
    /// wait until the next try.</summary>
    public TimeSpan Take(int units)
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
}
