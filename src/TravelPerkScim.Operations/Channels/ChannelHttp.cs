using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace TravelPerkScim.Operations.Channels;

/// <summary>What a web service answered.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">The begin of its body, at most a few KB. It is from outside, and is never shown as it is.</param>
/// <param name="RetryAfter">What it asked to wait.</param>
internal sealed record HttpAnswer(HttpStatusCode Status, string Body, TimeSpan? RetryAfter);

/// <summary>
/// Sends requests for a channel: over https alone, through no proxy, following no redirect, and only to addresses that were checked before
/// the connection is made.
/// An address of the own network is refused unless its host was allowed by name: a notification must not reach what only this machine may
/// reach.
/// </summary>
internal sealed class ChannelHttp : IDisposable
{
    private const int MostRead = 4 << 10;

    private static readonly TimeSpan s_longestPause = TimeSpan.FromDays(1);

    private readonly ChannelNetwork _network;
    private readonly Func<string, bool> _isAllowed;
    private readonly HttpClient _client;

    /// <param name="network">The world around.</param>
    /// <param name="isAllowed">The hosts that may be inside the own network.</param>
    public ChannelHttp(ChannelNetwork network, Func<string, bool> isAllowed)
    {
        _network = network;
        _isAllowed = isAllowed;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = ConnectAsync,
            MaxResponseHeadersLength = 16,
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, errors) => network.IsTrusted(certificate, errors) },
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(
            new ProductInfoHeaderValue("TravelPerkScim", typeof(ChannelHttp).Assembly.GetName().Version?.ToString(3))
        );
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Sends a request. Its URL may be a secret, so it is in no message.</summary>
    /// <param name="request">The request.</param>
    /// <param name="service">The other side in words, at the begin of a sentence.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ChannelFailure">There was no answer.</exception>
    public async Task<HttpAnswer> SendAsync(HttpRequestMessage request, string service, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_network.Timeout, _network.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using HttpResponseMessage response = await _client
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            return new HttpAnswer(response.StatusCode, await ReadAsync(response, either.Token).ConfigureAwait(false), PauseOf(response));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChannelFailure(
                ChannelResult.TryLater,
                FormattableString.Invariant($"{service} did not answer within {_network.Timeout.TotalSeconds:0} seconds.")
            );
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Failure(e, service);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        string host = context.DnsEndPoint.Host;
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal)
            ? [literal]
            : await _network.Resolve(host, cancellationToken).ConfigureAwait(false);
        if (!_isAllowed(host) && !addresses.All(AddressGuard.IsPublic))
        {
            throw new ChannelFailure(
                ChannelResult.Refused,
                "Its host has an address inside the own network, and a notification is not sent there unasked. "
                    + "If it is meant to go there, name its host with -AllowedHost."
            );
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[MostRead];
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            int read = await body.ReadAtLeastAsync(bytes, MostRead, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Encoding.UTF8.GetString(bytes, 0, read);
        }
    }

    private TimeSpan? PauseOf(HttpResponseMessage response)
    {
        TimeSpan? asked = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - _network.Time.GetUtcNow() : null;
        return asked is { } pause ? TimeSpan.FromTicks(Math.Clamp(pause.Ticks, 0, s_longestPause.Ticks)) : null;
    }

    // The messages of exceptions name the host, and some the whole address.
    private static ChannelFailure Failure(Exception exception, string service)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case ChannelFailure refused:
                    return new ChannelFailure(refused.Answer.Result, $"{service} was not asked. {refused.Message}");
                case AuthenticationException:
                    return new ChannelFailure(
                        ChannelResult.TryLater,
                        $"{service} has no certificate that this machine trusts for its host. "
                            + $"Renew it there, or let this machine trust its authority."
                    );
                case SocketException socket:
                    return new ChannelFailure(
                        ChannelResult.TryLater,
                        $"{service} could not be reached ({socket.SocketErrorCode}). This machine must reach it without a proxy."
                    );
                default:
                    break;
            }
        }
        return new ChannelFailure(ChannelResult.TryLater, $"{service} broke the connection off before it answered.");
    }
}
