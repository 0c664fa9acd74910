using System.Collections;
using System.Globalization;
using System.Management.Automation;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>The user that an object is, or the reason why it is not a user.</summary>
internal readonly record struct PipedUser(SourceObject? Read, MappingException? Fault)
{
    /// <exception cref="MappingException">The object is not a user.</exception>
    public SourceObject User => Read ?? throw Fault!;
}

/// <summary>
/// Reads an object of the pipeline as a source user: a hashtable, a row of a CSV, JSON, or a user of the Microsoft Graph module, by Entra's
/// names or Graph's,
/// nested (<c>employeeOrgData.costCenter</c>) or flat. Runs on the pipeline thread: a property may be a script.
/// </summary>
internal static class InputUser
{
    // Members that hold an attribute's value where no member has one of its names. Export-Csv makes a column businessPhones of a list of
    // one.
    private static readonly Dictionary<string, string> s_otherNames = new(StringComparer.Ordinal)
    {
        ["telephoneNumber"] = "businessPhones",
        ["manager"] = "managerId",
        ["originalUserPrincipalName"] = "userPrincipalName",
    };

    /// <summary>The user, or the reason why the object is not a user. The reason is returned, because an exception on the pipeline thread
    /// would end the pipeline for all objects.</summary>
    public static PipedUser Read(object input, SourceLayout layout)
    {
        try
        {
            return new PipedUser(ReadValues(input, layout), null);
        }
        catch (MappingException e)
        {
            return new PipedUser(null, e);
        }
    }

    /// <exception cref="MappingException"><c>SourceValueInvalid</c>: a value has another type than its attribute, or is a text that no
    /// service accepts.</exception>
    private static SourceObject ReadValues(object input, SourceLayout layout)
    {
        var text = new AttributeText(layout);
        string anchor = Plain(Find(input, "objectId")) as string ?? Plain(Find(input, "userPrincipalName")) as string ?? "";
        var user = new SourceObject(SourceAnchor.Canonical(anchor), layout);
        for (int slot = 0; slot < user.Values.Length; slot++)
            user.Values[slot] = Find(input, layout.Names[slot]) is { } value ? Typed(text, slot, value, user) : null;
        // The provisioning service computes this attribute; Graph has no such property.
        int softDeleted = layout.SlotOf("IsSoftDeleted");
        if (softDeleted >= 0)
            user.Values[softDeleted] ??= IsDisabled(input) || IsDeleted(input);
        GuestName.Apply(user);
        return user;
    }

    /// <summary>Names of the attributes that hold the text of an object instead of a value. They count as not given.</summary>
    public static IEnumerable<string> Unreadable(SourceObject user) =>
        user.Layout.Names.Where((_, slot) => user.Values[slot] is IgnoredFlow);

    public static string UnreadableMessage(SourceObject user, string attribute) =>
        $"The attribute {attribute} of the user '{user.Anchor}' was left out: it holds the text of an object instead of a value. "
        + "Pipe the objects themselves, or use ConvertTo-Json -Depth 5 and ConvertFrom-Json.";

    // A row of a CSV has the truth value as text.
    private static bool IsDisabled(object input) =>
        bool.TryParse(Plain(Find(input, "accountEnabled"))?.ToString(), out bool enabled) && !enabled;

    private static bool IsDeleted(object input) => Plain(Find(input, "deletedDateTime")) is not (null or "" or false);

    private static object? Find(object input, string name)
    {
        foreach (string known in SourceAttributeNames.NamesOf(name))
        {
            if (Follow(input, known) is { } value)
                return value;
        }
        return s_otherNames.TryGetValue(SourceAttributeNames.Canonical(name), out string? other) ? Follow(input, other) : null;
    }

    /// <summary>A member by its whole name, else by the path of its dots and index.</summary>
    private static object? Follow(object holder, string path)
    {
        if (Member(holder, path) is { } whole)
            return whole;
        if (path.EndsWith("[0]", StringComparison.Ordinal))
            return First(Follow(holder, path[..^3]));
        int dot = path.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0)
            return null;
        object? inner = Member(holder, path[..dot]);
        return inner is null ? null : Follow(inner, path[(dot + 1)..]);
    }

    private static object? Member(object holder, string name)
    {
        if (BooleanTextAttribute.Unwrap(holder) is IDictionary entries)
        {
            string? key = entries.Keys.OfType<string>().FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase));
            return key is null ? null : entries[key];
        }

        PSMemberInfoCollection<PSPropertyInfo> properties = PSObject.AsPSObject(holder).Properties;
        if (Value(properties[name]) is { } value)
            return value;
        // The Graph module puts attributes that its classes lack, such as extension attributes, into AdditionalProperties.
        return Value(properties["AdditionalProperties"]) is IDictionary more ? Member(more, name) : null;
    }

    private static object? Value(PSPropertyInfo? property)
    {
        try
        {
            return property?.Value;
        }
        catch (GetValueException)
        {
            return null;
        }
    }

    private static object? First(object? value) =>
        BooleanTextAttribute.Unwrap(value) is IEnumerable list and not string ? list.Cast<object?>().FirstOrDefault() : value;

    private static SourceReference? Reference(object value)
    {
        string? id = (Follow(value, "id") ?? Follow(value, "objectId") ?? Follow(value, "userPrincipalName"))?.ToString();
        return string.IsNullOrWhiteSpace(id) ? null : new SourceReference(SourceAnchor.Canonical(id));
    }

    private static object? Typed(AttributeText text, int slot, object value, SourceObject user)
    {
        string name = user.Layout.Names[slot];
        object? given = BooleanTextAttribute.Unwrap(value);
        bool isManager = SourceAttributeNames.Canonical(name).Equals("manager", StringComparison.OrdinalIgnoreCase);
        if (isManager && given is not string)
            return Reference(value);
        if (given is PSCustomObject or IDictionary)
            throw Invalid(user, $"{name} is an object, where a value belongs");
        object? plain = Plain(value);
        if (plain is object?[] items)
            return Array.ConvertAll(items, item => Parsed(text, slot, item, user));
        bool isEnabled = name.Equals("accountEnabled", StringComparison.OrdinalIgnoreCase);
        if (isEnabled && plain is not (null or bool or string))
            throw Invalid(user, "accountEnabled is neither true nor false");
        return Parsed(text, slot, plain, user);
    }

    /// <summary>The value of a text; any other value as it is.</summary>
    private static object? Parsed(AttributeText text, int slot, object? value, SourceObject user)
    {
        if (value is not string given)
            return value;
        object? parsed = text.Parse(slot, given, out string? fault);
        return fault is null ? parsed : throw Invalid(user, fault);
    }

    private static MappingException Invalid(SourceObject user, string fault) =>
        new("SourceValueInvalid", $"User '{user.Anchor}': {fault}.");

    private static object? Plain(object? value)
    {
        object? given = BooleanTextAttribute.Unwrap(value);
        return given switch
        {
            null or DBNull or PSCustomObject or IDictionary => null,
            string or bool or DateTimeOffset => given,
            Enum name => name.ToString(),
            sbyte or byte or short or ushort or int or uint or long => Convert.ToInt64(given, CultureInfo.InvariantCulture),
            float or double or decimal or ulong => Convert.ToDouble(given, CultureInfo.InvariantCulture),
            DateTime { Kind: DateTimeKind.Unspecified } moment => new DateTimeOffset(moment, TimeSpan.Zero),
            DateTime moment => new DateTimeOffset(moment),
            DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            IEnumerable list => list.Cast<object?>().Select(Plain).ToArray(),
            _ => Convert.ToString(given, CultureInfo.InvariantCulture),
        };
    }
}
