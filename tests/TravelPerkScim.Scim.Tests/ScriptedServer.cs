using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security;
using System.Text;

namespace TravelPerkScim.Scim.Tests;

/// <summary>A loopback HTTP server that answers as a test says.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Func<Received, Reply> _script;
    private readonly ConcurrentQueue<Received> _requests = new();
    private readonly TaskCompletionSource _stopped = new();
    private int _count;

    /// <param name="script">Called for each request; its Number counts from 1.</param>
    public ScriptedServer(Func<Received, Reply> script)
    {
        _script = script;
        (_listener, BaseUri) = Listen();
        _ = ServeAsync();
    }

    public ScriptedServer(params Reply[] replies)
        : this(request => replies[Math.Min(request.Number, replies.Length) - 1])
    {
    }

    public Uri BaseUri { get; }

    public IReadOnlyList<Received> Requests => [.. _requests];

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public static SecureString Secret(string text)
    {
        var secret = new SecureString();
        foreach (var c in text)
            secret.AppendChar(c);
        return secret;
    }

    public ScimClient Client(Func<ScimClientOptions, ScimClientOptions>? change = null, ScimCredential? credential = null)
    {
        var options = new ScimClientOptions { BaseUri = BaseUri, MaxRetries = 0, RequestTimeout = TimeSpan.FromSeconds(30) };
        return new ScimClient(change?.Invoke(options) ?? options, credential ?? ScimCredential.ApiKey(Secret("s3cret-key")));
    }

    public void Dispose()
    {
        _stopped.TrySetResult();
        _listener.Close();
    }

    private static (HttpListener Listener, Uri BaseUri) Listen()
    {
        for (var attempt = 0; ; attempt++)
        {
            var listener = new HttpListener();
            var root = $"http://127.0.0.1:{FreePort()}/";
            listener.Prefixes.Add(root);
            try
            {
                listener.Start();
                return (listener, new Uri(root + "api/v2/scim"));
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                // Somebody else took the port between probing and listening.
            }
        }
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var received = new Received(
            Interlocked.Increment(ref _count),
            context.Request.HttpMethod,
            context.Request.RawUrl!.Replace("/api/v2/scim/", "", StringComparison.Ordinal),
            context.Request.Headers.AllKeys.ToDictionary(key => key!, key => context.Request.Headers[key]!, StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync());
        _requests.Enqueue(received);
        var reply = _script(received);
        reply.Reached?.TrySetResult();
        if (reply.Hang)
            await _stopped.Task;
        if (reply.Abort || reply.Hang)
        {
            context.Response.Abort();
            return;
        }

        try
        {
            await WriteAsync(context.Response, reply);
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            // The client went away first, as some tests want.
        }
    }

    private static async Task WriteAsync(HttpListenerResponse response, Reply reply)
    {
        response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
            response.Headers[name] = value;
        if (reply.Body is not null)
        {
            if (reply.ContentType is not null)
                response.ContentType = reply.ContentType;
            var bytes = Encoding.UTF8.GetBytes(reply.Body);
            response.ContentLength64 = bytes.Length + (reply.CutShort ? 100 : 0);
            await response.OutputStream.WriteAsync(bytes);
            await response.OutputStream.FlushAsync();
        }

        if (reply.CutShort)
            response.Abort();
        else
            response.Close();
    }
}

internal sealed record Received(int Number, string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

internal sealed record Reply(int Status = 200, string? Body = null, string? ContentType = "application/scim+json")
{
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Announces more bytes than are sent, then cuts the connection.</summary>
    public bool CutShort { get; init; }

    /// <summary>Cuts the connection without an answer.</summary>
    public bool Abort { get; init; }

    /// <summary>Never answers.</summary>
    public bool Hang { get; init; }

    /// <summary>Completed when the request is there.</summary>
    public TaskCompletionSource? Reached { get; init; }
}
