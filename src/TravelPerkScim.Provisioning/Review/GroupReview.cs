using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>What a reviewer saw, or a plan file keeps, of what an operation does to a group.</summary>
/// <param name="DisplayName">The group's name.</param>
/// <param name="Rename">The name is written to a group that exists.</param>
/// <param name="Add">Source ids of the users who are put in.</param>
/// <param name="Remove">TravelPerk ids of the users who are taken out.</param>
internal sealed record GroupReview(string DisplayName, bool Rename, IReadOnlyList<string> Add, IReadOnlyList<string> Remove)
{
    /// <summary>Of a computed operation; null when it is a user's.</summary>
    public static GroupReview? Of(ProvisioningOperation operation) =>
        operation.Group is { } group
            ? new(group.DisplayName, group.Rename, [.. group.Add.Select(m => m.Anchor!)], [.. group.Remove.Select(m => m.TargetId!)])
            : null;

    /// <summary>What would be done now and was not reviewed, or the other way round; null when nothing is. Whoever has no TravelPerk user
    /// yet cannot be put in, and follows when they have one.</summary>
    public string? Difference(GroupReview now, StateSnapshot snapshot) =>
        (DisplayName, Rename) != (now.DisplayName, now.Rename) ? "its name"
        : now.Add.Except(Add).Any() || Add.Except(now.Add).Any(anchor => snapshot.LinkOf(anchor) is { Enabled: true }) ? "who is put in"
        : !now.Remove.ToHashSet(StringComparer.Ordinal).SetEquals(Remove) ? "who is taken out"
        : null;
}
