using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>
/// Finds the target users that a cycle needs to see: counterparts of unlinked users by the matching attributes, in precedence order, and
/// the current values of linked users that changed.
/// Many are found by one paged read of the target, few by one query each; the first page tells which is cheaper.
/// </summary>
internal sealed class TargetMatcher(ScimClient client, BoundMapping bound, LinkCheck check, int concurrency)
{
    // Below this, asking for each is cheaper than asking how many users there are.
    private const int FewEntries = 4;

    private readonly TargetScan _walk = new(client, bound);

    /// <summary>Fills <see cref="DesiredUser.Current"/> and <see cref="DesiredUser.TargetId"/>, or leaves them null where there is no
    /// counterpart.</summary>
    /// <param name="entries">Users to find; those with a link are found by id.</param>
    /// <param name="taken">Target ids that links of other users hold.</param>
    /// <param name="progress">Counts entries or target users seen.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <param name="survey">Is shown every user of the target; the target is then read whole, whatever that costs.</param>
    /// <returns>A problem for each entry that matches more than one user, or one that is taken.</returns>
    public async Task<Dictionary<DesiredUser, MatchProblem>> FindAsync(
        IReadOnlyList<DesiredUser> entries,
        IReadOnlyDictionary<string, string> taken,
        ProgressMeter progress,
        CancellationToken cancellationToken,
        Action<ScimUser>? survey = null
    )
    {
        var problems = new Dictionary<DesiredUser, MatchProblem>();
        if (!await FindByWalkAsync(entries, taken, problems, progress, survey, cancellationToken).ConfigureAwait(false))
            await QueryEachAsync(entries, taken, problems, progress, cancellationToken).ConfigureAwait(false);
        HeedExternalIds(entries, problems);
        OneOwnerEach(entries, problems);
        return problems;
    }

    /// <summary>Looks one user up whom the server says it has and its filter does not show. What the filter missed is learned for the next
    /// time.</summary>
    public async Task<MatchResult> WalkForAsync(
        DesiredUser entry,
        IReadOnlyDictionary<string, string> taken,
        CancellationToken cancellationToken
    )
    {
        MatchResult result = await _walk.FindAsync(entry, taken, anew: false, cancellationToken).ConfigureAwait(false);
        // What the user may be used for says nothing of the filter.
        if (
            result is { Hit: { } hit, By: { } attribute }
            && attribute.IsCore("userName")
            && client.Dialect.ExactFilter != false
            && (result.User ?? await client.FindUserAsync(hit, cancellationToken).ConfigureAwait(false)) is { } user
        )
        {
            bool sameCase = user.UserName == MatchKey.Text(entry.Values[attribute.Slot]);
            client.Learn(known => known with { UserNameFilter = sameCase ? UserNameFilter.Misses : UserNameFilter.CaseSensitive });
        }
        return result;
    }

    /// <summary>False when queries are to be used: they are cheaper, or pages cannot be walked.</summary>
    private async Task<bool> FindByWalkAsync(
        IReadOnlyList<DesiredUser> entries,
        IReadOnlyDictionary<string, string> taken,
        Dictionary<DesiredUser, MatchProblem> problems,
        ProgressMeter progress,
        Action<ScimUser>? survey,
        CancellationToken cancellationToken
    )
    {
        bool blind = !MayQuery && entries.Any(entry => entry.Link is null);
        // A survey concludes from who is absent, which queries cannot tell.
        bool whole = blind || survey is not null;
        if (!whole && (entries.Count <= FewEntries || !client.Dialect.ListsWhole))
            return false;
        try
        {
            return await WalkAsync(entries, taken, problems, progress, whole, survey, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e)
            when (e.ErrorId is "PagingNotSupported" or "PagingIncomplete"
                && survey is null
                && (!blind || client.Dialect.ExactFilter == false)
            )
        {
            // Without a filter to be believed either, each entry that needs one is an error of its own.
            return false;
        }
    }

    // A filter that was seen to miss users would have them made twice, and one that shows others would have theirs overwritten.
    private bool MayQuery =>
        !client.Dialect.FilterIsBlind
        && client.Dialect.ExactFilter != false
        && !(client.Dialect.ExternalIdFilter == false && bound.Matching.Any(a => a.IsCore("externalId")));

    /// <summary>False when the first page tells that queries are cheaper.</summary>
    private async Task<bool> WalkAsync(
        IReadOnlyList<DesiredUser> entries,
        IReadOnlyDictionary<string, string> taken,
        Dictionary<DesiredUser, MatchProblem> problems,
        ProgressMeter progress,
        bool always,
        Action<ScimUser>? survey,
        CancellationToken cancellationToken
    )
    {
        var index = new MatchIndex(bound, entries, check);
        IAsyncEnumerator<ScimPage> pages = client.ReadPagesAsync(null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            bool first = true;
            while (await pages.MoveNextAsync().ConfigureAwait(false))
            {
                ScimPage page = pages.Current;
                if (first && !always && PagesNeeded(page) > entries.Count)
                    return false;
                first = false;
                foreach (ScimUser user in page.Users)
                {
                    index.See(user);
                    survey?.Invoke(user);
                }
                progress.Step(page.Users.Count);
            }
        }
        // A list may leave users out (some servers hide inactive ones): only asking for the id tells that a linked user is gone.
        var answers = new AnswerTally();
        await Parallel
            .ForEachAsync(
                index.Unseen,
                Options(cancellationToken),
                async (entry, ct) =>
                    await answers
                        .CountAsync(entry, problems, async () => Take(entry, await FindLinkedAsync(entry, ct).ConfigureAwait(false)))
                        .ConfigureAwait(false)
            )
            .ConfigureAwait(false);
        index.Settle(taken, problems);
        return true;
    }

    /// <summary>Looks one user up by its matching attributes: the first attribute with a hit wins.</summary>
    /// <param name="entry">Who is looked for.</param>
    /// <param name="taken">Target ids that links of other users hold.</param>
    /// <param name="anew">The user may have been created a moment ago.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    public async Task<MatchResult> QueryAsync(
        DesiredUser entry,
        IReadOnlyDictionary<string, string> taken,
        bool anew,
        CancellationToken cancellationToken
    )
    {
        if (client.Dialect.ExactFilter == false)
            return await _walk.FindAsync(entry, taken, anew, cancellationToken).ConfigureAwait(false);
        foreach (TargetAttribute attribute in bound.Matching)
        {
            if (MatchKey.Text(entry.Values[attribute.Slot]) is not { } value)
                continue;
            List<ScimUser>? hits;
            try
            {
                hits = await TargetQuery.FindAsync(client, attribute, value, cancellationToken).ConfigureAwait(false);
            }
            catch (ScimException e) when (attribute.IsCore("externalId") && e.ErrorId is "InvalidRequest" or "NotSupported")
            {
                client.Learn(known => known with { ExternalIdFilter = false });
                hits = null;
            }
            catch (ScimException e) when (e.ErrorId == "NotFound")
            {
                // Some services say so of a filter without a hit. Whether the address is wrong, the list tells.
                hits = null;
            }
            if (hits is null)
                return await _walk.FindAsync(entry, taken, anew, cancellationToken).ConfigureAwait(false);
            if (hits.Count > 0)
                return Judged(entry, attribute, hits, taken);
        }
        return check.LinksAreLost ? await AskForAnchorAsync(entry, taken, anew, cancellationToken).ConfigureAwait(false) : default;
    }

    // Without links, a user who was renamed since is known by the externalId only. While there are links, a new user costs no second
    // question.
    private async Task<MatchResult> AskForAnchorAsync(
        DesiredUser entry,
        IReadOnlyDictionary<string, string> taken,
        bool anew,
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
        catch (ScimException e) when (e.ErrorId is "InvalidRequest" or "NotSupported" or "NotFound")
        {
            client.Learn(known => known with { ExternalIdFilter = false });
        }
        if (hits is not null)
            return hits.Count == 0 ? default : Judged(entry, externalId, hits, taken);
        MatchResult walked = await _walk.FindAsync(entry, taken, anew, cancellationToken).ConfigureAwait(false);
        return walked.Problem is { Code: MatchProblem.NotSearchableCode } && client.Dialect.ExactFilter != false ? default : walked;
    }

    private static MatchResult Judged(
        DesiredUser entry,
        TargetAttribute attribute,
        List<ScimUser> hits,
        IReadOnlyDictionary<string, string> taken
    ) =>
        MatchIndex.Judge(entry, attribute, hits.ConvertAll(u => u.Id!), taken) is { } problem
            ? new MatchResult(null, problem, attribute)
            : new MatchResult(hits[0], null, attribute);

    public static int PagesNeeded(ScimPage page) =>
        page.Users.Count == 0 ? 1 : (page.TotalResults + page.Users.Count - 1) / page.Users.Count;

    private async Task QueryEachAsync(
        IReadOnlyList<DesiredUser> entries,
        IReadOnlyDictionary<string, string> taken,
        Dictionary<DesiredUser, MatchProblem> problems,
        ProgressMeter progress,
        CancellationToken cancellationToken
    )
    {
        var answers = new AnswerTally();
        await Parallel
            .ForEachAsync(
                entries,
                Options(cancellationToken),
                async (entry, ct) =>
                {
                    await answers.CountAsync(entry, problems, () => LookUpAsync(entry, taken, problems, ct)).ConfigureAwait(false);
                    progress.Step();
                }
            )
            .ConfigureAwait(false);
    }

    // By the link, and without one, or where the linked user is not there, by the matching attributes.
    private async Task LookUpAsync(
        DesiredUser entry,
        IReadOnlyDictionary<string, string> taken,
        Dictionary<DesiredUser, MatchProblem> problems,
        CancellationToken cancellationToken
    )
    {
        ScimUser? user = entry.Link is null ? null : await FindLinkedAsync(entry, cancellationToken).ConfigureAwait(false);
        if (user is null)
        {
            MatchResult result = await QueryAsync(entry, taken, anew: false, cancellationToken).ConfigureAwait(false);
            user = result.User;
            entry.MatchedBy = result.By;
            AddProblem(entry, result.Problem, problems);
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

    // Where TravelPerk says by externalId which of the source users an account is, that one has it, also when another one has its former
    // name by now.
    private void HeedExternalIds(IReadOnlyList<DesiredUser> entries, Dictionary<DesiredUser, MatchProblem> problems)
    {
        if (bound.Attributes.FirstOrDefault(a => a.IsCore("externalId")) is not { } externalId)
            return;
        List<DesiredUser> strangers =
        [
            .. entries.Where(e =>
                e is { Link: null, TargetId: not null } && SamePerson.OtherAccount(bound, e.Values, e.Current!) is not null
            ),
        ];
        if (strangers.Count == 0)
            return;
        ILookup<string?, DesiredUser> named = entries.ToLookup(
            e => MatchKey.Of(externalId, e.Values[externalId.Slot]),
            StringComparer.Ordinal
        );
        foreach (DesiredUser stranger in strangers)
        {
            if (
                MatchKey.Of(externalId, stranger.Current![externalId.Slot]) is not { } key
                || named[key].FirstOrDefault(e => e != stranger) is not { } owner
                || (owner.Link is { } link && link.TargetId != stranger.TargetId)
            )
                continue;
            problems[stranger] = MatchProblem.NamesAnother(stranger.TargetId!, owner.Anchor);
            if (owner.TargetId is null)
                (owner.TargetId, owner.Current, owner.MatchedBy) = (stranger.TargetId, stranger.Current, externalId);
            (stranger.TargetId, stranger.Current) = (null, null);
        }
    }

    // Two source users with the same matching value would take turns overwriting one target user.
    private void OneOwnerEach(IReadOnlyList<DesiredUser> entries, Dictionary<DesiredUser, MatchProblem> problems)
    {
        foreach (
            IGrouping<string, DesiredUser> group in entries
                .Where(e => e.TargetId is not null)
                .GroupBy(e => e.TargetId!, StringComparer.Ordinal)
                .Where(g => g.Count() > 1)
        )
        {
            foreach (DesiredUser entry in group.Where(e => e.Link?.TargetId != group.Key))
                problems[entry] = MatchProblem.SeveralSources(group.Key);
        }

        // Two with one value would both be sent, and who gets it must not be a matter of luck: who has it in the target keeps it; else who
        // is linked alone; else nobody gets it.
        var rivals = entries
            .Where(e => !problems.ContainsKey(e))
            .GroupBy(e => MatchIndex.KeyOf(bound, e))
            .Where(g => g.Key is not null && g.Count() > 1)
            .ToList();
        foreach (var group in rivals)
        {
            (TargetAttribute attribute, string key) = group.Key!.Value;
            List<DesiredUser> holders =
            [
                .. group.Where(e => e.Current is not null && MatchKey.Of(attribute, e.Current[attribute.Slot]) == key),
            ];
            if (holders.Count == 0)
                holders = [.. group.Where(e => e.Link is not null)];
            foreach (DesiredUser entry in group.Where(e => holders.Count > 1 || !holders.Contains(e)))
                problems[entry] = MatchProblem.SameSource(attribute.Flow.TargetName);
        }
    }
}

/// <summary>Result of looking one user up.</summary>
internal readonly record struct MatchResult(ScimUser? User, MatchProblem? Problem, TargetAttribute? By)
{
    /// <summary>Id of a user with the value, whether it can be used or not; null where none was found by a walk.</summary>
    public string? Hit { get; init; }
}
