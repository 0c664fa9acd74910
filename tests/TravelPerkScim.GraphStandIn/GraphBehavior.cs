namespace TravelPerkScim.GraphStandIn;

/// <summary>What this Graph does beyond answering plainly. Everything is off at first. All of it is documented behaviour of Microsoft
/// Graph.</summary>
public sealed class GraphBehavior
{
    /// <summary>Items of a page when the client does not say; what it says counts up to 999.</summary>
    public int PageSize { get; set; } = 100;

    /// <summary>The largest page, whatever the client says. Default 999.</summary>
    public int PageCap { get; set; } = 999;

    /// <summary>Members in one item of a groups delta; a larger group comes in several items.</summary>
    public int MembersAtOnce { get; set; } = 999;

    /// <summary>Delta rounds list changes in any order, drawn from this.</summary>
    public Random? Shuffle { get; set; }

    /// <summary>Share (0 to 1) of items that come a second time in the same round.</summary>
    public double Repeats { get; set; }

    /// <summary>Delta rounds begin this many changes before their token: changes come again.</summary>
    public int Replay { get; set; }

    /// <summary>Every so many pages of a delta round one is empty but for its nextLink; 0 is never.</summary>
    public int EmptyPageEvery { get; set; }

    /// <summary>A delta after the first one has the changed properties only.</summary>
    public bool ChangedPropertiesOnly { get; set; }

    /// <summary>Every so many requests one is answered 429; 0 is never.</summary>
    public int ThrottleEvery { get; set; }

    /// <summary>Every so many requests of batches one is answered 429; 0 is never.</summary>
    public int ThrottleInBatchEvery { get; set; }

    /// <summary>Seconds of its Retry-After.</summary>
    public int RetryAfter { get; set; } = 7;

    /// <summary>Retry-After is a date instead, this long after the given moment.</summary>
    public DateTimeOffset? RetryAfterFrom { get; set; }

    /// <summary>A delta query follows every object, whatever its filter names. A proxy that drops the query does this.</summary>
    public bool IgnoresFilter { get; set; }

    /// <summary>A delta query with a filter is answered 400.</summary>
    public bool RefusesFilter { get; set; }

    /// <summary>How an expired delta token is answered.</summary>
    public ExpiredAnswer Expired { get; set; }

    /// <summary>
    /// Permissions that the application lacks: <c>User.Read.All</c>, <c>GroupMember.Read.All</c>, <c>Application.Read.All</c>,
    /// <c>Application.ReadWrite.All</c>,
    /// <c>AppRoleAssignment.ReadWrite.All</c>, <c>Policy.Read.All</c>, <c>Policy.ReadWrite.ApplicationConfiguration</c>.
    /// </summary>
    public HashSet<string> Denied { get; } = new(StringComparer.Ordinal);

    /// <summary>The request is done, and its connection cut before the answer.</summary>
    public Func<GraphRequest, bool>? LoseAnswer { get; set; }

    /// <summary>The first so many changes of an application that was made from the gallery are refused with this status: 403, 404 or
    /// 409.</summary>
    public (int Status, int Times) RefuseNew { get; set; }

    /// <summary>The clock of certificates, creation times and resource units. Default: the system's.</summary>
    public Func<DateTimeOffset> Now { get; set; } = () => DateTimeOffset.UtcNow;

    /// <summary>Access tokens are answered 401.</summary>
    public bool RejectToken { get; set; }

    /// <summary>Links lead to this authority (<c>http://host:port</c>) instead of the stand-in's.</summary>
    public string? LinkAuthority { get; set; }

    /// <summary>Answers in place of the stand-in when it returns something; also asked for each request in a batch.</summary>
    public Func<GraphRequest, GraphResponse?>? Intercept { get; set; }

    /// <summary>What the provisioning service does.</summary>
    public SynchronizationBehavior Synchronization { get; } = new();
}

/// <summary>The documented answers to a delta token that is too old.</summary>
public enum ExpiredAnswer
{
    /// <summary>410 with a Location.</summary>
    Gone,

    /// <summary>400 syncStateNotFound.</summary>
    SyncStateNotFound,

    /// <summary>410 resyncRequired.</summary>
    ResyncRequired,
}
