using System.Net;
using System.Net.Http.Headers;

namespace TravelPerkScim.Scim.Client;

/// <summary>Where the service is and how to talk to it.</summary>
public sealed record ScimClientOptions
{
    /// <summary>The SCIM root, such as <c>https://app.travelperk.com/api/v2/scim</c>; <c>http</c> only on the loopback.</summary>
    public required Uri BaseUri { get; init; }

    /// <summary>Resources that a page is asked to hold (<c>count</c>). The server may return fewer. Default 100.</summary>
    public int PageSize { get; init; } = 100;

    /// <summary>Time for one request with its answer, without the wait for a rate limit. Default 100 seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>The largest answer that is read, after decompression. Default 16 MiB.</summary>
    public long MaxResponseBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How often one request may be repeated. A 429 counts only while no request of this client gets through. Default
    /// 5.</summary>
    public int MaxRetries { get; init; } = 5;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

#pragma warning disable RS0030 // The source of randomness that a program injects.
    /// <summary>Spreads waits that the server did not prescribe. Default <see cref="System.Random.Shared"/>.</summary>
    public Random Random { get; init; } = Random.Shared;
#pragma warning restore RS0030

    /// <summary>Called after each request with method, path (a filter as its attribute names only), status, time and attempt: never headers
    /// or bodies.</summary>
    public Action<ScimRequestTrace>? Trace { get; init; }

    /// <summary>Called with the headers of each answer.</summary>
    public Action<HttpResponseHeaders>? Answered { get; init; }

    /// <summary>Replaces the network handler, for tests in virtual time. Not disposed by the client.</summary>
    public HttpMessageHandler? Handler { get; init; }
}

/// <summary>One request on the wire. <c>Failure</c> is an ErrorId, or <c>Cancelled</c>.</summary>
public sealed record ScimRequestTrace(string Method, string Path, HttpStatusCode? Status, TimeSpan Elapsed, int Attempt, string? Failure);
