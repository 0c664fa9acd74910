using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Sandbox.Behaviors;

internal sealed class FilterIgnored : Behavior
{
    public override UserQuery Asked(UserQuery query)
    {
        if (query.Filter is null)
            return query;
        Hit();
        return query with { Filter = null };
    }
}

internal sealed class FilterContains : Behavior
{
    public override UserQuery Asked(UserQuery query)
    {
        if (query.Filter is not ComparisonFilter { Comparison: ScimComparison.Equal, Value: string } equal)
            return query;
        Hit();
        return query with { Filter = new ComparisonFilter(equal.Path, ScimComparison.Contains, equal.Value) };
    }
}

internal sealed class GetAnswersAnotherUser : Behavior
{
    public override string Shown(string id, UserStore users)
    {
        if (users.Find(id) is not { } asked || users.Read(index => index.Ordered.FirstOrDefault(user => user.Id != asked.Id)) is not { } other)
            return id;
        Hit();
        return other.IdText;
    }
}

internal sealed class WritesAnswerNotFound : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (request.Method is not ("PUT" or "PATCH" or "DELETE"))
            return;
        Hit();
        throw ScimErrorException.NotFound($"Nothing is found at {request.Path}.");
    }
}
