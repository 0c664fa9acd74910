using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>
/// Confirms that a user is gone when a write was answered with 404. The answer alone proves nothing: the key may lack a permission, a route
/// may be wrong, a replica may lag. A user is gone when a GET of the id does not show the user, and no user of TravelPerk has one of the
/// identity keys.
/// </summary>
internal sealed class Disappearance(ScimClient client, LinkCheck check, LinkLedger links)
{
    private readonly IdentityWalk _walk = new(client, check);

    /// <summary>The error of a change that was answered with 404 although a GET shows the user.</summary>
    public static string StillShown(string id) =>
        $"TravelPerk answered the change with 404 and shows user {id} all the same. "
        + "The link stays, and a later cycle tries again. Check that the API key may change users.";

    /// <returns>Null when the user is gone; otherwise the reason for doubt, and what follows.</returns>
    public async Task<string?> DoubtAsync(string anchor, string id, CancellationToken cancellationToken)
    {
        if (await client.FindUserAsync(id, cancellationToken).ConfigureAwait(false) is not null)
            return StillShown(id);
        byte[] known = check.KnownOf(anchor);
        if (!StoredKeys.Any(known))
            return null;
        if (!await _walk.ReadAsync(int.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            return $"TravelPerk answered the change and a query for user {id} with 404, and its list cannot be read to the end. "
                + "It is not proved that the user is gone. The link stays, and a later cycle tries again.";
        }

        List<string> found = _walk.Find(known, other => links.OtherOwner(other, anchor) is null);
        if (found.Count == 0)
            return null;
        string ids = string.Join(", ", found.Take(2));
        return $"TravelPerk answered the change with 404 for user {id}, and lists the user with the id {ids}. "
            + "The link stays, and a later cycle tries again.";
    }
}
