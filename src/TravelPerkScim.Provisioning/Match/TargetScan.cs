using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>Finds users without a filter, for a server whose filter misses users or answers other users. All pages are read, once for all
/// callers. Thread-safe.</summary>
internal sealed class TargetScan(ScimClient client, BoundMapping bound)
{
    /// <summary>The most pages that are read where a filter could find the few entries too. A longer read costs more than it is
    /// worth.</summary>
    private const int MostPages = 1000;

    private readonly object _gate = new();
    private Task<Dictionary<string, List<string>>[]?>? _reading;

    /// <summary>The user with the entry's matching attributes, in precedence order, or else with its externalId; a problem where the target
    /// cannot be read to its end.</summary>
    /// <param name="entry">The user to find.</param>
    /// <param name="taken">Target ids to the source users that are linked to them.</param>
    /// <param name="readAgain">The pages are read again, because the user may have been created since the last read.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<MatchResult> FindAsync(
        DesiredUser entry,
        IReadOnlyDictionary<string, string> taken,
        bool readAgain,
        CancellationToken cancellationToken
    )
    {
        Task<Dictionary<string, List<string>>[]?> reading;
        lock (_gate)
        {
            reading =
                readAgain || _reading is null or { IsFaulted: true } or { IsCanceled: true }
                    ? _reading = ReadAsync(cancellationToken)
                    : _reading;
        }

        if (await reading.WaitAsync(cancellationToken).ConfigureAwait(false) is not { } users)
            return new MatchResult(null, MatchProblem.NotSearchable(), null);
        for (int i = 0; i < users.Length; i++)
        {
            TargetAttribute attribute = bound.Telling[i];
            if (MatchKey.Of(attribute, entry.Values[attribute.Slot]) is not { } key || !users[i].TryGetValue(key, out List<string>? ids))
                continue;
            if (MatchIndex.CheckHit(entry, attribute, ids, taken) is { } problem)
                return new MatchResult(null, problem, attribute) { Hit = ids[0] };
            ScimUser? user = await client.FindUserAsync(ids[0], cancellationToken).ConfigureAwait(false);
            return new MatchResult(user is not null && MatchKey.Holds(user, attribute, key) ? user : null, null, attribute)
            {
                Hit = ids[0],
            };
        }
        return default;
    }

    /// <summary>Values to ids, one dictionary for each attribute that finds a user; null where the list cannot be read to its end, or is
    /// too long.</summary>
    private async Task<Dictionary<string, List<string>>[]?> ReadAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, List<string>>[] found =
        [
            .. bound.Telling.Select(_ => new Dictionary<string, List<string>>(StringComparer.Ordinal)),
        ];
        try
        {
            bool first = true;
            await foreach (ScimPage page in client.ReadPagesAsync(null, cancellationToken).ConfigureAwait(false))
            {
                if (first && client.Dialect.ExactFilter != false && TargetMatcher.PagesNeeded(page) > MostPages)
                    return null;
                first = false;
                foreach (ScimUser user in page.Users)
                    Note(found, user);
            }
        }
        catch (ScimException e) when (e.Kind == ScimFailure.IncompleteList)
        {
            return null;
        }
        return found;
    }

    private void Note(Dictionary<string, List<string>>[] found, ScimUser user)
    {
        for (int i = 0; i < found.Length; i++)
        {
            if (MatchKey.Of(bound.Telling[i], user) is { } key)
                (found[i].TryGetValue(key, out List<string>? ids) ? ids : found[i][key] = []).Add(user.Id!);
        }
    }
}
