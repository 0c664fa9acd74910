using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>Turns the attributes that a client writes into the resource that the server answers with, and back.</summary>
internal sealed class UserDocument(Uri baseUri, UserSchemas schemas)
{
    private readonly string _usersUri = new Uri(baseUri, "Users/").AbsoluteUri;

    public string Location(long id) => _usersUri + id.ToString(CultureInfo.InvariantCulture);

    /// <summary>The writable attributes of a stored user, as <see cref="ResourceReader"/> would have read them.</summary>
    public JsonObject ReadContent(StoredUser user)
    {
        JsonObject content = ResourceReader.ReadUser(ScimJson.ParseStored(user.Json), schemas);
        ManagerReference.KeepIdOnly(content, before: null);
        return content;
    }

    public StoredUser Write(long id, JsonObject content, StoredUser? manager, DateTimeOffset created, DateTimeOffset modified)
    {
        JsonNode? name = content["name"];
        return new StoredUser(
            id,
            content["userName"]!.GetValue<string>(),
            ScimJson.Text(content["externalId"]),
            manager?.Id,
            $"{ScimJson.Text(name?["givenName"])} {ScimJson.Text(name?["familyName"])}",
            content["active"]?.GetValue<bool>() ?? true,
            created,
            ScimJson.ToBytes((writer, _) => WriteResource(writer, id, content, manager, created, modified))
        );
    }

    private void WriteResource(
        Utf8JsonWriter writer,
        long id,
        JsonObject content,
        StoredUser? manager,
        DateTimeOffset created,
        DateTimeOffset modified
    )
    {
        writer.WriteStartObject();
        writer.WriteStartArray("schemas");
        foreach (SchemaDefinition schema in schemas.All)
        {
            if (schema == schemas.User || Shown(content, schema) is not null)
                writer.WriteStringValue(schema.Urn);
        }
        writer.WriteEndArray();
        writer.WriteString("id", id.ToString(CultureInfo.InvariantCulture));
        foreach (AttributeDefinition attribute in schemas.User.Attributes)
            WriteMember(writer, attribute, attribute.Name == "groups" ? new JsonArray() : content[attribute.Name]);
        foreach (SchemaDefinition extension in schemas.Extensions)
        {
            if (Shown(content, extension) is { } members)
                WriteExtension(writer, extension, members, manager);
        }
        WriteMeta(writer, id, created, modified);
        writer.WriteEndObject();
    }

    /// <summary>An extension's values; null where no answer has any.</summary>
    private static JsonObject? Shown(JsonObject content, SchemaDefinition extension) =>
        content[extension.Urn] is JsonObject members
        && extension.Attributes.Any(attribute => !attribute.Hidden && members[attribute.Name] is not null)
            ? members
            : null;

    private void WriteExtension(Utf8JsonWriter writer, SchemaDefinition extension, JsonObject members, StoredUser? manager)
    {
        writer.WriteStartObject(extension.Urn);
        foreach (AttributeDefinition attribute in extension.Attributes)
        {
            bool isManager = extension.Is(SchemaDefinition.Enterprise.Urn) && attribute.Name == "manager";
            if (!isManager)
                WriteMember(writer, attribute, members[attribute.Name]);
            else if (manager is not null)
                WriteManager(writer, manager);
        }
        writer.WriteEndObject();
    }

    private void WriteManager(Utf8JsonWriter writer, StoredUser manager)
    {
        writer.WriteStartObject("manager");
        writer.WriteString("value", manager.Id.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("$ref", Location(manager.Id));
        writer.WriteString("displayName", manager.DisplayName);
        writer.WriteEndObject();
    }

    private void WriteMeta(Utf8JsonWriter writer, long id, DateTimeOffset created, DateTimeOffset modified)
    {
        writer.WriteStartObject("meta");
        writer.WriteString("resourceType", "User");
        writer.WriteString("created", Instant(created));
        writer.WriteString("lastModified", Instant(modified));
        writer.WriteString("location", Location(id));
        writer.WriteEndObject();
    }

    /// <summary>An attribute that no answer may have is accepted and not kept: a password that is not stored cannot get out.</summary>
    private static void WriteMember(Utf8JsonWriter writer, AttributeDefinition attribute, JsonNode? value)
    {
        if (value is null || attribute.Hidden)
            return;
        writer.WritePropertyName(attribute.Name);
        WithoutHidden(value, attribute.SubAttributes).WriteTo(writer);
    }

    private static JsonNode WithoutHidden(JsonNode value, IReadOnlyList<AttributeDefinition> parts)
    {
        AttributeDefinition[] hidden = [.. parts.Where(part => part.Hidden)];
        if (hidden.Length == 0)
            return value;
        JsonNode shown = value.DeepClone();
        foreach (JsonObject members in shown is JsonArray elements ? elements.OfType<JsonObject>() : [shown.AsObject()])
        {
            foreach (AttributeDefinition part in hidden)
                _ = members.Remove(part.Name);
        }
        return shown;
    }

    private static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
