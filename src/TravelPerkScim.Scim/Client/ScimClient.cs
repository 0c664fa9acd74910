using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Client.Rate;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Client;

/// <summary>The SCIM client. Thread-safe; one rate for all callers. Every failure is a <see cref="ScimException"/>; the caller's
/// cancellation is an <see cref="OperationCanceledException"/>.</summary>
public sealed class ScimClient : IDisposable
{
    private static readonly RangeKey<ScimUser>[] s_ranges =
    [
        new(UserPaths.Id, user => user.Id),
        new(UserPaths.UserName, user => user.UserName),
    ];

    private readonly ScimTransport _transport;
    private readonly ListPager<ScimUser> _pager;
    private readonly DialectSender _sender;
    private readonly int _pageSize;
    private readonly bool _borrows;

    /// <param name="options">Where the service is, and how to talk to it.</param>
    /// <param name="credential">Stays the caller's to dispose.</param>
    /// <exception cref="ScimException"><c>InsecureUri</c> or <c>InvalidUri</c>.</exception>
    public ScimClient(ScimClientOptions options, ScimCredential credential)
        : this(Connect(options, credential), options.PageSize, null) { }

    private ScimClient(ScimTransport transport, int pageSize, DialectSender? sender)
    {
        _transport = transport;
        _pageSize = pageSize;
        _borrows = sender is not null;
        _sender = sender ?? new DialectSender(transport.Dialect);
        _pager = new ListPager<ScimUser>(
            transport,
            pageSize,
            "Users",
            (response, resource) => response.User(resource),
            user => user.Id!,
            s_ranges
        );
        Groups = new ScimGroups(transport, _sender, pageSize);
    }

    /// <summary>Checks that a credential may travel to the address.</summary>
    /// <exception cref="ScimException"><c>InsecureUri</c> or <c>InvalidUri</c>.</exception>
    public static void CheckBaseUri(Uri uri) => Client.BaseUri.Check(uri);

    /// <summary>The SCIM root, with a slash at its end.</summary>
    public Uri BaseUri => _transport.BaseUri;

    /// <summary>The groups. <see cref="GetResourceTypesAsync"/> says whether the service has them.</summary>
    public ScimGroups Groups { get; }

    /// <summary>Requests sent since creation, retries included.</summary>
    public long RequestCount => _transport.RequestCount;

    /// <summary>How fast requests go, and whether the server holds them back.</summary>
    public ScimRate Rate => _transport.Rate;

    /// <summary>The number of requests that are worth sending at once: 8 at first, and up to 64 while the server answers as fast.</summary>
    public int Concurrency => _transport.Concurrency;

    /// <summary>The forms that the server accepts, as far as they were learned.</summary>
    public ScimDialect Dialect => _transport.Dialect.Current;

    /// <summary>
    /// This client for a caller whose right to write may end while a request waits its turn: same connection, rate and dialect. Usable as
    /// long as this one is; disposing of it ends nothing.
    /// </summary>
    /// <param name="beforeWrite"> Called each time a request that writes is about to be handed to the network: after its wait for rate and
    /// concurrency, and again for every repeat. When it throws, the request is not sent, and the caller gets the exception. A request that
    /// was handed over before cannot be recalled. </param>
    public ScimClient Guarded(Func<CancellationToken, ValueTask> beforeWrite)
    {
        ArgumentNullException.ThrowIfNull(beforeWrite);
        return new ScimClient(_transport.Guarded(beforeWrite), _pageSize, _sender);
    }

    /// <summary>Takes over what another client learned of this server. What this client has learned itself stays.</summary>
    public void Recall(ScimDialect dialect) => _transport.Recall(dialect);

    /// <summary>Notes what a caller concluded from several answers.</summary>
    public void Learn(Func<ScimDialect, ScimDialect> lesson) => _transport.Dialect.Learn(lesson);

    /// <summary>Notes what a caller concluded. The properties that the lesson does not have stay.</summary>
    public void Learn(ScimDialect lesson) => _transport.Dialect.Learn(lesson);

    /// <summary>
    /// Pages of users. The next page is asked for when the caller has consumed the one before. The first page comes even when it is empty.
    /// A walk that ends has given every user once; a walk that may have missed users throws. Where startIndex is ignored, or the list ends
    /// early, a list without filter is read by ranges of id or userName instead.
    /// </summary>
    /// <exception cref="ScimException"><c>PagingNotSupported</c>: startIndex is ignored, and ranges do not work either.
    /// <c>PagingIncomplete</c>: fewer users came than the service counts.</exception>
    public async IAsyncEnumerable<ScimPage> ReadPagesAsync(ScimFilter? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ListPage<ScimUser> page in _pager.ReadAsync(filter, null, cancellationToken).ConfigureAwait(false))
            yield return new ScimPage(page.TotalResults, page.StartIndex, page.ItemsPerPage, page.Resources);
    }

    /// <summary>The users of <see cref="ReadPagesAsync"/>, one by one.</summary>
    public async IAsyncEnumerable<ScimUser> ListUsersAsync(ScimFilter? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ScimPage page in ReadPagesAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            foreach (ScimUser user in page.Users)
                yield return user;
        }
    }

    /// <summary>Null when the server answers 404.</summary>
    /// <exception cref="ScimException"><c>InvalidResponse</c>: the answer is another user than the one asked for.</exception>
    public async Task<ScimUser?> FindUserAsync(string id, CancellationToken cancellationToken)
    {
        ScimResponse? response = await _transport
            .TrySendAsync(new ScimRequest(HttpMethod.Get, UserPath(id)), cancellationToken)
            .ConfigureAwait(false);
        return response?.User(id);
    }

    /// <summary>Never repeated once it may have reached the server: then <see cref="ScimException.OutcomeUnknown"/> is set and the user
    /// must be looked up.</summary>
    public async Task<ScimUser> CreateUserAsync(JsonObject body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        DialectTraits traits = PatchMessage.HasBoolean(body) ? DialectTraits.Boolean : DialectTraits.None;
        ScimResponse response = await _sender.SendAsync(traits, Send, cancellationToken).ConfigureAwait(false);
        return response.User();

        Task<ScimResponse> Send(ScimDialect dialect) =>
            _transport.SendAsync(new ScimRequest(HttpMethod.Post, "Users", dialect.Write(body), Idempotent: false), cancellationToken);
    }

    /// <summary>Sends the operations in the form that the server's dialect wants. Null when the server answers 204, or without a
    /// user.</summary>
    public async Task<ScimUser?> PatchUserAsync(string id, IReadOnlyList<PatchOperation> operations, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operations);
        try
        {
            return await NegotiatePatchAsync(id, operations, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.ScimType == "noTarget" && operations.Any(ReplacesInElement))
        {
            // RFC 7644 3.5.2.3: there was no such element to replace, so the element is added.
            return await NegotiatePatchAsync(id, [.. operations.Select(AddedElement)], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a PATCH body as it is. Null when the server answers 204.</summary>
    public Task<ScimUser?> PatchUserAsync(string id, JsonObject message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return WriteAsync(
            id,
            new ScimRequest(HttpMethod.Patch, UserPath(id), message, PatchMessage.IsIdempotent(message)),
            cancellationToken
        );
    }

    /// <summary>PUT: attributes not in <paramref name="body"/> are cleared. Null when the server answers 204.</summary>
    public Task<ScimUser?> ReplaceUserAsync(string id, JsonObject body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        return WriteAsync(id, new ScimRequest(HttpMethod.Put, UserPath(id), body), cancellationToken);
    }

    /// <summary>False when the user was already gone (404).</summary>
    public async Task<bool> DeleteUserAsync(string id, CancellationToken cancellationToken) =>
        await _transport.TrySendAsync(new ScimRequest(HttpMethod.Delete, UserPath(id)), cancellationToken).ConfigureAwait(false)
            is not null;

    /// <summary>The service's capabilities (RFC 7643 5).</summary>
    public async Task<JsonObject> GetServiceProviderConfigAsync(CancellationToken cancellationToken)
    {
        ScimResponse response = await _transport
            .SendAsync(new ScimRequest(HttpMethod.Get, "ServiceProviderConfig"), cancellationToken)
            .ConfigureAwait(false);
        return response.Object();
    }

    /// <summary>The resource types (RFC 7643 6).</summary>
    public Task<IReadOnlyList<JsonObject>> GetResourceTypesAsync(CancellationToken cancellationToken) =>
        DiscoverAsync("ResourceTypes", cancellationToken);

    /// <summary>The schema documents (RFC 7643 7); <see cref="TravelPerkSchema.WithDiscovered"/> makes attributes of them.</summary>
    public Task<IReadOnlyList<JsonObject>> GetSchemasAsync(CancellationToken cancellationToken) =>
        DiscoverAsync("Schemas", cancellationToken);

    public void Dispose()
    {
        if (_borrows)
            return;
        _sender.Dispose();
        _transport.Dispose();
    }

    private static ScimTransport Connect(ScimClientOptions options, ScimCredential credential)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(credential);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PageSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxRetries);
        return new ScimTransport(options, credential);
    }

    private static string UserPath(string id) =>
        ScimRequest.PathTo("Users", id, "InvalidUserId", "A user id must not be empty, '.' or '..'; give the id that TravelPerk returned.");

    private static bool ReplacesInElement(PatchOperation operation) =>
        operation is { Kind: PatchOperationKind.Replace, Path: { ValueFilter: not null, SubAttribute: not null } };

    private static PatchOperation AddedElement(PatchOperation operation)
    {
        bool replacesElement = operation is { Kind: PatchOperationKind.Replace, Path.ValueFilter: not null };
        return replacesElement ? operation with { Kind = PatchOperationKind.Add } : operation;
    }

    private async Task<ScimUser?> NegotiatePatchAsync(
        string id,
        IReadOnlyList<PatchOperation> operations,
        CancellationToken cancellationToken
    ) =>
        Written(
            id,
            await _sender
                .PatchAsync(_transport, UserPath(id), operations, DialectTraits.UserAnswer, cancellationToken)
                .ConfigureAwait(false)
        );

    private async Task<ScimUser?> WriteAsync(string id, ScimRequest request, CancellationToken cancellationToken) =>
        Written(id, await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false));

    private static ScimUser? Written(string id, ScimResponse response)
    {
        // The status says that the change was made, even if the body is no user. The body of another user is a failure: which user was
        // written is not known.
        return response.Body is JsonObject body && new ScimUser(body) is { Id.Length: > 0 } ? response.User(id) : null;
    }

    private async Task<IReadOnlyList<JsonObject>> DiscoverAsync(string path, CancellationToken cancellationToken)
    {
        ScimResponse response = await _transport.SendAsync(new ScimRequest(HttpMethod.Get, path), cancellationToken).ConfigureAwait(false);
        // Some services answer with the bare array instead of a ListResponse.
        JsonArray list =
            response.Body as JsonArray
            ?? JsonLookup.Find(response.Object(), "Resources") as JsonArray
            ?? throw response.Invalid("no list of Resources");
        return [.. list.OfType<JsonObject>()];
    }
}
