using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Behaviors;

internal sealed class ConflictWithoutScimType : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (response.Status != HttpStatusCode.Conflict)
            return response;
        Hit();
        JsonObject error = ScimJson.ParseStored(response.Body.Span);
        _ = error.Remove("scimType");
        return response with { Body = ScimJson.ToBytes(error) };
    }
}

internal sealed class ConflictAsProblemJson : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (response.Status != HttpStatusCode.Conflict)
            return response;
        Hit();
        JsonObject problem = new()
        {
            ["type"] = "about:blank",
            ["title"] = "Conflict",
            ["status"] = (int)HttpStatusCode.Conflict,
            ["detail"] = ScimJson.ParseStored(response.Body.Span)["detail"]?.DeepClone(),
        };
        return response with { ContentType = "application/problem+json", Body = ScimJson.ToBytes(problem) };
    }
}

internal sealed class ExternalIdUnique : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (request.Method != "POST" || ScimJson.Text(ScimJson.ParseBody(request.Body)["externalId"]) is not { } externalId)
            return;
        if (users.Read(index => index.FindExternalId(externalId)).Count == 0)
            return;
        Hit();
        throw ScimErrorException.Uniqueness($"A user with externalId \"{externalId}\" already exists. The externalId must be unique.");
    }
}
