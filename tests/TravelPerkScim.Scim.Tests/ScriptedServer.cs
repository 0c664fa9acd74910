using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security;
using System.Text;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.Tests;

/// <summary>A loopback HTTP server that answers as a test says, down to connections cut in the middle.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Received, Task<Reply>> _script;
    private readonly ConcurrentQueue<Received> _requests = new();
    private int _count;

    /// <param name="script">Called for each request; its Number counts from 1.</param>
    public ScriptedServer(Func<Received, Reply> script)
        : this(request => Task.FromResult(script(request))) { }

    /// <param name="script">Called for each request; answered when the task is done.</param>
    public ScriptedServer(Func<Received, Task<Reply>> script)
    {
        _script = script;
        _listener.Start();
        BaseUri = new Uri($"http://{_listener.LocalEndpoint}/api/v2/scim");
        _ = AcceptAsync();
    }

    public ScriptedServer(params Reply[] replies)
        : this(request => replies[Math.Min(request.Number, replies.Length) - 1]) { }

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
        foreach (char c in text)
            secret.AppendChar(c);
        return secret;
    }

    public ScimClient Client(Func<ScimClientOptions, ScimClientOptions>? change = null, ScimCredential? credential = null)
    {
        var options = new ScimClientOptions
        {
            BaseUri = BaseUri,
            MaxRetries = 0,
            RequestTimeout = TimeSpan.FromSeconds(30),
        };
        return new ScimClient(change?.Invoke(options) ?? options, credential ?? ScimCredential.ApiKey(Secret("s3cret-key")));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        using TcpClient _ = connection;
        try
        {
            var stream = new BufferedStream(connection.GetStream());
            while (await ReadAsync(stream) is { } received)
            {
                _requests.Enqueue(received);
                Reply reply = await _script(received);
                reply.Reached?.TrySetResult();
                if (reply.Hang)
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                await reply.After;
                if (reply.Abort)
                    return;
                await connection.GetStream().WriteAsync(Written(reply));
                if (reply.CutShort)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client went away first, as some tests want.
        }
    }

    private async Task<Received?> ReadAsync(Stream stream)
    {
        if (await LineAsync(stream) is not { Length: > 0 } first)
            return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await LineAsync(stream) is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        byte[] body = new byte[
            headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0
        ];
        await stream.ReadExactlyAsync(body);
        string[] words = first.Split(' ');
        string path = words[1].Replace("/api/v2/scim/", "", StringComparison.Ordinal);
        return new Received(Interlocked.Increment(ref _count), words[0], path, headers, Encoding.UTF8.GetString(body));
    }

    private async Task<string?> LineAsync(Stream stream)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            if (one[0] == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }

        return null;
    }

    private static byte[] Written(Reply reply)
    {
        byte[] body = reply.Bytes ?? Encoding.UTF8.GetBytes(reply.Body ?? "");
        List<string> head = [$"HTTP/1.1 {reply.Status} Scripted", .. reply.Headers.Select(header => $"{header.Name}: {header.Value}")];
        if (reply.Body is not null && reply.ContentType is not null)
            head.Add($"Content-Type: {reply.ContentType}");
        if (reply.Status != 204)
            head.Add($"Content-Length: {body.Length + (reply.CutShort ? 100 : 0)}");
        return [.. Encoding.ASCII.GetBytes(string.Join("\r\n", head) + "\r\n\r\n"), .. body];
    }
}

internal sealed record Received(int Number, string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

internal sealed record Reply(int Status = 200, string? Body = null, string? ContentType = "application/scim+json")
{
    /// <summary>Sent as they are in the place of a body.</summary>
    public byte[]? Bytes { get; init; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Announces more bytes than are sent, then cuts the connection.</summary>
    public bool CutShort { get; init; }

    /// <summary>Cuts the connection without an answer.</summary>
    public bool Abort { get; init; }

    /// <summary>Answers when this is done.</summary>
    public Task After { get; init; } = Task.CompletedTask;

    /// <summary>Never answers.</summary>
    public bool Hang { get; init; }

    /// <summary>Completed when the request is there.</summary>
    public TaskCompletionSource? Reached { get; init; }
}
