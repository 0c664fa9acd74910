using System.Globalization;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Behaviors;

internal sealed class TooManyRequests(int times) : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (HitWithin(times))
            throw RequestBudget.Refusal(1);
    }
}

internal sealed class RetryAfterDate(TimeProvider timeProvider) : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (response.Header("Retry-After") is not { } seconds)
            return response;
        Hit();
        DateTimeOffset after = timeProvider.GetUtcNow().AddSeconds(int.Parse(seconds, CultureInfo.InvariantCulture));
        // An HTTP date has no fractions: rounding up keeps the client from coming early.
        if (after.Ticks % TimeSpan.TicksPerSecond != 0)
            after = after.AddSeconds(1);
        return response.Without("Retry-After").With("Retry-After", after.ToString("R", CultureInfo.InvariantCulture));
    }
}

internal sealed class RetryAfterMissing : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        HitIf(response.Header("Retry-After") is not null);
        return response.Without("Retry-After");
    }
}

internal sealed class DiscoveryNeedsCredential : Behavior
{
    public override void BeforeAuthentication(SandboxRequest request)
    {
        if (!request.IsDiscovery || request.Authorization is not null)
            return;
        Hit();
        throw ScimErrorException.Unauthorized(ScimErrorException.NoCredential);
    }
}

internal sealed class TokenExpires(int served) : Behavior
{
    private long _seen;

    public override void BeforeAuthentication(SandboxRequest request)
    {
        if (Interlocked.Increment(ref _seen) <= served)
            return;
        Hit();
        throw ScimErrorException.Unauthorized("The access token expired.");
    }
}

internal sealed class TooManyRequestsByCount(int each) : Behavior
{
    private long _seen;

    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (Interlocked.Increment(ref _seen) % each != 0)
            return;
        Hit();
        throw RequestBudget.Refusal(1);
    }
}

internal sealed class TooManyRequestsByChance(int percent, int seed) : Behavior
{
    private readonly object _gate = new();
    private readonly Random _random = new(seed);

    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        lock (_gate)
        {
            if (_random.Next(100) >= percent)
                return;
        }
        Hit();
        throw RequestBudget.Refusal(1);
    }
}

internal sealed class TooManyRequestsDoubling(int perSecond, TimeProvider timeProvider) : Behavior
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(64);

    private readonly object _gate = new();
    private readonly RequestBudget _budget = new(perSecond, perSecond, timeProvider);
    private TimeSpan _penalty;
    private long _since;

    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        lock (_gate)
        {
            bool early = _penalty > TimeSpan.Zero && timeProvider.GetElapsedTime(_since) < _penalty;
            if (!early && _budget.TrySpend())
            {
                _penalty = TimeSpan.Zero;
                return;
            }
            _penalty = early ? 2 * _penalty : s_first;
            if (_penalty > s_longest)
                _penalty = s_longest;
            _since = timeProvider.GetTimestamp();
            Hit();
            throw RequestBudget.Refusal(_penalty.TotalSeconds);
        }
    }
}
