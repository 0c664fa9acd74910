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
        if (response.Header("Retry-After") is null)
            return response;
        Hit();
        return response.Without("Retry-After");
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
        throw Gatekeeper.Refusal("The access token expired.");
    }
}
