using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Dialect;

/// <summary>How the change of one attribute is written in a PATCH (RFC 7644 3.5.2.3 has all but <see cref="BareValue"/>).</summary>
public enum AttributeForm
{
    /// <summary>At the attribute's path, with the value in the attribute's own type.</summary>
    Path,

    /// <summary>Without a path, in a value that holds the attribute.</summary>
    Pathless,

    /// <summary>At the path of the <c>value</c> sub-attribute: <c>manager.value</c>.</summary>
    ValuePath,

    /// <summary>At the attribute's path, with the bare value in the place of <c>{"value": ...}</c>.</summary>
    BareValue,

    /// <summary>At the path of the complex attribute, with a value that holds the one sub-attribute.</summary>
    Complex,

    /// <summary>The service accepts the attribute, and keeps it in none of these forms.</summary>
    None,
}

/// <summary>The forms in which one attribute can be written. A form other than the usual one is for a service that accepts a change and
/// does not keep it.</summary>
public static class AttributeForms
{
    /// <summary>The forms beside the usual one, the likeliest first. Elements of a list have none, because adding an element in several
    /// forms could add it twice.</summary>
    /// <param name="operation">The change.</param>
    /// <param name="usual">How the server wants a PATCH written.</param>
    public static IEnumerable<AttributeForm> Others(PatchOperation operation, PatchForm usual)
    {
        ArgumentNullException.ThrowIfNull(operation);
        AttributePath path = operation.Path;
        bool isOfList = path.ValueFilter is not null || operation.Definition is { MultiValued: true };
        if (isOfList || operation.Kind == PatchOperationKind.Add)
            yield break;
        bool isWhole = path.SubAttribute is null;
        bool isReplace = operation.Kind == PatchOperationKind.Replace;
        if (isWhole && operation.Definition is { Type: ScimAttributeType.Reference, SimpleElements: false })
        {
            yield return AttributeForm.ValuePath;
            if (isReplace)
                yield return AttributeForm.BareValue;
        }
        yield return usual == PatchForm.Pathless ? AttributeForm.Path : AttributeForm.Pathless;
        if (!isWhole && isReplace)
            yield return AttributeForm.Complex;
    }

    /// <summary>The operation that says the same in a form that has a path.</summary>
    internal static PatchOperation In(AttributeForm form, PatchOperation operation)
    {
        AttributePath path = operation.Path;
        ScimSchemaAttribute? definition = operation.Definition ?? TravelPerkSchema.Find(path);
        return form switch
        {
            AttributeForm.ValuePath => operation with
            {
                Path = new AttributePath(path.SchemaUrn, path.Attribute, null, "value"),
                Definition = Plain(definition),
            },
            AttributeForm.BareValue => operation with { Definition = Plain(definition) },
            AttributeForm.Complex => operation with
            {
                Path = new AttributePath(path.SchemaUrn, path.Attribute, null, null),
                Value = new System.Text.Json.Nodes.JsonObject { [path.SubAttribute!] = ScimValue.ToJson(operation.Value, definition) },
                Definition = null,
            },
            _ => operation,
        };
    }

    private static ScimSchemaAttribute? Plain(ScimSchemaAttribute? definition) =>
        definition is null ? null : definition with { SimpleElements = true };
}
