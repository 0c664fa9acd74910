using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Users;

/// <summary>Finds the user of an identity with the fewest requests.</summary>
internal static class UserLookup
{
    /// <exception cref="CommandException"><c>UserNotFound</c>, <c>UserNameNotUnique</c>.</exception>
    public static async Task<ScimUser> FindUserAsync(
        this TravelPerkConnection connection,
        ScimUserIdentity identity,
        CancellationToken cancellationToken
    )
    {
        ScimUser user = identity.IsUserName
            ? await FindByUserNameAsync(connection.Client, identity.Text, cancellationToken).ConfigureAwait(false)
            : await connection.Client.FindUserAsync(identity.Text, cancellationToken).ConfigureAwait(false)
                ?? throw CommandException.UserNotFound(identity.Text);
        connection.RecentUsers.Add(user.UserName);
        return user;
    }

    /// <summary>The user's id. An identity that is an id needs no request.</summary>
    public static async Task<string> FindIdAsync(
        this TravelPerkConnection connection,
        ScimUserIdentity identity,
        CancellationToken cancellationToken
    )
    {
        if (!identity.IsUserName)
            return identity.Text;

        ScimUser user = await connection.FindUserAsync(identity, cancellationToken).ConfigureAwait(false);
        return user.Id
            ?? throw new CommandException(
                "UserWithoutId",
                ErrorCategory.InvalidResult,
                $"TravelPerk answered the user '{identity}' without an id, so it cannot be changed. Ask TravelPerk's support."
            );
    }

    private static async Task<ScimUser> FindByUserNameAsync(ScimClient client, string userName, CancellationToken cancellationToken)
    {
        ScimUser? found = null;
        try
        {
            IAsyncEnumerable<ScimUser> users = client.ListUsersAsync(ScimFilter.Equal("userName", userName), cancellationToken);
            await foreach (ScimUser user in users.ConfigureAwait(false))
            {
                // A service that ignores the filter answers every user, so the userName is compared again.
                if (!string.Equals(user.UserName, userName, StringComparison.OrdinalIgnoreCase))
                    continue;

                if (found is not null)
                {
                    throw new CommandException(
                        "UserNameNotUnique",
                        ErrorCategory.InvalidResult,
                        $"TravelPerk has more than one user with userName '{userName}'. Give the id instead."
                    );
                }

                found = user;
            }
        }
        catch (ScimException e) when (found is not null && e.Kind == ScimFailure.IncompleteList)
        {
            // The rest of the list is unknown. A userName is unique (RFC 7643 4.1.1), so one hit is enough.
        }

        return found ?? throw CommandException.UserNotFound(userName);
    }
}
