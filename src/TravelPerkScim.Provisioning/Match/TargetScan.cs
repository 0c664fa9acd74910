using TravelPerkScim.Provisioning.Model;
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
    private Task<ValueIndex<string>?>? _reading;

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
        Task<ValueIndex<string>?> reading;
        lock (_gate)
        {
            bool isUsable = _reading is { IsFaulted: false, IsCanceled: false };
            if (readAgain || !isUsable)
                _reading = ReadAsync(cancellationToken);
            reading = _reading!;
        }

        if (await reading.WaitAsync(cancellationToken).ConfigureAwait(false) is not { } users)
            return new MatchResult(null, MatchProblem.NotSearchable(), null);
        for (int place = 0; place < users.Count; place++)
        {
            TargetAttribute attribute = bound.Telling[place];
            string? key = MatchKey.In(entry.Values, attribute);
            if (users.Find(place, key) is not { } ids)
                continue;
            if (MatchIndex.CheckHit(entry, attribute, ids, taken) is { } problem)
                return new MatchResult(null, problem, attribute) { Hit = ids[0] };
            ScimUser? user = await client.FindUserAsync(ids[0], cancellationToken).ConfigureAwait(false);
            bool stillHolds = user is not null && MatchKey.Holds(user, attribute, key!);
            return new MatchResult(stillHolds ? user : null, null, attribute) { Hit = ids[0] };
        }
        return default;
    }

    /// <summary>The ids of all users by the values that find a user; null where the list cannot be read to its end, or is too
    /// long.</summary>
    private async Task<ValueIndex<string>?> ReadAsync(CancellationToken cancellationToken)
    {
        var found = new ValueIndex<string>(bound.Telling);
        bool isWhole = await TargetPages
            .ReadAsync(client, IsTooLong, user => found.Add(user, user.Id!), cancellationToken)
            .ConfigureAwait(false);
        return isWhole ? found : null;
    }

    private bool IsTooLong(ScimPage page) => client.Dialect.ExactFilter != false && TargetPages.Needed(page) > MostPages;
}
