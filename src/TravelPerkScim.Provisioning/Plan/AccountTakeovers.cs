using System.Globalization;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>
/// An account that is to get the TravelPerk user of another account: it was made again, or it has the matching value of a person who left.
/// Where given and family name agree, it takes the user over;
/// where they differ, the takeover waits for an approval. An account that is active and in scope, or not known to be otherwise, keeps its
/// user.
/// </summary>
internal sealed class AccountTakeovers(
    BoundMapping bound,
    StateSnapshot snapshot,
    CycleContext context,
    TargetMatcher matcher,
    SourceReader reader,
    SourceReading reading
)
{
    private const int MaxNamed = 3;

    // TravelPerk id to the former holder.
    private readonly Dictionary<string, Former> _former = new(StringComparer.Ordinal);
    private readonly Dictionary<DesiredUser, Takeover> _takeovers = [];

    /// <summary>Takes the TravelPerk users of departed accounts out of what is held.</summary>
    public void Release(Dictionary<string, string> owners)
    {
        foreach (Assessment assessed in reading.Assessments.Where(GivesUp))
        {
            if (snapshot.TargetIdOf(assessed.Anchor) is { } target)
                Release(owners, target, new Former(assessed.Anchor, assessed.Departure));
        }
    }

    /// <summary>Asks the source for holders that this read did not list, and looks again for the users whose match is free then.</summary>
    public async Task AskAsync(List<DesiredUser> wanted, Dictionary<string, string> owners, CancellationToken cancellationToken)
    {
        // Where the mapping does not update users, another account's user cannot become this one's.
        if (!bound.Mapping.AllowsUpdate)
            return;
        List<DesiredUser> refused = wanted.FindAll(u => u.Problem is { Owner: not null });
        List<string> unlisted =
        [
            .. refused
                .Select(user => user.Problem!.Owner!)
                .Where(owner => snapshot.LinkOf(owner) is { Seen: false })
                .Distinct(StringComparer.Ordinal),
        ];
        Dictionary<string, Departure> departed = await reader.DepartedAsync(unlisted, cancellationToken).ConfigureAwait(false);
        if (departed.Count == 0)
            return;
        foreach ((string owner, Departure departure) in departed)
            Release(owners, snapshot.LinkOf(owner)!.TargetId, new Former(owner, departure));
        List<DesiredUser> again = refused.FindAll(user => departed.ContainsKey(user.Problem!.Owner!));
        again.ForEach(user => user.Problem = null);
        await matcher.FindAsync(again, owners, context.Meter("Comparing with TravelPerk", null), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Looks by id for TravelPerk users of departed accounts that neither a filter nor the list shows, such as inactive ones: those that
    /// were last written with the matching value that an account without a match is to have.
    /// </summary>
    public async Task FindHiddenAsync(
        IReadOnlyList<DesiredUser> wanted,
        Dictionary<string, string> owners,
        LinkCheck check,
        ScimClient client,
        CancellationToken cancellationToken
    )
    {
        // Without a departed account there is none to take a user over from, and the keys need not be read.
        bool noneDeparted = _former.Count == 0 && snapshot.Links.Values.All(l => l.Enabled);
        if (noneDeparted || !bound.Mapping.AllowsUpdate)
            return;
        List<HeldValue> candidates = [.. wanted.Where(u => u is { Link: null, IsUnmatched: true }).SelectMany(check.HeldByOthers)];
        if (candidates.Count == 0)
            return;
        Dictionary<string, Departure> departed = await DepartedHoldersAsync(candidates, cancellationToken).ConfigureAwait(false);
        var claimed = wanted.Select(u => u.TargetId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (HeldValue candidate in candidates.Where(candidate => departed.ContainsKey(candidate.Holder)))
        {
            // An earlier candidate may have settled the user.
            if (!candidate.User.IsUnmatched || snapshot.TargetIdOf(candidate.Holder) is not { } target)
                continue;
            UserSighting seen = await UserSighting.LookAsync(client, target, cancellationToken).ConfigureAwait(false);
            candidate.User.Problem = seen.Problem;
            if (seen.User is not { } found || !candidate.IsHeldBy(found))
                continue;
            if (claimed.Add(target))
                Take(candidate, target, found, owners, departed[candidate.Holder]);
            else
                candidate.User.Problem = MatchProblem.SeveralSources(target);
        }
    }

    // The holders that this read, or a look-up now, shows as departed.
    private async Task<Dictionary<string, Departure>> DepartedHoldersAsync(List<HeldValue> candidates, CancellationToken cancellationToken)
    {
        var departed = new Dictionary<string, Departure>(StringComparer.Ordinal);
        foreach (Former former in _former.Values)
            departed.TryAdd(former.Anchor, former.Departure);
        List<string> unlisted =
        [
            .. candidates
                .Select(c => c.Holder)
                .Where(holder => snapshot.LinkOf(holder) is { Enabled: false, Seen: false } && !departed.ContainsKey(holder))
                .Distinct(StringComparer.Ordinal),
        ];
        foreach ((string holder, Departure departure) in await reader.DepartedAsync(unlisted, cancellationToken).ConfigureAwait(false))
            departed[holder] = departure;
        return departed;
    }

    private void Take(HeldValue candidate, string target, ScimUser found, Dictionary<string, string> owners, Departure departure)
    {
        DesiredUser user = candidate.User;
        (user.TargetId, user.Current, user.MatchedBy) = (target, bound.Extract(found), candidate.Attribute);
        Release(owners, target, new Former(candidate.Holder, departure));
    }

    /// <summary>Decides about each user who was matched with another account's TravelPerk user.</summary>
    public void Decide(IEnumerable<DesiredUser> matched, Guid? approved)
    {
        foreach (DesiredUser user in matched)
        {
            if (TakeoverOf(user, approved) is { } takeover)
                _takeovers[user] = takeover;
        }
        Describe();
        TellOfStaged();
    }

    private Takeover? TakeoverOf(DesiredUser user, Guid? approved)
    {
        if (user is not { TargetId: { } target, Current: { } current, IsAtLink: false })
            return null;
        Former? former = _former.GetValueOrDefault(target);
        if (former?.Anchor == user.Anchor)
            return null;
        string? other = former?.Anchor ?? SamePerson.OtherAccount(bound, user.Values, current);
        if (other is null)
            return null;
        bool agree = SamePerson.NamesAgree(bound, user.Values, current);
        // The same person, whose account was made again.
        if (agree && former is null)
            return null;
        bool staged = !agree && !IsApproved(user.Anchor, target, other, approved);
        return new Takeover(other, former, agree, staged);
    }

    private bool IsApproved(string anchor, string target, string other, Guid? approved)
    {
        if (approved is not { } cycle)
            return false;
        return snapshot.Staged.GetValueOrDefault(anchor) == StagedOperation.OfTakeover(target, other, cycle);
    }

    public bool IsStaged(DesiredUser user) => _takeovers.GetValueOrDefault(user) is { Staged: true };

    /// <summary>Anchors whose TravelPerk user goes over in this cycle.</summary>
    public HashSet<string> Succeeded(IEnumerable<ProvisioningOperation> operations) =>
        operations.Where(o => o.EstablishesLink).Select(OtherHolder).OfType<string>().ToHashSet(StringComparer.Ordinal);

    private string? OtherHolder(ProvisioningOperation operation)
    {
        string? former = _former.GetValueOrDefault(operation.TargetId!)?.Anchor;
        return former == operation.SourceId ? null : former;
    }

    /// <summary>Anchors whose TravelPerk user waits for a decision.</summary>
    public IEnumerable<string> Undecided => FormersOf(_takeovers.Values.Where(t => t.Staged));

    /// <summary>The operation with what is to be known of the takeover; the same when it is none.</summary>
    public ProvisioningOperation Marked(ProvisioningOperation operation)
    {
        if (operation is not { Problem: null, Action: not ProvisioningAction.None, Desired: { } user })
            return operation;
        if (!_takeovers.TryGetValue(user, out Takeover? takeover))
            return operation;
        var reason = new OperationReason(takeover.Kind, takeover.Described);
        return operation with { Drift = reason.Drift, Staged = takeover.Staged, TakenFrom = takeover.Other, Reason = reason.Text };
    }

    // Where the mapping does not update users, another account's user cannot become this one's.
    private bool GivesUp(Assessment assessed) =>
        assessed.Departure == Departure.NotListed || (assessed.Departure != Departure.None && bound.Mapping.AllowsUpdate);

    private void Release(Dictionary<string, string> owners, string target, Former former)
    {
        _former[target] = former;
        owners.Remove(target);
    }

    private static IEnumerable<string> FormersOf(IEnumerable<Takeover> takeovers) =>
        takeovers.Select(takeover => takeover.Former).OfType<Former>().Select(former => former.Anchor);

    private static string NameOf(string anchor, Dictionary<string, string> identities) =>
        identities.TryGetValue(anchor, out string? name) ? $"{name} ({anchor})" : anchor;

    // The state keeps no names; the log knows what the account was called.
    private void Describe()
    {
        Dictionary<string, string> identities = snapshot.IdentitiesOf([.. FormersOf(_takeovers.Values)]);
        foreach ((DesiredUser user, Takeover takeover) in _takeovers)
        {
            string verb = takeover.Staged ? "is" : "was";
            takeover.Described = $"TravelPerk user {user.TargetId} {verb} {HolderOf(takeover, identities)}.";
        }
    }

    private static string HolderOf(Takeover takeover, Dictionary<string, string> identities)
    {
        if (takeover.Former is not { } former)
            return $"another account's by its externalId ({takeover.Other})";
        string name = NameOf(former.Anchor, identities);
        return $"linked to {name}, {former.Departure.Words()}";
    }

    private void TellOfStaged()
    {
        List<string> staged =
        [
            .. _takeovers.Where(t => t.Value.Staged).Select(t => $"{t.Key.Identity} ({t.Key.Anchor}): {t.Value.Described}"),
        ];
        if (staged.Count == 0)
            return;
        string named = string.Join(" ", staged.Take(MaxNamed));
        string more = staged.Count > MaxNamed ? " ..." : "";
        reading.Warnings.Insert(
            0,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{staged.Count} TravelPerk users would go over to another account "
                    + $"whose given or family name differs, and wait for an approval. {named}{more}"
            )
        );
    }

    private sealed record Former(string Anchor, Departure Departure);

    private sealed record Takeover(string Other, Former? Former, bool Agree, bool Staged)
    {
        public string Described { get; set; } = "";

        public ReasonKind Kind
        {
            get
            {
                if (Agree)
                    return ReasonKind.Inherited;
                return Staged ? ReasonKind.TakeoverStaged : ReasonKind.TakeoverApproved;
            }
        }
    }
}
