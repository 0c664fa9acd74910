using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>What TravelPerk shows at an id.</summary>
/// <param name="User">The user; null when there is none, or when the answer cannot be read.</param>
/// <param name="Problem">Why the answer cannot be read; null when it can.</param>
internal readonly record struct UserSighting(ScimUser? User, MatchProblem? Problem)
{
    /// <summary>Looks at one id. An unreadable answer is a problem of that user alone.</summary>
    public static async Task<UserSighting> LookAsync(ScimClient client, string id, CancellationToken cancellationToken)
    {
        try
        {
            return new UserSighting(await client.FindUserAsync(id, cancellationToken).ConfigureAwait(false), null);
        }
        catch (ScimException e) when (e.IsUnreadable)
        {
            return new UserSighting(null, MatchProblem.Unanswered(e));
        }
    }
}
