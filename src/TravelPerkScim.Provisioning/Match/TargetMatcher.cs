using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>
/// Finds the target users that a cycle needs: the TravelPerk users of unlinked source users, by the matching attributes in precedence
/// order, and the current values of linked users that changed. Many users are found by one paged read of the target, few by one query each.
/// The first page tells which is cheaper.
/// </summary>
internal sealed class TargetMatcher(ScimClient client, BoundMapping bound, LinkCheck check, int concurrency)
{
    // For so few entries, one query each is cheaper than asking for the number of users.
    private const int FewEntries = 4;

    private readonly TargetScan _walk = new(client, bound);

    /// <summary>Fills <see cref="DesiredUser.Current"/> and <see cref="DesiredUser.TargetId"/>, or leaves them null where TravelPerk has no
    /// such user.</summary>
    /// <param name="entries">Users to find. Users with a link are found by id.</param>
    /// <param name="taken">Target ids to the source users that are linked to them.</param>
    /// <param name="progress">Counts entries or target users seen.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <param name="survey">Called for every user of the target. The whole target is then read, whatever that costs.</param>
    /// <returns>A problem for each entry that matches several users, or a user who is linked to another source user.</returns>
    public async Task<Dictionary<DesiredUser, MatchProblem>> FindAsync(
        IReadOnlyList<DesiredUser> entries,
        IReadOnlyDictionary<string, string> taken,
        ProgressMeter progress,
        CancellationToken cancellationToken,
        Action<ScimUser>? survey = null
    )
    {
        var problems = new Dictionary<DesiredUser, MatchProblem>();
        var search = new Search(entries, taken, problems, progress);
        if (!await FindByWalkAsync(search, survey, cancellationToken).ConfigureAwait(false))
            await QueryEachAsync(search, cancellationToken).ConfigureAwait(false);
        HeedExternalIds(entries, problems);
        RefuseSharedTargets(entries, problems);
        RefuseSharedValues(entries, problems);
        return problems;
    }

    /// <summary>Looks up a user whom the server says it has and whom its filter does not show. The dialect then remembers that the filter
    /// misses users.</summary>
    public async Task<MatchResult> WalkForAsync(
        DesiredUser entry,
        IReadOnlyDictionary<string, string> taken,
        CancellationToken cancellationToken
    )
    {
        MatchResult result = await _walk.FindAsync(entry, taken, readAgain: false, cancellationToken).ConfigureAwait(false);
        if (client.Dialect.ExactFilter != false)
            await LearnMissAsync(entry, result, cancellationToken).ConfigureAwait(false);
        return result;
    }

    // The filter's fault is learned whether or not the hit can be used.
    private async Task LearnMissAsync(DesiredUser entry, MatchResult result, CancellationToken cancellationToken)
    {
        if (result is not { Hit: { } hit, By: { } attribute } || !attribute.IsCore("userName"))
            return;
        ScimUser? user = result.User ?? await client.FindUserAsync(hit, cancellationToken).ConfigureAwait(false);
        if (user is null)
            return;
        bool sameCase = user.UserName == MatchKey.Text(entry.Values[attribute.Slot]);
        UserNameFilter learned = sameCase ? UserNameFilter.Misses : UserNameFilter.CaseSensitive;
        client.Learn(new ScimDialect { UserNameFilter = learned });
    }

    /// <summary>False when queries are to be used, because they are cheaper or because the list cannot be read to its end.</summary>
    private async Task<bool> FindByWalkAsync(Search search, Action<ScimUser>? survey, CancellationToken cancellationToken)
    {
        bool blind = !MayQuery && search.Entries.Any(entry => entry.Link is null);
        // A survey needs to know the absent users, which queries cannot tell.
        bool whole = blind || survey is not null;
        bool queriesAreCheaper = search.Entries.Count <= FewEntries || !client.Dialect.ListsWhole;
        if (!whole && queriesAreCheaper)
            return false;
        try
        {
            return await WalkAsync(search, whole, survey, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.Kind == ScimFailure.IncompleteList && survey is null && QueriesTellMore(blind))
        {
            return false;
        }
    }

    // Where the filter cannot be trusted either, each entry that needs a query gets its own error.
    private bool QueriesTellMore(bool blind) => !blind || client.Dialect.ExactFilter == false;

    // A filter that misses users would lead to users created twice. A filter that answers other users would lead to their values being
    // overwritten.
    private bool MayQuery
    {
        get
        {
            ScimDialect dialect = client.Dialect;
            if (dialect.FilterIsBlind || dialect.ExactFilter == false)
                return false;
            return dialect.ExternalIdFilter != false || !bound.Matching.Any(a => a.IsCore("externalId"));
        }
    }

    /// <summary>False when the first page tells that queries are cheaper.</summary>
    private async Task<bool> WalkAsync(Search search, bool always, Action<ScimUser>? survey, CancellationToken cancellationToken)
    {
        var index = new MatchIndex(bound, search.Entries, check);
        IAsyncEnumerator<ScimPage> pages = client.ReadPagesAsync(null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            bool first = true;
            while (await pages.MoveNextAsync().ConfigureAwait(false))
            {
                ScimPage page = pages.Current;
                if (first && !always && TargetPages.Needed(page) > search.Entries.Count)
                    return false;
                first = false;
                foreach (ScimUser user in page.Users)
                {
                    index.See(user);
                    survey?.Invoke(user);
                }
                search.Progress.Step(page.Users.Count);
            }
        }
        // A list may leave users out (some servers hide inactive users). Only a GET of the id tells that a linked user is gone.
        var answers = new AnswerTally();
        await Parallel
            .ForEachAsync(
                index.Unseen,
                Options(cancellationToken),
                async (entry, ct) =>
                    await answers
                        .CountAsync(entry, search.Problems, async () => Take(entry, await FindLinkedAsync(entry, ct).ConfigureAwait(false)))
                        .ConfigureAwait(false)
            )
            .ConfigureAwait(false);
        index.AssignMatches(search.Taken, search.Problems);
        return true;
    }

    /// <summary>Looks one user up by its matching attributes. The first attribute with a hit wins.</summary>
    /// <param name="entry">The user to find.</param>
    /// <param name="taken">Target ids to the source users that are linked to them.</param>
    /// <param name="readAgain">A list of all users is read again, because the user may have been created a moment ago.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    public async Task<MatchResult> QueryAsync(
        DesiredUser entry,
        IReadOnlyDictionary<string, string> taken,
        bool readAgain,
        CancellationToken cancellationToken
    )
    {
        if (client.Dialect.ExactFilter == false)
            return await _walk.FindAsync(entry, taken, readAgain, cancellationToken).ConfigureAwait(false);
        foreach (TargetAttribute attribute in bound.Matching)
        {
            if (MatchKey.Text(entry.Values[attribute.Slot]) is not { } value)
                continue;
            List<ScimUser>? hits;
            try
            {
                hits = await TargetQuery.FindAsync(client, attribute, value, cancellationToken).ConfigureAwait(false);
            }
            catch (ScimException e) when (attribute.IsCore("externalId") && e.Kind is ScimFailure.Refused or ScimFailure.NotSupported)
            {
                TargetQuery.LearnWithoutExternalId(client);
                hits = null;
            }
            catch (ScimException e) when (e.Kind == ScimFailure.NotFound)
            {
                // Some services answer 404 to a filter without a hit. The list tells whether the address is wrong.
                hits = null;
            }
            if (hits is null)
                return await _walk.FindAsync(entry, taken, readAgain, cancellationToken).ConfigureAwait(false);
            if (hits.Count > 0)
                return ResultOf(entry, attribute, hits, taken);
        }
        return check.LinksAreLost ? await AskForAnchorAsync(entry, taken, readAgain, cancellationToken).ConfigureAwait(false) : default;
    }

    // Without links, only the externalId finds a user who was renamed since. While the job has links, a new user costs no second query.
    private async Task<MatchResult> AskForAnchorAsync(
        DesiredUser entry,
        IReadOnlyDictionary<string, string> taken,
        bool readAgain,
        CancellationToken cancellationToken
    )
    {
        if (bound.Anchoring is not { } externalId || MatchKey.Text(entry.Values[externalId.Slot]) is not { } value)
            return default;
        List<ScimUser>? hits = null;
        try
        {
            if (client.Dialect.ExternalIdFilter != false)
                hits = await TargetQuery.FindAsync(client, externalId, value, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.Kind is ScimFailure.Refused or ScimFailure.NotSupported or ScimFailure.NotFound)
        {
            TargetQuery.LearnWithoutExternalId(client);
        }
        if (hits is not null)
            return hits.Count == 0 ? default : ResultOf(entry, externalId, hits, taken);
        MatchResult walked = await _walk.FindAsync(entry, taken, readAgain, cancellationToken).ConfigureAwait(false);
        // The queries by the matching attributes were exact, and found no user.
        bool queriesSuffice = walked.Problem is { Code: MatchProblem.NotSearchableCode } && client.Dialect.ExactFilter != false;
        return queriesSuffice ? default : walked;
    }

    private static MatchResult ResultOf(
        DesiredUser entry,
        TargetAttribute attribute,
        List<ScimUser> hits,
        IReadOnlyDictionary<string, string> taken
    ) =>
        MatchIndex.CheckHit(entry, attribute, hits.ConvertAll(u => u.Id!), taken) is { } problem
            ? new MatchResult(null, problem, attribute)
            : new MatchResult(hits[0], null, attribute);

    private async Task QueryEachAsync(Search search, CancellationToken cancellationToken)
    {
        var answers = new AnswerTally();
        await Parallel
            .ForEachAsync(
                search.Entries,
                Options(cancellationToken),
                async (entry, ct) =>
                {
                    await answers.CountAsync(entry, search.Problems, () => LookUpAsync(entry, search, ct)).ConfigureAwait(false);
                    search.Progress.Step();
                }
            )
            .ConfigureAwait(false);
    }

    // The link finds the user. Without a link, or where the linked user is missing, the matching attributes do.
    private async Task LookUpAsync(DesiredUser entry, Search search, CancellationToken cancellationToken)
    {
        ScimUser? user = entry.Link is null ? null : await FindLinkedAsync(entry, cancellationToken).ConfigureAwait(false);
        if (user is null)
        {
            MatchResult result = await QueryAsync(entry, search.Taken, readAgain: false, cancellationToken).ConfigureAwait(false);
            user = result.User;
            entry.MatchedBy = result.By;
            AddProblem(entry, result.Problem, search.Problems);
        }
        Take(entry, user);
    }

    // The user found at the linked id may be another person.
    private async Task<ScimUser?> FindLinkedAsync(DesiredUser entry, CancellationToken cancellationToken)
    {
        ScimUser? user = await client.FindUserAsync(entry.Link!.TargetId, cancellationToken).ConfigureAwait(false);
        entry.LinkIsAnothers = user is not null && !check.IsOurs(entry, bound.Extract(user));
        return entry.LinkIsAnothers ? null : user;
    }

    private static void AddProblem(DesiredUser entry, MatchProblem? problem, Dictionary<DesiredUser, MatchProblem> problems)
    {
        if (problem is null)
            return;
        lock (problems)
            problems.TryAdd(entry, problem);
    }

    private ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };

    private void Take(DesiredUser entry, ScimUser? user)
    {
        entry.TargetId = user?.Id;
        entry.Current = user is null ? null : bound.Extract(user);
    }

    // Where TravelPerk's externalId names one of the source users, that source user gets the TravelPerk user, also when another source user
    // has the former name by now.
    private void HeedExternalIds(IReadOnlyList<DesiredUser> entries, Dictionary<DesiredUser, MatchProblem> problems)
    {
        if (bound.Anchoring is not { } externalId)
            return;
        List<DesiredUser> strangers = [.. entries.Where(HasAnothersUser)];
        if (strangers.Count == 0)
            return;
        ILookup<string?, DesiredUser> named = entries.ToLookup(e => MatchKey.In(e.Values, externalId), StringComparer.Ordinal);
        foreach (DesiredUser stranger in strangers)
        {
            if (NamedOwner(stranger, externalId, named) is not { } owner)
                continue;
            problems[stranger] = MatchProblem.NamesAnother(stranger.TargetId!, owner.Anchor);
            if (owner.TargetId is null)
                (owner.TargetId, owner.Current, owner.MatchedBy) = (stranger.TargetId, stranger.Current, externalId);
            (stranger.TargetId, stranger.Current) = (null, null);
        }
    }

    private bool HasAnothersUser(DesiredUser entry) =>
        entry is { Link: null, TargetId: not null } && SamePerson.OtherAccount(bound, entry.Values, entry.Current!) is not null;

    /// <summary>The source user whom the externalId of the stranger's TravelPerk user names; null when there is none, or when the source
    /// user is linked to another TravelPerk user.</summary>
    private static DesiredUser? NamedOwner(DesiredUser stranger, TargetAttribute externalId, ILookup<string?, DesiredUser> named)
    {
        if (MatchKey.In(stranger.Current!, externalId) is not { } key)
            return null;
        DesiredUser? owner = named[key].FirstOrDefault(e => e != stranger);
        bool hasAnother = owner?.Link is { } link && link.TargetId != stranger.TargetId;
        return hasAnother ? null : owner;
    }

    // Two source users with the same matching value would overwrite one target user in turn.
    private static void RefuseSharedTargets(IReadOnlyList<DesiredUser> entries, Dictionary<DesiredUser, MatchProblem> problems)
    {
        IEnumerable<IGrouping<string, DesiredUser>> groups = entries
            .Where(e => e.TargetId is not null)
            .GroupBy(e => e.TargetId!, StringComparer.Ordinal)
            .Where(sharers => sharers.Count() > 1);
        foreach (IGrouping<string, DesiredUser> sharers in groups)
        {
            foreach (DesiredUser entry in sharers.Where(e => !e.IsAtLink))
                problems[entry] = MatchProblem.SeveralSources(sharers.Key);
        }
    }

    private void RefuseSharedValues(IReadOnlyList<DesiredUser> entries, Dictionary<DesiredUser, MatchProblem> problems)
    {
        foreach (MatchRivals rivals in MatchIndex.RivalsAmong(bound, entries.Where(e => !problems.ContainsKey(e))))
        {
            DesiredUser? keeper = KeeperOf(rivals);
            foreach (DesiredUser rival in rivals.Users.Where(e => e != keeper))
                problems[rival] = MatchProblem.SameSource(rivals.Attribute.Flow.TargetName);
        }
    }

    // Of several source users with one matching value, chance must not choose the one that gets it. The user who has the value in the
    // target keeps it. If none has it, the only linked user gets it. Otherwise no user gets it.
    private static DesiredUser? KeeperOf(MatchRivals rivals)
    {
        List<DesiredUser> holders = [.. rivals.Users.Where(e => MatchKey.Shown(e, rivals.Attribute) == rivals.Value)];
        if (holders.Count == 0)
            holders = [.. rivals.Users.Where(e => e.Link is not null)];
        return holders.Count == 1 ? holders[0] : null;
    }

    /// <summary>What one search is about.</summary>
    /// <param name="Entries">Users to find.</param>
    /// <param name="Taken">Target ids to the source users that are linked to them.</param>
    /// <param name="Problems">A problem for each entry that cannot have a target user.</param>
    /// <param name="Progress">Counts entries or target users seen.</param>
    private sealed record Search(
        IReadOnlyList<DesiredUser> Entries,
        IReadOnlyDictionary<string, string> Taken,
        Dictionary<DesiredUser, MatchProblem> Problems,
        ProgressMeter Progress
    );
}

/// <summary>Result of looking one user up.</summary>
internal readonly record struct MatchResult(ScimUser? User, MatchProblem? Problem, TargetAttribute? By)
{
    /// <summary>Id of a user with the value, whether that user can be used or not; null where the list of all users showed none.</summary>
    public string? Hit { get; init; }
}
