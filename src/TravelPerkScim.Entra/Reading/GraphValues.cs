using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Reads a Graph user into the slots of a layout. Dates stay the text Graph writes, as they do from a file of Graph users.</summary>
internal sealed class GraphValues
{
    private readonly SourceLayout _layout;
    private readonly ILookup<string, Place> _places;

    public GraphValues(SourceLayout layout)
    {
        _layout = layout;
        _places = layout.Names
            .Select((name, slot) => (Name: name, Slot: slot))
            .Where(one => !GraphSelect.IsComputed(one.Name))
            .Select(one => Place.Of(GraphSelect.Path(one.Name), one.Slot))
            .ToLookup(place => place.Root, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The id of any directory object.</summary>
    /// <exception cref="SourceException"><c>EntraResponseInvalid</c>.</exception>
    public static Guid Id(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String && Guid.TryParseExact(id.GetString(), "D", out Guid guid)
            ? guid
            : throw GraphFailure.Invalid("holds an object without an object id");

    /// <summary>Reason of an <c>@removed</c>: changed (restorable) or deleted; null for an object that is there.</summary>
    public static string? Removal(JsonElement item) =>
        !item.TryGetProperty("@removed", out JsonElement removed) ? null
        : removed.ValueKind == JsonValueKind.Object && removed.TryGetProperty("reason", out JsonElement reason) && reason.ValueEquals("deleted") ? "deleted" : "changed";

    public SourceObject Read(Guid id, JsonElement user)
    {
        var result = new SourceObject(id.ToString("D"), _layout);
        foreach (JsonProperty property in user.EnumerateObject())
        {
            foreach (Place place in _places[property.Name])
                result.Values[place.Slot] = place.Root == "manager" ? Reference(property.Value) : Value(property.Value, place);
            if (property.NameEquals("manager@delta") && _layout.SlotOf("manager") is var slot and >= 0)
                result.Values[slot] = CurrentManager(property.Value);
        }
        if (_layout.SlotOf("objectId") is var own and >= 0)
            result.Values[own] = result.Anchor;
        return result;
    }

    private static object? Value(JsonElement value, Place place)
    {
        if (place.Member is { } member)
        {
            foreach (JsonProperty inner in value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : default)
            {
                if (inner.Name.Equals(member, StringComparison.OrdinalIgnoreCase))
                    return Plain(inner.Value);
            }
            return null;
        }
        if (!place.First)
            return Plain(value);
        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 ? Plain(value[0]) : null;
    }

    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.TryGetInt64(out long whole) ? (object)whole : value.GetDouble(),
        JsonValueKind.Array => value.EnumerateArray().Where(item => item.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)).Select(Plain).ToArray(),
        _ => null,
    };

    private static SourceReference? Reference(JsonElement manager) =>
        manager.ValueKind == JsonValueKind.Object && manager.TryGetProperty("id", out JsonElement id) && id.GetString() is { Length: > 0 } anchor ? new SourceReference(SourceAnchor.Canonical(anchor)) : null;

    /// <summary>A delta lists the manager that was taken away beside the one that came.</summary>
    private static SourceReference? CurrentManager(JsonElement changes) =>
        changes.ValueKind == JsonValueKind.Array ? changes.EnumerateArray().Where(change => Removal(change) is null).Select(Reference).LastOrDefault() : null;

    private sealed record Place(int Slot, string Root, string? Member, bool First)
    {
        public static Place Of(string path, int slot)
        {
            string root = GraphSelect.Root(path);
            string rest = path[root.Length..];
            return new Place(slot, root.Equals("manager", StringComparison.OrdinalIgnoreCase) ? "manager" : root, rest.StartsWith('.') ? rest[1..] : null, rest == "[0]");
        }
    }
}
