namespace TravelPerkScim.GraphStandIn;

/// <summary>Where an object is in its life.</summary>
public enum LifeState
{
    /// <summary>In the directory.</summary>
    Live,

    /// <summary>In the recycle bin: restorable for 30 days.</summary>
    SoftDeleted,

    /// <summary>Permanently deleted.</summary>
    Gone,
}

/// <summary>Anything with an id that delta queries follow.</summary>
public abstract class StandInObject(string id)
{
    public string Id { get; } = id;

    public LifeState State { get; internal set; }

    /// <summary>When it changed last, in changes of the whole directory.</summary>
    internal long Changed { get; set; }

    /// <summary>Until then, in look-ups, it is not found by its id, and lists do not show it.</summary>
    internal long UnseenUntil { get; set; }

    /// <summary>Until then lists show it, although it is gone.</summary>
    internal long ListedUntil { get; set; }

    /// <summary>Until then it is not found among the deleted ones.</summary>
    internal long DeletedUnseenUntil { get; set; }
}

/// <summary>A user. A property that was never set is not in <see cref="Properties"/>; one that was cleared is there as null.</summary>
public sealed class StandInUser(string id) : StandInObject(id)
{
    private readonly Dictionary<string, object?> _properties = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, object?> Properties => _properties;

    public string UserPrincipalName => (string)_properties["userPrincipalName"]!;

    public string? ManagerId { get; internal set; }

    /// <summary>When a property changed, for those that did after the user was made.</summary>
    internal Dictionary<string, long>? ChangedProperties { get; private set; }

    internal void Set(string name, object? value) => _properties[name] = value;

    internal void Touch(string property, long change)
    {
        Changed = change;
        (ChangedProperties ??= new(StringComparer.Ordinal))[property] = change;
    }
}

/// <summary>A group.</summary>
public sealed class StandInGroup(string id, string displayName) : StandInObject(id)
{
    public string DisplayName { get; internal set; } = displayName;

    /// <summary>Everybody who ever was a member, with the change that made or ended it.</summary>
    internal Dictionary<string, (bool Present, long Changed)> Links { get; } = new(StringComparer.Ordinal);

    /// <summary>Members that lists do not show until then.</summary>
    internal Dictionary<string, long> UnlistedUntil { get; } = new(StringComparer.Ordinal);

    /// <summary>Ids of those who are members now, deleted ones included.</summary>
    public IEnumerable<string> Members => Links.Where(link => link.Value.Present).Select(link => link.Key);
}
