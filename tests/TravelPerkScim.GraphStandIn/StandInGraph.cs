using System.Net;
using TravelPerkScim.GraphStandIn.Protocol;
using TravelPerkScim.Sandbox.Transport;

namespace TravelPerkScim.GraphStandIn;

/// <summary>A Microsoft Graph on 127.0.0.1: the part of it that reading a directory needs, over a real socket.</summary>
public sealed class StandInGraph : IAsyncDisposable
{
    private readonly LoopbackListener _listener = LoopbackListener.Open(port: null);
    private readonly GraphService _service;
    private readonly DeltaTokens _tokens = new();
    private readonly List<string> _requests = [];

    /// <param name="directory">The tenant it shows; a new one by default.</param>
    public StandInGraph(StandInDirectory? directory = null)
    {
        Directory = directory ?? new StandInDirectory();
        Endpoint = new Uri(_listener.Root, "v1.0");
        _service = new GraphService(Directory, Behavior, _tokens, Endpoint.AbsoluteUri);
        _listener.Serve(AnswerAsync);
    }

    /// <summary><c>http://127.0.0.1:port/v1.0</c>.</summary>
    public Uri Endpoint { get; }

    /// <summary>The tenant.</summary>
    public StandInDirectory Directory { get; }

    /// <summary>What it does beyond answering plainly.</summary>
    public GraphBehavior Behavior { get; } = new();

    /// <summary>HTTP requests so far: method and path without query; a batch is one.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    /// <summary>Graph's resource units of all requests so far.</summary>
    public long ResourceUnits
    {
        get
        {
            lock (Directory.Sync)
                return _service.ResourceUnits;
        }
    }

    /// <summary>The most resource units in any ten seconds of <see cref="GraphBehavior.Now"/>.</summary>
    public long MostUnits
    {
        get
        {
            lock (Directory.Sync)
                return _service.MostUnits;
        }
    }

    /// <summary>Called before each HTTP request is answered, with its number from 1 and its path; may edit the directory.</summary>
    public Action<int, string>? BeforeAnswer { get; set; }

    /// <summary>Until every request that came has been worked off, also one whose client went away.</summary>
    public Task WorkedOffAsync() => _listener.AnsweredAsync();

    public void ForgetRequests()
    {
        lock (_requests)
            _requests.Clear();
    }

    /// <summary>Every delta token given out so far is too old from now on.</summary>
    /// <param name="kind">users or groups.</param>
    public void ExpireTokens(string kind)
    {
        lock (Directory.Sync)
            _tokens.Expire(kind);
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task AnswerAsync(HttpListenerContext context, CancellationToken stopping)
    {
        try
        {
            string raw = context.Request.RawUrl!;
            bool beta = raw.StartsWith("/beta/", StringComparison.Ordinal),
                graph = beta || raw.StartsWith("/v1.0", StringComparison.Ordinal);
            string path = raw[
                (
                    beta ? "/beta".Length
                    : graph ? "/v1.0".Length
                    : 0
                )..
            ];
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body, stopping).ConfigureAwait(false);
            Dictionary<string, string> headers = context.Request.Headers.AllKeys.ToDictionary(
                name => name!,
                name => context.Request.Headers[name]!,
                StringComparer.OrdinalIgnoreCase
            );
            GraphRequest request = GraphRequest.Parse(context.Request.HttpMethod, path, headers, body.ToArray(), inBatch: false) with
            {
                IsBeta = beta,
            };
            int number;
            lock (_requests)
            {
                _requests.Add($"{request.Method} {(beta ? "beta/" : "")}{request.Path}");
                number = _requests.Count;
            }
            BeforeAnswer?.Invoke(number, request.Path);
            await WriteAsync(context.Response, graph ? _service.Answer(request) : _service.AnswerWithoutToken(request), stopping)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            // The client went away, or the stand-in stops.
        }
        catch (Exception e)
        {
            await WriteAsync(context.Response, GraphResponse.Error(418, "StandInFailed", e.ToString()), stopping).ConfigureAwait(false);
        }
    }

    private static async Task WriteAsync(HttpListenerResponse response, GraphResponse answer, CancellationToken stopping)
    {
        if (answer.Cut && answer.Body.IsEmpty)
        {
            response.Abort();
            return;
        }
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        foreach ((string name, string value) in answer.Headers)
            response.AddHeader(name, value);
        if (answer.Endless)
        {
            response.SendChunked = true;
            while (true)
                await response.OutputStream.WriteAsync(answer.Body, stopping).ConfigureAwait(false);
        }
        response.ContentLength64 = answer.Body.Length;
        if (answer.Cut)
        {
            await response.OutputStream.WriteAsync(answer.Body[..(answer.Body.Length / 2)], stopping).ConfigureAwait(false);
            response.Abort();
            return;
        }
        await response.OutputStream.WriteAsync(answer.Body, stopping).ConfigureAwait(false);
        response.Close();
    }
}
