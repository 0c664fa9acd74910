using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Computes a cycle without a write: read, scope, map, match, diff, and the operations that follow.</summary>
internal sealed class CyclePlanner(
    JobSettings settings,
    BoundMapping bound,
    CompiledScope scope,
    StateSnapshot snapshot,
    TargetMatcher matcher,
    LinkCheck check,
    CycleContext context,
    ScimClient client
)
{
    /// <param name="source">Where identities come from.</param>
    /// <param name="kind">Initial, incremental, reconcile or on demand.</param>
    /// <param name="identities">For on demand: who.</param>
    /// <param name="approved">The cycle whose staged disables and deletes are approved; null when none is.</param>
    /// <param name="cancellationToken">Stops the planning.</param>
    /// <param name="withGroups">For on demand: all groups as well.</param>
    /// <param name="restart">For an initial cycle that was asked for: every user is compared with the target.</param>
    public async Task<ProvisioningPlan> PlanAsync(
        IDirectorySource source,
        CycleKind kind,
        IReadOnlyList<string> identities,
        Guid? approved,
        CancellationToken cancellationToken,
        bool withGroups = false,
        bool restart = false
    )
    {
        long requestsBefore = client.RequestCount;
        bool onDemand = kind == CycleKind.OnDemand;
        if (approved is { } cycle && snapshot.Staged.Values.All(staged => staged.CycleId != cycle))
            throw new ProvisioningException(
                "ApprovalUnknown",
                $"The cycle {cycle} has staged nothing that waits for an "
                    + $"approval{(snapshot.Staged.Count > 0 ? $"; {string.Join(" and ", snapshot.Staged.Values.Select(s => s.CycleId).Distinct())} has" : "")}. "
                    + $"Get-ProvisioningStatus names the cycle, Get-ProvisioningPlan shows what is staged."
            );
        IntentResolution resolution = await new IntentResolver(client, bound, snapshot, check, context)
            .ResolveAsync(cancellationToken)
            .ConfigureAwait(false);
        var evaluator = new EntryEvaluator(settings, bound, scope, snapshot, context, kind, restart);
        var reader = new SourceReader(source, bound.Mapping.Layout, evaluator, snapshot, context);
        SourceReading reading = onDemand
            ? await reader.FindAsync(identities, cancellationToken).ConfigureAwait(false)
            : await reader.ReadAsync(kind == CycleKind.Incremental ? snapshot.Watermark : null, cancellationToken).ConfigureAwait(false);

        if (withGroups)
            await reader.ReadGroupsAsync(snapshot.Watermark, cancellationToken).ConfigureAwait(false);
        List<DesiredUser> wanted = [.. reading.Changed.Values, .. ReportsOfArrivals(reading)];
        Dictionary<string, string> owners = snapshot.OwnersByTarget();
        var takeovers = new AccountTakeovers(bound, snapshot, context, matcher, reader, reading);
        takeovers.Release(owners);
        TargetInventory? survey = kind == CycleKind.Reconcile || restart ? new TargetInventory(bound) : null;
        Dictionary<DesiredUser, MatchProblem> problems = await MatchAsync(wanted, owners, survey, reading, cancellationToken)
            .ConfigureAwait(false);
        await HandOnAsync(wanted, problems, owners, cancellationToken).ConfigureAwait(false);
        await takeovers.AskAsync(problems, owners, cancellationToken).ConfigureAwait(false);
        await takeovers.FindHiddenAsync(wanted, problems, owners, check, client, cancellationToken).ConfigureAwait(false);

        await RefuseHeldAsync(wanted, problems, reading, cancellationToken).ConfigureAwait(false);
        foreach (DesiredUser user in wanted.Where(u => u.TargetId is null && MatchIndex.KeyOf(bound, u) is null))
            problems.TryAdd(user, MatchProblem.ValueMissing(bound.Matching.Select(a => a.Flow.TargetName)));

        var keys = new IdentityKeys(bound, snapshot.Salt);
        takeovers.Decide(wanted.Where(u => !problems.ContainsKey(u)), approved);
        var builder = new OperationBuilder(
            bound,
            snapshot,
            wanted.Where(u => !problems.ContainsKey(u) && !takeovers.IsStaged(u)),
            new KnownUnkept(snapshot, bound, client.Dialect, context.Began, forget: restart),
            new UnsentManagers(bound, reading, problems.ToDictionary(p => p.Key.Anchor, p => p.Value.Code, StringComparer.Ordinal)),
            onDemand
        );
        foreach (DesiredUser user in wanted)
        {
            if (problems.TryGetValue(user, out MatchProblem? problem))
                builder.AddProblem(user, problem.Code, problem.Message);
            else if (
                user.TargetId is null
                && resolution.StillUnknown.Contains(user.Anchor)
                && !snapshot.Intents[user.Anchor].Keys.AsSpan().SequenceEqual(keys.Of(user.Values))
            )
                builder.AddProblem(
                    user,
                    "CreateUnresolved",
                    "A cycle that was cut off may have created the user under another name, and whether it did "
                        + "cannot be found out yet. It is tried again; Reset-ProvisioningJob -Scope Links forgets it."
                );
            else
                builder.Add(user);
        }
        foreach ((DesiredUser user, string code, string message) in reading.Invalid.Values)
            builder.AddProblem(user, code, message);

        List<ProvisioningOperation> operations = ReferenceOrder.Sort(
            NameOrder.Arrange(builder.Operations.ConvertAll(takeovers.Marked), bound),
            bound
        );
        HashSet<string> succeeded = takeovers.Succeeded(operations);
        foreach (string undecided in takeovers.Undecided)
            evaluator.HoldDelete(undecided);
        var groups = new GroupPlanner(settings, snapshot, client, context, reading);
        await groups.PrepareAsync(kind, cancellationToken).ConfigureAwait(false);
        IEnumerable<ProvisioningOperation> leavers =
        [
            .. reading.Leaving.Values,
            .. survey?.Reactivated(reading.AlreadyDisabled.Values) ?? [],
            .. reading.Removed.Values,
        ];
        List<ProvisioningOperation> departures = await CheckedAsync(
                wanted,
                [.. leavers.Where(o => !succeeded.Contains(o.SourceId))],
                cancellationToken
            )
            .ConfigureAwait(false);
        List<ProvisioningOperation> held =
        [
            .. Held(
                [
                    .. operations.Where(o => o is { ByMapping: true, Part: OperationPart.Whole, Problem: null, Staged: false }),
                    .. Named([.. departures, .. await groups.DeparturesAsync(cancellationToken).ConfigureAwait(false)]),
                ],
                approved,
                ScopeIsEmpty(reading, kind)
            ),
        ];
        operations = WithStaged(operations, held);
        operations.AddRange(held.Where(o => !o.ByMapping));
        List<ProvisioningOperation> skipped = [.. reading.Skipped.Values, .. WaitingUnseen(reading)];
        if (onDemand)
            operations.AddRange(skipped);
        operations.AddRange(
            await groups
                .OperationsAsync(
                    new GroupEntitlement(snapshot, operations, [.. builder.Vanished, .. succeeded]),
                    approved,
                    cancellationToken
                )
                .ConfigureAwait(false)
        );
        await new CompanyCheck(settings, snapshot, check, client)
            .EnsureAsync(new HashSet<string>(), new HashSet<string>(), groups.Missing, cancellationToken)
            .ConfigureAwait(false);
        if (survey is { IsWhole: true } && kind == CycleKind.Reconcile && reading.Complete && !reading.HasUnidentifiedFault)
            operations.AddRange(
                survey.Orphans(
                    [.. snapshot.Links.Values.Select(l => l.TargetId), .. wanted.Select(u => u.TargetId).OfType<string>()],
                    NamedByExternalId(wanted, reading)
                )
            );
        else if (kind == CycleKind.Reconcile && survey is { IsWhole: true })
            reading.Warnings.Insert(
                0,
                "The source was not read whole, so which TravelPerk users have no counterpart is not known, and none is named."
            );

        // Reports of a former owner still have the account as their manager, and no list of changes names them: the next cycle reads
        // everything.
        string? watermark = succeeded.Count > 0 ? null : reading.Watermark;
        var basis = new PlanFollowUps(
            bound,
            snapshot.CurrentFingerprint,
            context.Began,
            watermark,
            [
                .. builder.AlreadyInDesiredState.Where(u =>
                    !u.DesiredStateReached
                    || snapshot.EscrowOf(u.Anchor) is not null
                    || UnkeptValue.Read(snapshot.UnkeptOf(u.Anchor)).Count() != u.Unkept.Count
                ),
                .. WaitingForAnother(reading, wanted),
            ],
            builder.Vanished,
            reading.Settled,
            reading.Unread,
            resolution
        )
        {
            StateChanges = snapshot.Changes,
            Computed = context.Time.GetUtcNow(),
            GroupsDiscovered = groups.Discovered,
            Released = reading.Released,
            NotFound = reading.NotFound,
            Undeleted = reading.Undeleted,
            Given = reading.Given,
        };
        if (resolution.Warning is { } warning)
            reading.Warnings.Insert(0, warning);
        return new ProvisioningPlan(basis)
        {
            CycleId = context.CycleId,
            Kind = kind,
            // A group refers to users, so it comes after them.
            Operations = [.. operations.OrderBy(o => o.ObjectType)],
            Skipped = onDemand ? [] : skipped,
            Counts = reading.Counts with
            {
                Unchanged = reading.Counts.Unchanged + (onDemand ? 0 : builder.AlreadyInDesiredState.Count),
                Skipped = reading.Counts.Skipped + builder.Withheld,
            },
            ReadComplete = reading.Complete,
            Warnings = reading.Warnings,
            Requests = client.RequestCount - requestsBefore,
        };
    }

    // A list that cannot be read whole proves nobody's absence: each user is asked for then, as without a survey.
    private async Task<Dictionary<DesiredUser, MatchProblem>> MatchAsync(
        List<DesiredUser> wanted,
        Dictionary<string, string> owners,
        TargetInventory? survey,
        SourceReading reading,
        CancellationToken cancellationToken
    )
    {
        if (survey is not null)
        {
            try
            {
                var problems = await matcher
                    .FindAsync(wanted, owners, context.Meter("Comparing with TravelPerk", null), cancellationToken, survey.See)
                    .ConfigureAwait(false);
                survey.IsWhole = true;
                return problems;
            }
            catch (ScimException e) when (e.ErrorId is "PagingNotSupported" or "PagingIncomplete")
            {
                reading.Warnings.Insert(
                    0,
                    $"Which TravelPerk users have no counterpart in the source is not known, and none is named. {e.Message}"
                );
            }
        }
        return await matcher
            .FindAsync(wanted, owners, context.Meter("Comparing with TravelPerk", null), cancellationToken)
            .ConfigureAwait(false);
    }

    // A user who changes a matching value in this plan gives the former one up: whoever gets it is looked for by the others only, and its
    // operation waits.
    private async Task HandOnAsync(
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

    // A value that its holder does not give up cannot be given to another user, and who waits for that user waits too.
    private async Task RefuseHeldAsync(
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
                    && await HeldAsync(user, holder, attribute, reading, cancellationToken).ConfigureAwait(false) is { } problem
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
    private async Task<MatchProblem?> HeldAsync(
        DesiredUser user,
        string holder,
        TargetAttribute attribute,
        SourceReading reading,
        CancellationToken cancellationToken
    )
    {
        if (snapshot.LinkOf(holder) is not { } link || reading.Changed.ContainsKey(holder) || reading.Removed.ContainsKey(holder))
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
        return link.Enabled && !reading.Leaving.ContainsKey(holder)
            ? MatchProblem.SameSource(attribute.Flow.TargetName)
            : MatchProblem.HeldByLeaver(attribute.Flow.TargetName, link.TargetId, holder);
    }

    // Nobody is disabled or deleted unseen, and nothing is written where the linked users are not.
    private async Task<List<ProvisioningOperation>> CheckedAsync(
        List<DesiredUser> wanted,
        List<ProvisioningOperation> departures,
        CancellationToken cancellationToken
    )
    {
        var leaving = new DepartureCheck(client, bound, check, snapshot, settings.Concurrency);
        await leaving.LookAsync(departures, cancellationToken).ConfigureAwait(false);
        List<DesiredUser> linked = wanted.FindAll(u => u.Link is not null);
        HashSet<string> looked = [.. linked.Select(u => u.Anchor), .. departures.Select(o => o.SourceId)];
        HashSet<string> missing = [.. linked.Where(u => u.TargetId != u.Link!.TargetId).Select(u => u.Anchor), .. leaving.Missing];
        // A delete of an earlier cycle whose answer was lost has no witness of another company.
        missing.RemoveWhere(anchor => snapshot.Intents.TryGetValue(anchor, out Intent? begun) && begun.Action == ProvisioningAction.Delete);
        var company = new CompanyCheck(settings, snapshot, check, client);
        if (looked.Count == 0 && wanted.Count > 0)
            await company.EnsureKnownAsync(cancellationToken).ConfigureAwait(false);
        else
            await company.EnsureAsync(looked, missing, 0, cancellationToken).ConfigureAwait(false);
        return await leaving.SettleAsync(departures, cancellationToken).ConfigureAwait(false);
    }

    // Nearly every mapping gives the source id as externalId.
    private Dictionary<string, NamedUser> NamedByExternalId(List<DesiredUser> wanted, SourceReading reading)
    {
        var named = new Dictionary<string, NamedUser>(StringComparer.Ordinal);
        if (bound.Anchoring is not { } externalId)
            return named;
        foreach (DesiredUser user in wanted.Where(u => MatchKey.Of(externalId, u.Values[externalId.Slot]) is not null))
            named[MatchKey.Of(externalId, user.Values[externalId.Slot])!] = new NamedUser(
                $"the source user {user.Identity} ({user.Anchor})",
                user.TargetId
            );
        foreach (string anchor in snapshot.Links.Keys.Concat(reading.Outside))
            named.TryAdd(MatchKey.Of(externalId, anchor)!, new NamedUser($"the source user {anchor}", snapshot.TargetIdOf(anchor)));
        return named;
    }

    // A list of changes names an entry in escrow only when it changes or is due.
    private List<ProvisioningOperation> WaitingUnseen(SourceReading reading) =>
        !context.IncludeSkipped
            ? []
            : Named([
                .. snapshot
                    .Escrows.Where(e =>
                        !e.Value.Seen
                        && e.Value.NextAttempt > context.Began
                        && !reading.Settled.Contains(e.Key)
                        && !reading.Skipped.ContainsKey(e.Key)
                    )
                    .Select(e => EntryEvaluator.Waiting(e.Key, e.Key, snapshot.TargetIdOf(e.Key), e.Value)),
            ]);

    // A manager who gets a TravelPerk user in this cycle makes the reference of users who did not change themselves resolvable now.
    private static IEnumerable<DesiredUser> ReportsOfArrivals(SourceReading reading)
    {
        HashSet<string> arrivals = reading
            .Changed.Values.Where(u => u.Link is null)
            .Select(u => u.Anchor)
            .ToHashSet(StringComparer.Ordinal);
        return reading.Waiting.Values.Where(u => u.References.Any(arrivals.Contains));
    }

    // The manager changed from one without a TravelPerk user to another one without: nothing to send, but the reports of the new one are to
    // be known when it comes.
    private IEnumerable<DesiredUser> WaitingForAnother(SourceReading reading, List<DesiredUser> wanted) =>
        reading
            .Waiting.Values.Except(wanted)
            .Where(u => u.References.First(manager => snapshot.TargetIdOf(manager) is null) != snapshot.AwaitedManagerOf(u.Anchor));

    // Somebody who is no longer in the source has no name there; an admin who reviews a delete wants one all the same.
    private List<ProvisioningOperation> Named(List<ProvisioningOperation> departures)
    {
        Dictionary<string, string> identities = snapshot.IdentitiesOf([
            .. departures.Where(o => o.Identity == o.SourceId).Select(o => o.SourceId),
        ]);
        return departures.ConvertAll(o => o with { Identity = identities.GetValueOrDefault(o.SourceId, o.Identity) });
    }

    // Assignments that are read as empty for a moment, and a slip in a scoping filter, look just like everybody's leaving: however few they
    // are, somebody has to say so.
    private bool ScopeIsEmpty(SourceReading reading, CycleKind kind)
    {
        if (
            kind == CycleKind.OnDemand
            || reading.Counts.InScope > 0
            || reading.OutOfScope.Count == 0
            || snapshot.Links.Any(l => l.Value.Enabled && !reading.Leaving.ContainsKey(l.Key) && !reading.Removed.ContainsKey(l.Key))
        )
            return false;
        reading.Warnings.Insert(
            0,
            "Nobody is entitled and in scope any more. In case that is a slip, or the "
                + "assignments could not be seen, nobody is disabled before it is approved."
        );
        return true;
    }

    // Of a user whose disable waits, nothing else is sent either; who takes a value that the user would give up is told so.
    private static List<ProvisioningOperation> WithStaged(List<ProvisioningOperation> operations, List<ProvisioningOperation> held)
    {
        HashSet<string> staged = held.Where(o => o is { ByMapping: true, Staged: true })
            .Select(o => o.SourceId)
            .ToHashSet(StringComparer.Ordinal);
        return staged.Count == 0
            ? operations
            :
            [
                .. operations
                    .Where(o => o.Part == OperationPart.Whole || !staged.Contains(o.SourceId))
                    .Select(o => staged.Contains(o.SourceId) ? o with { Staged = true, Takes = [], Interim = [] } : o),
            ];
    }

    // Entra counts disables and deletes of a cycle together; over the threshold none of them is applied. What was approved is what was
    // staged then and is due now, and nothing else.
    private IEnumerable<ProvisioningOperation> Held(List<ProvisioningOperation> departures, Guid? approved, bool nobodyIsInScope)
    {
        HashSet<string> free = [.. departures.Where(o => snapshot.IsApproved(o, approved)).Select(o => o.SourceId)];
        int rest = departures.Count - free.Count;
        bool over = nobodyIsInScope || settings.IsOverThreshold(rest, snapshot.EnabledLinks + snapshot.Groups.Links.Count);
        // What an earlier cycle staged waits for its approval, however few are left of it. An approval is of one cycle's staging, and of no
        // other's.
        return departures.Select(o =>
            !free.Contains(o.SourceId) && (over || snapshot.StagedBy(o) is not null) ? o with { Staged = true } : o
        );
    }
}
