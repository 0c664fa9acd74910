using System.Globalization;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>
/// Finds the target users that a cycle needs to see: counterparts of unlinked users by the matching attributes, in precedence order, and the current values of linked users that changed.
/// Many are found by one paged read of the target, few by one query each; the first page tells which is cheaper.
/// </summary>
internal sealed class TargetMatcher(ScimClient client, TargetShape shape, int concurrency)
{
    // Below this, asking for each is cheaper than asking how many users there are.
    private const int FewEntries = 4;

    /// <summary>Fills <see cref="DesiredUser.Current"/> and <see cref="DesiredUser.TargetId"/>, or leaves them null where there is no counterpart.</summary>
    /// <param name="entries">Users to find; those with a link are found by id.</param>
    /// <param name="taken">Target ids that links of other users hold.</param>
    /// <param name="progress">Counts entries or target users seen.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <returns>A problem for each entry that matches more than one user, or one that is taken.</returns>
    public async Task<IReadOnlyDictionary<DesiredUser, MatchProblem>> FindAsync(
        IReadOnlyList<DesiredUser> entries, IReadOnlyDictionary<string, string> taken, ProgressMeter progress, CancellationToken cancellationToken)
    {
        var problems = new Dictionary<DesiredUser, MatchProblem>();
        if (entries.Count == 0)
            return problems;
        if (entries.Count <= FewEntries)
        {
            await QueryEachAsync(entries, taken, problems, progress, cancellationToken).ConfigureAwait(false);
            return problems;
        }

        var index = new MatchIndex(shape, entries);
        IAsyncEnumerator<ScimPage> pages = client.ReadPagesAsync(null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            bool first = true;
            while (await pages.MoveNextAsync().ConfigureAwait(false))
            {
                ScimPage page = pages.Current;
                if (first && PagesNeeded(page) > entries.Count)
                {
                    await QueryEachAsync(entries, taken, problems, progress, cancellationToken).ConfigureAwait(false);
                    return problems;
                }
                first = false;
                foreach (ScimUser user in page.Users)
                    index.See(user);
                progress.Step(page.Users.Count);
            }
        }
        // A list may leave users out (some servers hide inactive ones): only asking for the id tells that a linked user is gone.
        await Parallel.ForEachAsync(index.Unseen, Options(cancellationToken), async (entry, ct) =>
            Take(entry, await client.FindUserAsync(entry.Link!.TargetId, ct).ConfigureAwait(false))).ConfigureAwait(false);
        index.Settle(taken, problems);
        return problems;
    }

    /// <summary>Looks one user up by its matching attributes (RFC 7644 3.4.2.2, <c>eq</c>): first attribute with a hit wins.</summary>
    public async Task<MatchResult> QueryAsync(DesiredUser entry, IReadOnlyDictionary<string, string> taken, CancellationToken cancellationToken)
    {
        foreach (TargetAttribute attribute in shape.Matching)
        {
            if (MatchIndex.KeyText(entry.Values[attribute.Slot]) is not { } value)
                continue;
            var hits = new List<ScimUser>();
            await foreach (ScimUser user in client.ListUsersAsync(ScimFilter.Equal(attribute.Flow.TargetName, value), cancellationToken).ConfigureAwait(false))
                hits.Add(user);
            if (hits.Count > 0)
                return MatchIndex.Judge(entry, attribute, hits.Select(u => u.Id!).ToList(), taken) is { } problem ? new MatchResult(null, problem) : new MatchResult(hits[0], null);
        }
        return default;
    }

    private static int PagesNeeded(ScimPage page) =>
        page.Users.Count == 0 ? 1 : (page.TotalResults + page.Users.Count - 1) / page.Users.Count;

    private async Task QueryEachAsync(
        IReadOnlyList<DesiredUser> entries, IReadOnlyDictionary<string, string> taken, Dictionary<DesiredUser, MatchProblem> problems, ProgressMeter progress, CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(entries, Options(cancellationToken), async (entry, ct) =>
        {
            ScimUser? user = null;
            if (entry.Link is not null)
                user = await client.FindUserAsync(entry.Link.TargetId, ct).ConfigureAwait(false);
            if (user is null)
            {
                MatchResult result = await QueryAsync(entry, taken, ct).ConfigureAwait(false);
                user = result.User;
                if (result.Problem is not null)
                {
                    lock (problems)
                        problems.Add(entry, result.Problem);
                }
            }
            Take(entry, user);
            progress.Step();
        }).ConfigureAwait(false);
        OneOwnerEach(shape, entries, problems);
    }

    private ParallelOptions Options(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };

    private void Take(DesiredUser entry, ScimUser? user)
    {
        entry.TargetId = user?.Id;
        entry.Current = user is null ? null : shape.Extract(user);
    }

    // Two source users with the same matching value would take turns overwriting one target user.
    private static void OneOwnerEach(TargetShape shape, IReadOnlyList<DesiredUser> entries, Dictionary<DesiredUser, MatchProblem> problems)
    {
        foreach (IGrouping<string, DesiredUser> group in entries.Where(e => e.TargetId is not null).GroupBy(e => e.TargetId!, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            foreach (DesiredUser entry in group.Where(e => e.Link?.TargetId != group.Key))
                problems[entry] = MatchProblem.SeveralSources(group.Key);
        }

        // Two without a counterpart would both be sent; which of them becomes the user must not be a matter of luck.
        foreach (IGrouping<(TargetAttribute Attribute, string Value)?, DesiredUser> group in entries.Where(e => e.TargetId is null && !problems.ContainsKey(e)).GroupBy(e => MatchIndex.KeyOf(shape, e)).Where(g => g.Key is not null && g.Count() > 1))
        {
            foreach (DesiredUser entry in group.Where(e => e.Link is null))
                problems[entry] = MatchProblem.SameSource(group.Key!.Value.Attribute.Flow.TargetName);
        }
    }

    /// <summary>The counterparts wanted, by id and by matching value, while the target is read page by page.</summary>
    private sealed class MatchIndex
    {
        private readonly TargetShape _shape;
        private readonly IReadOnlyList<DesiredUser> _entries;
        private readonly Dictionary<string, DesiredUser> _byId = new(StringComparer.Ordinal);
        private readonly Dictionary<string, List<DesiredUser>>[] _byValue;
        private readonly Dictionary<DesiredUser, List<Hit>> _hits = [];

        public MatchIndex(TargetShape shape, IReadOnlyList<DesiredUser> entries)
        {
            _shape = shape;
            _entries = entries;
            _byValue = new Dictionary<string, List<DesiredUser>>[shape.Matching.Count];
            for (int i = 0; i < _byValue.Length; i++)
                _byValue[i] = new(shape.Matching[i].Definition.CaseExact ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
            foreach (DesiredUser entry in entries)
            {
                if (entry.Link is not null)
                    _byId[entry.Link.TargetId] = entry;
                for (int i = 0; i < _byValue.Length; i++)
                {
                    if (KeyText(entry.Values[shape.Matching[i].Slot]) is { } key)
                        (_byValue[i].TryGetValue(key, out List<DesiredUser>? list) ? list : _byValue[i][key] = []).Add(entry);
                }
            }
        }

        public void See(ScimUser user)
        {
            if (user.Id is not { } id)
                return;
            object?[]? values = null;
            if (_byId.TryGetValue(id, out DesiredUser? linked))
            {
                linked.Current = values ??= _shape.Extract(user);
                linked.TargetId = id;
            }
            for (int i = 0; i < _byValue.Length; i++)
            {
                if (KeyText(user.GetValue(_shape.Matching[i].Path)) is not { } key || !_byValue[i].TryGetValue(key, out List<DesiredUser>? entries))
                    continue;
                foreach (DesiredUser entry in entries)
                    (_hits.TryGetValue(entry, out List<Hit>? hits) ? hits : _hits[entry] = []).Add(new Hit(i, id, values ??= _shape.Extract(user)));
            }
        }

        /// <summary>Linked users that no page held.</summary>
        public IEnumerable<DesiredUser> Unseen => _entries.Where(e => e.Link is not null && e.Current is null);

        public void Settle(IReadOnlyDictionary<string, string> taken, Dictionary<DesiredUser, MatchProblem> problems)
        {
            foreach (DesiredUser entry in _entries)
            {
                if (entry.Link is not null && entry.Current is not null)
                    continue;
                entry.TargetId = null;
                if (!_hits.TryGetValue(entry, out List<Hit>? hits))
                    continue;
                int precedence = hits.Min(h => h.Precedence);
                List<Hit> best = hits.FindAll(h => h.Precedence == precedence);
                if (Judge(entry, _shape.Matching[precedence], best.ConvertAll(h => h.Id), taken) is { } problem)
                {
                    problems.Add(entry, problem);
                    continue;
                }
                entry.TargetId = best[0].Id;
                entry.Current = best[0].Values;
            }
            OneOwnerEach(_shape, _entries, problems);
        }

        public static MatchProblem? Judge(DesiredUser entry, TargetAttribute attribute, List<string> ids, IReadOnlyDictionary<string, string> taken)
        {
            if (ids.Count > 1)
                return MatchProblem.SeveralTargets(attribute.Flow.TargetName, ids);
            return taken.TryGetValue(ids[0], out string? owner) && owner != entry.Anchor ? MatchProblem.Taken(ids[0], owner) : null;
        }

        public static string? KeyText(object? value) =>
            Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text && value is string or long or bool ? text : null;

        /// <summary>The first matching attribute that has a value, folded so that equal keys match the same user; null when none has.</summary>
        public static (TargetAttribute Attribute, string Value)? KeyOf(TargetShape shape, DesiredUser entry)
        {
            foreach (TargetAttribute attribute in shape.Matching)
            {
                if (KeyText(entry.Values[attribute.Slot]) is { } text)
                    return (attribute, attribute.Definition.CaseExact ? text : text.ToUpperInvariant());
            }
            return null;
        }

        private readonly record struct Hit(int Precedence, string Id, object?[] Values);
    }
}

/// <summary>Result of looking one user up.</summary>
internal readonly record struct MatchResult(ScimUser? User, MatchProblem? Problem);

/// <summary>Why a match cannot be used, with Entra's error code.</summary>
internal sealed record MatchProblem(string Code, string Message)
{
    public static MatchProblem SeveralTargets(string attribute, List<string> ids) =>
        new("DuplicateTargetEntries", $"{ids.Count} TravelPerk users have this {attribute} (ids {string.Join(", ", ids.Take(5))}). Remove or correct the duplicates in TravelPerk.");

    public static MatchProblem Taken(string id, string owner) =>
        new("EntryConflict", $"The matching TravelPerk user {id} is linked to another source user ({owner}). Correct the matching attribute of one of them.");

    public static MatchProblem SameSource(string attribute) =>
        new("DuplicateSourceEntries", $"Another source user has the same {attribute}. Correct it so that it is unique in the source.");

    public static MatchProblem SeveralSources(string id) =>
        new("DuplicateSourceEntries", $"Several source users match TravelPerk user {id}. Correct the matching attribute so that it is unique in the source.");
}
