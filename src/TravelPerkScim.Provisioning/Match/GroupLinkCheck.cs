using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>Says whether the group at a linked id is still the linked group, before it is written or deleted. The externalId tells, or the
/// name that was last written.</summary>
internal sealed class GroupLinkCheck(ScimClient client, StateSnapshot snapshot)
{
    /// <param name="anchor">The source group.</param>
    /// <param name="link">Its link.</param>
    /// <param name="displayName">The group's present name; null when the source no longer has the group.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<GroupSighting> LookAsync(string anchor, GroupLink link, string? displayName, CancellationToken cancellationToken)
    {
        GroupMatch seen = await GroupMatch.LookAsync(client, link.TargetId, withMembers: false, cancellationToken).ConfigureAwait(false);
        if (seen.Group is not { } group)
            return new GroupSighting(Found: false, Ours: false, seen.Problem);
        bool isOurs = group.ExternalId == anchor || IsNamed(group.DisplayName, link, displayName);
        return new GroupSighting(Found: true, isOurs, null);
    }

    /// <summary>The target group has the name that was last written, or the present one.</summary>
    private bool IsNamed(string? shown, GroupLink link, string? displayName)
    {
        if (shown is null)
            return false;
        bool isPresentName = displayName is not null && MatchKey.Fold(shown) == MatchKey.Fold(displayName);
        return isPresentName || link.Hash == GroupMemory.Hash(snapshot.Salt, shown);
    }
}

/// <summary>The group at a linked id.</summary>
/// <param name="Found">The target has a group with the id.</param>
/// <param name="Ours">The group is the linked one.</param>
/// <param name="Problem">Why the group is not known; null when it is known.</param>
internal sealed record GroupSighting(bool Found, bool Ours, MatchProblem? Problem);
