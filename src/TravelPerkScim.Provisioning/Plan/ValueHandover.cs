using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Matching values that go from one user to another within a plan, such as a userName that is handed on.</summary>
internal sealed class ValueHandover(
    BoundMapping bound,
    StateSnapshot snapshot,
    TargetMatcher matcher,
    LinkCheck check,
    CycleContext context,
    ScimClient client
)
{
    /// <summary>A user who changes a matching value in this plan gives the former value up. The user who gets that value is looked for by
    /// the other matching values only, and its operation waits.</summary>
    public async Task HandOverAsync(List<DesiredUser> wanted, Dictionary<string, string> owners, CancellationToken cancellationToken)
    {
        List<DesiredUser> refused = wanted.FindAll(u => u.Problem is { Owner: not null });
        if (refused.Count == 0)
            return;
        var holders = wanted.Where(u => u.IsAtLink).ToDictionary(u => u.Anchor, StringComparer.Ordinal);
        var seekers = new Dictionary<DesiredUser, DesiredUser>();
        foreach (TargetAttribute _ in bound.Matching)
        {
            Dictionary<DesiredUser, DesiredUser> asked = WithoutTakenValue(refused, holders, seekers);
            if (asked.Count == 0)
                break;
            await matcher
                .FindAsync([.. asked.Keys], owners, context.Meter("Comparing with TravelPerk", null), cancellationToken)
                .ConfigureAwait(false);
            foreach ((DesiredUser seeker, DesiredUser user) in asked)
            {
                (user.TargetId, user.Current) = (seeker.TargetId, seeker.Current);
                (user.MatchedBy, user.Problem) = (seeker.MatchedBy, seeker.Problem);
            }
        }
        if (seekers.Count > 0)
            RefuseRivals(wanted, seekers);
    }

    /// <summary>Takes the value that its holder gives up out of what each user is looked for by, and the problem away.</summary>
    /// <returns>The users to look for again, each with the user that it stands for.</returns>
    private Dictionary<DesiredUser, DesiredUser> WithoutTakenValue(
        List<DesiredUser> refused,
        Dictionary<string, DesiredUser> holders,
        Dictionary<DesiredUser, DesiredUser> seekers
    )
    {
        var asked = new Dictionary<DesiredUser, DesiredUser>();
        foreach (DesiredUser user in refused)
        {
            DesiredUser seeker = seekers.GetValueOrDefault(user, user);
            if (user.Problem is not { Owner: { } owner } || !holders.TryGetValue(owner, out DesiredUser? holder))
                continue;
            if (MatchIndex.FirstShared(bound, seeker, holder) is not { } attribute || !NameOrder.GivesUp(bound, holder, attribute))
                continue;
            object?[] values = [.. seeker.Values];
            values[attribute.Slot] = null;
            seekers[user] = seeker.WithValues(values);
            asked.Add(seekers[user], user);
            user.Problem = null;
        }
        return asked;
    }

    // Which of two new users gets the value must not be a matter of luck.
    private void RefuseRivals(List<DesiredUser> wanted, Dictionary<DesiredUser, DesiredUser> seekers)
    {
        IEnumerable<MatchRivals> rivalries = MatchIndex.RivalsAmong(bound, wanted.Where(u => u.IsUnmatched));
        foreach (MatchRivals rivals in rivalries.Where(rivals => rivals.Users.Any(seekers.ContainsKey)))
        {
            foreach (DesiredUser rival in rivals.Users.Where(u => u.Link is null))
                rival.Problem = MatchProblem.SameSource(rivals.Attribute.Flow.TargetName);
        }
    }

    /// <summary>A value that its holder does not give up is not given to another user. A user who waits for that user waits too.</summary>
    public async Task RefuseTakenAsync(List<DesiredUser> wanted, SourceReading reading, CancellationToken cancellationToken)
    {
        List<HeldValue> claims =
        [
            .. wanted.Where(u => u is { Link: not null, Current: not null, Problem: null }).SelectMany(check.HeldByOthers),
        ];
        foreach (HeldValue claim in claims)
            claim.User.Problem ??= await ProblemOfAsync(claim, reading, cancellationToken).ConfigureAwait(false);
        while (RefuseWaiting(wanted, claims)) { }
    }

    // A user who waits for a user who cannot be written. True when there was one.
    private static bool RefuseWaiting(List<DesiredUser> wanted, List<HeldValue> claims)
    {
        bool any = false;
        var stuck = wanted.Where(u => u is { Link: not null, Problem: not null }).ToDictionary(u => u.Anchor, StringComparer.Ordinal);
        foreach (HeldValue claim in claims.Where(claim => claim.User.Problem is null))
        {
            if (!stuck.TryGetValue(claim.Holder, out DesiredUser? waited) || MatchKey.Shown(waited, claim.Attribute) != claim.Key)
                continue;
            claim.User.Problem = MatchProblem.WaitsFor(claim.Attribute.Flow.TargetName, waited.Identity);
            any = true;
        }
        return any;
    }

    // A linked user has the value in TravelPerk and does not give it up in this plan: a second user with it would be the same person to
    // those who sign in by it.
    private async Task<MatchProblem?> ProblemOfAsync(HeldValue claim, SourceReading reading, CancellationToken cancellationToken)
    {
        Assessment? holder = reading.Of(claim.Holder);
        if (snapshot.LinkOf(claim.Holder) is not { } link || holder is Assessment.Changed or Assessment.Removed)
            return null;
        // The value last written is a hint only: a service may not have kept the value, and the user may have been changed by hand.
        UserSighting seen = await UserSighting.LookAsync(client, link.TargetId, cancellationToken).ConfigureAwait(false);
        if (seen.User is not { } held || !claim.IsHeldBy(held))
            return seen.Problem;
        string attribute = claim.Attribute.Flow.TargetName;
        return link.Enabled && holder is not Assessment.Leaves
            ? MatchProblem.SameSource(attribute)
            : MatchProblem.HeldByLeaver(attribute, link.TargetId, claim.Holder);
    }
}
