using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>The change of a group as a reviewer saw it, or as a plan file keeps it.</summary>
/// <param name="DisplayName">The group's name.</param>
/// <param name="Rename">The name is written to a group that exists.</param>
/// <param name="Add">Source ids of the users who are put in.</param>
/// <param name="Remove">TravelPerk ids of the users who are taken out.</param>
internal sealed record GroupReview(string DisplayName, bool Rename, IReadOnlyList<string> Add, IReadOnlyList<string> Remove)
{
    /// <summary>The change of a computed operation; null for an operation on a user.</summary>
    public static GroupReview? Of(ProvisioningOperation operation) =>
        operation.Group is { } group
            ? new(group.DisplayName, group.Rename, [.. group.Add.Select(m => m.Anchor!)], [.. group.Remove.Select(m => m.TargetId!)])
            : null;

    /// <summary>The part of the change that differs from the new plan; null when none does. A user without a TravelPerk user cannot be
    /// put in yet, and follows later.</summary>
    public string? Difference(GroupReview now, StateSnapshot snapshot)
    {
        if ((DisplayName, Rename) != (now.DisplayName, now.Rename))
            return "its name";
        bool isAnotherPutIn = now.Add.Except(Add).Any();
        bool isOneLeftOut = Add.Except(now.Add).Any(anchor => snapshot.LinkOf(anchor) is { Enabled: true });
        if (isAnotherPutIn || isOneLeftOut)
            return "who is put in";
        return now.Remove.ToHashSet(StringComparer.Ordinal).SetEquals(Remove) ? null : "who is taken out";
    }
}
