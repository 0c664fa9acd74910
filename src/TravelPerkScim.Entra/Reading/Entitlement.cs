using System.Runtime.InteropServices;

namespace TravelPerkScim.Entra.Reading;

/// <summary>The entitlement of one user.</summary>
/// <param name="Roles">The user's roles, in order of their ids; null for a user who is not entitled.</param>
/// <param name="Pending">An assigned group could not be read, so a user who is not entitled may be entitled by that group.</param>
internal readonly record struct UserEntitlement(IReadOnlyList<Guid>? Roles, bool Pending);

/// <summary>The entitled users, and the membership that entitles them.</summary>
/// <param name="Entitlement">The entitled users.</param>
/// <param name="Membership">The assignments, and the members of the groups.</param>
/// <param name="Lost">What users lost since the read before; null when no read was before.</param>
/// <param name="OnlyEntitled">Users who are not entitled are of no interest. Otherwise every user of the tenant is entitled.</param>
internal sealed record Entitled(Entitlement Entitlement, Membership Membership, LostGroups? Lost, bool OnlyEntitled)
{
    /// <summary>The groups that a user who is not entitled left since the read before; null when they are not known.</summary>
    public string? GroupsLostBy(Guid user) => Lost?.NamesFor(user);
}

/// <summary>The entitled users of a membership, with their roles. Equal sets of roles share one array.</summary>
internal sealed class Entitlement
{
    private readonly Dictionary<Guid, Guid[]> _users = [];
    private readonly Dictionary<string, Guid[]> _sets = new(StringComparer.Ordinal);
    private readonly Dictionary<(Guid[], Guid), Guid[]> _unions = [];
    private readonly Guid[] _none;
    private readonly bool _pending;

    /// <param name="membership">The assignments, and the members of the groups.</param>
    /// <param name="withRoles">Whether roles are read. Otherwise only the assignment counts, and a change of role is no change.</param>
    public Entitlement(Membership membership, bool withRoles)
    {
        _none = Intern([]);
        _pending = membership.UnreadAssignments > 0 || membership.PendingGroups().Any();
        foreach (Assignment assignment in membership.Assignments)
        {
            Guid role = withRoles ? assignment.Role : Guid.Empty;
            foreach (Guid user in membership.UsersOf(assignment))
                Add(user, role);
        }
    }

    public UserEntitlement Of(Guid user) => new(_users.GetValueOrDefault(user), _pending);

    /// <summary>An assignment or an assigned group could not be read, so other users may be entitled too.</summary>
    public bool IsPending => _pending;

    /// <summary>Number of users who are entitled.</summary>
    public int Count => _users.Count;

    public bool Has(Guid user) => _users.ContainsKey(user);

    /// <summary>Users who are entitled.</summary>
    public IEnumerable<Guid> Users => _users.Keys;

    /// <summary>Users whose entitlement or roles differ.</summary>
    public IEnumerable<Guid> DifferingFrom(Entitlement other)
    {
        foreach ((Guid user, Guid[] roles) in _users)
        {
            if (!other._users.TryGetValue(user, out Guid[]? before) || !roles.AsSpan().SequenceEqual(before))
                yield return user;
        }
        foreach (Guid user in other._users.Keys)
        {
            if (!_users.ContainsKey(user))
                yield return user;
        }
    }

    private void Add(Guid user, Guid role)
    {
        ref Guid[]? roles = ref CollectionsMarshal.GetValueRefOrAddDefault(_users, user, out _);
        roles ??= _none;
        if (role == Guid.Empty || Array.BinarySearch(roles, role) >= 0)
            return;
        if (!_unions.TryGetValue((roles, role), out Guid[]? union))
            _unions[(roles, role)] = union = Intern([.. roles.Append(role).Order()]);
        roles = union;
    }

    private Guid[] Intern(Guid[] roles)
    {
        string key = string.Join(',', roles);
        return _sets.TryGetValue(key, out Guid[]? known) ? known : _sets[key] = roles;
    }
}
