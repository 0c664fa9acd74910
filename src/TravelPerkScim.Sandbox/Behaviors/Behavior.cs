using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Behaviors;

/// <summary>
/// One hostile behaviour that is on. It overrides the points that it needs, in the order in which a request passes them. At any other point
/// the server is honest. Many requests call it at once.
/// </summary>
internal abstract class Behavior
{
    private long _hits;

    /// <summary>How often the behaviour changed an answer.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Before the credential is checked. A <see cref="ScimErrorException"/> ends the request, here and in the points that
    /// follow.</summary>
    public virtual void BeforeAuthentication(SandboxRequest request) { }

    /// <summary>After the credential and the rate limit, before anything is done.</summary>
    public virtual void BeforeHandling(SandboxRequest request, UserStore users) { }

    /// <summary>The query of a list, before the users are searched.</summary>
    public virtual UserQuery Asked(UserQuery query) => query;

    /// <summary>The operations of a PATCH of a user that are carried out.</summary>
    public virtual IReadOnlyList<PatchStep> Carried(IReadOnlyList<PatchStep> steps) => steps;

    /// <summary>Before a written user is kept. The attributes that a client may write are changed in place. <paramref name="before"/> is
    /// null for a new user.</summary>
    public virtual void Keep(JsonObject? before, JsonObject content) { }

    /// <summary>The user that a GET by id shows.</summary>
    public virtual string Shown(string id, UserStore users) => id;

    /// <summary>The users that a GET found: by a filter, in the whole list (no filter), or by id.</summary>
    public virtual IReadOnlyList<StoredUser> Found(IReadOnlyList<StoredUser> users, Lookup lookup) => users;

    /// <summary>Before a list is cut into a page.</summary>
    public virtual UserQuery Query(UserQuery query, int totalResults) => query;

    /// <summary>After a list was cut into a page.</summary>
    public virtual UserPage Page(UserPage page) => page;

    /// <summary>Before the answer leaves, and after every write.</summary>
    public virtual SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response) => response;

    protected void Hit() => Interlocked.Increment(ref _hits);

    /// <summary>Counts a hit where the behaviour changes something.</summary>
    protected void HitIf(bool changes)
    {
        if (changes)
            Hit();
    }

    /// <summary>Counts a hit unless there were that many already.</summary>
    protected bool HitWithin(long limit)
    {
        if (Interlocked.Increment(ref _hits) <= limit)
            return true;
        _ = Interlocked.Decrement(ref _hits);
        return false;
    }
}
