using System.Collections.Concurrent;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>Links and escrows as a cycle changes them. Later operations look them up here, and the ledger hands each change to the
/// recorder. Thread-safe.</summary>
internal sealed class LinkLedger
{
    /// <summary>The number of cycles that ask again without a pause for an entry that the source does not find.</summary>
    private const int AttemptsAtOnce = 3;

    // Far less than the time after which a create that TravelPerk does not show is given up.
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(1);

    private readonly StateSnapshot _snapshot;
    private readonly CycleRecorder _recorder;
    private readonly CycleContext _context;
    private readonly ConcurrentDictionary<string, string> _targets = new(StringComparer.Ordinal);
    private readonly Lazy<ConcurrentDictionary<string, string>> _owners;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _begun;
    private readonly ConcurrentDictionary<string, bool> _doubtful;
    private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lagging = new(StringComparer.Ordinal);
    private readonly DesiredHasher _hasher;
    private readonly IdentityKeys _keys;

    public LinkLedger(StateSnapshot snapshot, BoundMapping bound, CycleRecorder recorder, CycleContext context)
    {
        _snapshot = snapshot;
        _recorder = recorder;
        _context = context;
        // Made when first used, because a cycle that writes nothing asks for no owner.
        _owners = new(() => new(snapshot.OwnersByTarget(), StringComparer.Ordinal));
        _begun = new(snapshot.Intents.Select(intent => KeyValuePair.Create(intent.Key, intent.Value.Time)), StringComparer.Ordinal);
        // A refusal in this cycle does not say whether a write of an earlier cycle was carried out.
        _doubtful = new(snapshot.Intents.Keys.Select(anchor => KeyValuePair.Create(anchor, true)), StringComparer.Ordinal);
        _hasher = new DesiredHasher(bound, snapshot.Salt);
        _keys = new IdentityKeys(bound, snapshot.Salt);
    }

    public IReadOnlyDictionary<string, string> OwnersByTarget => _owners.Value;

    public string? TargetIdOf(string anchor)
    {
        if (!_targets.TryGetValue(anchor, out string? id))
            return _snapshot.TargetIdOf(anchor);
        return id.Length == 0 ? null : id;
    }

    /// <summary>Writes intents for operations that are about to be sent, with one commit. An operation may be sent only when its intent is
    /// on disk.</summary>
    public Task BeginAsync(IEnumerable<ProvisioningOperation> operations)
    {
        (string Anchor, Intent Intent)[] intents =
        [
            .. operations.Where(Sends).Select(operation => (operation.SourceId, IntentOf(operation))),
        ];
        if (intents.Length == 0)
            return Task.CompletedTask;
        foreach ((string anchor, Intent intent) in intents)
            _begun[anchor] = intent.Time;
        return _recorder.CommitAsync(state =>
        {
            foreach ((string anchor, Intent intent) in intents)
                state.SetIntent(anchor, intent);
        });
    }

    /// <summary>Writes the intent of an operation again where it was written long before its turn: the time of the intent says until when
    /// TravelPerk may still hide what the operation made.</summary>
    public Task BeginAgainWhenOldAsync(ProvisioningOperation operation) =>
        _begun.TryGetValue(operation.SourceId, out DateTimeOffset begun) && _context.Time.GetUtcNow() - begun > s_fresh
            ? BeginAsync([operation])
            : Task.CompletedTask;

    /// <summary>Takes the intent of an operation back that was not sent because the cycle stops. The intent stays where an earlier write of
    /// the user still has an unknown outcome.</summary>
    public void NotSent(ProvisioningOperation operation)
    {
        if (!HasUnknownOutcome(operation.SourceId))
            CloseIntent(operation.SourceId);
    }

    // Groups have no intents, because every cycle compares them. A late reference of a user whose create failed sends nothing, and its
    // intent must not replace that of the create.
    private bool Sends(ProvisioningOperation operation)
    {
        if (operation is not { Group: null, Staged: false, Problem: null })
            return false;
        return operation.Action switch
        {
            ProvisioningAction.None or ProvisioningAction.Link => false,
            ProvisioningAction.Create or ProvisioningAction.Delete => true,
            _ => (operation.TargetId ?? TargetIdOf(operation.SourceId)) is not null,
        };
    }

    private Intent IntentOf(ProvisioningOperation operation) =>
        new(operation.Action, operation.TargetId, operation.Desired is { } user ? KeysOf(user) : [], _context.Time.GetUtcNow());

    /// <summary>Removes the user's intent, because the outcome of the write is known or nothing was sent.</summary>
    public void CloseIntent(string anchor)
    {
        _doubtful.TryRemove(anchor, out _);
        if (_begun.TryRemove(anchor, out _))
            _recorder.Add(state => state.RemoveIntent(anchor));
    }

    /// <summary>Notes that the answer to a write was lost. A failure of a later attempt does not say that the write was not done.</summary>
    public void MarkOutcomeUnknown(string anchor)
    {
        _doubtful[anchor] = true;
        DateTimeOffset now = _context.Time.GetUtcNow();
        _recorder.Add(state => state.RenewIntent(anchor, now));
    }

    /// <summary>The other source user that the target user belongs to; null when the target user is free or belongs to the given source
    /// user.</summary>
    public string? OtherOwner(string targetId, string anchor) =>
        _owners.Value.TryGetValue(targetId, out string? owner) && owner != anchor ? owner : null;

    /// <summary>The user's identity keys, as a link keeps them.</summary>
    public byte[] KeysOf(DesiredUser user) => user.Keys ??= _keys.Of(user.Values);

    public bool HasUnknownOutcome(string anchor) => _doubtful.ContainsKey(anchor);

    private void TargetFound(string anchor, string targetId)
    {
        _targets[anchor] = targetId;
        _owners.Value[targetId] = anchor;
    }

    /// <summary>
    /// Notes that the linked target user was not found, so that no operation refers to it. The link stays on disk until another link takes
    /// its place, because a user who is only out of sight for a moment must not be forgotten.
    /// </summary>
    public void TargetMissing(string anchor)
    {
        // Another source user may be the target user's owner by now.
        if (TargetIdOf(anchor) is { } id)
            _owners.Value.TryRemove(KeyValuePair.Create(id, anchor));
        _targets[anchor] = "";
    }

    /// <summary>Records that the target user is in the desired state, as far as TravelPerk keeps the values.</summary>
    /// <param name="user">The source user.</param>
    /// <param name="targetId">The TravelPerk user.</param>
    /// <param name="leftOut">Managers whose reference was not sent. A manager whom another operation creates meanwhile has a TravelPerk id
    /// by now, and this user still lacks the reference.</param>
    /// <param name="written">Which values of a write TravelPerk kept; null where nothing was written.</param>
    public void DesiredStateReached(DesiredUser user, string targetId, IReadOnlyList<string> leftOut, KeptResult? written = null)
    {
        TargetFound(user.Anchor, targetId);
        string? Sent(string manager) => leftOut.Contains(manager) ? null : TargetIdOf(manager);
        var link = new Link(targetId, Hash(user, Sent), Enabled: true);
        UnkeptValue[] values = [.. user.Unkept, .. written?.Unkept ?? []];
        user.Unkept = values;
        byte[] keys = KeysOf(user);
        // TravelPerk may have kept the old name. The user must be found by the old and by the new name.
        object?[]? instead = written?.Shown ?? user.Current;
        if (values.Length > 0 && instead is not null)
            keys = [.. keys, .. _keys.Of(instead)];
        bool changesUnkept = values.Length > 0 || _snapshot.UnkeptOf(user.Anchor).Length > 0;
        byte[]? kept = changesUnkept ? UnkeptValue.Write(values) : null;
        _recorder.Add(state => state.SetLink(user.Anchor, link, keys, kept));
        if (user.References.FirstOrDefault(manager => Sent(manager) is null) is { } awaited)
            Waiting(user.Anchor, awaited);
        else
            NotWaiting(user.Anchor);
        CloseIntentAndEscrow(user.Anchor);
    }

    /// <summary>
    /// Links a source user to a target user that matching found, or that an earlier cycle created without learning of it. Other users can
    /// refer to the target user before its own operation has run. The link holds whatever becomes of that operation, and a former owner
    /// loses the target user. The target user's state is not known, so the next cycle compares.
    /// </summary>
    public void Matched(string anchor, string targetId, byte[] keys)
    {
        string? former = OtherOwner(targetId, anchor);
        if (former is not null)
            TargetMissing(former);
        TargetFound(anchor, targetId);
        if (_snapshot.LinkOf(anchor)?.TargetId == targetId)
            return;
        // One transaction, so that the target user always has exactly one owner on disk.
        _recorder.Add(state =>
        {
            if (former is not null)
                state.RemoveLink(former);
            state.SetLink(anchor, new Link(targetId, default, Enabled: true), keys);
        });
        if (former is null)
            return;
        NotWaiting(former);
        CloseIntentAndEscrow(former);
    }

    /// <summary>Records that the user was disabled. The job does not manage the user until the account is back.</summary>
    /// <param name="anchor">The source user.</param>
    /// <param name="targetId">The TravelPerk user.</param>
    /// <param name="released">The user left the scope or the assignment.</param>
    public void Disabled(string anchor, string targetId, bool released)
    {
        _recorder.Add(state => state.SetLink(anchor, new Link(targetId, default, Enabled: false) { Released = released }));
        NotWaiting(anchor);
        CloseIntentAndEscrow(anchor);
    }

    /// <summary>Records that the user left the scope or the assignment and stays as it is. The job does not manage the user until the
    /// account is back.</summary>
    public void Released(string anchor)
    {
        if (_snapshot.LinkOf(anchor) is not { } link)
            return;
        _recorder.Add(state => state.SetLink(anchor, new Link(link.TargetId, default, Enabled: false) { Released = true }));
        NotWaiting(anchor);
    }

    /// <summary>Clears the escrow of a user for whom the source wants nothing now. The intent stays until its outcome is known.</summary>
    /// <param name="anchor">The source user.</param>
    /// <param name="unresolved">The outcome of a create is still unknown.</param>
    public void NothingToDo(string anchor, bool unresolved)
    {
        if (!unresolved)
        {
            // The snapshot treats a link with an open intent as enabled. That link replaces the one on disk.
            if (_begun.ContainsKey(anchor) && _snapshot.LinkOf(anchor) is { } link)
                _recorder.Add(state => state.SetLink(anchor, link));
            CloseIntent(anchor);
        }
        ClearEscrow(anchor);
    }

    /// <summary>Records that an interim operation gave the linked user a value that is neither the former nor the desired one. The next
    /// cycle compares the user, whatever the source says.</summary>
    public void InterimValueWritten(DesiredUser user, string targetId)
    {
        // The keys of the former value stay too, because that value may come back.
        byte[] keys = [.. _snapshot.KeysOf(user.Anchor), .. KeysOf(user)];
        _recorder.Add(state => state.SetLink(user.Anchor, new Link(targetId, default, Enabled: true), keys));
    }

    private void CloseIntentAndEscrow(string anchor)
    {
        CloseIntent(anchor);
        ClearEscrow(anchor);
    }

    private void ClearEscrow(string anchor)
    {
        if (_snapshot.EscrowOf(anchor) is not null && !_lagging.Contains(anchor))
            _recorder.Add(state => state.RemoveEscrow(anchor));
    }

    public void Remove(string anchor)
    {
        TargetMissing(anchor);
        _recorder.Add(state => state.RemoveLink(anchor));
        NotWaiting(anchor);
        CloseIntentAndEscrow(anchor);
    }

    /// <summary>Keeps the entry for retry: after 5 minutes, then 10, 20 and so on up to a day.</summary>
    public void Failed(DesiredUser user) => Keep(user.Anchor, Hash(user, TargetIdOf));

    /// <summary>
    /// Keeps the entry, so that a later cycle asks the source for it again. The source named the entry as changed and could not give it, or
    /// could not prove that the entry is gone.
    /// </summary>
    /// <param name="anchor">The source user.</param>
    /// <param name="notFoundSince">
    /// Since when the source does not find the entry. As a rule the source finds it again within seconds, so the next cycles ask without a
    /// pause.
    /// </param>
    public void AskAgain(string anchor, DateTimeOffset? notFoundSince = null)
    {
        // The escrow outlives a disable of the user: the source is asked until it finds the user, or was asked for long enough.
        if (notFoundSince is not null)
            _lagging.Add(anchor);
        Keep(anchor, default, notFoundSince);
    }

    /// <summary>Keeps a delete that failed. The source does not say again that the user was permanently deleted.</summary>
    public void DeleteAgain(string anchor) => Keep(anchor, default, deleted: true);

    /// <summary>Keeps a delete that waits for a decision, whatever the cycle's operations do to the user. Call it before the first
    /// operation.</summary>
    public void DeleteLater(string anchor)
    {
        _lagging.Add(anchor);
        DeleteAgain(anchor);
    }

    private void Keep(string anchor, ulong hash, DateTimeOffset? notFoundSince = null, bool deleted = false)
    {
        int attempts = Escrow.AttemptsAfter(_snapshot.EscrowOf(anchor));
        TimeSpan pause = notFoundSince is null ? Escrow.PauseAfter(attempts) : PauseWhenNotFound(attempts);
        var escrow = new Escrow(attempts, _context.Began + pause, hash, notFoundSince, deleted);
        _recorder.Add(state => state.SetEscrow(anchor, escrow));
    }

    private static TimeSpan PauseWhenNotFound(int attempts) =>
        attempts <= AttemptsAtOnce ? TimeSpan.Zero : Escrow.PauseAfter(attempts - AttemptsAtOnce);

    private void Waiting(string anchor, string manager)
    {
        _waiting[anchor] = true;
        _recorder.Add(state => state.SetWaiting(anchor, manager));
    }

    private void NotWaiting(string anchor)
    {
        if (_waiting.TryRemove(anchor, out _) || _snapshot.AwaitedManagerOf(anchor) is not null)
            _recorder.Add(state => state.RemoveWaiting(anchor));
    }

    private ulong Hash(DesiredUser user, Func<string, string?> targetIdOf)
    {
        lock (_hasher)
            return _hasher.Hash(user.Values, targetIdOf);
    }
}
