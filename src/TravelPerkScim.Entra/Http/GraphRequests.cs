using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Graph;
using Microsoft.Graph.Models.ODataErrors;
using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Serialization;

namespace TravelPerkScim.Entra.Http;

/// <summary>Sends requests through the Graph client, and reads the answers as JSON: its typed models hold every property of a user, of which a mapping needs a dozen.</summary>
internal sealed class GraphRequests(EntraDirectory directory)
{
    /// <summary>The largest page Graph gives of directory objects.</summary>
    public const int PageSize = 999;

    private static readonly Dictionary<string, ParsableFactory<IParsable>> s_errors = new() { ["XXX"] = ODataError.CreateFromDiscriminatorValue };

    public GraphServiceClient Client => directory.Client;

    public ThrottleGate Gate => directory.Gate;

    /// <exception cref="Provisioning.Read.SourceException">The answer is an error, or none came.</exception>
    /// <exception cref="DeltaExpiredException">The request is a delta link that is too old.</exception>
    public async Task<JsonDocument> SendAsync(RequestInformation request, GraphNeed need, CancellationToken cancellationToken)
    {
        try
        {
            Stream? body = await Client.RequestAdapter.SendPrimitiveAsync<Stream>(request, s_errors, cancellationToken).ConfigureAwait(false)
                ?? throw GraphFailure.Invalid("is empty");
            await using (body.ConfigureAwait(false))
                return await JsonDocument.ParseAsync(body, default, cancellationToken).ConfigureAwait(false);
        }
        catch (ODataError e) when (GraphError.Of(e).IsExpiredToken)
        {
            throw new DeltaExpiredException();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && GraphFailure.Of(e, need) is not null)
        {
            throw GraphFailure.Of(e, need)!;
        }
    }

    /// <summary>A request for a link that Graph gave.</summary>
    /// <exception cref="Provisioning.Read.SourceException"><c>EntraLinkForeign</c>.</exception>
    public RequestInformation ToLink(string link)
    {
        Uri endpoint = directory.Options.GraphEndpoint;
        if (!Uri.TryCreate(link, UriKind.Absolute, out Uri? uri) || uri.Scheme != endpoint.Scheme || uri.IdnHost != endpoint.IdnHost || uri.Port != endpoint.Port || uri.UserInfo.Length > 0)
            throw GraphFailure.ForeignLink();
        var request = new RequestInformation { HttpMethod = Method.GET, URI = uri };
        request.Headers.Add("Accept", "application/json");
        return AskForLargePages(request);
    }

    /// <summary>What the SDK's request builders do not offer for delta; Graph may ignore a preference.</summary>
    public static RequestInformation AskForLargePages(RequestInformation request)
    {
        request.Headers.Add("Prefer", $"odata.maxpagesize={PageSize}");
        return request;
    }

    /// <summary>The items of a list, page by page. An item is valid until the next one is asked for.</summary>
    public async IAsyncEnumerable<JsonElement> ListAsync(RequestInformation first, GraphNeed need, DeltaLink? end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (RequestInformation? request = first; request is not null;)
        {
            using JsonDocument page = await SendAsync(request, need, cancellationToken).ConfigureAwait(false);
            foreach (JsonElement item in ItemsOf(page.RootElement))
                yield return item;
            request = Link(page.RootElement, "@odata.nextLink") is { } next ? ToLink(next) : null;
            if (request is null && end is not null)
                end.Value = Link(page.RootElement, "@odata.deltaLink") ?? throw GraphFailure.Invalid("ends without a delta link");
        }
    }

    /// <summary>The items of the page, then those of the pages after it.</summary>
    public async IAsyncEnumerable<JsonElement> ContinueAsync(JsonElement page, GraphNeed need, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (JsonElement item in ItemsOf(page))
            yield return item;
        if (Link(page, "@odata.nextLink") is not { } next)
            yield break;
        await foreach (JsonElement item in ListAsync(ToLink(next), need, null, cancellationToken).ConfigureAwait(false))
            yield return item;
    }

    private static JsonElement.ArrayEnumerator ItemsOf(JsonElement page) =>
        page.ValueKind == JsonValueKind.Object && page.TryGetProperty("value", out JsonElement items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray()
            : throw GraphFailure.Invalid("is no list");

    private static string? Link(JsonElement page, string name) =>
        page.TryGetProperty(name, out JsonElement link) && link.ValueKind == JsonValueKind.String ? link.GetString() : null;
}

/// <summary>Where the next delta round begins; known when this one is over.</summary>
internal sealed class DeltaLink
{
    public string? Value { get; set; }
}
