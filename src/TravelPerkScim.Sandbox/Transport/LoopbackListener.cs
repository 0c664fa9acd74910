using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Transport;

/// <summary>HTTP on 127.0.0.1. HttpListener rather than ASP.NET, which pwsh does not carry.</summary>
internal sealed class LoopbackListener : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private Task _accepting = Task.CompletedTask;

    private LoopbackListener(HttpListener listener, Uri root) => (_listener, Root) = (listener, root);

    /// <summary><c>http://127.0.0.1:port/</c>.</summary>
    public Uri Root { get; }

    /// <summary>Takes a free port; accepts nothing before <see cref="Serve"/>.</summary>
    public static LoopbackListener Open()
    {
        const int Attempts = 20;
        for (int attempt = 1; ; attempt++)
        {
            string root = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}/");
            HttpListener listener = new() { IgnoreWriteExceptions = true };
            listener.Prefixes.Add(root);
            try
            {
                listener.Start();
                return new LoopbackListener(listener, new Uri(root));
            }
            catch (HttpListenerException) when (attempt < Attempts)
            {
                // Somebody took the port between the look and the start.
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
        _listener.Abort();
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
                _ = Task.Run(() => ServeOneAsync(service, context, stopping), CancellationToken.None);
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // Stopped, or a client that left while it was being accepted; the loop's condition tells which.
            }
        }
    }

    private static async Task ServeOneAsync(SandboxService service, HttpListenerContext context, CancellationToken stopping)
    {
        try
        {
            SandboxRequest request = await ReadAsync(context.Request, stopping).ConfigureAwait(false);
            SandboxResponse response = await service.HandleAsync(request, stopping).ConfigureAwait(false);
            if (response.Aborted)
                context.Response.Abort();
            else
                await WriteAsync(context.Response, response, stopping).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The client left or the sandbox stops: nobody is there to answer.
            context.Response.Abort();
        }
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

    private static async Task WriteAsync(HttpListenerResponse target, SandboxResponse response, CancellationToken cancellationToken)
    {
        target.StatusCode = (int)response.Status;
        foreach ((string name, string value) in response.Headers)
            target.AppendHeader(name, value);
        if (response.ContentType is not null)
            target.ContentType = response.ContentType;
        target.ContentLength64 = response.Length;
        if (response.Length > 0)
            await response.WriteBodyAsync(target.OutputStream, cancellationToken).ConfigureAwait(false);
        target.Close();
    }
}
