namespace TravelPerkScim.GraphStandIn.Protocol;

/// <summary>What a nextLink or deltaLink stands for. Clients see a number only: links are opaque.</summary>
/// <param name="Kind">users or groups.</param>
/// <param name="Select">From the first request; links carry no options of their own.</param>
/// <param name="Since">Changes up to this one are known to the client; -1 in an initial round.</param>
/// <param name="Until">Where the next round begins.</param>
/// <param name="Items">What is left of the round; null when the round has not begun.</param>
/// <param name="Offset">Where in it the next page begins.</param>
/// <param name="Page">Pages so far.</param>
/// <param name="Ids">The objects that the filter of the first request names; null without a filter.</param>
internal sealed record DeltaToken(
    string Kind,
    string[] Select,
    long Since,
    long Until,
    IReadOnlyList<DeltaPiece>? Items,
    int Offset,
    int Page,
    IReadOnlySet<string>? Ids
);

/// <summary>One item of a round. A large group comes in several items, which may be on several pages.</summary>
/// <param name="Object">The user or group.</param>
/// <param name="Members">Ids of the members that the item tells of.</param>
internal readonly record struct DeltaPiece(StandInObject Object, string[] Members);

/// <summary>The tokens given out and not yet expired.</summary>
internal sealed class DeltaTokens
{
    private readonly Dictionary<string, DeltaToken> _known = new(StringComparer.Ordinal);
    private int _next;

    public string Give(DeltaToken token)
    {
        string name = $"t{++_next}-{Guid.NewGuid():N}";
        _known[name] = token;
        return name;
    }

    public DeltaToken? Find(string name) => _known.GetValueOrDefault(name);

    public void Expire(string kind)
    {
        foreach (string name in _known.Where(pair => pair.Value.Kind == kind).Select(pair => pair.Key).ToList())
            _known.Remove(name);
    }
}
