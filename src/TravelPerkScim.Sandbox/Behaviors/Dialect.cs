using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Behaviors;

internal sealed class PatchNoContent : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (request.Method != "PATCH" || response.Status != HttpStatusCode.OK)
            return response;
        Hit();
        return new SandboxResponse(HttpStatusCode.NoContent);
    }
}

internal sealed class PathlessPatchRejected : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (!PatchStep.Of(request).Any(step => step is { Path: null, Value: JsonObject { Count: > 1 } }))
            return;
        Hit();
        throw ScimErrorException.InvalidPath("Every operation must have a path.");
    }
}

internal sealed class PatchPathRejected : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (!PatchStep.Of(request).Any(step => step.Path?.Contains('[', StringComparison.Ordinal) is false))
            return;
        Hit();
        throw ScimErrorException.InvalidPath("Operations must not have a path.");
    }
}

internal sealed class FilteredPathNoTarget : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (users.Find(request.Path[(request.Path.LastIndexOf('/') + 1)..]) is not { } user)
            return;
        JsonObject resource = ScimJson.ParseStored(user.Json);
        foreach (PatchStep step in PatchStep.Of(request))
        {
            if (step.Target is { ValueFilter: not null } path && !path.SelectFrom(resource).Any())
            {
                Hit();
                throw ScimErrorException.NoTarget($"Path '{step.Path}' selects no value.");
            }
        }
    }
}

internal sealed class FilteredReplaceCreates : Behavior
{
    // An add makes the element, and writes the same values into one that is there.
    public override IReadOnlyList<PatchStep> Carried(IReadOnlyList<PatchStep> steps) => [.. steps.SelectMany(AsAdds)];

    private IEnumerable<PatchStep> AsAdds(PatchStep step)
    {
        if (step is { Verb: PatchVerb.Replace, Path: null, Value: JsonObject map } && map.Any(member => HasFilter(member.Key)))
        {
            // The keys of an operation without path are paths.
            Hit();
            return map.Select(member => new PatchStep(
                HasFilter(member.Key) ? PatchVerb.Add : PatchVerb.Replace,
                member.Key,
                member.Value?.DeepClone()
            ));
        }
        if (step is not { Verb: PatchVerb.Replace, Target.ValueFilter: not null })
            return [step];
        Hit();
        return [step with { Verb = PatchVerb.Add }];
    }

    private static bool HasFilter(string text) => PatchStep.PathOf(text) is { ValueFilter: not null };
}

internal abstract class ActiveRejected : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (request.Method is not ("POST" or "PUT" or "PATCH"))
            return;
        JsonObject body = ScimJson.ParseBody(request.Body);
        IEnumerable<JsonNode?> flags = request.Method == "PATCH" ? PatchStep.ReadAll(body).Select(ActiveOf) : [body["active"]];
        if (!flags.OfType<JsonNode>().Any(IsRejected))
            return;
        Hit();
        throw ScimErrorException.InvalidValue(
            RejectsText ? "Attribute 'active' must be a boolean." : "Attribute 'active' must be \"True\" or \"False\"."
        );
    }

    private bool IsRejected(JsonNode flag)
    {
        bool isText = flag.GetValueKind() == JsonValueKind.String;
        return isText == RejectsText;
    }

    private static JsonNode? ActiveOf(PatchStep step)
    {
        if (step.Path is null)
            return (step.Value as JsonObject)?["active"];
        return string.Equals(step.Path, "active", StringComparison.OrdinalIgnoreCase) ? step.Value : null;
    }

    protected abstract bool RejectsText { get; }
}

internal sealed class StringBooleansRejected : ActiveRejected
{
    protected override bool RejectsText => true;
}

internal sealed class JsonBooleansRejected : ActiveRejected
{
    protected override bool RejectsText => false;
}

internal sealed class MediaTypeRejected(string rejected) : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (!string.Equals(request.MediaType, rejected, StringComparison.OrdinalIgnoreCase))
            return;
        Hit();
        throw new ScimErrorException(HttpStatusCode.UnsupportedMediaType, null, $"Unsupported media type \"{rejected}\" in request.");
    }
}

internal sealed class DeleteRepeatsNoContent : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (request.Method != "DELETE" || !response.UnknownId)
            return response;
        Hit();
        return new SandboxResponse(HttpStatusCode.NoContent);
    }
}
