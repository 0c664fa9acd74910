using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

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

    /// <summary>Accepts requests from now on; each is answered beside the others.</summary>
    /// <param name="answer">Answers one request. Its token is cancelled when the listener stops.</param>
    public void Serve(Func<HttpListenerContext, CancellationToken, Task> answer) => _accepting = AcceptAsync(answer);

    /// <summary>Until every request that was accepted is answered, also one whose client went away.</summary>
    public Task AnsweredAsync() => Task.WhenAll(_underWay.Keys);

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        // The listener's own abort would answer them "200" first; a client that reads nothing cannot hold the stop up.
        await AnsweredAsync().WaitAsync(s_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    private async Task AcceptAsync(Func<HttpListenerContext, CancellationToken, Task> answer)
    {
        CancellationToken stopping = _stopping.Token;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync().ConfigureAwait(false);
                Dispatch(answer, context, stopping);
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // Stopped, or a client that left while it was being accepted; the loop's condition tells which.
            }
        }
    }

    private void Dispatch(
        Func<HttpListenerContext, CancellationToken, Task> answer,
        HttpListenerContext context,
        CancellationToken stopping
    )
    {
        var serving = Task.Run(() => answer(context, stopping), CancellationToken.None);
        _underWay[serving] = true;
        _ = serving.ContinueWith(
            done => _underWay.TryRemove(done, out _),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }
}
