using System.Net;
using System.Security;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Endpoints;
using TravelPerkScim.Sandbox.Groups;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Seeding;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Sandbox.SignIn;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Service;

/// <summary>The server without its transport: a request in, an answer out.</summary>
internal sealed class SandboxService
{
    private readonly string _basePath;
    private readonly Gatekeeper _gatekeeper;
    private readonly RequestBudget? _budget;
    private readonly DiscoveryEndpoint _discovery;
    private readonly UsersEndpoint _usersEndpoint;
    private readonly GroupsEndpoint? _groupsEndpoint;
    private readonly RootSearch _search;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _latency;
    private volatile SandboxService[] _companies = [];

    public SandboxService(Uri baseUri, SandboxOptions options, SecureString apiKey, SecureString clientSecret)
    {
        _timeProvider = options.TimeProvider;
        _basePath = baseUri.AbsolutePath;
        Grants = new OAuthGrants(options.TimeProvider, options.AccessTokenLifetime);
        SignIn = new OAuthEndpoint(options.ClientId, clientSecret, Grants);
        _gatekeeper = new Gatekeeper(apiKey, options.BearerTokens, Grants);
        if (options.RateLimit is { } limit)
            _budget = new RequestBudget(limit, options.RateLimitBurst ?? (int)Math.Max(1, Math.Ceiling(limit)), options.TimeProvider);
        Workers = new WorkerPool { Limit = options.ConcurrencyLimit };
        Log = new RequestLog(options.TimeProvider);
        _latency = options.Latency;
        var schemas = UserSchemas.With(options.Schemas);
        Behaviors = new BehaviorSet(options, schemas);
        foreach (SandboxBehavior behavior in options.Behaviors)
            Behaviors.Set(behavior, true, null);
        if (options.NotKept is { Count: > 0 } notKept)
            Behaviors.SetNotKept(notKept);
        Users = new UserStore(baseUri, options, schemas);
        _discovery = new DiscoveryEndpoint(baseUri, options.PageCap, options.Groups, schemas);
        GroupDocuments = new GroupDocument(baseUri, Users);
        if (options.Groups)
        {
            Groups = new GroupStore(Users, options.TimeProvider);
            _groupsEndpoint = new GroupsEndpoint(Groups, GroupDocuments, Behaviors, options);
        }
        _search = new RootSearch(Users, Groups, GroupDocuments, Behaviors, options, schemas);
        _usersEndpoint = new UsersEndpoint(Users, Behaviors, options, Groups, GroupDocuments, schemas);
    }

    /// <summary>The users as they are now; each is read from its stored form when it is its turn.</summary>
    public IEnumerable<JsonObject> AllUsers
    {
        get { return Users.Snapshot().Select(user => ScimJson.ParseStored(user.Json)); }
    }

    /// <summary>Adds a user without a request.</summary>
    /// <exception cref="ArgumentException">POST would have refused it.</exception>
    public string Add(JsonObject user)
    {
        try
        {
            return Users.Create(SampleUsers.WithSchemas(user)).IdText;
        }
        catch (ScimErrorException error)
        {
            throw new ArgumentException(error.Message, nameof(user), error);
        }
    }

    public BehaviorSet Behaviors { get; }
    public OAuthGrants Grants { get; }
    public RequestLog Log { get; }
    public WorkerPool Workers { get; }
    public OAuthEndpoint SignIn { get; }
    public UserStore Users { get; }

    /// <summary>Null where the service has no groups.</summary>
    public GroupStore? Groups { get; }
    public GroupDocument GroupDocuments { get; }

    /// <summary>Another company at the same address: its key leads to its own users and groups.</summary>
    public void Add(SandboxService company) => _companies = [.. _companies, company];

    public async Task<SandboxResponse> HandleAsync(SandboxRequest request, CancellationToken cancellationToken)
    {
        if (Array.Find(_companies, company => company._gatekeeper.IsKeyOf(request)) is { } other)
            return await other.HandleAsync(request, cancellationToken).ConfigureAwait(false);
        bool busy = !Workers.TryEnter();
        try
        {
            SandboxResponse response = busy
                ? WorkerPool.Refusal()
                : SignIn.Answer(request) ?? Behaviors.AfterHandling(request, Answer(request));
            Log.Record(request, response);
            if (response.Delay + _latency is var delay && delay > TimeSpan.Zero)
                await Task.Delay(delay, _timeProvider, cancellationToken).ConfigureAwait(false);
            return response;
        }
        finally
        {
            // Before the answer leaves, because a client that has it may send the next request at once.
            if (!busy)
                Workers.Leave();
        }
    }

    private SandboxResponse Answer(SandboxRequest request)
    {
        try
        {
            Behaviors.BeforeAuthentication(request);
            _gatekeeper.Check(request);
            _budget?.Spend();
            if (request.Body.Length > SandboxRequest.MaxBodyBytes)
            {
                throw new ScimErrorException(
                    HttpStatusCode.RequestEntityTooLarge,
                    null,
                    $"The request body is larger than {SandboxRequest.MaxBodyBytes} bytes."
                );
            }
            Behaviors.BeforeHandling(request, Users);
            return Route(request.IsSearch ? SearchMessage.AsGet(request) : request, request.IsSearch);
        }
        catch (ScimErrorException error)
        {
            return error.ToResponse();
        }
        catch (Exception error)
        {
            // A defect of the sandbox must look like a failing server, and not let the client wait.
            return new ScimErrorException(
                HttpStatusCode.InternalServerError,
                null,
                $"The sandbox failed: {error.GetType().Name}."
            ).ToResponse();
        }
    }

    private SandboxResponse Route(SandboxRequest request, bool search)
    {
        string[] segments = request.Path.StartsWith(_basePath, StringComparison.Ordinal)
            ? request.Path[_basePath.Length..].TrimEnd('/').Split('/')
            : [];
        if (segments.Length is 1 or 2)
        {
            string endpoint = segments[0];
            string? id = segments.Length == 2 ? Uri.UnescapeDataString(segments[1]) : null;
            // A search at the root asks for resources of every type (RFC 7644 section 3.4.3).
            if (search && endpoint.Length == 0)
                return _search.Answer(request);
            if (search && id is not null)
                throw ScimErrorException.NotFound($"Nothing is found at {request.Path}.search.");
            if (endpoint == "Users")
                return _usersEndpoint.Answer(request, id);
            if (endpoint == "Groups" && _groupsEndpoint is not null)
                return _groupsEndpoint.Answer(request, id);
            // RFC 7644 section 3.11: a server without /Me answers 501.
            if (endpoint == "Me")
                throw new ScimErrorException(HttpStatusCode.NotImplemented, null, "/Me is not supported.");
            if (_discovery.Answer(request, endpoint, id) is { } document)
                return document;
        }
        throw ScimErrorException.NotFound($"Nothing is found at {request.Path}.");
    }
}
