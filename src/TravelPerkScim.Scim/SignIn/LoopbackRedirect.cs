using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>
/// Takes the browser's answer on 127.0.0.1 (RFC 8252 section 7.3), once. It is a socket and no HttpListener, which shares its port with
/// other processes on Windows, and answers waiting requests when it closes.
/// </summary>
internal sealed class LoopbackRedirect : IDisposable
{
    private const string Path = "/callback";
    private const int MaxHead = 16 * 1024;

    private readonly TcpListener _listener;
    private readonly TaskCompletionSource<string> _code = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _answered;

    /// <param name="port">0 for a free one.</param>
    /// <exception cref="ScimException"><c>OAuthPortInUse</c>.</exception>
    public LoopbackRedirect(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
        try
        {
            _listener.Start();
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new ScimException(
                ScimFailure.InvalidInput,
                "OAuthPortInUse",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Port {port} of this machine cannot take the browser's answer, because another program has the port. "
                        + $"Give another redirect port that is registered with TravelPerk."
                ),
                e
            );
        }

        Uri = new Uri($"http://{_listener.LocalEndpoint}{Path}");
    }

    /// <summary><c>http://127.0.0.1:port/callback</c>.</summary>
    public Uri Uri { get; }

    /// <summary>The code. When it has come, the port is closed.</summary>
    /// <exception cref="ScimException">See <see cref="AuthorizationRequest.ReadCode"/>.</exception>
    public async Task<string> WaitAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task accepting = AcceptAsync(request, stop.Token);
        try
        {
            return await _code.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await accepting.ConfigureAwait(false);
            _listener.Stop();
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync(AuthorizationRequest request, CancellationToken stop)
    {
        try
        {
            // Browsers open connections that they may never use, so no connection may hold up another.
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(stop).ConfigureAwait(false), request, stop);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Over.
        }
    }

    private async Task ServeAsync(TcpClient connection, AuthorizationRequest request, CancellationToken stop)
    {
        using TcpClient _ = connection;
        try
        {
            NetworkStream stream = connection.GetStream();
            if (await ReadTargetAsync(stream, stop).ConfigureAwait(false) is not { } target)
            {
                await stream.WriteAsync(RedirectPage.NotFound, stop).ConfigureAwait(false);
                return;
            }

            string query = target[Path.Length..];
            if (!request.IsAnsweredBy(query))
            {
                // A foreign query must not end the wait. Otherwise any program that finds the port could prevent every sign-in.
                await stream.WriteAsync(RedirectPage.Foreign, stop).ConfigureAwait(false);
                return;
            }

            if (Interlocked.Exchange(ref _answered, 1) != 0)
                return;
            await AnswerAsync(stream, request, query, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The browser left, or the wait is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream, AuthorizationRequest request, string query, CancellationToken stop)
    {
        string? code = null;
        ScimException? failure = null;
        try
        {
            code = request.ReadCode(query);
        }
        catch (ScimException e)
        {
            failure = e;
        }

        try
        {
            await stream.WriteAsync(failure is null ? RedirectPage.Done : RedirectPage.Failed, stop).ConfigureAwait(false);
        }
        finally
        {
            // Also when the browser did not wait for its page. Only now, because the result closes the listener.
            if (failure is null)
                _code.TrySetResult(code!);
            else
                _code.TrySetException(failure);
        }
    }

    /// <summary>Path and query of a GET for the redirect address; null for any other request. The host is checked too, because a foreign
    /// host name can be made to lead here.</summary>
    private async Task<string?> ReadTargetAsync(NetworkStream stream, CancellationToken stop)
    {
        byte[] buffer = new byte[MaxHead];
        int length = 0;
        string head;
        do
        {
            int read = length < MaxHead ? await stream.ReadAsync(buffer.AsMemory(length), stop).ConfigureAwait(false) : 0;
            if (read == 0)
                return null;
            length += read;
            head = Encoding.Latin1.GetString(buffer, 0, length);
        } while (!head.Contains("\r\n\r\n", StringComparison.Ordinal));

        string[] lines = head.Split("\r\n");
        string[] words = lines[0].Split(' ');
        bool toUs = lines.Any(line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase) && line[5..].Trim() == Uri.Authority);
        return toUs && words is ["GET", var target, _] && (target == Path || target.StartsWith(Path + "?", StringComparison.Ordinal))
            ? target
            : null;
    }
}
