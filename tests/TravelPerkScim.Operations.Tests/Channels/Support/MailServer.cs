using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace TravelPerkScim.Operations.Tests.Channels;

/// <summary>A real SMTP server on the loopback, with STARTTLS, users, and refusals as it is told.</summary>
internal sealed class MailServer : IMessageStore, IMailboxFilter, IUserAuthenticator, IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;

    public MailServer(X509Certificate2? certificate = null, bool implicitTls = false)
    {
        Port = FreePort();
        ISmtpServerOptions options = new SmtpServerOptionsBuilder()
            .ServerName("localhost")
            .Endpoint(endpoint =>
            {
                endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, Port)).AllowUnsecureAuthentication(true).IsSecure(implicitTls);
                if (certificate is not null)
                    endpoint.Certificate(certificate);
            })
            .Build();
        var services = new SmtpServer.ComponentModel.ServiceProvider();
        services.Add(this as IMessageStore);
        services.Add(this as IMailboxFilter);
        services.Add(this as IUserAuthenticator);
        _serving = new SmtpServer.SmtpServer(options, services).StartAsync(_end.Token);
    }

    public int Port { get; }

    public ConcurrentQueue<string> Messages { get; } = [];

    public ConcurrentQueue<string> SignIns { get; } = [];

    public ConcurrentQueue<string> Recipients { get; } = [];

    public bool WasSecure { get; private set; }

    public Func<string, SmtpResponse?> Recipient { get; set; } = _ => null;

    public Task<SmtpResponse> SaveAsync(
        ISessionContext context,
        IMessageTransaction transaction,
        ReadOnlySequence<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        WasSecure = context.Pipe.IsSecure;
        foreach (IMailbox to in transaction.To)
            Recipients.Enqueue($"{to.User}@{to.Host}");
        Messages.Enqueue(Encoding.UTF8.GetString(buffer.ToArray()));
        return Task.FromResult(SmtpResponse.Ok);
    }

    public Task<bool> CanAcceptFromAsync(ISessionContext context, IMailbox from, int size, CancellationToken cancellationToken) =>
        Task.FromResult(true);

    public Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken) =>
        Recipient($"{to.User}@{to.Host}") is { } refusal ? throw new SmtpResponseException(refusal) : Task.FromResult(true);

    public Task<bool> AuthenticateAsync(ISessionContext context, string user, string password, CancellationToken cancellationToken)
    {
        SignIns.Enqueue($"{user}/{password}/{(context.Pipe.IsSecure ? "TLS" : "plain")}");
        return Task.FromResult(password == "p@ss:wörd/1");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving;
        _end.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
