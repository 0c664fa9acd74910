using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>
/// Confirms that a user is gone when a write was answered with 404. That alone proves nothing: the key may lack a permission, a route may
/// be wrong, a replica may lag.
/// Gone is who is not shown by a GET of the id, and not found by what tells users apart either.
/// </summary>
internal sealed class Disappearance(ScimClient client, LinkCheck check, LinkLedger links)
{
    private readonly IdentityWalk _walk = new(client, check);

    /// <summary>What a 404 to a change means where a GET shows the user.</summary>
    public static string StillShown(string id) =>
        $"TravelPerk answered the change with 404 and shows user {id} all the same. "
        + $"The link stays, and a later cycle tries again. Check that the API key may change users.";

    /// <returns>Null: the user is gone. Otherwise what speaks against it, and what follows.</returns>
    public async Task<string?> DoubtAsync(string anchor, string id, CancellationToken cancellationToken)
    {
        if (await client.FindUserAsync(id, cancellationToken).ConfigureAwait(false) is not null)
            return StillShown(id);
        byte[] known = check.KnownOf(anchor);
        if (!StoredKeys.Any(known))
            return null;
        if (!await _walk.ReadAsync(int.MaxValue, cancellationToken).ConfigureAwait(false))
            return $"TravelPerk answered the change and a query for user {id} with 404, and its list cannot be read "
                + $"to the end, so that the user is gone is not proved. The link stays, and a later cycle tries again.";
        List<string> found = _walk.Find(known, other => !links.OwnersByTarget.TryGetValue(other, out string? owner) || owner == anchor);
        return found.Count == 0
            ? null
            : $"TravelPerk answered the change with 404 for user {id}, and lists the user with the "
                + $"id {string.Join(", ", found.Take(2))}. The link stays, and a later cycle tries again.";
    }
}
