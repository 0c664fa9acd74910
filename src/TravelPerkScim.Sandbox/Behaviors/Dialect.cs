using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;
using TravelPerkScim.Scim.Schema;

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
        if (
            request.Method != "PATCH"
            || !PatchStep
                .ReadAll(ScimJson.ParseBody(request.Body))
                .Any(step => step.Path is null && step.Value is JsonObject { Count: > 1 })
        )
        {
            return;
        }
        Hit();
        throw ScimErrorException.InvalidPath("Every operation must have a path.");
    }
}

internal sealed class PatchPathRejected : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (
            request.Method != "PATCH"
            || PatchStep.ReadAll(ScimJson.ParseBody(request.Body)).All(step => step.Path?.Contains('[', StringComparison.Ordinal) != false)
        )
        {
            return;
        }
        Hit();
        throw ScimErrorException.InvalidPath("Operations must not have a path.");
    }
}

internal sealed class FilteredPathNoTarget : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (request.Method != "PATCH" || users.Find(request.Path[(request.Path.LastIndexOf('/') + 1)..]) is not { } user)
            return;
        JsonObject resource = ScimJson.ParseStored(user.Json);
        foreach (PatchStep step in PatchStep.ReadAll(ScimJson.ParseBody(request.Body)))
        {
            if (
                step.Path is { } text
                && AttributePath.TryParse(text, out AttributePath? path)
                && path.ValueFilter is not null
                && !path.SelectFrom(resource).Any()
            )
            {
                Hit();
                throw ScimErrorException.NoTarget($"Path '{text}' selects no value.");
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
        if (step.Verb != PatchVerb.Replace || !HasFilter(step.Path))
            return [step];
        Hit();
        return [step with { Verb = PatchVerb.Add }];
    }

    private static bool HasFilter(string? text) => AttributePath.TryParse(text, out AttributePath? path) && path.ValueFilter is not null;
}

internal abstract class ActiveRejected : Behavior
{
    public override void BeforeHandling(SandboxRequest request, UserStore users)
    {
        if (request.Method is not ("POST" or "PUT" or "PATCH"))
            return;
        JsonObject body = ScimJson.ParseBody(request.Body);
        IEnumerable<JsonNode?> flags =
            request.Method != "PATCH"
                ? [body["active"]]
                : PatchStep
                    .ReadAll(body)
                    .Select(step =>
                        step.Path is null ? (step.Value as JsonObject)?["active"]
                        : string.Equals(step.Path, "active", StringComparison.OrdinalIgnoreCase) ? step.Value
                        : null
                    );
        if (
            !flags
                .OfType<JsonNode>()
                .Any(flag => flag.GetValueKind() is var kind && (kind == JsonValueKind.String ? RejectsText : !RejectsText))
        )
        {
            return;
        }
        Hit();
        throw ScimErrorException.InvalidValue(
            RejectsText ? "Attribute 'active' must be a boolean." : "Attribute 'active' must be \"True\" or \"False\"."
        );
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
