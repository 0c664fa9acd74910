using System.Globalization;
using TravelPerkScim.GraphStandIn.Endpoints;

namespace TravelPerkScim.GraphStandIn.Protocol;

/// <summary>Finds the endpoint of a request, after the refusals that come before any endpoint.</summary>
internal sealed class GraphService
{
    private readonly StandInDirectory _directory;
    private readonly GraphBehavior _behavior;
    private readonly SynchronizationEndpoints _synchronization;
    private readonly DeltaEndpoint _delta;
    private readonly ObjectEndpoints _objects;
    private readonly ApplicationEndpoints _applications;
    private readonly GalleryEndpoints _gallery;
    private readonly AssignmentEndpoints _assignments;
    private readonly SingleSignOnEndpoints _signOn;
    private readonly string _root;
    private int _outer;
    private int _inner;

    public GraphService(StandInDirectory directory, GraphBehavior behavior, DeltaTokens tokens, string root)
    {
        (_directory, _behavior, _root) = (directory, behavior, root);
        var properties = new UserProperties(directory);
        _synchronization = new SynchronizationEndpoints(directory, behavior);
        _delta = new DeltaEndpoint(directory, behavior, tokens, properties);
        _objects = new ObjectEndpoints(directory, behavior, properties);
        _applications = new ApplicationEndpoints(directory, _objects);
        _gallery = new GalleryEndpoints(directory, behavior, _objects);
        _assignments = new AssignmentEndpoints(directory, _objects);
        _signOn = new SingleSignOnEndpoints(directory, behavior);
    }

    /// <summary>What the requests cost so far, those of a batch counted one by one.</summary>
    public long ResourceUnits { get; private set; }

    /// <summary>The most units in any ten seconds.</summary>
    public long MostUnits { get; private set; }

    private readonly Queue<(DateTimeOffset At, int Units)> _window = [];
    private long _inWindow;

    private void Spend(int units)
    {
        DateTimeOffset now = _behavior.Now();
        ResourceUnits += units;
        _window.Enqueue((now, units));
        _inWindow += units;
        while (_window.Peek().At + TimeSpan.FromSeconds(10) <= now)
            _inWindow -= _window.Dequeue().Units;
        MostUnits = Math.Max(MostUnits, _inWindow);
    }

    public GraphResponse Answer(GraphRequest request)
    {
        if (_behavior.Intercept?.Invoke(request) is { } instead)
            return instead;
        if (Throttled(request) is { } pause)
            return pause;
        if (
            _behavior.RejectToken
            || !request.Headers.TryGetValue("Authorization", out string? token)
            || !token.StartsWith("Bearer ", StringComparison.Ordinal)
        )
        {
            return GraphResponse.Error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.");
        }
        if (_synchronization.Answer(request, _root) is { } synchronized)
            return synchronized;
        if (request is { Method: "POST", Segments: ["$batch"], InBatch: false })
            return BatchEndpoint.Answer(request, Answer);
        if (Needs(request) is { } permission && _behavior.Denied.Contains(permission))
            return GraphResponse.Error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        lock (_directory.Sync)
        {
            _directory.Answered++;
            Spend(UnitsOf(request));
            GraphResponse answer = Route(request);
            return _behavior.LoseAnswer?.Invoke(request) is true ? answer with { Cut = true } : answer;
        }
    }

    /// <summary>What the sign-in service tells everyone: an application's federation metadata.</summary>
    public GraphResponse AnswerWithoutToken(GraphRequest request)
    {
        if (_behavior.Intercept?.Invoke(request) is { } instead)
            return instead;
        if (request.Headers.ContainsKey("Authorization"))
            return GraphResponse.Error(400, "TokenLeaked", "The federation metadata is public: a token has no business here.");
        lock (_directory.Sync)
            return _signOn.Metadata(request) ?? GraphResponse.Error(404, "NotFound", "Not found.");
    }

    private GraphResponse Route(GraphRequest request)
    {
        string root = _behavior.LinkAuthority is { } other ? other + new Uri(_root).AbsolutePath : _root;
        if ((_gallery.Answer(request, root) ?? _assignments.Answer(request, root) ?? _signOn.Answer(request, root)) is { } own)
            return own;
        if (request.Method != "GET")
            return GraphResponse.Error(405, "BadRequest", "Specified HTTP method is not allowed for the request target.");
        return request.Segments switch
        {
            ["users", "delta" or "delta()"] => _delta.Answer("users", request, root),
            ["groups", "delta" or "delta()"] => _delta.Answer("groups", request, root),
            ["users"] => _objects.Users(request, root),
            ["users", var id] => _objects.User(id, request),
            ["users", var id, "memberOf", "microsoft.graph.group" or "graph.group"] => _objects.MemberOf(
                id,
                transitive: false,
                request,
                root
            ),
            ["users", var id, "transitiveMemberOf", "microsoft.graph.group" or "graph.group"] => _objects.MemberOf(
                id,
                transitive: true,
                request,
                root
            ),
            ["groups"] => _objects.Groups(request, root),
            ["groups", var id] => _objects.Group(id),
            ["groups", var id, "members"] => _objects.Members(id, request, root),
            ["directory", "deletedItems", var id] => _objects.Deleted(id, request),
            ["servicePrincipals"] => _applications.Query(request, root),
            ["servicePrincipals", var id] => _applications.Get(id, request),
            [var call] when call.StartsWith("servicePrincipals(appId='", StringComparison.Ordinal) => _applications.GetByAppId(
                call["servicePrincipals(appId='".Length..^2],
                request
            ),
            [var call] when call.StartsWith("users('", StringComparison.Ordinal) => _objects.User(
                call["users('".Length..^2].Replace("''", "'", StringComparison.Ordinal),
                request
            ),
            _ => GraphResponse.Error(400, "BadRequest", $"Resource not found for the segment '{request.Segments.FirstOrDefault()}'."),
        };
    }

    // "Identity and access service limits" of Graph's documentation: the base cost of a request, less 1 with $select or with a small $top,
    // and 1 more with $expand.
    private static int UnitsOf(GraphRequest request)
    {
        int units = request.Segments switch
        {
            ["groups", _, "members", ..] => 3,
            ["users", ..] or ["servicePrincipals", _, "appRoleAssignedTo"] => 2,
            _ => 1,
        };
        units -= request.Select is null ? 0 : 1;
        units += request.Option("$expand") is null ? 0 : 1;
        units -= int.TryParse(request.Option("$top"), CultureInfo.InvariantCulture, out int top) && top < 20 ? 1 : 0;
        return Math.Max(1, units);
    }

    private static string? Needs(GraphRequest request) =>
        request.Segments switch
        {
            ["groups", ..] or [_, _, "memberOf" or "transitiveMemberOf", ..] => "GroupMember.Read.All",
            [_, _, "claimsPolicy" or "claimsMappingPolicies", ..] => request.Method == "GET"
                ? "Policy.Read.All"
                : "Policy.ReadWrite.ApplicationConfiguration",
            [_, _, "appRoleAssignedTo", ..] when request.Method != "GET" => "AppRoleAssignment.ReadWrite.All",
            [var first, ..]
                when first.StartsWith("servicePrincipals", StringComparison.Ordinal)
                    || first.StartsWith("application", StringComparison.Ordinal) => request.Method == "GET"
                ? "Application.Read.All"
                : "Application.ReadWrite.All",
            ["users" or "directory", ..] => "User.Read.All",
            _ => null,
        };

    private GraphResponse? Throttled(GraphRequest request)
    {
        int every = request.InBatch ? _behavior.ThrottleInBatchEvery : _behavior.ThrottleEvery;
        int number = request.InBatch ? Interlocked.Increment(ref _inner) : Interlocked.Increment(ref _outer);
        if (every == 0 || number % every != 0)
            return null;
        var answer = GraphResponse.Error(429, "TooManyRequests", "Too many requests.");
        answer.Headers["Retry-After"] = _behavior.RetryAfterFrom is { } from
            ? from.AddSeconds(_behavior.RetryAfter).ToString("R", CultureInfo.InvariantCulture)
            : _behavior.RetryAfter.ToString(CultureInfo.InvariantCulture);
        return answer;
    }
}
