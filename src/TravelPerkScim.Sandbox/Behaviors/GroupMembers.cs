using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Behaviors;

internal sealed class GroupMembersHidden : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (request.Method != "GET" || response.Status != HttpStatusCode.OK || !request.IsForGroups)
            return response;
        JsonObject answer = ScimJson.ParseStored(response.Body.Span);
        bool hidden = answer.Remove("members");
        foreach (JsonObject group in ScimJson.Objects(answer["Resources"]))
            hidden |= group.Remove("members");
        if (!hidden)
            return response;
        Hit();
        return response with { Body = ScimJson.ToBytes(answer) };
    }
}

internal sealed class GroupMembersLimited(int most) : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (!request.IsForGroups || request.Method is not ("POST" or "PUT" or "PATCH"))
            return;
        JsonObject body = ScimJson.ParseBody(request.Body);
        int named = request.Method == "PATCH" ? PatchStep.ReadAll(body).Sum(Count) : Count(body["members"]);
        if (named <= most)
            return;
        Hit();
        throw new ScimErrorException(
            HttpStatusCode.RequestEntityTooLarge,
            null,
            string.Create(CultureInfo.InvariantCulture, $"A request may name {most} members at most.")
        );
    }

    private static int Count(PatchStep step) =>
        step switch
        {
            { Path: null, Value: JsonObject map } => Count(map["members"]),
            { Path: { } path } when path.StartsWith("members[", StringComparison.OrdinalIgnoreCase) => 1,
            { Path: { } path } when string.Equals(path, "members", StringComparison.OrdinalIgnoreCase) => Count(step.Value),
            _ => 0,
        };

    private static int Count(JsonNode? members) =>
        members switch
        {
            JsonArray list => list.Count,
            JsonObject => 1,
            _ => 0,
        };
}
