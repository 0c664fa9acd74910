using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;

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
    /// <exception cref="ProvisioningException"><c>ApprovalUnknown</c>; what the source and the safety checks say.</exception>
    public async Task<ProvisioningPlan> PlanAsync(PlanOptions options, CancellationToken cancellationToken)
    {
        long requestsBefore = client.RequestCount;
        // An unknown approval is refused before the first request.
        EnsureApprovalKnown(options.Approved);

        // A create that was found becomes a link in the snapshot. The read assesses users by their links, so the creates come first.
        IntentResolution resolution = await new IntentResolver(client, bound, snapshot, check, context)
            .ResolveAsync(cancellationToken)
            .ConfigureAwait(false);
        var evaluator = new EntryEvaluator(settings, bound, scope, snapshot, context, options.Kind, options.Restart);
        var reader = new SourceReader(options.Source, bound.Mapping.Layout, evaluator, snapshot, context);
        SourceReading reading = await ReadAsync(reader, options, cancellationToken).ConfigureAwait(false);

        // The read tells which accounts departed. Only then can the match give the TravelPerk users of those accounts to others.
        List<DesiredUser> wanted = [.. reading.Changed, .. ReportsOfArrivals(reading)];
        var takeovers = new AccountTakeovers(bound, snapshot, context, matcher, reader, reading);
        TargetInventory? inventory = options.ComparesAll ? new TargetInventory(bound) : null;
        await MatchAsync(wanted, takeovers, inventory, reading, cancellationToken).ConfigureAwait(false);

        // A user whose takeover is staged gets no TravelPerk user in this plan, and its reports get no reference to it. Takeovers are
        // decided before the operations are made.
        takeovers.Decide(wanted.Where(u => u.Problem is null), options.Approved);
        OperationBuilder builder = Build(wanted, takeovers, reading, resolution, options);
        List<ProvisioningOperation> operations = Ordered(builder.Operations.ConvertAll(takeovers.Marked));

        // The operations tell which accounts lose their TravelPerk user to another account. Such an account is not disabled or deleted, and
        // the delete of an account waits while a takeover from it waits.
        HashSet<string> succeeded = takeovers.Succeeded(operations);
        foreach (string undecided in takeovers.Undecided)
            evaluator.HoldDelete(undecided);

        // Groups are prepared before the departures: the preparation finds out whether TravelPerk has groups, and a group can depart too.
        var groups = new GroupPlanner(settings, snapshot, client, context, reading);
        await groups.PrepareAsync(options.Kind, cancellationToken).ConfigureAwait(false);
        List<ProvisioningOperation> ofUsers = await DeparturesAsync(wanted, reading, inventory, succeeded, cancellationToken)
            .ConfigureAwait(false);
        List<ProvisioningOperation> ofGroups = await groups.DeparturesAsync(cancellationToken).ConfigureAwait(false);

        // The threshold counts every disable and delete of the cycle, so the staging comes after the last of them is known.
        List<ProvisioningOperation> departures = StageOverThreshold(
            [.. operations.Where(IsDisableByMapping), .. WithNames([.. ofUsers, .. ofGroups])],
            options.Approved,
            ScopeIsEmpty(reading, options.Kind)
        );
        operations = [.. WithStaged(operations, departures), .. departures.Where(o => !o.ByMapping)];

        // On demand, a user who is left alone is an answer to the question, and so an operation.
        List<ProvisioningOperation> skipped = [.. LeftAlone(reading), .. WaitingUnseen(reading)];
        if (options.IsOnDemand)
            operations.AddRange(skipped);

        // The members of a group follow from what the cycle does to users. A staged operation does nothing yet, so the staging comes first.
        var entitlement = new GroupEntitlement(snapshot, operations, [.. builder.Vanished, .. succeeded]);
        operations.AddRange(await groups.OperationsAsync(entitlement, options.Approved, cancellationToken).ConfigureAwait(false));
        await new CompanyCheck(settings, snapshot, check, client)
            .EnsureByGroupsAsync(groups.Missing, cancellationToken)
            .ConfigureAwait(false);

        // Orphans are only reported. They change no group, and no count of the threshold.
        if (options.Kind == CycleKind.Reconcile)
            operations.AddRange(Orphans(inventory!, wanted, reading));

        // The warning goes to the front, before the warnings of the steps above.
        if (resolution.Warning is { } warning)
            reading.Warnings.Insert(0, warning);
        // Reports of a former owner still have the account as their manager, and no list of changes names them: the next cycle reads
        // everything.
        string? watermark = succeeded.Count > 0 ? null : reading.Watermark;
        return new ProvisioningPlan(FollowUps(reading, wanted, builder, resolution, watermark, groups.Discovered))
        {
            CycleId = context.CycleId,
            Kind = options.Kind,
            // A group refers to users, so it comes after them.
            Operations = [.. operations.OrderBy(o => o.ObjectType)],
            Skipped = options.IsOnDemand ? [] : skipped,
            Counts = CountsOf(reading, builder, options.IsOnDemand),
            ReadComplete = reading.Complete,
            FaultyEntries = reading.FaultyEntries,
            Warnings = reading.Warnings,
            Requests = client.RequestCount - requestsBefore,
        };
    }

    private static bool IsDisableByMapping(ProvisioningOperation operation) =>
        operation is { ByMapping: true, Part: OperationPart.Whole, Problem: null, Staged: false };

    // Names that change hands first, then managers before their reports.
    private List<ProvisioningOperation> Ordered(List<ProvisioningOperation> operations) =>
        ReferenceOrder.Sort(NameOrder.Arrange(operations, bound), bound);

    // On demand, a user in the desired state has an operation that says so.
    private static CycleCounts CountsOf(SourceReading reading, OperationBuilder builder, bool onDemand)
    {
        int compared = onDemand ? 0 : builder.AlreadyInDesiredState.Count;
        return reading.Counts with { Unchanged = reading.Counts.Unchanged + compared, Skipped = reading.Counts.Skipped + builder.Withheld };
    }

    private void EnsureApprovalKnown(Guid? approved)
    {
        Guid[] stagers = [.. snapshot.Staged.Values.Select(staged => staged.CycleId).Distinct()];
        if (approved is not { } cycle || stagers.Contains(cycle))
            return;
        string waiting = stagers.Length > 0 ? $" Waiting for approval: {string.Join(", ", stagers)}." : "";
        throw new ProvisioningException(
            "ApprovalUnknown",
            $"The cycle {cycle} has staged nothing that waits for an approval.{waiting} "
                + "Get-ProvisioningStatus names the cycle, Get-ProvisioningPlan shows what is staged."
        )
        {
            Failure = ProvisioningFailure.RequestInvalid,
        };
    }

    private async Task<SourceReading> ReadAsync(SourceReader reader, PlanOptions options, CancellationToken cancellationToken)
    {
        SourceReading reading = options.IsOnDemand
            ? await reader.FindAsync(options.Identities, cancellationToken).ConfigureAwait(false)
            : await reader
                .ReadAsync(options.Kind == CycleKind.Incremental ? snapshot.Watermark : null, cancellationToken)
                .ConfigureAwait(false);
        if (options.WithGroups)
            await reader.ReadGroupsAsync(snapshot.Watermark, cancellationToken).ConfigureAwait(false);
        return reading;
    }

    /// <summary>Finds the TravelPerk user of each wanted user. A user who cannot have one gets a problem.</summary>
    private async Task MatchAsync(
        List<DesiredUser> wanted,
        AccountTakeovers takeovers,
        TargetInventory? inventory,
        SourceReading reading,
        CancellationToken cancellationToken
    )
    {
        // An unchanged directory looks for no user, and so needs no owners.
        if (wanted.Count == 0 && inventory is null)
            return;
        Dictionary<string, string> owners = snapshot.OwnersByTarget();
        takeovers.Release(owners);
        await FindAsync(wanted, owners, inventory, reading, cancellationToken).ConfigureAwait(false);
        var values = new ValueHandover(bound, snapshot, matcher, check, context, client);
        await values.HandOverAsync(wanted, owners, cancellationToken).ConfigureAwait(false);
        await takeovers.AskAsync(wanted, owners, cancellationToken).ConfigureAwait(false);
        await takeovers.FindHiddenAsync(wanted, owners, check, client, cancellationToken).ConfigureAwait(false);
        await values.RefuseTakenAsync(wanted, reading, cancellationToken).ConfigureAwait(false);
        foreach (DesiredUser user in wanted.Where(u => u.IsUnmatched && MatchIndex.KeyOf(bound, u) is null))
            user.Problem = MatchProblem.ValueMissing(bound.Matching.Select(a => a.Flow.TargetName));
    }

    private OperationBuilder Build(
        List<DesiredUser> wanted,
        AccountTakeovers takeovers,
        SourceReading reading,
        IntentResolution resolution,
        PlanOptions options
    )
    {
        var builder = new OperationBuilder(
            bound,
            snapshot,
            wanted.Where(u => u.Problem is null && !takeovers.IsStaged(u)),
            new KnownUnkept(snapshot, bound, client.Dialect, context.Began, forget: options.Restart),
            new UnsentManagers(bound, reading, wanted),
            options.IsOnDemand
        );
        var keys = new IdentityKeys(bound, snapshot.Salt);
        foreach (DesiredUser user in wanted)
        {
            if (user.Problem is { } problem)
            {
                builder.AddProblem(user, problem.Code, problem.Message);
            }
            else if (MayExistUnderAnotherName(user, resolution, keys))
            {
                builder.AddProblem(
                    user,
                    "CreateUnresolved",
                    "An interrupted cycle may have created the user already, under another userName. "
                        + "TravelPerk does not show yet whether it did, so the user is not created now. The next cycle checks again. "
                        + "To end the check, run Reset-ProvisioningJob -Scope Links; the next cycle then matches all users again."
                );
            }
            else
            {
                builder.Add(user);
            }
        }
        foreach (Assessment.Invalid invalid in reading.All<Assessment.Invalid>())
            builder.AddProblem(invalid.User, invalid.Code, invalid.Message);
        return builder;
    }

    private bool MayExistUnderAnotherName(DesiredUser user, IntentResolution resolution, IdentityKeys keys) =>
        user.TargetId is null
        && resolution.StillUnknown.Contains(user.Anchor)
        && !snapshot.Intents[user.Anchor].Keys.AsSpan().SequenceEqual(keys.Of(user.Values));

    /// <summary>Disables and deletes of users, each checked against what TravelPerk shows.</summary>
    private Task<List<ProvisioningOperation>> DeparturesAsync(
        List<DesiredUser> wanted,
        SourceReading reading,
        TargetInventory? inventory,
        HashSet<string> succeeded,
        CancellationToken cancellationToken
    )
    {
        IEnumerable<Assessment.Leaves> reactivated = reading
            .All<Assessment.Skipped>()
            .Select(skipped => skipped.Again)
            .OfType<Assessment.Leaves>()
            .Where(again => inventory?.ShowsActive(again.User.TargetId!) == true);
        IEnumerable<ProvisioningOperation> leavers =
        [
            .. reading.All<Assessment.Leaves>().Select(OperationFactory.Disable),
            .. reactivated.Select(OperationFactory.DisableAgain),
            .. reading.All<Assessment.Removed>().Select(OperationFactory.Delete),
        ];
        return CheckDeparturesAsync(wanted, [.. leavers.Where(o => !succeeded.Contains(o.SourceId))], cancellationToken);
    }

    private IEnumerable<ProvisioningOperation> Orphans(TargetInventory inventory, List<DesiredUser> wanted, SourceReading reading)
    {
        if (!inventory.IsWhole)
            return [];
        if (!reading.Complete || reading.HasUnidentifiedFault)
        {
            reading.Warnings.Insert(
                0,
                "The source was not read whole, so which TravelPerk users have no counterpart is not known, and none is named."
            );
            return [];
        }
        HashSet<string> claimed = [.. snapshot.Links.Values.Select(l => l.TargetId), .. wanted.Select(u => u.TargetId).OfType<string>()];
        return inventory.Orphans(claimed, NamedByExternalId(wanted, reading)).Select(OperationFactory.Report);
    }

    private PlanFollowUps FollowUps(
        SourceReading reading,
        List<DesiredUser> wanted,
        OperationBuilder builder,
        IntentResolution resolution,
        string? watermark,
        string? groupsDiscovered
    ) =>
        new(
            bound,
            snapshot.CurrentFingerprint,
            context.Began,
            watermark,
            [.. builder.AlreadyInDesiredState.Where(HasToBeRecorded), .. WaitingForAnother(reading, wanted)],
            builder.Vanished,
            AnchorsOf(reading.Assessments.Where(assessed => assessed.Settled)),
            [.. reading.Unread],
            resolution
        )
        {
            StateChanges = snapshot.Changes,
            Computed = context.Time.GetUtcNow(),
            GroupsDiscovered = groupsDiscovered,
            Released = AnchorsOf(reading.All<Assessment.Skipped>().Where(skipped => skipped.Released)),
            NotFound = NotFoundSince(reading),
            Undeleted = AnchorsOf(reading.Assessments.Where(assessed => assessed.DeleteWaits)),
            Given = reading.Given,
        };

    private static List<string> AnchorsOf(IEnumerable<Assessment> assessments) => [.. assessments.Select(assessed => assessed.Anchor)];

    private static Dictionary<string, DateTimeOffset> NotFoundSince(SourceReading reading)
    {
        var notFound = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (Assessment assessed in reading.Assessments)
        {
            if (assessed.NotFoundSince is { } since)
                notFound.Add(assessed.Anchor, since);
        }
        return notFound;
    }

    private bool HasToBeRecorded(DesiredUser user) =>
        !user.DesiredStateReached
        || snapshot.EscrowOf(user.Anchor) is not null
        || UnkeptValue.Read(snapshot.UnkeptOf(user.Anchor)).Count() != user.Unkept.Count;

    // A list that cannot be read whole proves no absence. Each user is asked for then, as without an inventory.
    private async Task FindAsync(
        List<DesiredUser> wanted,
        Dictionary<string, string> owners,
        TargetInventory? inventory,
        SourceReading reading,
        CancellationToken cancellationToken
    )
    {
        if (inventory is not null)
        {
            try
            {
                await matcher
                    .FindAsync(wanted, owners, context.Meter("Comparing with TravelPerk", null), cancellationToken, inventory.See)
                    .ConfigureAwait(false);
                inventory.IsWhole = true;
                return;
            }
            catch (ScimException e) when (e.Kind == ScimFailure.IncompleteList)
            {
                reading.Warnings.Insert(
                    0,
                    $"Which TravelPerk users have no counterpart in the source is not known, and none is named. {e.Message}"
                );
            }
        }
        await matcher.FindAsync(wanted, owners, context.Meter("Comparing with TravelPerk", null), cancellationToken).ConfigureAwait(false);
    }

    // No user is disabled or deleted unseen, and nothing is written where the linked users are not.
    private async Task<List<ProvisioningOperation>> CheckDeparturesAsync(
        List<DesiredUser> wanted,
        List<ProvisioningOperation> departures,
        CancellationToken cancellationToken
    )
    {
        var leaving = new DepartureCheck(client, bound, check, snapshot, new RequestWorkers(client, settings.Concurrency));
        await leaving.LookAsync(departures, cancellationToken).ConfigureAwait(false);
        HashSet<string> looked = [.. wanted.Where(u => u.Link is not null).Select(u => u.Anchor), .. departures.Select(o => o.SourceId)];
        HashSet<string> missing = [.. wanted.Where(u => u.LostLink).Select(u => u.Anchor), .. leaving.Missing];
        if (wanted.Count + departures.Count > 0)
        {
            await new CompanyCheck(settings, snapshot, check, client).EnsureAsync(looked, missing, cancellationToken).ConfigureAwait(false);
        }
        return await leaving.SettleAsync(departures, cancellationToken).ConfigureAwait(false);
    }

    // Nearly every mapping gives the source id as externalId.
    private Dictionary<string, NamedUser> NamedByExternalId(List<DesiredUser> wanted, SourceReading reading)
    {
        var named = new Dictionary<string, NamedUser>(StringComparer.Ordinal);
        if (bound.Anchoring is not { } externalId)
            return named;
        foreach (DesiredUser user in wanted)
        {
            if (MatchKey.In(user.Values, externalId) is { } key)
                named[key] = new NamedUser($"the source user {user.Identity} ({user.Anchor})", user.TargetId);
        }
        IEnumerable<Assessment> outside = reading.Assessments.Where(assessed => assessed.Departure != Departure.None);
        foreach (string anchor in snapshot.Links.Keys.Concat(AnchorsOf(outside)))
            named.TryAdd(MatchKey.Of(externalId, anchor)!, new NamedUser($"the source user {anchor}", snapshot.TargetIdOf(anchor)));
        return named;
    }

    private static IEnumerable<ProvisioningOperation> LeftAlone(SourceReading reading) =>
        reading
            .All<Assessment.Skipped>()
            .Where(skipped => skipped.Explanation is not null)
            .Select(skipped => OperationFactory.Skip(skipped.Anchor, skipped.Explanation!));

    // A list of changes names an entry in escrow only when it changes or is due.
    private List<ProvisioningOperation> WaitingUnseen(SourceReading reading) =>
        !context.IncludeSkipped
            ? []
            : WithNames([
                .. snapshot
                    .Escrows.Where(e =>
                        !e.Value.Seen
                        && e.Value.NextAttempt > context.Began
                        && reading.Of(e.Key) is not ({ Settled: true } or Assessment.Skipped { Explanation: not null })
                    )
                    .Select(e => OperationFactory.Wait(e.Key, snapshot.TargetIdOf(e.Key), e.Value)),
            ]);

    // A manager who gets a TravelPerk user in this cycle makes the reference of users who did not change themselves resolvable now.
    private static IEnumerable<DesiredUser> ReportsOfArrivals(SourceReading reading)
    {
        var arrivals = reading.Arrivals.ToHashSet(StringComparer.Ordinal);
        return reading.AwaitingManager.Where(u => u.References.Any(arrivals.Contains));
    }

    // The manager changed from one without a TravelPerk user to another one without: nothing to send, but the reports of the new one are to
    // be known when it comes.
    private IEnumerable<DesiredUser> WaitingForAnother(SourceReading reading, List<DesiredUser> wanted) =>
        reading
            .AwaitingManager.Except(wanted)
            .Where(u => u.References.First(manager => snapshot.TargetIdOf(manager) is null) != snapshot.AwaitedManagerOf(u.Anchor));

    // A deleted user has no name in the source any more. The last one from the log shows the reviewer a name and not a GUID.
    private List<ProvisioningOperation> WithNames(List<ProvisioningOperation> departures)
    {
        Dictionary<string, string> identities = snapshot.IdentitiesOf([
            .. departures.Where(o => o.Identity == o.SourceId).Select(o => o.SourceId),
        ]);
        return departures.ConvertAll(o => o with { Identity = identities.GetValueOrDefault(o.SourceId, o.Identity) });
    }

    // When no user is in scope any more, an empty assignment list or a wrong scoping filter is the likely cause. Every disable is staged
    // until it is approved, whatever the threshold.
    private bool ScopeIsEmpty(SourceReading reading, CycleKind kind)
    {
        if (kind == CycleKind.OnDemand || reading.Counts.InScope > 0)
            return false;
        bool leftScope = reading.All<Assessment.Leaves>().Any(leaver => leaver.Releases);
        if (!leftScope || snapshot.Links.Any(l => l.Value.Enabled && Stays(l.Key, reading)))
            return false;
        reading.Warnings.Insert(
            0,
            "No user is entitled and in scope any more. A wrong filter, or assignments that could not be seen, may be the cause, "
                + "so no user is disabled before it is approved."
        );
        return true;
    }

    private static bool Stays(string anchor, SourceReading reading) => reading.Of(anchor) is not (Assessment.Leaves or Assessment.Removed);

    // The operation that disables a user by the mapping also sends the user's other values. While it is staged, no value of the user is
    // sent, so the user's interim and late operations are dropped. The user keeps its unique values, and the operation of another user who
    // is to take one of them fails with a message that names the user.
    private static List<ProvisioningOperation> WithStaged(List<ProvisioningOperation> operations, List<ProvisioningOperation> departures)
    {
        HashSet<string> staged = [.. departures.Where(o => o is { ByMapping: true, Staged: true }).Select(o => o.SourceId)];
        var rest = new List<ProvisioningOperation>(operations.Count);
        foreach (ProvisioningOperation operation in operations)
        {
            if (!staged.Contains(operation.SourceId))
                rest.Add(operation);
            else if (operation.Part == OperationPart.Whole)
                rest.Add(operation with { Staged = true, Takes = [], Interim = [] });
        }
        return rest;
    }

    // Entra counts disables and deletes of a cycle together; over the threshold none of them is applied ("Enable accidental deletions
    // prevention"). An approval releases what its cycle staged and what is still due, and nothing else.
    private List<ProvisioningOperation> StageOverThreshold(List<ProvisioningOperation> departures, Guid? approved, bool scopeIsEmpty)
    {
        HashSet<string> released = [.. departures.Where(o => snapshot.IsApproved(o, approved)).Select(o => o.SourceId)];
        int counted = departures.Count - released.Count;
        bool stageAll = scopeIsEmpty || settings.IsOverThreshold(counted, snapshot.MayDepart);
        return departures.ConvertAll(departure =>
        {
            // An earlier cycle staged the operation. It waits for the approval of that cycle, also when this cycle is below the threshold.
            bool waits = stageAll || snapshot.StagedBy(departure) is not null;
            return departure with { Staged = waits && !released.Contains(departure.SourceId) };
        });
    }
}
