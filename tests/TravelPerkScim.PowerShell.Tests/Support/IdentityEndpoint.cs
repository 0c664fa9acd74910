using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace TravelPerkScim.PowerShell.Tests.Support;

/// <summary>The endpoint that Azure gives a resource with a managed identity (App Service, Automation), as Microsoft documents it: one GET,
/// one JSON answer.</summary>
internal sealed class IdentityEndpoint : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _requests = [];
    private readonly string? _token;
    private readonly Task _answering;

    /// <param name="token">What it answers; null: nothing, ever.</param>
    public IdentityEndpoint(string? token)
    {
        _token = token;
        _listener.Start();
        _answering = AnswerAsync();
    }

    /// <summary>Done when the first request is here.</summary>
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Request lines.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/msi/token";

    /// <summary>Gives a process this managed identity.</summary>
    public void Configure(ProcessStartInfo start) =>
        (start.Environment["IDENTITY_ENDPOINT"], start.Environment["IDENTITY_HEADER"]) = (Address, "header-canary");

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _answering;
    }

    private async Task AnswerAsync()
    {
        List<TcpClient> open = [];
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                open.Add(client);
                using var reader = new StreamReader(client.GetStream(), Encoding.ASCII, leaveOpen: true);
                string first = await reader.ReadLineAsync() ?? "";
                while (!string.IsNullOrEmpty(await reader.ReadLineAsync())) { }

                lock (_requests)
                    _requests.Add(first);
                Asked.TrySetResult();
                if (_token is null)
                    continue;
                string body = JsonSerializer.Serialize(
                    new
                    {
                        access_token = _token,
                        expires_on = DateTimeOffset
                            .UtcNow.AddHours(1)
                            .ToUnixTimeSeconds()
                            .ToString(System.Globalization.CultureInfo.InvariantCulture),
                        resource = "https://graph.microsoft.com",
                        token_type = "Bearer",
                    }
                );
                await client
                    .GetStream()
                    .WriteAsync(
                        Encoding.ASCII.GetBytes(
                            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                                + $"{body.Length}\r\nConnection: close\r\n\r\n{body}"
                        )
                    );
                client.Close();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // Stopped.
        }
        finally
        {
            open.ForEach(client => client.Dispose());
        }
    }
}
