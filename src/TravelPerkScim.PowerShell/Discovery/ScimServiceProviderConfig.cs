using System.Globalization;
using System.Text.Json.Nodes;

namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>The abilities that the service declares (RFC 7643 section 5). An ability that it does not mention is off.</summary>
public sealed class ScimServiceProviderConfig
{
    private readonly JsonObject _resource;

    internal ScimServiceProviderConfig(JsonObject resource) => _resource = resource;

    /// <summary>PATCH is supported.</summary>
    public bool Patch => Supported("patch");

    /// <summary>Filters are supported.</summary>
    public bool Filter => Supported("filter");

    /// <summary>The most resources one answer holds; null when the service names none.</summary>
    public long? FilterMaxResults => Number("filter", "maxResults");

    /// <summary>Bulk operations are supported.</summary>
    public bool Bulk => Supported("bulk");

    /// <summary>The most operations in one bulk request; null when the service names none.</summary>
    public long? BulkMaxOperations => Number("bulk", "maxOperations");

    /// <summary>The most bytes in one bulk request; null when the service names none.</summary>
    public long? BulkMaxPayloadSize => Number("bulk", "maxPayloadSize");

    /// <summary>Passwords can be changed.</summary>
    public bool ChangePassword => Supported("changePassword");

    /// <summary>Lists can be sorted.</summary>
    public bool Sort => Supported("sort");

    /// <summary>Resources have versions (ETags).</summary>
    public bool ETag => Supported("etag");

    /// <summary>The types of sign-in, such as <c>oauthbearertoken</c>.</summary>
    public IReadOnlyList<string> AuthenticationScheme =>
        [
            .. (_resource["authenticationSchemes"] as JsonArray ?? [])
                .OfType<JsonObject>()
                .Select(scheme => Json.Text(scheme, "type"))
                .OfType<string>(),
        ];

    /// <summary>The address of the service's documentation.</summary>
    public string? DocumentationUri => Json.Text(_resource, "documentationUri");

    /// <summary>The resource as the service sent it.</summary>
    public string ToJson() => Json.Indented(_resource);

    private bool Supported(string feature) => _resource[feature] is JsonObject found && Json.Flag(found, "supported");

    private long? Number(string feature, string name) =>
        _resource[feature] is JsonObject found
        && long.TryParse(found[name]?.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out long number)
            ? number
            : null;
}
