using System.Net;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>The way to a service whose filters know no lt and no gt, as TravelPerk documents them.</summary>
internal sealed class NoRangeFilters() : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
{
    public static bool Refuses(HttpRequestMessage request) =>
        Uri.UnescapeDataString(request.RequestUri!.Query) is var query
        && (query.Contains(" lt ", StringComparison.Ordinal) || query.Contains(" gt ", StringComparison.Ordinal));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Refuses(request)
            ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotImplemented))
            : base.SendAsync(request, cancellationToken);
}
