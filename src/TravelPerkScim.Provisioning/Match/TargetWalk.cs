using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>Finds users without a filter, for a server whose filter does not find everybody: all pages are read, once for all who ask. Thread-safe.</summary>
internal sealed class TargetWalk(ScimClient client, TargetShape shape)
{
    /// <summary>Beyond this a walk costs more than the few entries it could settle.</summary>
    private const int MostPages = 1000;

    private readonly object _gate = new();
    private Task<Dictionary<string, List<string>>[]>? _everybody;

    /// <summary>The user with the entry's matching attributes, in precedence order. What the filter missed is learned for the next time.</summary>
    public async Task<MatchResult> FindAsync(DesiredUser entry, IReadOnlyDictionary<string, string> taken, CancellationToken cancellationToken)
    {
        Task<Dictionary<string, List<string>>[]> reading;
        lock (_gate)
            reading = _everybody is null or { IsFaulted: true } or { IsCanceled: true } ? _everybody = ReadAsync(cancellationToken) : _everybody;
        Dictionary<string, List<string>>[] everybody = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < everybody.Length; i++)
        {
            if (MatchIndex.KeyText(entry.Values[shape.Matching[i].Slot]) is not { } key || !everybody[i].TryGetValue(key, out List<string>? ids))
                continue;
            if (MatchIndex.Judge(entry, shape.Matching[i], ids, taken) is { } problem)
                return new MatchResult(null, problem, shape.Matching[i]);
            ScimUser? user = await client.FindUserAsync(ids[0], cancellationToken).ConfigureAwait(false);
            if (user is not null && shape.Matching[i].IsCore("userName"))
                client.Learn(known => known with { UserNameFilter = user.UserName == key ? UserNameFilter.Misses : UserNameFilter.CaseSensitive });
            return new MatchResult(user, null, shape.Matching[i]);
        }
        return default;
    }

    /// <summary>Matching values to ids, one dictionary a matching attribute; nobody where a walk is not possible or too long.</summary>
    private async Task<Dictionary<string, List<string>>[]> ReadAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, List<string>>[] found = [.. shape.Matching.Select(a => new Dictionary<string, List<string>>(a.Definition.CaseExact ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase))];
        try
        {
            await foreach (ScimPage page in client.ReadPagesAsync(null, cancellationToken).ConfigureAwait(false))
            {
                if (TargetMatcher.PagesNeeded(page) > MostPages)
                    return [];
                foreach (ScimUser user in page.Users)
                    Note(found, user);
            }
        }
        catch (ScimException e) when (e.ErrorId is "PagingNotSupported" or "PagingIncomplete")
        {
            return [];
        }
        return found;
    }

    private void Note(Dictionary<string, List<string>>[] found, ScimUser user)
    {
        for (int i = 0; i < found.Length; i++)
        {
            if (MatchIndex.KeyText(user.GetValue(shape.Matching[i].Path)) is { } key)
                (found[i].TryGetValue(key, out List<string>? ids) ? ids : found[i][key] = []).Add(user.Id!);
        }
    }
}
