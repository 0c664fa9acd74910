using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Graph;
using Microsoft.Graph.Models.ODataErrors;
using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Serialization;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Http;

/// <summary>Sends requests through the Graph client and reads the answers as JSON. The client's typed models hold every property of a user,
/// and a mapping needs a dozen of them.</summary>
internal sealed class GraphRequests(EntraDirectory directory)
{
    /// <summary>The largest page of directory objects that Graph gives.</summary>
    public const int PageSize = 999;

    /// <summary>Asks for the largest pages, as the value of the header Prefer.</summary>
    public const string LargePages = "odata.maxpagesize=999";

    private static readonly Dictionary<string, ParsableFactory<IParsable>> s_errors = new()
    {
        ["XXX"] = ODataError.CreateFromDiscriminatorValue,
    };

    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 512 };

    public GraphServiceClient Client => directory.Client;

    public ThrottleGate Gate => directory.Gate;

    /// <exception cref="SourceException">The answer is an error, or none came.</exception>
    /// <exception cref="DeltaExpiredException">The request is a delta link that is too old.</exception>
    public async Task<JsonDocument> SendAsync(RequestInformation request, GraphNeed need, CancellationToken cancellationToken) =>
        await SendAnyAsync(request, need, cancellationToken).ConfigureAwait(false) ?? throw GraphFailure.Invalid("is empty");

    /// <summary>The object at a path. The path is that of
    /// <see cref="SendAsync(Method, string, JsonNode?, GraphNeed, CancellationToken)"/>.</summary>
    /// <exception cref="SourceException">The answer is an error, or empty, or none came.</exception>
    public Task<JsonDocument> GetAsync(string path, GraphNeed need, CancellationToken cancellationToken) =>
        SendAsync(Request(Method.GET, path, null), need, cancellationToken);

    /// <summary>Sends a request for which the typed client has no builder, or a wrong one.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">The path relative to the version, without a slash before it, escaped, with its query. <see cref="Beta"/> makes a
    /// path of the beta version.</param>
    /// <param name="body">The JSON to send; null sends none.</param>
    /// <param name="need">What the request is for.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>The answer; null when it has no body (204).</returns>
    /// <exception cref="SourceException">The answer is an error, or none came.</exception>
    public Task<JsonDocument?> SendAsync(Method method, string path, JsonNode? body, GraphNeed need, CancellationToken cancellationToken) =>
        SendAnyAsync(Request(method, path, body), need, cancellationToken);

    /// <summary>Sends a change whose answer is of no use.</summary>
    /// <inheritdoc cref="SendAsync(Method, string, JsonNode?, GraphNeed, CancellationToken)"/>
    public async Task ChangeAsync(Method method, string path, JsonNode? body, GraphNeed need, CancellationToken cancellationToken) =>
        (await SendAsync(method, path, body, need, cancellationToken).ConfigureAwait(false))?.Dispose();

    /// <summary>The object at a path; null when Graph answers 404.</summary>
    /// <exception cref="SourceException">The answer is another error, or none came.</exception>
    public async Task<JsonDocument?> FindAsync(string path, GraphNeed need, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(Method.GET, path, null, need, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceException e) when (e.Failure == SourceFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>
    /// Sends a request that makes a new object each time it arrives. The request is not repeated when its answer is lost
    /// (<see cref="SourceFailure.NoAnswer"/>). Then the caller looks whether the object is there.
    /// </summary>
    /// <exception cref="SourceException">The answer is an error, or none came.</exception>
    public Task<JsonDocument?> SendOnceAsync(
        Method method,
        string path,
        JsonNode? body,
        GraphNeed need,
        CancellationToken cancellationToken
    )
    {
        RequestInformation request = Request(method, path, body);
        request.AddRequestOptions([new SentOnce()]);
        return SendAnyAsync(request, need, cancellationToken);
    }

    /// <summary>The items of a list at a path, page by page.</summary>
    public IAsyncEnumerable<JsonElement> ListAsync(string path, GraphNeed need, CancellationToken cancellationToken) =>
        ListAsync(Request(Method.GET, path, null), need, null, cancellationToken);

    /// <summary>The path in Graph's beta version, where an endpoint exists only there.</summary>
    public static string Beta(string path) => "../beta/" + path;

    /// <summary>A text within a filter's quotes.</summary>
    public static string Quoted(string text) => text.Replace("'", "''", StringComparison.Ordinal);

    /// <summary>The path of a user, by object id or userPrincipalName. A name that begins with $ would be read as an operation, and needs
    /// the form with quotes ("Get a user").</summary>
    public static string UserPath(string identity) =>
        identity.StartsWith('$') ? $"/users('{Uri.EscapeDataString(Quoted(identity))}')" : $"/users/{Uri.EscapeDataString(identity)}";

    private RequestInformation Request(Method method, string path, JsonNode? body)
    {
        var root = new Uri(directory.Options.GraphEndpoint.AbsoluteUri.TrimEnd('/') + "/");
        var request = new RequestInformation { HttpMethod = method, URI = new Uri(root, path) };
        request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            // The serializer takes 64 levels only, and an expression of a mapping can have more.
            var content = new MemoryStream();
            using (var json = new Utf8JsonWriter(content))
                body.WriteTo(json);
            content.Position = 0;
            request.SetStreamContent(content, "application/json");
        }
        return request;
    }

    private async Task<JsonDocument?> SendAnyAsync(RequestInformation request, GraphNeed need, CancellationToken cancellationToken)
    {
        try
        {
            Stream? body = await Client
                .RequestAdapter.SendPrimitiveAsync<Stream>(request, s_errors, cancellationToken)
                .ConfigureAwait(false);
            if (body is null)
                return null;
            await using (body.ConfigureAwait(false))
                return await JsonDocument.ParseAsync(body, s_deep, cancellationToken).ConfigureAwait(false);
        }
        catch (ODataError e) when (GraphError.Of(e).IsExpiredToken)
        {
            throw new DeltaExpiredException();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && GraphFailure.Of(e, need) is not null)
        {
            throw GraphFailure.Of(e, need)!;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            // The SDK throws these for an error body whose types are not Graph's.
            throw GraphFailure.Invalid("is no error that can be read", e);
        }
    }

    /// <summary>A request for a link that Graph gave.</summary>
    /// <exception cref="SourceException"><c>EntraLinkForeign</c>.</exception>
    public RequestInformation ToLink(string link)
    {
        var request = new RequestInformation { HttpMethod = Method.GET, URI = Own(link) };
        request.Headers.Add("Accept", "application/json");
        return AskForLargePages(request);
    }

    /// <summary>A request for a path relative to the version, without a slash before it, escaped, with its query.</summary>
    public RequestInformation ToPath(string path) => Request(Method.GET, path, null);

    /// <summary>A link that Graph gave, as the path that a batch takes; null when the link leads to another version.</summary>
    /// <exception cref="SourceException"><c>EntraLinkForeign</c>.</exception>
    public string? PathOf(string link)
    {
        string root = directory.Options.GraphEndpoint.AbsolutePath.TrimEnd('/');
        string path = Own(link).PathAndQuery;
        return path.StartsWith(root + "/", StringComparison.Ordinal) ? path[root.Length..] : null;
    }

    /// <summary>Asks for the largest pages, which the SDK's request builders do not offer for delta. Graph may ignore it.</summary>
    public static RequestInformation AskForLargePages(RequestInformation request)
    {
        request.Headers.Add("Prefer", LargePages);
        return request;
    }

    /// <summary>The items of a list, page by page. An item is valid until the next one is asked for.</summary>
    public async IAsyncEnumerable<JsonElement> ListAsync(
        RequestInformation first,
        GraphNeed need,
        DeltaLink? end,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pages = new PageCount(directory.Options.Bounds);
        for (RequestInformation? request = first; request is not null; )
        {
            using JsonDocument page = await SendAsync(request, need, cancellationToken).ConfigureAwait(false);
            JsonElement.ArrayEnumerator items = ItemsOf(page.RootElement);
            pages.Count(request.URI, isEmpty: !items.Any());
            foreach (JsonElement item in items)
                yield return item;
            request = NextPage(page.RootElement);
            if (request is null && end is not null)
                end.Value = EndOf(page.RootElement);
        }
    }

    /// <summary>The items of the page, then those of the pages after it.</summary>
    public IAsyncEnumerable<JsonElement> ContinueAsync(JsonElement page, GraphNeed need, CancellationToken cancellationToken) =>
        ContinueAsync(page, need, null, cancellationToken);

    /// <inheritdoc cref="ContinueAsync(JsonElement, GraphNeed, CancellationToken)"/>
    public async IAsyncEnumerable<JsonElement> ContinueAsync(
        JsonElement page,
        GraphNeed need,
        DeltaLink? end,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (JsonElement item in ItemsOf(page))
            yield return item;
        if (NextPage(page) is not { } next)
        {
            if (end is not null)
                end.Value = EndOf(page);
            yield break;
        }
        await foreach (JsonElement item in ListAsync(next, need, end, cancellationToken).ConfigureAwait(false))
            yield return item;
    }

    private string EndOf(JsonElement page) => Own(JsonText.Required(page, "@odata.deltaLink", "ends without a delta link")).OriginalString;

    private static JsonElement.ArrayEnumerator ItemsOf(JsonElement page) =>
        JsonText.RequiredList(page, "value", "is no list").EnumerateArray();

    private RequestInformation? NextPage(JsonElement page) => JsonText.Of(page, "@odata.nextLink") is { } next ? ToLink(next) : null;

    /// <summary>
    /// The link, when it leads to the endpoint's host. A link is checked when it arrives, because a foreign link that was stored would
    /// spoil every later read.
    /// </summary>
    private Uri Own(string link)
    {
        Uri endpoint = directory.Options.GraphEndpoint;
        bool own =
            Uri.TryCreate(link, UriKind.Absolute, out Uri? uri)
            && uri.Scheme == endpoint.Scheme
            && uri.IdnHost == endpoint.IdnHost
            && uri.Port == endpoint.Port
            && uri.UserInfo.Length == 0;
        return own ? uri! : throw GraphFailure.ForeignLink();
    }
}

/// <summary>Where the next delta round begins. The link is known when this round is over.</summary>
internal sealed class DeltaLink
{
    public string? Value { get; set; }
}
