using System.Net;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Behaviors;

internal sealed class AnswerLostAfterWrite(int writes) : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response) =>
        request.IsWrite && (int)response.Status < 300 && HitWithin(writes) ? response with { Aborted = true } : response;
}

internal sealed class HtmlInsteadOfJson : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        Hit();
        return new SandboxResponse(HttpStatusCode.OK)
        {
            ContentType = "text/html; charset=utf-8",
            Body = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>"u8.ToArray(),
        };
    }
}

internal sealed class TruncatedJson : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (response.Body.IsEmpty)
            return response;
        Hit();
        return response with { Body = response.Body[..(response.Body.Length / 2)] };
    }
}

internal sealed class EnormousBody(int megabytes) : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (response.Body.IsEmpty)
            return response;
        Hit();
        return response with { Padding = megabytes * 1024L * 1024L };
    }
}

internal sealed class SlowHeaders(TimeSpan delay) : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        Hit();
        return response with { Delay = delay };
    }
}
