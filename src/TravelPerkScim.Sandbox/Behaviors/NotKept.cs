using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Users;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Sandbox.Behaviors;

internal sealed class ValuesNotKept : Behavior
{
    private static readonly string[] s_usual = ["name.givenName", SchemaDefinition.Enterprise.Urn + ":manager"];

    private readonly List<string[]> _paths;

    /// <param name="attributes">Paths without filters, or URNs of extensions. None: the usual ones.</param>
    /// <param name="schemas">Where the attributes are found.</param>
    /// <exception cref="ArgumentException">One is not found there.</exception>
    public ValuesNotKept(IReadOnlyCollection<string> attributes, UserSchemas schemas) =>
        _paths = [.. (attributes.Count > 0 ? attributes : s_usual).Select(attribute => Steps(attribute, schemas))];

    public override void Keep(JsonObject? before, JsonObject content)
    {
        foreach (string[] path in _paths)
        {
            JsonNode? kept = Find(before, path);
            if (JsonNode.DeepEquals(kept, Find(content, path)))
                continue;
            JsonObject whole = content.DeepClone().AsObject();
            Set(content, path, kept?.DeepClone());
            // A new user without a required attribute could not be read again, so the service keeps that attribute.
            if (TravelPerkRules.MissingAttribute(content) is null)
                Hit();
            else
                PatchValues.Merge(content, whole);
        }
    }

    /// <summary>The names on the way from the user to the value.</summary>
    private static string[] Steps(string attribute, UserSchemas schemas)
    {
        if (schemas.Extensions.FirstOrDefault(extension => extension.Is(attribute)) is { } whole)
            return [whole.Urn];
        if (PatchStep.PathOf(attribute) is not { ValueFilter: null } path || schemas.Find(path) is not { } known)
        {
            throw new ArgumentException(
                $"'{attribute}' is no attribute of this sandbox's users. "
                    + "Name one as name.givenName, with its schema's URN in front where it is an extension's, and without a filter.",
                nameof(attribute)
            );
        }
        return [.. new[] { path.SchemaUrn, known.Name, path.SubAttribute }.OfType<string>()];
    }

    private static JsonNode? Find(JsonNode? node, string[] path) => path.Aggregate(node, (current, name) => (current as JsonObject)?[name]);

    private static void Set(JsonObject container, string[] path, JsonNode? value)
    {
        if (path.Length > 1)
        {
            JsonObject child = PatchValues.Child(container, path[0]);
            Set(child, path[1..], value);
            if (child.Count > 0)
                return;
        }
        _ = container.Remove(path[0]);
        if (path.Length == 1 && value is not null)
            container[path[0]] = value;
    }
}

internal sealed class ManagerObjectsNotKept : Behavior
{
    public override IReadOnlyList<PatchStep> Carried(IReadOnlyList<PatchStep> steps) => [.. steps.Select(Emptied)];

    private PatchStep Emptied(PatchStep step)
    {
        if (step.Value is not (JsonObject or JsonArray) || step.Target is not { } path || !IsManager(path))
            return step;
        Hit();
        return new PatchStep(PatchVerb.Remove, step.Path, null);
    }

    private static bool IsManager(AttributePath path) =>
        path is { SubAttribute: null, SchemaUrn: { } urn }
        && SchemaDefinition.Enterprise.Is(urn)
        && string.Equals(path.Attribute, "manager", StringComparison.OrdinalIgnoreCase);
}

internal sealed class PathValuesNotKept : Behavior
{
    public override IReadOnlyList<PatchStep> Carried(IReadOnlyList<PatchStep> steps)
    {
        PatchStep[] carried = [.. steps.Where(step => step.Target is not { SubAttribute: not null, ValueFilter: null })];
        HitIf(carried.Length < steps.Count);
        return carried;
    }
}

internal sealed class PathlessValuesNotKept : Behavior
{
    public override IReadOnlyList<PatchStep> Carried(IReadOnlyList<PatchStep> steps) => [.. steps.Select(Shallow)];

    private PatchStep Shallow(PatchStep step)
    {
        if (step is not { Path: null, Value: JsonObject map })
            return step;
        JsonObject kept = new(
            map.Where(member => member.Value is not JsonObject && !IsInside(member.Key))
                .Select(member => new KeyValuePair<string, JsonNode?>(member.Key, member.Value?.DeepClone()))
        );
        HitIf(kept.Count < map.Count);
        return step with { Value = kept };
    }

    private static bool IsInside(string key) => PatchStep.PathOf(key) is { SchemaUrn: not null } or { SubAttribute: not null };
}
