using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Behaviors;

internal sealed class PageCapBelowRequested(int cap) : Behavior
{
    public override UserQuery Query(UserQuery query, int totalResults)
    {
        HitIf(query.Count > cap);
        return query with { Count = Math.Min(query.Count, cap) };
    }
}

internal class TotalResultsEqualsPageSize : Behavior
{
    public override UserPage Page(UserPage page)
    {
        HitIf(page.TotalResults != page.Users.Count);
        return page with { TotalResults = page.Users.Count };
    }
}

internal sealed class StartIndexIgnored : Behavior
{
    public override UserQuery Query(UserQuery query, int totalResults)
    {
        HitIf(query.StartIndex != 1);
        return query with { StartIndex = 1 };
    }
}

internal sealed class FirstPageOnly : TotalResultsEqualsPageSize
{
    public override UserQuery Query(UserQuery query, int totalResults) => query with { StartIndex = 1 };
}

internal sealed class PastEndRepeatsFirstPage : Behavior
{
    public override UserQuery Query(UserQuery query, int totalResults)
    {
        if (query.StartIndex <= Math.Max(1, totalResults))
            return query;
        Hit();
        return query with { StartIndex = 1 };
    }
}

internal sealed class PageWalkUnavailable(int times) : Behavior
{
    public override UserQuery Query(UserQuery query, int totalResults) =>
        query.StartIndex > 1 && HitWithin(times)
            ? throw new ScimErrorException(HttpStatusCode.ServiceUnavailable, null, "The service is temporarily unavailable.").With(
                "Retry-After",
                "1"
            )
            : query;
}

internal sealed class EmptyPageWithoutResources : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (!response.HoldsResources)
            return response;
        JsonObject body = ScimJson.ParseStored(response.Body.Span);
        if (body["Resources"] is not JsonArray { Count: 0 })
            return response;
        body["Resources"] = null;
        Hit();
        return response with { Body = ScimJson.ToBytes(body) };
    }
}
