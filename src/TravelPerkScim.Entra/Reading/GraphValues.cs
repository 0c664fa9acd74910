using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Reads a Graph user into the slots of a layout. Dates stay Graph's text, as they do in a file of Graph users.</summary>
internal sealed class GraphValues
{
    private readonly SourceLayout _layout;
    private readonly ILookup<string, Place> _places;

    public GraphValues(SourceLayout layout)
    {
        _layout = layout;
        _places = layout
            .Names.Select((name, slot) => (Name: name, Slot: slot))
            .Where(one => !GraphSelect.IsComputed(one.Name))
            .Select(one => Place.Of(GraphSelect.Path(one.Name), one.Slot))
            .ToLookup(place => place.Root, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The id of any directory object.</summary>
    /// <exception cref="SourceException"><c>EntraResponseInvalid</c>.</exception>
    public static Guid Id(JsonElement item) => TryId(item) ?? throw GraphFailure.Invalid("holds an object without an object id");

    /// <summary>The id of any directory object; null when it has none that can be read.</summary>
    public static Guid? TryId(JsonElement item) => Guid.TryParseExact(JsonText.Of(item, "id"), "D", out Guid guid) ? guid : null;

    /// <summary>Reason of an <c>@removed</c>: changed (restorable) or deleted; null for an object that is there.</summary>
    public static string? Removal(JsonElement item)
    {
        JsonElement removed = JsonText.Property(item, "@removed");
        if (!JsonText.Exists(removed))
            return null;
        return JsonText.Of(removed, "reason") == "deleted" ? "deleted" : "changed";
    }

    /// <exception cref="UnreadableUserException">A value is of another type than Graph gives, or text that is not Unicode.</exception>
    public SourceObject Read(Guid id, JsonElement user)
    {
        var result = new SourceObject(id.ToString("D"), _layout);
        foreach (JsonProperty property in user.EnumerateObject())
        {
            string name =
                JsonText.NameOf(property)
                ?? throw new UnreadableUserException("One of the user's attributes has a name that is not Unicode text.");
            foreach (Place place in _places[name])
                result.Values[place.Slot] = Value(name, property.Value, place);
            if (name == "manager@delta" && _layout.SlotOf("manager") is var slot and >= 0)
                result.Values[slot] = CurrentManager(property.Value);
        }
        if (_layout.SlotOf("objectId") is var own and >= 0)
            result.Values[own] = result.Anchor;
        return result;
    }

    private static object? Value(string name, JsonElement value, Place place)
    {
        if (place.Root == "manager")
            return Reference(value);
        // Whether an account is enabled must not be guessed.
        if (name == "accountEnabled" && value.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null))
            throw new UnreadableUserException("The attribute 'accountEnabled' is neither true nor false.");
        try
        {
            return Value(value, place);
        }
        catch (InvalidOperationException)
        {
            throw new UnreadableUserException(
                $"The attribute '{name}' holds text that is not Unicode, such as half an emoji. Correct the value in the directory."
            );
        }
    }

    private static object? Value(JsonElement value, Place place)
    {
        if (place.Member is { } member)
            return MemberOf(value, member);
        if (!place.First)
            return Plain(value);
        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 ? Plain(value[0]) : null;
    }

    private static object? MemberOf(JsonElement value, string member)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        foreach (JsonProperty inner in value.EnumerateObject())
        {
            if (inner.Name.Equals(member, StringComparison.OrdinalIgnoreCase))
                return Plain(inner.Value);
        }
        return null;
    }

    private static object? Plain(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => value.TryGetInt64(out long whole) ? (object)whole : value.GetDouble(),
            JsonValueKind.Array => value
                .EnumerateArray()
                .Where(item => item.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
                .Select(Plain)
                .ToArray(),
            _ => null,
        };

    private static SourceReference? Reference(JsonElement manager)
    {
        if (manager.ValueKind == JsonValueKind.Null)
            return null;
        string anchor = JsonText.NotEmpty(manager, "id") ?? throw new UnreadableUserException("The attribute 'manager' has no object id.");
        return new SourceReference(SourceAnchor.Canonical(anchor));
    }

    /// <summary>A delta lists the manager that was taken away beside the one that came.</summary>
    private static SourceReference? CurrentManager(JsonElement changes) =>
        changes.ValueKind == JsonValueKind.Array
            ? changes.EnumerateArray().Where(change => Removal(change) is null).Select(Reference).LastOrDefault()
            : throw new UnreadableUserException("The attribute 'manager' is no list of changes.");

    private sealed record Place(int Slot, string Root, string? Member, bool First)
    {
        public static Place Of(string path, int slot)
        {
            string root = GraphSelect.Root(path);
            string rest = path[root.Length..];
            return new Place(
                slot,
                root.Equals("manager", StringComparison.OrdinalIgnoreCase) ? "manager" : root,
                rest.StartsWith('.') ? rest[1..] : null,
                rest == "[0]"
            );
        }
    }
}
