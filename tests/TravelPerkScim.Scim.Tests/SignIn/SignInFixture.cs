using System.Collections.Concurrent;
using System.Net;
using System.Security;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Scim.Tests.SignIn;

/// <summary>A sandbox in controlled time, a store in memory, and an administrator's browser: everything over real sockets.</summary>
internal sealed class SignInFixture : IAsyncDisposable
{
    private readonly SecureString _secret;

    public SignInFixture(TimeSpan? lifetime = null)
    {
        Sandbox = TravelPerkSandbox.Start(
            new SandboxOptions { TimeProvider = Time, AccessTokenLifetime = lifetime ?? TimeSpan.FromHours(1) }
        );
        _secret = Sandbox.GetClientSecret();
        Options = new OAuthOptions
        {
            Endpoints = OAuthEndpoints.For(Sandbox.BaseUri),
            ClientId = Sandbox.ClientId,
            ClientSecret = _secret,
            Store = Store,
            TimeProvider = Time,
            Trace = Traces.Enqueue,
        };
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public TravelPerkSandbox Sandbox { get; }

    public MemoryStore Store { get; } = new();

    public OAuthOptions Options { get; set; }

    public ConcurrentQueue<ScimRequestTrace> Traces { get; } = new();

    public int TokenRequests => Sandbox.RequestLog.Count(entry => entry.Path == "/accounts/oauth2/token/");

    public static HttpClient Browser { get; } = new(new SocketsHttpHandler { UseProxy = false });

    public Task<OAuthCredential> AuthorizeAsync() => OAuthSignIn.AuthorizeAsync(Options, Open, CancellationToken.None);

    public ScimClient Client(ScimCredential credential) => new(new ScimClientOptions { BaseUri = Sandbox.BaseUri }, credential);

    /// <summary>As a browser does: the answer of the last redirect is waited for by nobody.</summary>
    public static Task Open(Uri address)
    {
        _ = Browser.GetAsync(address);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _secret.Dispose();
        await Sandbox.DisposeAsync();
    }
}

/// <summary>Keeps what it is given, in order, and fails when told to.</summary>
internal sealed class MemoryStore : ITokenStore
{
    private readonly ConcurrentDictionary<string, string> _kept = new();

    public ConcurrentQueue<string> Written { get; } = new();

    /// <summary>Called in front of each write.</summary>
    public Func<Task> BeforeWrite { get; set; } = () => Task.CompletedTask;

    public IReadOnlyDictionary<string, string> Kept => _kept;

    public void Put(string token) => _kept[Assert.Single(_kept).Key] = token;

    public Task<SecureString?> ReadAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(_kept.TryGetValue(name, out string? token) ? ScriptedServer.Secret(token) : null);

    public async Task WriteAsync(string name, SecureString refreshToken, CancellationToken cancellationToken)
    {
        await BeforeWrite();
        string token = new NetworkCredential("", refreshToken).Password;
        _kept[name] = token;
        Written.Enqueue(token);
    }

    public Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        _kept.TryRemove(name, out _);
        return Task.CompletedTask;
    }
}
