using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace TravelPerkScim.Operations.Tests.Channels;

/// <summary>A request as it came over the wire.</summary>
internal sealed record Received(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A web server on the loopback that answers each request as it is told, and keeps what it was sent.</summary>
internal sealed class HttpsReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly X509Certificate2 _certificate;
    private readonly Task _serving;

    public HttpsReceiver(X509Certificate2? certificate = null)
    {
        _certificate = certificate ?? TestCertificate.Trusted;
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Status, headers and body of the answer; null: none is ever sent.</summary>
    public Func<Received, string?> Answer { get; set; } = _ => Response(200);

    public ConcurrentQueue<Received> Requests { get; } = [];

    public int Connections { get; private set; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url(string path = "/", string host = "localhost") =>
        $"https://{host}:{Port.ToString(CultureInfo.InvariantCulture)}{path}";

    public static string Response(int status, string body = "", params string[] headers) =>
        $"HTTP/1.1 {status} x\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: "
        + $"close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                Connections++;
                try
                {
                    await AnswerAsync(client);
                }
                catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // The client went away, which some tests are about.
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException) { }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _end.Token);
        Received request = await ReadAsync(stream);
        Requests.Enqueue(request);
        if (Answer(request) is not { } answer)
        {
            _ = await stream.ReadAsync(new byte[1], _end.Token);
            return;
        }
        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _end.Token);
        await stream.ShutdownAsync();
    }

    private async Task<Received> ReadAsync(SslStream stream)
    {
        List<byte> bytes = [];
        byte[] one = new byte[1];
        while (!bytes.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            await stream.ReadExactlyAsync(one, _end.Token);
            bytes.Add(one[0]);
        }
        string[] lines = Encoding.ASCII.GetString([.. bytes]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines
            .Skip(1)
            .Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        byte[] body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _end.Token);
        string[] first = lines[0].Split(' ');
        return new Received(first[0], first[1], headers, Encoding.UTF8.GetString(body));
    }
}
