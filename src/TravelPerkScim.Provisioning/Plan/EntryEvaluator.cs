using System.Globalization;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.Scope;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Says what one source entry means for its user, by its scope, its desired values, and what the job remembers of the user. Not
/// thread-safe.</summary>
/// <param name="settings">The job's settings.</param>
/// <param name="bound">The bound mapping.</param>
/// <param name="scope">The scoping filters.</param>
/// <param name="snapshot">Links and escrows so far.</param>
/// <param name="context">The cycle.</param>
/// <param name="kind">
/// On demand, the entries were asked for by name: escrow does not hold them back, unchanged ones are compared with the target, and a
/// user who is left as it is gets an operation that says why.
/// To reconcile, unchanged ones are compared with the target too.
/// </param>
/// <param name="restart">An initial cycle that was asked for: every user is compared with the target, and a user whom the job disabled
/// is disabled again where it was enabled since.</param>
internal sealed class EntryEvaluator(
    JobSettings settings,
    BoundMapping bound,
    CompiledScope scope,
    StateSnapshot snapshot,
    CycleContext context,
    CycleKind kind,
    bool restart = false
)
{
    /// <summary>
    /// How long the source is asked for a user whom it named and does not find. A user who appears after that is named by a list of
    /// changes.
    /// </summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromDays(1);

    private readonly bool _onDemand = kind == CycleKind.OnDemand;
    private readonly bool _compareAll = restart || kind is CycleKind.OnDemand or CycleKind.Reconcile;
    private readonly bool _explains = kind == CycleKind.OnDemand || context.IncludeSkipped;
    private readonly bool _disablesAgain = restart || kind == CycleKind.Reconcile;
    private readonly ScopeGate _gate = new(bound.Mapping.Layout, scope);
    private readonly DesiredUserMapper _mapper = new(bound, snapshot.Salt, snapshot.TargetIdOf);
    private readonly LeaverValues _leavers = new(bound);
    private long _read,
        _inScope,
        _unchanged,
        _skipped,
        _entries,
        _unsaid;

    public SourceReading Reading { get; } = new();

    /// <summary>Every user is compared with the target, whatever the job did about the user before.</summary>
    public bool ComparesAll => _compareAll;

    public BoundMapping Bound => bound;

    public CompiledScope Scope => scope;

    /// <summary>An entry could not be read, and which user it is about is not known.</summary>
    public bool HasUnidentifiedFault { get; private set; }

    /// <summary>One sentence for each attribute of which values were left out.</summary>
    public IEnumerable<string> DropWarnings => _mapper.DropWarnings;

    public CycleCounts Counts =>
        new()
        {
            Read = _read,
            InScope = _inScope,
            Unchanged = _unchanged,
            Skipped = _skipped,
        };

    public void Evaluate(SourceItem item)
    {
        switch (item)
        {
            case SourceEntry entry:
                Conclude(entry.Object.Anchor, Assess(entry));
                break;
            case SourceRemoval removal:
                Conclude(removal.Anchor, AssessRemoval(removal.Anchor));
                break;
            case SourceNotFound missing:
                Conclude(missing.Anchor, Assess(missing));
                break;
            case SourceAbsence absence:
                TakeAskedAbsence(absence);
                break;
            case SourceFault fault:
                TakeFault(fault);
                break;
            case SourceNotice notice:
                Reading.Warnings.Add(notice.Message);
                break;
            case SourceWarning warning:
                Reading.Warnings.Add(warning.Message);
                break;
            case SourceGroup group:
                Reading.Groups.Add(group);
                break;
            case SourceAttributes attributes:
                Reading.Attributes = attributes;
                break;
        }
    }

    /// <summary>Tells of the entries that do not say whether their accounts are enabled.</summary>
    /// <param name="source">What to call the source.</param>
    public void TellOfUnsaid(string source)
    {
        if (_unsaid == 0)
            return;
        string entries = string.Create(CultureInfo.InvariantCulture, $"of {_entries} entries of {source}");
        string which =
            _unsaid == _entries
                ? $"No entry of {source} has accountEnabled"
                : Counted.Of(_unsaid, $"{entries} does not have accountEnabled", $"{entries} do not have accountEnabled");
        Reading.Warnings.Add(
            $"{which}, so whether these accounts are disabled is not known. "
                + "No user is enabled or disabled because of that, and new users are created. "
                + "Export accountEnabled too (Get-MgUser gives it only when -Property names it)."
        );
    }

    /// <summary>The linked user is proved to be no longer in the source.</summary>
    public void TakeAbsence(string anchor) => Conclude(anchor, AssessAbsence(anchor, snapshot.LinkOf(anchor)!));

    /// <summary>The user could not be read, and is to be asked for again.</summary>
    public void TakeUnread(string anchor) => Conclude(anchor, Unread(anchor));

    /// <summary>Nothing is left to retry for a user in escrow.</summary>
    public void Settle(string anchor)
    {
        Assessment assessed = Reading.Of(anchor) ?? new Assessment.Skipped(anchor);
        Conclude(anchor, assessed with { Settled = true });
    }

    /// <summary>A takeover of the TravelPerk user is not decided yet. The user is disabled now, and deleted only after the
    /// decision.</summary>
    public void HoldDelete(string anchor)
    {
        if (Reading.Of(anchor) is not Assessment.Removed { Link: var link })
            return;
        SourceObject gone = Nameless(anchor);
        var reason = new OperationReason(ReasonKind.DeletedTakeoverWaits);
        Assessment held = link.Enabled ? Leave(gone, link, reason) : LeaveAlone(gone, link, reason);
        // No list of changes names the user again when the takeover is rejected.
        Conclude(anchor, held with { Departure = Departure.Deleted, DeleteWaits = true });
    }

    /// <summary>Which account the item is about, and how the account left; <see cref="Departure.None"/> when the account stays, or when
    /// the item does not tell.</summary>
    public (string? Anchor, Departure Departure) DepartureOf(SourceItem item) =>
        item switch
        {
            SourceRemoval removal => (removal.Anchor, Departure.Deleted),
            SourceAbsence absence => (absence.Identity, Departure.NotListed),
            SourceNotFound missing when IsLostForGood(missing.Anchor) => (missing.Anchor, Departure.NotFound),
            SourceEntry entry when !entry.EntitlementUnknown || _gate.IsDisabled(entry) => (entry.Object.Anchor, DepartureOf(entry)),
            _ => default,
        };

    private Departure DepartureOf(SourceEntry entry)
    {
        try
        {
            return _gate.Evaluate(entry).Departure;
        }
        catch (MappingException)
        {
            return Departure.None;
        }
    }

    // An earlier cycle saw the account leave. The look-up of an account that this read has named lags.
    private bool IsLostForGood(string anchor) => snapshot.LinkOf(anchor) is { Enabled: false } && !Reading.IsUnread(anchor);

    // The last word about a user counts.
    private void Conclude(string anchor, Assessment? assessment)
    {
        if (assessment is null or Assessment.Skipped { SaysNothing: true })
            Reading.Forget(anchor);
        else
            Reading.Assess(assessment);
    }

    private Assessment? Assess(SourceEntry entry)
    {
        SourceObject user = entry.Object;
        Link? link = Mark(user.Anchor);
        _entries++;
        bool unsaid = _gate.IsUnsaid(entry);
        _unsaid += unsaid ? 1 : 0;
        ScopeVerdict verdict;
        try
        {
            verdict = _gate.Evaluate(entry);
        }
        catch (MappingException e)
        {
            // Whether the user is in scope is not known, so nothing is done about the user.
            return AssessDiffering(_mapper.Unmapped(user, link, e), scopeReason: null);
        }
        if (verdict.InScope)
            return AssessInScope(user, link, verdict, unsaid);
        if (entry.EntitlementUnknown && !verdict.IsDisabled && link is { Enabled: true } or { Released: false })
            return Hold(user.Anchor, WhyHeld(entry, verdict));
        Assessment.Skipped? alone = LeaveOutsideAlone(user, link, verdict);
        Assessment outside = alone ?? Leave(user, link!, verdict.Reason, releases: !verdict.IsDisabled);
        // A reconcile reports TravelPerk users without an account. For that it must know the accounts without a link too.
        bool remembers = link is not null || kind == CycleKind.Reconcile;
        return remembers ? Departed(outside, verdict.Departure) : outside;
    }

    private static Assessment Departed(Assessment assessment, Departure departure) => assessment with { Departure = departure };

    private static string WhyHeld(SourceEntry entry, ScopeVerdict verdict) =>
        entry.NotEntitled is { } why
            ? $"The user {why}, but an assigned group could not be read."
            : $"The list of changes does not say all that the scope reads, so the user stays as it is: {verdict.By}";

    /// <summary>A user who is out of scope and has no access to lose, or keeps it; null for a user who loses it.</summary>
    private Assessment.Skipped? LeaveOutsideAlone(SourceObject user, Link? link, ScopeVerdict verdict)
    {
        if (link is null)
            return LeaveAlone(user, null, new OperationReason(ReasonKind.NeverProvisioned, verdict.Reason.Text));
        if (!link.Enabled)
            return LeaveFormerAlone(user, link, verdict);
        if (verdict.IsDisabled || !(settings.SkipOutOfScopeDeletions || verdict.KeepsUser))
            return null;
        return LeaveAlone(user, link, new OperationReason(ReasonKind.LeftBySettings, verdict.Reason.Text)) with
        {
            Released = !link.Released,
        };
    }

    // The job no longer manages a user who left the scope or the assignment, whatever becomes of the source user, until it is back.
    private Assessment.Skipped LeaveFormerAlone(SourceObject user, Link link, ScopeVerdict verdict)
    {
        Assessment.Skipped alone = LeaveAlone(user, link, Earlier(link, verdict.Reason));
        return verdict.IsDisabled
            ? alone with
            {
                Again = DisableAgain(user, link, verdict.Reason),
            }
            : alone with
            {
                Released = !link.Released,
            };
    }

    private static OperationReason Earlier(Link link, OperationReason reason) =>
        new(link.Released ? ReasonKind.ReleasedBefore : ReasonKind.DisabledBefore, reason.Text);

    private Assessment? AssessInScope(SourceObject user, Link? link, ScopeVerdict verdict, bool unsaid)
    {
        _inScope++;
        if (unsaid && link is { Enabled: false } && snapshot.SourceSaysEnabled)
            return LeaveAlone(user, link, new OperationReason(ReasonKind.AccountUnsaid));
        if (bound.Mapping.IgnoredBy(user) is { } ignoring)
            return LeaveAlone(user, link, new OperationReason(ReasonKind.IgnoredByMapping, ignoring.TargetName));
        MappedUser mapped = _mapper.Map(user, link, unsaid);
        if (mapped.IsReached && !MustBeCompared(user.Anchor))
            return AssessUnchanged(mapped, verdict);
        return AssessDiffering(mapped, verdict.By);
    }

    private Assessment? AssessDiffering(MappedUser user, string? scopeReason)
    {
        if (IsEscrowed(user.Source.Anchor, user.Hash))
            return Wait(user);
        if (_mapper.WhyNot(user) is var (code, message))
            return Refuse(user, code, message);
        return new Assessment.Changed(_mapper.Desired(user, scopeReason, user.IsReached));
    }

    private Assessment.AwaitingManager? AssessUnchanged(MappedUser mapped, ScopeVerdict verdict)
    {
        _unchanged++;
        return _mapper.AwaitsManager() ? new Assessment.AwaitingManager(_mapper.Desired(mapped, verdict.By)) : null;
    }

    private bool MustBeCompared(string anchor)
    {
        // A write that failed may have been carried out all the same. A user who waits for a takeover is to get another TravelPerk user
        // than the linked one, which is gone.
        bool failed = snapshot.EscrowOf(anchor) is not null;
        bool waits = snapshot.Staged.GetValueOrDefault(anchor) is { IsTakeover: true };
        return _compareAll || failed || waits;
    }

    private bool IsEscrowed(string anchor, ulong hash) =>
        !_compareAll && snapshot.EscrowOf(anchor) is { } escrow && escrow.HoldsBack(hash, context.Began);

    private void TakeAskedAbsence(SourceAbsence absence)
    {
        if (snapshot.LinkOf(absence.Identity) is { } link)
            Conclude(absence.Identity, AssessAskedAbsence(absence.Identity, link));
        else
            TakeFault(new SourceFault(absence.Identity, absence.Message));
    }

    // Absent from a read of some users, which proved that the list of all does not have the user.
    private Assessment? AssessAskedAbsence(string anchor, Link link)
    {
        Mark(anchor);
        if (link.Enabled)
            return AssessAbsence(anchor, link);
        OperationReason reason = Earlier(link, new OperationReason(ReasonKind.NotListed));
        return Departed(LeaveAlone(Nameless(anchor), link, reason), Departure.NotListed);
    }

    private Assessment AssessAbsence(string anchor, Link link)
    {
        SourceObject gone = Nameless(anchor);
        var reason = new OperationReason(ReasonKind.NotListed);
        Assessment absent = link.Enabled
            ? Leave(gone, link, reason)
            : new Assessment.Skipped(anchor) { Again = DisableAgain(gone, link, reason) };
        return Departed(absent, Departure.NotListed);
    }

    // The source named the user, or had it before. One look-up that finds nothing proves nothing.
    private Assessment? Assess(SourceNotFound missing)
    {
        StagedOperation? staged = snapshot.Staged.GetValueOrDefault(missing.Anchor);
        Escrow? escrow = snapshot.EscrowOf(missing.Anchor);
        if (staged is { Action: ProvisioningAction.Delete } || escrow is { Deleted: true })
            return AssessRemoval(missing.Anchor);
        bool isSecond = staged is { Action: ProvisioningAction.Disable } || IsAbsentSince(escrow?.NotFoundSince, Escrow.PauseAfter(1));
        if (isSecond && !_onDemand && !missing.Named)
            return AssessSecond(missing);
        return HoldNotFound(missing, isFirst: escrow?.NotFoundSince is null);
    }

    // An earlier cycle did not find the user either: it counts as absent, and is asked for a while longer, for a late replica may know the
    // user after all.
    private Assessment? AssessSecond(SourceNotFound missing)
    {
        string anchor = missing.Anchor;
        if (snapshot.LinkOf(anchor) is { Enabled: true, Released: false } link)
        {
            Mark(anchor);
            return Remember(AssessAbsence(anchor, link), missing);
        }
        if (!IsAbsentSince(snapshot.EscrowOf(anchor)?.NotFoundSince, s_patience))
            return HoldNotFound(missing, isFirst: false);
        Mark(anchor);
        return LeaveAlone(Nameless(anchor), snapshot.LinkOf(anchor), new OperationReason(ReasonKind.NoLongerFound));
    }

    private Assessment HoldNotFound(SourceNotFound missing, bool isFirst)
    {
        Assessment held = Hold(missing.Anchor, missing.Message);
        if (_onDemand)
            return held;
        if (isFirst)
            Reading.Warnings.Add($"{missing.Anchor}: {missing.Message} Nothing is done about the user, and the next cycle asks again.");
        return Remember(held, missing);
    }

    private Assessment Remember(Assessment assessment, SourceNotFound missing)
    {
        DateTimeOffset? before = missing.Named ? null : snapshot.EscrowOf(missing.Anchor)?.NotFoundSince;
        return assessment with { AskAgain = true, NotFoundSince = before ?? context.Began };
    }

    private bool IsAbsentSince(DateTimeOffset? since, TimeSpan atLeast) => context.Began - since >= atLeast;

    // Nothing is done about the user in this cycle.
    private Assessment.Skipped Hold(string anchor, string why)
    {
        Mark(anchor);
        return _onDemand ? NotGiven(anchor, $"{why} Nothing is done about the user; try again in a few minutes.") : Unread(anchor);
    }

    private Assessment AssessRemoval(string anchor)
    {
        if (Mark(anchor) is { } link)
            return Departed(AssessLinkedRemoval(anchor, link), Departure.Deleted);
        return LeaveAlone(Nameless(anchor), null, new OperationReason(ReasonKind.NeverProvisionedDeleted));
    }

    private Assessment AssessLinkedRemoval(string anchor, Link link)
    {
        if (link.Released)
            return LeaveAlone(Nameless(anchor), link, Earlier(link, new OperationReason(ReasonKind.DeletedLeft)));
        if (bound.Mapping.AllowsDelete)
            return new Assessment.Removed(anchor, link);
        // A user who is not to be deleted does not keep access.
        return link.Enabled
            ? Leave(Nameless(anchor), link, new OperationReason(ReasonKind.DeletedMappingKeeps))
            : LeaveAlone(Nameless(anchor), link, new OperationReason(ReasonKind.DisabledBeforeMappingKeeps));
    }

    private void TakeFault(SourceFault fault)
    {
        if (_onDemand)
        {
            string asked = fault.Anchor ?? fault.Position;
            Conclude(asked, NotGiven(asked, fault.Message));
            return;
        }
        string words = $"{fault.Position}: {fault.Message}";
        Reading.Warnings.Add(words);
        Reading.FaultyEntries.Add(words);
        if (fault.Anchor is null)
        {
            _read++;
            HasUnidentifiedFault = true;
            return;
        }
        // Of two entries that contradict each other, neither is obeyed.
        Mark(fault.Anchor);
        TakeUnread(fault.Anchor);
    }

    private Link? Mark(string anchor)
    {
        _read++;
        if (snapshot.EscrowOf(anchor) is { } escrow)
            escrow.Seen = true;
        Link? link = snapshot.LinkOf(anchor);
        if (link is not null)
            link.Seen = true;
        return link;
    }

    private Assessment Leave(SourceObject user, Link link, OperationReason reason, bool releases = false)
    {
        if (_leavers.Of(user, link, _mapper.IdentityOf(user), reason, releases) is { } leaves)
            return leaves;
        var kept = new OperationReason(ReasonKind.MappingDoesNotDisable, reason.Text);
        Reading.Warnings.Add($"{_mapper.IdentityOf(user)}: {kept.Text}");
        return LeaveAlone(user, link, kept);
    }

    // The job disabled the user. An admin may have enabled the user in TravelPerk since.
    private Assessment.Leaves? DisableAgain(SourceObject user, Link link, OperationReason reason) =>
        _disablesAgain && !link.Released ? _leavers.Of(user, link, _mapper.IdentityOf(user), reason) : null;

    private Assessment.Skipped LeaveAlone(SourceObject user, Link? link, OperationReason reason)
    {
        _skipped += _onDemand ? 0 : 1;
        string anchor = user.Anchor;
        bool begun = snapshot.Intents.ContainsKey(anchor) && snapshot.LinkOf(anchor) is not null;
        return new Assessment.Skipped(anchor)
        {
            Settled = begun || snapshot.EscrowOf(anchor) is not null,
            Explanation = _explains ? new Explanation(_mapper.IdentityOf(user), link?.TargetId, reason) : null,
        };
    }

    private Assessment.Skipped? Wait(MappedUser user)
    {
        _skipped++;
        if (!context.IncludeSkipped)
            return null;
        string anchor = user.Source.Anchor;
        var reason = OperationReason.Waiting(snapshot.EscrowOf(anchor)!);
        return new Assessment.Skipped(anchor) { Explanation = new Explanation(_mapper.NameOf(user), user.Link?.TargetId, reason) };
    }

    private static Assessment.Skipped NotGiven(string asked, string why) =>
        new(asked) { Explanation = new Explanation(asked, null, new OperationReason(ReasonKind.NotGiven)) { Unread = why } };

    private static Assessment.Skipped Unread(string anchor) => new(anchor) { AskAgain = true };

    private Assessment.Invalid Refuse(MappedUser user, string code, string message)
    {
        DesiredUser desired = _mapper.Desired(user, scopeReason: null);
        return new Assessment.Invalid(desired, code, $"{desired.Identity}: {message}");
    }

    // Of a user who is gone from the source only the anchor is known.
    private SourceObject Nameless(string anchor) => new(anchor, bound.Mapping.Layout);
}
