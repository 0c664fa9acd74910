using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>The network, with ears and hands on it: what is sent is kept, and an answer can be changed or a request fail.</summary>
internal sealed class Wire() : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
{
    public Func<string, string> Answer { get; init; } = text => text;

    /// <summary>An answer in the place of the server's; null: the request is sent.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Instead { get; init; } = _ => null;

    /// <summary>The body that leaves, for a method and the body that was to leave.</summary>
    public Func<string, string, string> Changed { get; init; } = (_, body) => body;

    public Func<string, bool> Fails { get; set; } = _ => false;

    /// <summary>Requests that write and were answered well, in order: method, path below the SCIM root, body.</summary>
    public ConcurrentQueue<(string Method, string Path, string Body)> Written { get; } = new();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        if (Fails(body))
            throw new InvalidOperationException("broken inside");
        if (request.Content is { } content && Changed(request.Method.Method, body) is var changed && changed != body)
            request.Content = new StringContent(changed, Encoding.UTF8, content.Headers.ContentType!.MediaType!);
        HttpResponseMessage response = Instead(request) ?? await base.SendAsync(request, cancellationToken);
        if (request.Method != HttpMethod.Get && response.IsSuccessStatusCode)
        {
            Written.Enqueue(
                (request.Method.Method, request.RequestUri!.AbsolutePath.Replace("/api/v2/scim/", "", StringComparison.Ordinal), body)
            );
        }
        if (response.StatusCode != HttpStatusCode.NoContent)
        {
            response.Content = new StringContent(
                Answer(await response.Content.ReadAsStringAsync(cancellationToken)),
                Encoding.UTF8,
                "application/scim+json"
            );
        }
        return response;
    }
}
