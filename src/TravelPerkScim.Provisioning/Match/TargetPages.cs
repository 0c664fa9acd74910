using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>The list of all users of the target, page by page.</summary>
internal static class TargetPages
{
    /// <summary>Reads the list. False where it is too long, or cannot be read to its end.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="isTooLong">Says so by the first page.</param>
    /// <param name="see">Called for every user.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<bool> ReadAsync(
        ScimClient client,
        Func<ScimPage, bool> isTooLong,
        Action<ScimUser> see,
        CancellationToken cancellationToken
    )
    {
        try
        {
            bool first = true;
            await foreach (ScimPage page in client.ReadPagesAsync(null, cancellationToken).ConfigureAwait(false))
            {
                if (first && isTooLong(page))
                    return false;
                first = false;
                foreach (ScimUser user in page.Users)
                    see(user);
            }
            return true;
        }
        catch (ScimException e) when (e.Kind == ScimFailure.IncompleteList)
        {
            return false;
        }
    }

    /// <summary>The number of pages of the list, by its first page.</summary>
    public static int Needed(ScimPage page) => page.Users.Count == 0 ? 1 : (page.TotalResults + page.Users.Count - 1) / page.Users.Count;
}
