using System.Globalization;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Says what one source entry means for its user: scope, map, and compare with what was reached before. Not thread-safe.</summary>
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
    private readonly DroppedValues _dropped = new(bound);
    private readonly DesiredHasher _hasher = new(bound, snapshot.Salt);
    private readonly object?[] _values = new object?[bound.Attributes.Count];
    private readonly int _softDeleted = bound.Mapping.Layout.SlotOf("IsSoftDeleted");
    private readonly int _accountEnabled = bound.Mapping.Layout.SlotOf("accountEnabled");
    private readonly int _userPrincipalName = bound.Mapping.Layout.SlotOf("userPrincipalName");
    private readonly GivenValues _given = new(bound);
    private long _read,
        _inScope,
        _unchanged,
        _skipped,
        _entries,
        _unsaid;

    public SourceReading Reading { get; } = new();

    public BoundMapping Bound => bound;

    public CompiledScope Scope => scope;

    /// <summary>An entry could not be read, and which user it is about is not known.</summary>
    public bool HasUnidentifiedFault { get; private set; }

    /// <summary>One sentence an attribute of which values were left out.</summary>
    public IEnumerable<string> DropWarnings => _dropped.Warnings;

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
                Take(entry);
                break;
            case SourceRemoval removal:
                Take(removal);
                break;
            case SourceFault fault:
                Take(fault);
                break;
            case SourceAbsence absence:
                Take(absence);
                break;
            case SourceNotFound missing:
                Take(missing);
                break;
            case SourceNotice notice:
                Reading.Warnings.Add(notice.Message);
                break;
            case SourceGroup group:
                Reading.Groups.Add(group);
                break;
            case SourceWarning warning:
                Reading.Warnings.Add(warning.Message);
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
        Reading.Warnings.Add(
            (
                _unsaid == _entries
                    ? $"No entry of {source} has accountEnabled"
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{_unsaid} of {_entries} entries of {source} {(_unsaid == 1 ? "does" : "do")} not have accountEnabled"
                    )
            )
                + ", so whether these accounts are disabled is not known. "
                + "No user is enabled or disabled because of that, and new users are created. "
                + "Export accountEnabled too (Get-MgUser gives it only when -Property names it)."
        );
    }

    /// <summary>The user is proved to be no longer in the source.</summary>
    public void TakeAbsence(string anchor)
    {
        Link link = snapshot.LinkOf(anchor)!;
        if (link.Enabled)
            Leave(new SourceObject(anchor, bound.Mapping.Layout), link, "The source no longer lists the user.");
        else
            DisableAgainIfReactivated(new SourceObject(anchor, bound.Mapping.Layout), link, "The source no longer lists the user.");
    }

    private void Take(SourceEntry entry)
    {
        SourceObject user = entry.Object;
        Link? link = See(user.Anchor);
        GuestName.Apply(user);

        bool unsaid = !entry.SoftDeleted && user.Values[_accountEnabled] is null or IgnoredFlow;
        _entries++;
        _unsaid += unsaid ? 1 : 0;
        bool disabled = IsDisabled(entry);
        ScopeDecision decision;
        try
        {
            decision = Weigh(entry);
        }
        catch (MappingException e)
        {
            // Whether the user is in scope is not known, so nothing is done to them.
            Array.Clear(_values);
            RefuseUnlessEscrowed(user, link, e.ErrorId, e.Message);
            return;
        }
        if (decision.InScope)
        {
            _inScope++;
            if (unsaid && link is { Enabled: false } && snapshot.SourceSaysEnabled)
                LeaveAlone(user, link, "Disabled by an earlier cycle, and the source does not say whether the account is enabled.");
            else
                TakeActive(user, link, decision.Reason, unsaid);
            return;
        }
        if (entry.EntitlementUnknown && !disabled && link is ({ Enabled: true } or { Released: false }))
        {
            Hold(
                user.Anchor,
                entry.NotEntitled is { } why
                    ? $"The user {why}, but an assigned group could not be read."
                    : $"The list of changes does not say all that the scope reads, so the user stays as it is: {decision.Reason}"
            );
            return;
        }
        if (link is not null)
            Reading.Departed[user.Anchor] = DepartureOf(entry);
        else if (kind == CycleKind.Reconcile)
            Reading.Outside.Add(user.Anchor);
        string reason =
            entry.SoftDeleted ? "The source user is soft-deleted."
            : disabled ? "The source account is disabled."
            : entry.NotEntitled is not null ? $"The source user {entry.NotEntitled}."
            : $"The source user left the scope: {decision.Reason}";
        bool leftAsIs = !disabled && (settings.SkipOutOfScopeDeletions || !decision.Deprovision);
        if (link is not { Enabled: true })
        {
            LeaveAlone(user, link, link is null ? $"Never provisioned, and not now: {reason}" : $"{EarlierOf(link)}: {reason}");
            if (link is not null && !disabled)
                Release(user.Anchor, link);
            else if (link is not null)
                DisableAgainIfReactivated(user, link, reason);
        }
        else if (leftAsIs)
        {
            LeaveAlone(user, link, $"Left as it is, as the job's settings say: {reason}");
            Release(user.Anchor, link);
        }
        else
        {
            if (!disabled)
                Reading.OutOfScope.Add(user.Anchor);
            Leave(user, link, reason, releases: !disabled);
        }
    }

    private static string EarlierOf(Link link) =>
        link.Released ? "The job no longer manages the user, who left the scope or the assignment" : "Disabled by an earlier cycle";

    // The job no longer manages a user who left the scope or the assignment, whatever becomes of the source user, until it is back.
    private void Release(string anchor, Link link)
    {
        if (!link.Released)
            Reading.Released.Add(anchor);
    }

    /// <summary>Why the item shows that its account keeps no TravelPerk user, as words that follow the account; null when it keeps it, or
    /// when that cannot be told.</summary>
    public string? DepartureOf(SourceItem item)
    {
        switch (item)
        {
            case SourceRemoval:
                return "which was permanently deleted in the source";
            case SourceAbsence:
                return "which the source no longer lists";
            // An earlier cycle saw the account leave; one that this read has named lags.
            case SourceNotFound { Anchor: var anchor }
                when snapshot.LinkOf(anchor) is { Enabled: false } && !Reading.Unread.Contains(anchor):
                return "which the source no longer finds";
            case SourceEntry { EntitlementUnknown: true } entry when !IsDisabled(entry):
                return null;
            case SourceEntry entry:
                try
                {
                    return Weigh(entry).InScope ? null : DepartureOf(entry);
                }
                catch (MappingException)
                {
                    return null;
                }
            default:
                return null;
        }
    }

    private string DepartureOf(SourceEntry entry) =>
        entry.SoftDeleted ? "which is soft-deleted in the source"
        : IsDisabled(entry) ? "which is disabled in the source"
        : entry.NotEntitled is not null ? "which is no longer assigned"
        : "which is out of scope";

    private bool IsDisabled(SourceEntry entry) => entry.SoftDeleted || BoundMapping.IsFalse(entry.Object.Values[_accountEnabled]);

    // A disabled user is out of scope before any filter is asked.
    private ScopeDecision Weigh(SourceEntry entry)
    {
        GuestName.Apply(entry.Object);
        bool disabled = IsDisabled(entry);
        entry.Object.Values[_softDeleted] = false;
        return disabled ? default
            : entry.NotEntitled is { } why ? new ScopeDecision(false, true, why)
            : scope.Evaluate(entry.Object);
    }

    private void TakeActive(SourceObject user, Link? link, string scopeReason, bool unsaid)
    {
        if (bound.Mapping.IgnoredBy(user) is { } ignoring)
        {
            LeaveAlone(user, link, $"Left alone in this cycle: the mapping of '{ignoring.TargetName}' gives IgnoreObjectFlow.");
            return;
        }
        MappingException? failure = null;
        Array.Clear(_values);
        try
        {
            bound.Mapping.Map(user, _values);
            BoundMapping.Normalize(_values, user.Anchor);
            _dropped.Drop(_values);
            _given.Mark(user, _values);
            // An account of which nothing is said is no reason to let anybody in again.
            if (
                unsaid
                && link is not { Enabled: false }
                && bound.Active is { } active
                && _values[active.Slot] is { } value and not IgnoredFlow
                && !BoundMapping.IsFalse(value)
            )
                _values[active.Slot] = IgnoredFlow.ExceptOnCreate(value);
        }
        catch (MappingException e)
        {
            failure = e;
        }
        ulong hash = _hasher.Hash(_values, snapshot.TargetIdOf);
        // What failed may have been carried out all the same: who is in escrow is compared with the target itself.
        bool reached = failure is null && link is { Enabled: true } && link.Hash == hash;
        // A user who waits for a takeover is to get another TravelPerk user than the linked one, which is gone.
        bool waits = snapshot.Staged.TryGetValue(user.Anchor, out StagedOperation? staged) && staged.IsTakeover;
        if (reached && !waits && !_compareAll && snapshot.EscrowOf(user.Anchor) is null)
        {
            _unchanged++;
            if (_values.Any(v => v is SourceReference r && snapshot.TargetIdOf(r.Anchor) is null))
                Reading.Waiting.Add(user.Anchor, Desired(user, link, scopeReason));
        }
        else if (IsEscrowed(user.Anchor, hash))
        {
            Wait(user, link);
        }
        else if (failure is not null)
        {
            Refuse(user, link, failure.ErrorId, failure.Message);
        }
        else if (ValueRules.FirstBroken(bound, _values, exists: link is not null) is var (code, message))
        {
            Refuse(user, link, code, message);
        }
        else
        {
            Reading.Changed.Add(user.Anchor, Desired(user, link, scopeReason, reached));
        }
    }

    // Absent from a read of some users, which may have proved that the list of all does not have them.
    private void Take(SourceAbsence absence)
    {
        if (snapshot.LinkOf(absence.Identity) is null)
        {
            Take(new SourceFault(absence.Identity, absence.Message));
            return;
        }
        See(absence.Identity);
        Reading.Gone.Add(absence.Identity);
        if (snapshot.LinkOf(absence.Identity) is { Enabled: true })
            TakeAbsence(absence.Identity);
        else
            LeaveAlone(
                new SourceObject(absence.Identity, bound.Mapping.Layout),
                snapshot.LinkOf(absence.Identity),
                $"{EarlierOf(snapshot.LinkOf(absence.Identity)!)}: The source no longer lists the user."
            );
    }

    // The source named the object, or had it before. One look-up that finds nothing proves nothing.
    private void Take(SourceNotFound missing)
    {
        string anchor = missing.Anchor;
        StagedOperation? staged = snapshot.Staged.GetValueOrDefault(anchor);
        Escrow? escrow = snapshot.EscrowOf(anchor);
        if (staged is { Action: ProvisioningAction.Delete } || escrow is { Deleted: true })
            Take(new SourceRemoval(anchor));
        else if (
            !_onDemand
            && !missing.Named
            && (staged is { Action: ProvisioningAction.Disable } || IsAbsentSince(escrow?.NotFoundSince, Escrow.PauseAfter(1)))
        )
            TakeSecond(missing);
        else
            HoldNotFound(missing, isFirst: escrow?.NotFoundSince is null);
    }

    // An earlier cycle did not find the user either: it counts as absent, and is asked for a while longer, for a late replica may know the
    // user after all.
    private void TakeSecond(SourceNotFound missing)
    {
        string anchor = missing.Anchor;
        if (snapshot.LinkOf(anchor) is { Enabled: true, Released: false })
        {
            Take(new SourceAbsence(anchor, missing.Message));
            Remember(missing);
        }
        else if (IsAbsentSince(snapshot.EscrowOf(anchor)?.NotFoundSince, s_patience))
        {
            See(anchor);
            LeaveAlone(
                new SourceObject(anchor, bound.Mapping.Layout),
                snapshot.LinkOf(anchor),
                "Not provisioned, and no longer found in the source."
            );
        }
        else
        {
            HoldNotFound(missing, isFirst: false);
        }
    }

    private void HoldNotFound(SourceNotFound missing, bool isFirst)
    {
        Hold(missing.Anchor, missing.Message);
        if (_onDemand)
            return;
        Remember(missing);
        if (isFirst)
            Reading.Warnings.Add($"{missing.Anchor}: {missing.Message} Nothing is done about the user, and the next cycle asks again.");
    }

    private void Remember(SourceNotFound missing)
    {
        Reading.Unread.Add(missing.Anchor);
        DateTimeOffset? before = missing.Named ? null : snapshot.EscrowOf(missing.Anchor)?.NotFoundSince;
        Reading.NotFound[missing.Anchor] = before ?? context.Began;
    }

    private bool IsAbsentSince(DateTimeOffset? since, TimeSpan atLeast) => since is { } first && context.Began - first >= atLeast;

    // Nothing is done about the user in this cycle; what was said before in this read does not count either.
    private void Hold(string anchor, string why)
    {
        See(anchor);
        if (_onDemand)
            Take(new SourceFault(anchor, $"{why} Nothing is done about the user; try again in a few minutes.", anchor));
        else
            Reading.Unread.Add(anchor);
    }

    private void Take(SourceRemoval removal)
    {
        if (See(removal.Anchor) is not { } link)
        {
            LeaveAlone(
                new SourceObject(removal.Anchor, bound.Mapping.Layout),
                null,
                "Never provisioned, and permanently deleted in the source."
            );
            return;
        }
        Reading.Departed[removal.Anchor] = DepartureOf(removal)!;
        if (link.Released)
        {
            LeaveAlone(
                new SourceObject(removal.Anchor, bound.Mapping.Layout),
                link,
                $"{EarlierOf(link)}: The source user was permanently deleted, and its TravelPerk user is left as it is."
            );
            return;
        }
        if (!bound.Mapping.AllowsDelete)
        {
            // Not to be deleted is not to keep access.
            SourceObject gone = new(removal.Anchor, bound.Mapping.Layout);
            if (link.Enabled)
                Leave(gone, link, "The source user was permanently deleted, and the mapping does not delete users.");
            else
                LeaveAlone(
                    gone,
                    link,
                    "Disabled by an earlier cycle; the source user was permanently deleted, and the mapping does not delete users."
                );
            return;
        }
        Reading.Removed.Add(removal.Anchor, OperationFactory.Delete(removal.Anchor, link));
    }

    /// <summary>The TravelPerk user may go over to another account, and that is not decided: it loses access now, and is not deleted
    /// before.</summary>
    public void HoldDelete(string anchor)
    {
        if (!Reading.Removed.Remove(anchor) || snapshot.LinkOf(anchor) is not { } link)
            return;
        const string Reason =
            "The source user was permanently deleted. Another account may take the "
            + "TravelPerk user over, so it is not deleted while that waits for an approval.";
        if (link.Enabled)
            Leave(new SourceObject(anchor, bound.Mapping.Layout), link, Reason);
        else
            LeaveAlone(new SourceObject(anchor, bound.Mapping.Layout), link, Reason);
        // No list of changes names it again when the takeover is rejected.
        Reading.Undeleted.Add(anchor);
    }

    private void Take(SourceFault fault)
    {
        if (_onDemand)
        {
            Reading.Skipped[fault.Anchor ?? fault.Position] = OperationFactory.NotRead(fault);
            return;
        }
        Reading.Warnings.Add($"{fault.Position}: {fault.Message}");
        if (fault.Anchor is null)
        {
            _read++;
            HasUnidentifiedFault = true;
            return;
        }
        // What was said of the user before in this read does not count either: of two entries that contradict each other, neither is
        // obeyed.
        See(fault.Anchor);
        Reading.Unread.Add(fault.Anchor);
    }

    // The last word about an object counts.
    private Link? See(string anchor)
    {
        Reading.Forget(anchor);
        return Mark(anchor);
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

    // The job disabled the user. An admin may have enabled the user in TravelPerk since.
    private void DisableAgainIfReactivated(SourceObject user, Link link, string reason)
    {
        if ((kind != CycleKind.Reconcile && !restart) || link.Released)
            return;
        Leave(user, link, reason);
        if (Reading.Leaving.Remove(user.Anchor, out ProvisioningOperation? disable))
            Reading.AlreadyDisabled[user.Anchor] = disable;
    }

    private void Leave(SourceObject user, Link link, string reason, bool releases = false)
    {
        user.Values[_softDeleted] = true;
        user.Values[_accountEnabled] = false;
        object?[] values = new object?[bound.Attributes.Count];
        var leaver = new DesiredUser(user.Anchor, values, link) { Identity = IdentityOf(user) };
        ProvisioningOperation disable = OperationFactory.Disable(leaver, reason, releases);
        try
        {
            // Beside `active` only what reads [IsSoftDeleted] is sent, so that a phone number that became unusable cannot keep access open.
            if (
                bound.Active is not { } active
                || !bound.Mapping.AllowsUpdate
                || ActiveOf(active, user) is not { } value
                || !BoundMapping.IsFalse(value)
            )
            {
                if (!link.Enabled)
                    return;
                LeaveAlone(user, link, $"{reason} The mapping of 'active' does not disable users, so nothing is done.");
                Reading.Warnings.Add($"{IdentityOf(user)}: {reason} The mapping of 'active' does not disable users, so nothing is done.");
                return;
            }
            values[active.Slot] = value;
            disable = disable with
            {
                // What TravelPerk holds has not been read.
                Changes = [new AttributeChange(active.Flow.TargetName, null, AttributeDiff.Display(active, value))],
                Send = [active],
            };
            disable = LeaverValues.Add(disable, bound, user, _softDeleted) with { Names = LeaverValues.NamesOf(bound, user) };
        }
        catch (MappingException e)
        {
            disable = disable with { Problem = e.Message, ProblemCode = e.ErrorId };
        }
        Reading.Leaving.Add(user.Anchor, disable);
    }

    // IgnoreObjectFlow keeps updates away from a user, never the disable of one who left.
    private object? ActiveOf(TargetAttribute active, SourceObject user)
    {
        try
        {
            return bound.Mapping.Map(active.Slot, user);
        }
        catch (MappingException e) when (e.ErrorId == IgnoredFlow.ObjectErrorId)
        {
            return false;
        }
    }

    private void LeaveAlone(SourceObject user, Link? link, string reason)
    {
        Settle(user.Anchor);
        if (!_onDemand)
        {
            _skipped++;
            if (!context.IncludeSkipped)
                return;
        }
        Reading.Skipped[user.Anchor] = OperationFactory.Skip(user.Anchor, IdentityOf(user), link?.TargetId, reason);
    }

    private void Wait(SourceObject user, Link? link)
    {
        _skipped++;
        if (context.IncludeSkipped)
            Reading.Skipped[user.Anchor] = OperationFactory.Wait(
                user.Anchor,
                NameOf(user),
                link?.TargetId,
                snapshot.EscrowOf(user.Anchor)!
            );
    }

    private void Settle(string anchor)
    {
        if (snapshot.EscrowOf(anchor) is not null || (snapshot.Intents.ContainsKey(anchor) && snapshot.LinkOf(anchor) is not null))
            Reading.Settled.Add(anchor);
    }

    private bool IsEscrowed(string anchor, ulong hash) =>
        !_compareAll && snapshot.EscrowOf(anchor) is { } escrow && escrow.Hash == hash && context.Began < escrow.NextAttempt;

    private void RefuseUnlessEscrowed(SourceObject user, Link? link, string code, string message)
    {
        if (IsEscrowed(user.Anchor, _hasher.Hash(_values, snapshot.TargetIdOf)))
            Wait(user, link);
        else
            Refuse(user, link, code, message);
    }

    private void Refuse(SourceObject user, Link? link, string code, string message)
    {
        DesiredUser desired = Desired(user, link, null);
        Reading.Invalid.Add(user.Anchor, (desired, code, $"{desired.Identity}: {message}"));
    }

    private DesiredUser Desired(SourceObject user, Link? link, string? scopeReason, bool reached = false) =>
        new(user.Anchor, [.. _values], link)
        {
            Identity = NameOf(user),
            ScopeReason = scopeReason,
            DesiredStateReached = reached,
        };

    private string NameOf(SourceObject user) => bound.UserNameOf(_values) is { Length: > 0 } name ? name : IdentityOf(user);

    private string IdentityOf(SourceObject user) => user.Values[_userPrincipalName] is string { Length: > 0 } name ? name : user.Anchor;
}
