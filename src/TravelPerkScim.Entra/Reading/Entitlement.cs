using System.Runtime.InteropServices;

namespace TravelPerkScim.Entra.Reading;

/// <summary>A membership worked out for each user: who is entitled, with which roles. Equal sets of roles are one array.</summary>
internal sealed class Entitlement
{
    private readonly Dictionary<Guid, Guid[]> _users = [];
    private readonly Dictionary<string, Guid[]> _sets = new(StringComparer.Ordinal);
    private readonly Dictionary<(Guid[], Guid), Guid[]> _unions = [];
    private readonly Guid[] _none;

    /// <param name="membership">Who is assigned, and who is in the groups.</param>
    /// <param name="withRoles">Whether roles are read; otherwise who is assigned is all that counts, and a change of role is none.</param>
    public Entitlement(Membership membership, bool withRoles)
    {
        _none = Intern([]);
        foreach (Assignment assignment in membership.Assignments)
        {
            Guid role = withRoles ? assignment.Role : Guid.Empty;
            if (!assignment.IsGroup)
                Add(assignment.Principal, role);
            else
                foreach (Guid user in membership.WithNested(assignment.Principal).SelectMany(group => group.Users))
                    Add(user, role);
        }
    }

    /// <summary>The user's roles, in order of their ids; null for a user who is not entitled.</summary>
    public IReadOnlyList<Guid>? RolesOf(Guid user) => _users.GetValueOrDefault(user);

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
