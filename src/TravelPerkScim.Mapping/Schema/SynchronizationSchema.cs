using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Mapping.Schema;

/// <summary>Entra's synchronization schema (Graph <c>synchronizationSchema</c>), which "Review your schema" downloads. A round trip
/// changes nothing in it.</summary>
public sealed class SynchronizationSchema : SchemaNode
{
    // The file is read by people: quotes and accents stay as they are typed.
    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
    };

    // Each call of an expression is three levels of JSON, and an expression can be nested deeply.
    private const int MaxDepth = 512;

    private static readonly Lazy<string> s_default = new(ReadDefault);

    private SynchronizationSchema(JsonObject json)
        : base(json) { }

    /// <summary>The default mapping, Entra to TravelPerk: 19 attributes (embedded copy of module/default-mapping.json). A new copy each
    /// time.</summary>
    public static SynchronizationSchema Default => Parse(s_default.Value);

    /// <summary>The rules; the one that maps users is used.</summary>
    public SchemaList<SynchronizationRule> SynchronizationRules => List(json => new SynchronizationRule(json));

    /// <summary>Definitions of the directories that rules join.</summary>
    public SchemaList<DirectoryDefinition> Directories => List(json => new DirectoryDefinition(json));

    /// <summary>The object mapping whose source is <c>User</c>, of the rule that comes first.</summary>
    /// <exception cref="MappingException">There is none, or it is disabled.</exception>
    public ObjectMapping UserMapping => FindUserMapping().Mapping;

    /// <summary>True when there is a mapping of users that is not disabled.</summary>
    public bool HasUserMapping
    {
        get
        {
            try
            {
                return FindUserMapping().Mapping is not null;
            }
            catch (MappingException)
            {
                return false;
            }
        }
    }

    /// <summary>Reads a schema.</summary>
    /// <exception cref="MappingException"><c>MappingSchemaInvalid</c>: not JSON, or not a synchronization schema.</exception>
    public static SynchronizationSchema Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            var options = new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
                MaxDepth = MaxDepth,
            };
            if (JsonNode.Parse(json.TrimStart('\uFEFF'), documentOptions: options) is not JsonObject root)
            {
                throw new MappingException(
                    "MappingSchemaInvalid",
                    "The mapping's JSON is not a synchronization schema: its root must be an object."
                );
            }
            Touch(root);
            if (root["synchronizationRules"] is not JsonArray)
            {
                throw new MappingException(
                    "MappingSchemaInvalid",
                    "The mapping's JSON is not a synchronization schema: it has no 'synchronizationRules' array. "
                        + "Download the schema from the provisioning job's 'Review your schema' page."
                );
            }
            return new SynchronizationSchema(root);
        }
        catch (JsonException e)
        {
            throw new MappingException("MappingSchemaInvalid", $"The mapping is not JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new MappingException(
                "MappingSchemaInvalid",
                $"The mapping's JSON names a member twice or holds broken text: {e.Message}",
                e
            );
        }
    }

    /// <summary>Names of the source attributes of users that the schema defines; those of the default schema when it defines
    /// none.</summary>
    public IEnumerable<string> SourceAttributes => (SourceUser ?? Default.SourceUser!).AttributeNames;

    /// <summary>How the schema's target directory defines an attribute of users; null when it does not.</summary>
    public AttributeDefinition? TargetDefinition(string name) =>
        TargetUser?.Attributes.FirstOrDefault(attribute => Same(attribute.Name, name));

    /// <summary>Names of the attributes of users that the schema's target directory defines; none when it defines none.</summary>
    public IEnumerable<string> TargetAttributes => TargetUser?.AttributeNames ?? [];

    /// <summary>Adds the definition of a target attribute of users to the target directory, as an administrator does in Entra's "Edit
    /// attribute list".</summary>
    public void DefineTarget(AttributeDefinition definition)
    {
        (SynchronizationRule rule, ObjectMapping mapping) = FindUserMapping();
        ObjectDefinition? users = FindObject(rule.TargetDirectoryName, mapping.TargetObjectName);
        if (users is null)
        {
            users = new ObjectDefinition(new JsonObject { ["name"] = mapping.TargetObjectName });
            Directories.Add(
                new DirectoryDefinition(new JsonObject { ["name"] = rule.TargetDirectoryName, ["objects"] = new JsonArray(users.Json) })
            );
        }
        users.Attributes.Add(definition);
    }

    /// <summary>Writes the schema, indented.</summary>
    public string ToJson() => Json.ToJsonString(s_indented);

    /// <summary>Definition of the attributes of users in the source directory, or null when the schema defines none.</summary>
    internal ObjectDefinition? SourceUser
    {
        get
        {
            (SynchronizationRule rule, ObjectMapping mapping) = FindUserMapping();
            return FindObject(rule.SourceDirectoryName, mapping.SourceObjectName);
        }
    }

    /// <summary>Definition of the attributes of users in the target directory, or null when the schema defines none.</summary>
    internal ObjectDefinition? TargetUser
    {
        get
        {
            (SynchronizationRule rule, ObjectMapping mapping) = FindUserMapping();
            return FindObject(rule.TargetDirectoryName, mapping.TargetObjectName);
        }
    }

    private (SynchronizationRule Rule, ObjectMapping Mapping) FindUserMapping()
    {
        IEnumerable<(SynchronizationRule rule, ObjectMapping mapping)> mappings =
            from rule in SynchronizationRules
            orderby rule.Priority
            from mapping in rule.UserMappings
            select (rule, mapping);
        foreach ((SynchronizationRule rule, ObjectMapping mapping) found in mappings)
        {
            return found.mapping.Enabled
                ? found
                : throw new MappingException(
                    "NoUserMapping",
                    $"The mapping of users ('{found.mapping.Name}') is disabled. Set 'enabled' to true in its object mapping."
                );
        }
        throw new MappingException(
            "NoUserMapping",
            "The synchronization schema maps no users: no object mapping has 'User' as its sourceObjectName."
        );
    }

    private ObjectDefinition? FindObject(string? directoryName, string? objectName) =>
        Directories
            .Where(directory => Same(directory.Name, directoryName))
            .SelectMany(directory => directory.Objects)
            .FirstOrDefault(definition => Same(definition.Name, objectName) && definition.Attributes.Count > 0);

    private static bool Same(string? left, string? right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads every node once. The DOM finds a repeated member name, or half a surrogate pair, only when the node is
    /// read.</summary>
    private static void Touch(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach ((_, JsonNode? member) in members)
                Touch(member);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                Touch(item);
        }
        else if (node is JsonValue value && value.GetValueKind() == JsonValueKind.String)
        {
            _ = value.GetValue<string>();
        }
    }

    private static string ReadDefault()
    {
        using Stream stream = typeof(SynchronizationSchema).Assembly.GetManifestResourceStream("default-mapping.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
