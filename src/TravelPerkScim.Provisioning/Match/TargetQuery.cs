using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>Asks for the users who hold a value (RFC 7644 3.4.2.2, <c>eq</c>), and trusts no answer with a user who does not hold
/// it.</summary>
internal static class TargetQuery
{
    /// <param name="client">Sends the requests.</param>
    /// <param name="attribute">The attribute.</param>
    /// <param name="value">The value as the source has it.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <returns>Null when the service answers users who were not asked for. Only a read of all pages finds the user then.</returns>
    public static async Task<List<ScimUser>?> FindAsync(
        ScimClient client,
        TargetAttribute attribute,
        string value,
        CancellationToken cancellationToken
    )
    {
        List<ScimUser>? found = await AskAsync(client, attribute, value, cancellationToken).ConfigureAwait(false);
        // A service may keep a value in its normal form, and compare that form with the query's value as it stands.
        string normal = NormalText.Of(value);
        return found is { Count: 0 } && normal != value
            ? await AskAsync(client, attribute, normal, cancellationToken).ConfigureAwait(false)
            : found;
    }

    private static async Task<List<ScimUser>?> AskAsync(
        ScimClient client,
        TargetAttribute attribute,
        string value,
        CancellationToken cancellationToken
    )
    {
        var found = new List<ScimUser>();
        string key = MatchKey.Of(attribute, value)!;
        try
        {
            await foreach (
                ScimUser user in client
                    .ListUsersAsync(ScimFilter.Equal(attribute.Flow.TargetName, value), cancellationToken)
                    .ConfigureAwait(false)
            )
            {
                if (!MatchKey.Holds(user, attribute, key))
                {
                    LearnInexact(client);
                    return null;
                }
                found.Add(user);
            }
        }
        catch (ScimException e) when (found.Count > 1 && e.Kind == ScimFailure.IncompleteList)
        {
            // Two hits are an error of the entry already, however many more there are.
        }
        return found;
    }

    /// <summary>The service does not filter by externalId.</summary>
    public static void LearnWithoutExternalId(ScimClient client) => client.Learn(new ScimDialect { ExternalIdFilter = false });

    /// <summary>The service's filter answers entries that were not asked for.</summary>
    public static void LearnInexact(ScimClient client) => client.Learn(new ScimDialect { ExactFilter = false });
}
