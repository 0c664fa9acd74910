using System.Security;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Endpoints;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Seeding;
using TravelPerkScim.Sandbox.Service;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Sandbox.Transport;

namespace TravelPerkScim.Sandbox;

/// <summary>An embedded TravelPerk on a loopback socket, in process. Thread-safe.</summary>
public sealed class TravelPerkSandbox : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private readonly SandboxService _service;
    private readonly SandboxOptions _options;
    private readonly SecureString _apiKey;
    private readonly SecureString _clientSecret;

    private TravelPerkSandbox(LoopbackListener listener, SandboxOptions options)
    {
        _listener = listener;
        _options = options;
        BaseUri = new Uri(listener.Root, "api/v2/scim/");
        _apiKey = options.ApiKey?.Copy() ?? Secrets.Create();
        _clientSecret = options.ClientSecret?.Copy() ?? Secrets.Create();
        _service = new SandboxService(BaseUri, options, _apiKey, _clientSecret);
    }

    /// <summary>Starts listening on 127.0.0.1, at a free port unless the options name one.</summary>
    /// <exception cref="System.Net.HttpListenerException">The port that the options name is taken.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option has a value no server could keep to.</exception>
    /// <exception cref="ArgumentException">An attribute of <see cref="SandboxOptions.NotKept"/> is none of users, or a schema is
    /// none.</exception>
    public static TravelPerkSandbox Start(SandboxOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _ = new ValuesNotKept(options.NotKept, UserSchemas.With(options.Schemas));
        var listener = LoopbackListener.Open(options.Port);
        TravelPerkSandbox sandbox = new(listener, options);
        listener.Serve((context, stopping) => SandboxHttp.AnswerAsync(sandbox._service, context, stopping));
        return sandbox;
    }

    /// <summary><c>http://127.0.0.1:port/api/v2/scim/</c>.</summary>
    public Uri BaseUri { get; }

    /// <summary>The page on which an administrator would consent: <c>http://127.0.0.1:port/oauth2/authorize/</c>. Here consent is given at
    /// once, to loopback redirects.</summary>
    public Uri AuthorizeUri => new(BaseUri, OAuthEndpoint.AuthorizePath);

    /// <summary>The endpoint that gives access tokens for codes and refresh tokens:
    /// <c>http://127.0.0.1:port/accounts/oauth2/token/</c>.</summary>
    public Uri TokenUri => new(BaseUri, OAuthEndpoint.TokenPath);

    /// <summary>Id of the one OAuth client.</summary>
    public string ClientId => _options.ClientId;

    /// <summary>True: the administrator says no (<c>access_denied</c>). Default false.</summary>
    public bool ConsentDenied
    {
        get => _service.SignIn.ConsentDenied;
        set => _service.SignIn.ConsentDenied = value;
    }

    /// <summary>Requests under way at once; more are answered with 503. Null: no limit. To begin with
    /// <see cref="SandboxOptions.ConcurrencyLimit"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int? ConcurrencyLimit
    {
        get => _service.Workers.Limit;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value ?? 1, 1, nameof(value));
            _service.Workers.Limit = value;
        }
    }

    /// <summary>Requests answered, refused ones included.</summary>
    public long RequestCount => _service.Log.Total;

    /// <summary>Requests by method and status.</summary>
    public IReadOnlyList<SandboxRequestCount> RequestCounts => _service.Log.Counts;

    /// <summary>The last 1,000 requests, oldest first.</summary>
    public IReadOnlyList<SandboxRequestEntry> RequestLog => _service.Log.Last;

    /// <summary>Writes carried out: creates, replaces, patches that changed something, deletes; seeded users included.</summary>
    public long WriteCount => _service.Users.WriteCount + (_service.Groups?.WriteCount ?? 0);

    /// <summary>Users that exist.</summary>
    public int UserCount => _service.Users.Read(index => index.Count);

    /// <summary>The users as they are now, in order of id. Each is read from its stored form when the caller comes to it.</summary>
    public IEnumerable<JsonObject> Users => _service.AllUsers;

    /// <summary>The groups as they are now, in order of creation. Empty unless <see cref="SandboxOptions.Groups"/>.</summary>
    public IEnumerable<JsonObject> Groups => (_service.Groups?.All ?? []).Select(_service.GroupDocuments.Write);

    /// <summary>The approval processes that exist because users have managers. Empty unless
    /// <see cref="SandboxOptions.CreateApprovalProcesses"/>.</summary>
    public IReadOnlyList<SandboxApprovalProcess> ApprovalProcesses => _service.Users.Read(_service.Users.Approvals.Snapshot);

    /// <summary>The hostile behaviours that are on.</summary>
    public IReadOnlyList<SandboxBehavior> Behaviors => _service.Behaviors.On;

    /// <summary>The API key clients must send. The caller disposes of the copy.</summary>
    public SecureString GetApiKey() => _apiKey.Copy();

    /// <summary>Secret of the OAuth client. The caller disposes of the copy.</summary>
    public SecureString GetClientSecret() => _clientSecret.Copy();

    /// <summary>Ends every OAuth access token, as time does; refresh tokens go on working.</summary>
    public void ExpireAccessTokens() => _service.Grants.ExpireAccessTokens();

    /// <summary>Ends every access and refresh token, as an administrator who removes the app.</summary>
    public void RevokeTokens() => _service.Grants.RevokeAll();

    /// <summary>Switches a hostile behaviour on or off; to switch it on again starts its counts at zero.</summary>
    /// <param name="behavior">The behaviour.</param>
    /// <param name="on">True for on, false for off.</param>
    /// <param name="number">The behaviour's number, see <see cref="SandboxBehavior"/>. Default: the one given there.</param>
    public void SetBehavior(SandboxBehavior behavior, bool on, int? number = null) => _service.Behaviors.Set(behavior, on, number);

    /// <summary>Switches <see cref="SandboxBehavior.ValuesNotKept"/> on for these attributes; off without any.</summary>
    /// <param name="attributes">As in <see cref="SandboxOptions.NotKept"/>.</param>
    /// <exception cref="ArgumentException">One is no attribute of users.</exception>
    public void SetNotKept(params string[] attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        _service.Behaviors.SetNotKept(attributes);
    }

    /// <summary>How often a behaviour changed something for a client since it was last switched on.</summary>
    public long GetBehaviorHits(SandboxBehavior behavior) => _service.Behaviors.Hits(behavior);

    /// <summary>Adds a user as POST would, without a request; <c>schemas</c> may be left out. Returns its id.</summary>
    /// <exception cref="ArgumentException">POST would have refused it; the message is the server's.</exception>
    public string AddUser(JsonObject user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return _service.Add(user);
    }

    /// <summary>
    /// Adds another company at the same address, as TravelPerk has all its customers at one. Its API key leads to users and groups of its
    /// own, whose ids overlap with this one's.
    /// </summary>
    public SandboxCompany AddCompany()
    {
        SecureString key = Secrets.Create();
        using SecureString clientSecret = Secrets.Create();
        SandboxService service = new(BaseUri, _options, key, clientSecret);
        _service.Add(service);
        return new SandboxCompany(service, key);
    }

    /// <summary>Adds made-up users, the same for the same <see cref="SandboxOptions.Seed"/>; each tenth manages the nine that
    /// follow.</summary>
    public void Seed(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        string? manager = null;
        foreach ((JsonObject user, bool manages) in new SampleUsers(_options).Create(_service.Users.NextId, count))
        {
            if (manages)
                manager = AddUser(user);
            else
                _ = AddUser(SampleUsers.WithManager(user, manager!));
        }
    }

    /// <summary>A handler over the same server without the socket, for simulations in virtual time. Any loopback address with
    /// <see cref="BaseUri"/>'s path will do.</summary>
    public HttpMessageHandler CreateHandler() => new InProcessHandler(_service);

    /// <summary>Stops within a second; requests under way are cut.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        _apiKey.Dispose();
        _clientSecret.Dispose();
    }
}
