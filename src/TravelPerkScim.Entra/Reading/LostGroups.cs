namespace TravelPerkScim.Entra.Reading;

/// <summary>The assigned groups that users were members of before a read, and that they left since.</summary>
/// <param name="entitled">The users who were entitled before the read.</param>
/// <param name="before">Unpacks the membership before the read. Few reads find a user who left, so it is called for the first
/// one.</param>
/// <param name="now">The membership that the read found.</param>
internal sealed class LostGroups(Entitlement entitled, Func<Membership?> before, Membership now)
{
    // Many users may leave at once, and the users of a group are the same for each of them.
    private readonly Lazy<(Guid Principal, HashSet<Guid> Users)[]> _former = new(() =>
        before() is { } former
            ? [.. former.Assignments.DistinctBy(a => a.Principal).Select(a => (a.Principal, former.UsersOf(a).ToHashSet()))]
            : []
    );

    /// <summary>The names of the groups whose membership gave the assignment; null when something else gave or took it.</summary>
    /// <param name="user">A user who is not entitled now.</param>
    public string? NamesFor(Guid user)
    {
        if (entitled.Of(user).Roles is null)
            return null;
        // The user, when assigned directly, and the assigned groups that the user was a member of.
        Guid[] assigned = [.. _former.Value.Where(former => former.Users.Contains(user)).Select(former => former.Principal)];
        // An assignment that was taken back, of the user or of a group, needs another explanation.
        return assigned.All(now.AssignedGroups.Contains) ? Names(assigned) : null;
    }

    private string? Names(Guid[] groups)
    {
        var names = new List<string>();
        foreach (Guid id in groups)
        {
            if (!now.Groups.TryGetValue(id, out KeptGroup? group) || group is { Missing: true } or { DisplayName: "" })
                return null;
            names.Add(group.DisplayName);
        }
        return names.Count == 0 ? null : string.Join(" and ", names.Order(StringComparer.Ordinal));
    }
}
