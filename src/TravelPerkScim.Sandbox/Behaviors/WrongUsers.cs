using System.Net;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Sandbox.Behaviors;

internal sealed class FilterIgnored : Behavior
{
    public override UserQuery Asked(UserQuery query)
    {
        HitIf(query.Filter is not null);
        return query with { Filter = null };
    }
}

internal sealed class FilterContains : Behavior
{
    public override UserQuery Asked(UserQuery query)
    {
        if (query.Filter is not { } asked)
            return query;
        ScimFilter contains = Contains(asked);
        HitIf(!ReferenceEquals(contains, asked));
        return query with { Filter = contains };
    }

    private static ScimFilter Contains(ScimFilter filter) =>
        filter switch
        {
            ComparisonFilter { Comparison: ScimComparison.Equal, Value: string } equal => new ComparisonFilter(
                equal.Path,
                ScimComparison.Contains,
                equal.Value
            ),
            LogicalFilter { Connective: ScimConnective.And } all => ScimFilter.And([.. all.Terms.Select(Contains)]),
            LogicalFilter any => ScimFilter.Or([.. any.Terms.Select(Contains)]),
            _ => filter,
        };
}

internal sealed class GetAnswersAnotherUser : Behavior
{
    public override string Shown(string id, UserStore users)
    {
        StoredUser? asked = users.Find(id);
        if (asked is null)
            return id;
        StoredUser? other = users.Read(index => index.Ordered.FirstOrDefault(user => user.Id != asked.Id));
        if (other is null)
            return id;
        Hit();
        return other.IdText;
    }
}

internal sealed class UnknownIdAnswered(HttpStatusCode status, string detail) : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (!response.UnknownId || request.Method is not ("PUT" or "PATCH" or "DELETE"))
            return response;
        Hit();
        return new ScimErrorException(status, null, detail).ToResponse();
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
