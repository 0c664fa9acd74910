using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Service;

namespace TravelPerkScim.Sandbox.Transport;

/// <summary>HTTP on 127.0.0.1. HttpListener rather than ASP.NET, which pwsh does not carry.</summary>
internal sealed class LoopbackListener : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private readonly HttpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, bool> _underWay = new();
    private Task _accepting = Task.CompletedTask;

    private LoopbackListener(HttpListener listener, Uri root) => (_listener, Root) = (listener, root);

    /// <summary><c>http://127.0.0.1:port/</c>.</summary>
    public Uri Root { get; }

    /// <summary>Takes a port; accepts nothing before <see cref="Serve"/>.</summary>
    /// <param name="port">The port; null for a free one.</param>
    /// <exception cref="HttpListenerException">Another process has the port, or it may not be used.</exception>
    public static LoopbackListener Open(int? port)
    {
        int attempts = port is null ? 20 : 1;
        for (int attempt = 1; ; attempt++)
        {
            string root = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port ?? FreePort()}/");
            HttpListener listener = new() { IgnoreWriteExceptions = true };
            listener.Prefixes.Add(root);
            try
            {
                listener.Start();
                return new LoopbackListener(listener, new Uri(root));
            }
            catch (HttpListenerException) when (attempt < attempts)
            {
                // Another process took the port between the look and the start.
                listener.Close();
            }
        }
    }

    public void Serve(SandboxService service) => _accepting = AcceptAsync(service);

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        // The listener's own abort would answer them "200" first; a client that reads nothing cannot hold the stop up.
        await Task.WhenAll(_underWay.Keys).WaitAsync(s_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Abort();
        // A wait for the next request that begins in the moment of the abort is never ended by HttpListener: it is left to itself.
        if (await Task.WhenAny(_accepting, Task.Delay(s_patience, TimeProvider.System)).ConfigureAwait(false) == _accepting)
            await _accepting.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task AcceptAsync(SandboxService service)
    {
        CancellationToken stopping = _stopping.Token;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync().ConfigureAwait(false);
                Dispatch(service, context, stopping);
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // Stopped, or a client that left while it was being accepted; the loop's condition tells which.
            }
        }
    }

    private void Dispatch(SandboxService service, HttpListenerContext context, CancellationToken stopping)
    {
        var serving = Task.Run(() => ServeOneAsync(service, context, stopping), CancellationToken.None);
        _underWay[serving] = true;
        _ = serving.ContinueWith(
            done => _underWay.TryRemove(done, out _),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    private static async Task ServeOneAsync(SandboxService service, HttpListenerContext context, CancellationToken stopping)
    {
        try
        {
            SandboxRequest request = await ReadAsync(context.Request, stopping).ConfigureAwait(false);
            SandboxResponse response = await service.HandleAsync(request, stopping).ConfigureAwait(false);
            if (response.Aborted)
                Cut(context.Response);
            else
                await WriteAsync(context.Response, request.IsHead, response, stopping).ConfigureAwait(false);
        }
        catch (Exception error)
            when (error
                    is OperationCanceledException
                        or IOException
                        or HttpListenerException
                        or ObjectDisposedException
                        or InvalidOperationException
            )
        {
            // The client left or the sandbox stops: the answer has no receiver.
            Cut(context.Response);
        }
    }

    /// <summary>
    /// Closes the connection without an answer. Outside Windows, HttpListener sends its status line even when aborting: an
    /// interim one (RFC 9110 section 15.2) is no answer, and after it the client meets the end of the connection.
    /// </summary>
    private static void Cut(HttpListenerResponse response)
    {
        try
        {
            response.StatusCode = (int)HttpStatusCode.Continue;
            response.ContentLength64 = 0;
        }
        catch (InvalidOperationException)
        {
            // Part of the answer is out already (or the response is disposed): cutting it there is what is wanted.
        }
        response.Abort();
    }

    private static async Task<SandboxRequest> ReadAsync(HttpListenerRequest request, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = default;
        if (request.HasEntityBody)
        {
            using MemoryStream buffer = new();
            byte[] chunk = new byte[8192];
            // One byte past the limit is enough for the service to refuse it.
            while (buffer.Length <= SandboxRequest.MaxBodyBytes)
            {
                int read = await request.InputStream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    break;
                buffer.Write(chunk, 0, read);
            }
            body = buffer.ToArray();
        }
        return new SandboxRequest(request.HttpMethod, request.RawUrl ?? "/", name => request.Headers[name], body);
    }

    private static async Task WriteAsync(
        HttpListenerResponse target,
        bool isHead,
        SandboxResponse response,
        CancellationToken cancellationToken
    )
    {
        target.StatusCode = (int)response.Status;
        foreach ((string name, string value) in response.Headers)
            target.AppendHeader(name, value);
        if (response.ContentType is not null)
            target.ContentType = response.ContentType;
        target.ContentLength64 = response.Length;
        if (response.Length > 0 && !isHead)
            await response.WriteBodyAsync(target.OutputStream, cancellationToken).ConfigureAwait(false);
        target.Close();
    }
}
