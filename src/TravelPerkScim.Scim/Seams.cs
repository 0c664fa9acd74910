// Signatures the other rooms compile against; the Scim room replaces this file with one file a type.
using System.Net;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim;

/// <summary>A user resource. The JSON as received is kept whole; properties are views over it.</summary>
public sealed class ScimUser
{
    public ScimUser(JsonObject resource) => Resource = resource;
    public JsonObject Resource { get; }
    public string? Id => throw new NotImplementedException();
    public string? UserName => throw new NotImplementedException();
    public string? ExternalId => throw new NotImplementedException();
    public bool? Active => throw new NotImplementedException();
    /// <summary>Value at a path: null, string, bool, long, double, or a list of values (multi-valued: the <c>value</c> members). Reference attributes give the <c>value</c> string.</summary>
    public object? GetValue(AttributePath path) => throw new NotImplementedException();
}

/// <summary>Writes values at attribute paths into a resource body: makes containers, extension objects, multi-value elements and the <c>schemas</c> list as needed.</summary>
public sealed class ScimResourceBuilder
{
    public ScimResourceBuilder Set(AttributePath path, object? value, ScimSchemaAttribute? definition = null) => throw new NotImplementedException();
    public JsonObject Build() => throw new NotImplementedException();
}

/// <summary>One PATCH operation (RFC 7644 3.5.2). Value: null, string, bool, long, double, list of strings, or JsonNode.</summary>
public sealed record PatchOperation(PatchOperationKind Kind, AttributePath Path, object? Value, ScimSchemaAttribute? Definition = null);

public enum PatchOperationKind { Add, Replace, Remove }

public enum ScimAttributeType { String, Boolean, Decimal, Integer, DateTime, Binary, Reference, Complex }

/// <summary>One attribute of the target as the engine addresses it: a leaf path with its type and rules.</summary>
public sealed record ScimSchemaAttribute
{
    public required AttributePath Path { get; init; }
    public ScimAttributeType Type { get; init; } = ScimAttributeType.String;
    public bool MultiValued { get; init; }
    public bool Required { get; init; }
    public bool CaseExact { get; init; }
    public string Description { get; init; } = "";
    /// <summary>Checks one desired value against TravelPerk's rule for this attribute; null when it would be accepted, otherwise the rule in words.</summary>
    public Func<object, string?>? Rule { get; init; }
}

/// <summary>The attributes TravelPerk publishes (19), and more once discovered.</summary>
public static class TravelPerkSchema
{
    public const string CoreUser = "urn:ietf:params:scim:schemas:core:2.0:User";
    public const string EnterpriseUser = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    public const string TravelPerkUser = "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User";
    public static IReadOnlyList<ScimSchemaAttribute> UserAttributes => throw new NotImplementedException();
    public static ScimSchemaAttribute? Find(AttributePath path) => throw new NotImplementedException();
}

/// <summary>One page of a list as the server answered it (RFC 7644 3.4.2).</summary>
public sealed record ScimPage(int TotalResults, int StartIndex, int ItemsPerPage, IReadOnlyList<ScimUser> Users);

/// <summary>The credential put on each request; the secret is held as a SecureString and unwrapped per request.</summary>
public abstract class ScimCredential : IDisposable
{
    public static ScimCredential ApiKey(System.Security.SecureString key) => throw new NotImplementedException();
    public static ScimCredential Bearer(System.Security.SecureString token) => throw new NotImplementedException();
    public abstract void Dispose();
}

public sealed record ScimClientOptions
{
    public required Uri BaseUri { get; init; }
    /// <summary>Asked for with <c>count</c>; what the server returns decides. Default 100.</summary>
    public int PageSize { get; init; } = 100;
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(100);
    public long MaxResponseBytes { get; init; } = 16 * 1024 * 1024;
    public int MaxRetries { get; init; } = 5;
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
    /// <summary>Called after each request with method, path without query values, status, time and attempt: never headers or bodies.</summary>
    public Action<ScimRequestTrace>? Trace { get; init; }
    /// <summary>Replaces the network handler, for tests in virtual time.</summary>
    public HttpMessageHandler? Handler { get; init; }
}

public sealed record ScimRequestTrace(string Method, string Path, HttpStatusCode? Status, TimeSpan Elapsed, int Attempt, string? Failure);

/// <summary>Base of every failure the client reports. ErrorId is stable.</summary>
public class ScimException : Exception
{
    public ScimException(string errorId, string message, Exception? inner = null) : base(message, inner) => ErrorId = errorId;
    public string ErrorId { get; }
    public HttpStatusCode? StatusCode { get; init; }
    public string? ScimType { get; init; }
    public string? Detail { get; init; }
    public TimeSpan? RetryAfter { get; init; }
    /// <summary>True when the request may have been carried out although no answer was read.</summary>
    public bool OutcomeUnknown { get; init; }
}

/// <summary>The SCIM client. Thread-safe; one rate gate for all callers.</summary>
public sealed class ScimClient : IDisposable
{
    public ScimClient(ScimClientOptions options, ScimCredential credential) => throw new NotImplementedException();
    public Uri BaseUri => throw new NotImplementedException();
    /// <summary>Requests sent since creation, retries included.</summary>
    public long RequestCount => throw new NotImplementedException();
    public IAsyncEnumerable<ScimPage> ReadPagesAsync(ScimFilter? filter, CancellationToken cancellationToken) => throw new NotImplementedException();
    public IAsyncEnumerable<ScimUser> ListUsersAsync(ScimFilter? filter, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>Null when the server answers 404.</summary>
    public Task<ScimUser?> FindUserAsync(string id, CancellationToken cancellationToken) => throw new NotImplementedException();
    public Task<ScimUser> CreateUserAsync(JsonObject body, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>Null when the server answers 204.</summary>
    public Task<ScimUser?> PatchUserAsync(string id, IReadOnlyList<PatchOperation> operations, CancellationToken cancellationToken) => throw new NotImplementedException();
    public Task<ScimUser?> ReplaceUserAsync(string id, JsonObject body, CancellationToken cancellationToken) => throw new NotImplementedException();
    /// <summary>False when the user was already gone (404).</summary>
    public Task<bool> DeleteUserAsync(string id, CancellationToken cancellationToken) => throw new NotImplementedException();
    public Task<JsonObject> GetServiceProviderConfigAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
    public Task<IReadOnlyList<JsonObject>> GetResourceTypesAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
    public Task<IReadOnlyList<JsonObject>> GetSchemasAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
    public void Dispose() => throw new NotImplementedException();
}
