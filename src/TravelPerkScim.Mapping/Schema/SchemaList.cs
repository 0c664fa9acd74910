using System.Collections;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Mapping.Schema;

/// <summary>An array member of a schema object; changes go into the JSON at once. A missing or null array reads as empty and comes into
/// being with the first addition.</summary>
public sealed class SchemaList<T> : IReadOnlyList<T>
    where T : SchemaNode
{
    private readonly JsonObject _owner;
    private readonly string _member;
    private readonly Func<JsonObject, T> _view;

    internal SchemaList(JsonObject owner, string member, Func<JsonObject, T> view)
    {
        _owner = owner;
        _member = member;
        _view = view;
    }

    /// <inheritdoc/>
    public int Count => Items?.Count ?? 0;

    /// <inheritdoc/>
    public T this[int index] =>
        Items?[index] is JsonObject item ? _view(item) : throw SchemaNode.Unexpected(Items?[index], $"an object (in '{_member}')");

    private JsonArray? Items => SchemaNode.Member<JsonArray>(_owner, _member, "an array");

    /// <summary>Appends an item. An item that belongs to another schema is copied.</summary>
    public void Add(T item) => Writable().Add(Free(item));

    /// <summary>Removes an item that was read from this list.</summary>
    /// <returns>False when the list does not hold it.</returns>
    public bool Remove(T item) => Items?.Remove(Of(item).Json) ?? false;

    /// <summary>Puts <paramref name="item"/> where <paramref name="old"/> is, which keeps the order of the others.</summary>
    internal void Replace(T old, T item)
    {
        JsonArray items = Writable();
        items[items.IndexOf(old.Json)] = Free(item);
    }

    /// <summary>Removes every item.</summary>
    public void Clear() => Items?.Clear();

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private JsonArray Writable()
    {
        if (Items is { } items)
            return items;
        var created = new JsonArray();
        _owner[_member] = created;
        return created;
    }

    private static JsonObject Free(T item) => item.Json.Parent is null ? item.Json : (JsonObject)item.Json.DeepClone();

    private static T Of(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item;
    }
}
