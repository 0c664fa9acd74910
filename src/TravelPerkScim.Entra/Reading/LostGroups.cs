namespace TravelPerkScim.Entra.Reading;

/// <summary>The assigned groups that users were members of before a read, and that they left since.</summary>
/// <param name="entitled">The users who were entitled before the read.</param>
/// <param name="before">The membership before the read. Few reads find a user who left, so the membership is unpacked for the first
/// one.</param>
/// <param name="now">The membership that the read found.</param>
internal sealed class LostGroups(Entitlement entitled, Lazy<Membership?> before, Membership now)
{
    /// <summary>The names of the groups whose membership gave the assignment; null when something else gave or took it.</summary>
    /// <param name="user">A user who is not entitled now.</param>
    public string? NamesFor(Guid user)
    {
        if (entitled.Of(user).Roles is null || before.Value is not { } former)
            return null;
        Guid[] assigned = [.. Assigned(former, user)];
        // An assignment that was taken back, of the user or of a group, needs another explanation.
        return assigned.All(now.AssignedGroups.Contains) ? Names(assigned) : null;
    }

    // The user, when assigned directly, and the assigned groups that the user was a member of.
    private static IEnumerable<Guid> Assigned(Membership membership, Guid user) =>
        membership
            .Assignments.Where(assignment => assignment.Principal == user || Reaches(membership, assignment, user))
            .Select(assignment => assignment.Principal)
            .Distinct();

    private static bool Reaches(Membership membership, Assignment assignment, Guid user) =>
        assignment.IsGroup && membership.WithNested(assignment.Principal).Any(group => group.Users.Contains(user));

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
