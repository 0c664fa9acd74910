using TravelPerkScim.Entra.Http;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Reading;

/// <summary>The properties to ask Graph for: the ones that the layout's names need.</summary>
internal sealed class GraphSelect
{
    /// <summary>Properties that Graph gives for one user at a time only. It answers 501 to a list ("List users").</summary>
    private static readonly HashSet<string> s_singleOnly = new(
        [
            "aboutMe",
            "birthday",
            "hireDate",
            "interests",
            "mailboxSettings",
            "mySite",
            "pastProjects",
            "preferredName",
            "responsibilities",
            "schools",
            "skills",
        ],
        StringComparer.OrdinalIgnoreCase
    );

    private static readonly string[] s_always = ["id", "accountEnabled", "userPrincipalName"];

    private static readonly HashSet<string> s_computed = new(StringComparer.OrdinalIgnoreCase) { "IsSoftDeleted", "appRoleAssignments" };

    /// <summary>Attributes of Entra's engine, and the property of a Graph user that holds their value.</summary>
    private static readonly Dictionary<string, string> s_paths = new(StringComparer.OrdinalIgnoreCase)
    {
        ["originalUserPrincipalName"] = "userPrincipalName",
        ["invitationState"] = "externalUserState",
    };

    /// <summary>Graph's spelling of the properties. A mapping's names compare without case, Graph's with case.</summary>
    private static readonly Dictionary<string, string> s_spelling = SynchronizationSchema
        .Default.SourceAttributes.Select(name => Root(Path(name)))
        .Concat(s_always)
        .Append("manager")
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .ToDictionary(name => name, StringComparer.OrdinalIgnoreCase);

    private readonly string[] _properties;

    /// <exception cref="SourceException"><c>EntraAttributeUnreadable</c>, <c>EntraAttributeUnknown</c>.</exception>
    public GraphSelect(SourceLayout layout)
    {
        var properties = new List<string>(s_always);
        foreach (string name in layout.Names.Where(name => !IsComputed(name)))
        {
            string root = Root(Path(name));
            if (s_singleOnly.Contains(root))
            {
                throw new SourceException(
                    "EntraAttributeUnreadable",
                    $"Microsoft Graph cannot list the attribute '{name}' of users: it gives the attribute for one user at a time only. "
                        + "Leave it out of the mapping and scope."
                );
            }
            if (root.Length == 0 || !root.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                throw GraphFailure.UnknownAttribute(name);
            root = s_spelling.GetValueOrDefault(root, root);
            HasManager |= root == "manager";
            if (!properties.Contains(root, StringComparer.OrdinalIgnoreCase))
                properties.Add(root);
        }
        _properties = [.. properties];
        HasRoles = layout.SlotOf("appRoleAssignments") >= 0;
    }

    /// <summary>For a delta query, which knows the manager as a property.</summary>
    public string[] Delta => _properties;

    /// <summary>The query of a single user, whose manager has to be expanded.</summary>
    public string SingleQuery
    {
        get
        {
            string properties = string.Join(',', _properties.Where(name => name != "manager"));
            return HasManager ? $"$select={properties}&$expand=manager($select=id)" : $"$select={properties}";
        }
    }

    /// <summary>Whether the manager is read.</summary>
    public bool HasManager { get; }

    /// <summary>Whether the roles in the application are read.</summary>
    public bool HasRoles { get; }

    /// <summary>Names that no property of a Graph user holds: the engine or the entitlement gives the value.</summary>
    public static bool IsComputed(string name) => s_computed.Contains(name);

    /// <summary>Where a Graph user holds an attribute: <c>property</c>, <c>property.member</c> or <c>property[0]</c>.</summary>
    public static string Path(string name) => s_paths.GetValueOrDefault(name) ?? SourceAttributeNames.GraphPath(name);

    /// <summary>The property that a path begins with.</summary>
    public static string Root(string path) => path.IndexOfAny(['.', '[']) is var end and >= 0 ? path[..end] : path;
}
