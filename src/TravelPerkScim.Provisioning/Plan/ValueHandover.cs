using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

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
    public async Task HandOverAsync(
        List<DesiredUser> wanted,
        Dictionary<DesiredUser, MatchProblem> problems,
        Dictionary<string, string> owners,
        CancellationToken cancellationToken
    )
    {
        if (!problems.Values.Any(p => p.Owner is not null))
            return;
        Dictionary<string, DesiredUser> holders = wanted
            .Where(u => u.Link is not null && u.TargetId == u.Link.TargetId)
            .ToDictionary(u => u.Anchor, StringComparer.Ordinal);
        var rest = new Dictionary<DesiredUser, DesiredUser>();
        foreach (TargetAttribute _ in bound.Matching)
        {
            var asked = new Dictionary<DesiredUser, DesiredUser>();
            foreach ((DesiredUser user, MatchProblem problem) in problems.ToList())
            {
                DesiredUser seeker = rest.GetValueOrDefault(user, user);
                if (problem.Owner is null || !holders.TryGetValue(problem.Owner, out DesiredUser? holder))
                    continue;
                if (MatchIndex.FirstShared(bound, seeker, holder) is not { } attribute || !NameOrder.GivesUp(bound, holder, attribute))
                    continue;
                object?[] values = [.. seeker.Values];
                values[attribute.Slot] = null;
                rest[user] = seeker.WithValues(values);
                asked.Add(rest[user], user);
                problems.Remove(user);
            }
            if (asked.Count == 0)
                break;
            Dictionary<DesiredUser, MatchProblem> again = await matcher
                .FindAsync([.. asked.Keys], owners, context.Meter("Comparing with TravelPerk", null), cancellationToken)
                .ConfigureAwait(false);
            foreach ((DesiredUser seeker, DesiredUser user) in asked)
            {
                (user.TargetId, user.Current, user.MatchedBy) = (seeker.TargetId, seeker.Current, seeker.MatchedBy);
                if (again.TryGetValue(seeker, out MatchProblem? problem))
                    problems.Add(user, problem);
            }
        }
        if (rest.Count == 0)
            return;
        // Which of two new users gets the value must not be a matter of luck.
        IEnumerable<DesiredUser> unmatched = wanted.Where(u => u.TargetId is null && !problems.ContainsKey(u));
        foreach (
            var rivals in unmatched
                .GroupBy(u => MatchIndex.KeyOf(bound, u))
                .Where(g => g.Key is not null && g.Count() > 1 && g.Any(rest.ContainsKey))
                .ToList()
        )
        {
            foreach (DesiredUser rival in rivals.Where(u => u.Link is null))
                problems[rival] = MatchProblem.SameSource(rivals.Key!.Value.Attribute.Flow.TargetName);
        }
    }

    /// <summary>A value that its holder does not give up is not given to another user. A user who waits for that user waits too.</summary>
    public async Task RefuseTakenAsync(
        List<DesiredUser> wanted,
        Dictionary<DesiredUser, MatchProblem> problems,
        SourceReading reading,
        CancellationToken cancellationToken
    )
    {
        (DesiredUser User, (string Anchor, TargetAttribute Attribute)[] Holders)[] claims =
        [
            .. wanted
                .Where(u => u is { Link: not null, Current: not null } && !problems.ContainsKey(u))
                .Select(u => (u, check.HoldersOf(u).ToArray()))
                .Where(claim => claim.Item2.Length > 0),
        ];
        foreach ((DesiredUser user, (string, TargetAttribute)[] holders) in claims)
        {
            foreach ((string holder, TargetAttribute attribute) in holders)
            {
                if (
                    !problems.ContainsKey(user)
                    && await ProblemOfAsync(user, holder, attribute, reading, cancellationToken).ConfigureAwait(false) is { } problem
                )
                    problems.Add(user, problem);
            }
        }
        for (int before = -1; before < problems.Count; )
        {
            before = problems.Count;
            Dictionary<string, DesiredUser> stuck = problems
                .Keys.Where(u => u.Link is not null)
                .ToDictionary(u => u.Anchor, StringComparer.Ordinal);
            foreach ((DesiredUser user, (string, TargetAttribute)[] holders) in claims.Where(claim => !problems.ContainsKey(claim.User)))
            {
                foreach ((string holder, TargetAttribute attribute) in holders)
                {
                    if (stuck.TryGetValue(holder, out DesiredUser? waited) && KeepsValue(waited, attribute, user))
                        problems.TryAdd(user, MatchProblem.WaitsFor(attribute.Flow.TargetName, waited.Identity));
                }
            }
        }
    }

    private static bool KeepsValue(DesiredUser holder, TargetAttribute attribute, DesiredUser user) =>
        holder.Current is { } kept && MatchKey.Of(attribute, kept[attribute.Slot]) == MatchKey.Of(attribute, user.Values[attribute.Slot]);

    // A linked user has the value in TravelPerk and does not give it up in this plan: a second user with it would be the same person to
    // those who sign in by it.
    private async Task<MatchProblem?> ProblemOfAsync(
        DesiredUser user,
        string holder,
        TargetAttribute attribute,
        SourceReading reading,
        CancellationToken cancellationToken
    )
    {
        if (snapshot.LinkOf(holder) is not { } link || reading.Of(holder) is Assessment.Changed or Assessment.Removed)
            return null;
        // What was last written is a hint only: a service may not have kept it, and the user may have been changed by hand.
        try
        {
            ScimUser? held = await client.FindUserAsync(link.TargetId, cancellationToken).ConfigureAwait(false);
            if (held is null || !MatchKey.Holds(held, attribute, MatchKey.Of(attribute, user.Values[attribute.Slot])!))
                return null;
        }
        catch (ScimException e) when (e.IsUnreadable)
        {
            return MatchProblem.Unanswered(e);
        }
        return link.Enabled && reading.Of(holder) is not Assessment.Leaves
            ? MatchProblem.SameSource(attribute.Flow.TargetName)
            : MatchProblem.HeldByLeaver(attribute.Flow.TargetName, link.TargetId, holder);
    }
}
