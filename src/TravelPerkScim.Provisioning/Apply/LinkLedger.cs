using System.Collections.Concurrent;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>Links and escrows as a cycle changes them: looked up by the operations that follow, and handed to the recorder.
/// Thread-safe.</summary>
internal sealed class LinkLedger
{
    /// <summary>Cycles that ask for an entry without a pause when the source does not find it.</summary>
    private const int AttemptsAtOnce = 3;

    private readonly StateSnapshot _snapshot;
    private readonly CycleRecorder _recorder;
    private readonly CycleContext _context;
    private readonly ConcurrentDictionary<string, string> _targets = new(StringComparer.Ordinal);
    private readonly Lazy<ConcurrentDictionary<string, string>> _owners;
    private readonly ConcurrentDictionary<string, bool> _begun;
    private readonly ConcurrentDictionary<string, bool> _doubtful;
    private readonly HashSet<string> _lagging = new(StringComparer.Ordinal);
    private readonly DesiredHasher _hasher;
    private readonly IdentityKeys _keys;

    public LinkLedger(StateSnapshot snapshot, BoundMapping bound, CycleRecorder recorder, CycleContext context)
    {
        _snapshot = snapshot;
        _recorder = recorder;
        _context = context;
        // A cycle that writes nothing asks for no owner.
        _owners = new(() => new(snapshot.OwnersByTarget(), StringComparer.Ordinal));
        _begun = new(snapshot.Intents.Keys.Select(anchor => KeyValuePair.Create(anchor, true)), StringComparer.Ordinal);
        // A refusal now says nothing of what an earlier cycle may have done.
        _doubtful = new(_begun, StringComparer.Ordinal);
        _hasher = new DesiredHasher(bound, snapshot.Salt);
        _keys = new IdentityKeys(bound, snapshot.Salt);
    }

    public IReadOnlyDictionary<string, string> OwnersByTarget => _owners.Value;

    public string? TargetIdOf(string anchor) =>
        _targets.TryGetValue(anchor, out string? id) ? (id.Length == 0 ? null : id) : _snapshot.TargetIdOf(anchor);

    /// <summary>Writes down what is about to be sent; only when this is on disk may it be sent. One commit for all of them.</summary>
    public Task BeginAsync(IEnumerable<ProvisioningOperation> operations)
    {
        (string Anchor, Intent Intent)[] intents =
        [
            .. operations.Where(Sends).Select(operation => (operation.SourceId, IntentOf(operation))),
        ];
        if (intents.Length == 0)
            return Task.CompletedTask;
        foreach ((string anchor, _) in intents)
            _begun[anchor] = true;
        return _recorder.CommitAsync(state =>
        {
            foreach ((string anchor, Intent intent) in intents)
                state.SetIntent(anchor, intent);
        });
    }

    /// <summary>The cycle stops before the operation was sent: its intent is taken back, unless an earlier write of the user is still in
    /// doubt.</summary>
    public void NotSent(ProvisioningOperation operation)
    {
        if (!HasUnknownOutcome(operation.SourceId))
            Ended(operation.SourceId);
    }

    // Groups have no intents: every cycle compares them. A late reference of a user whose create failed sends nothing, and must not hide
    // that create.
    private bool Sends(ProvisioningOperation operation) =>
        operation is { Group: null, Staged: false, Problem: null, Action: not (ProvisioningAction.None or ProvisioningAction.Link) }
        && (
            operation.Action is ProvisioningAction.Create or ProvisioningAction.Delete
            || (operation.TargetId ?? TargetIdOf(operation.SourceId)) is not null
        );

    private Intent IntentOf(ProvisioningOperation operation) =>
        new(operation.Action, operation.TargetId, operation.Desired is { } user ? KeysOf(user) : [], _context.Time.GetUtcNow());

    /// <summary>What was begun has an outcome, or nothing came of it.</summary>
    public void Ended(string anchor)
    {
        _doubtful.TryRemove(anchor, out _);
        if (_begun.TryRemove(anchor, out _))
            _recorder.Add(state => state.RemoveIntent(anchor));
    }

    /// <summary>An answer was lost on the way: a failure that follows does not say that nothing was done.</summary>
    public void MarkOutcomeUnknown(string anchor)
    {
        _doubtful[anchor] = true;
        DateTimeOffset now = _context.Time.GetUtcNow();
        _recorder.Add(state => state.RenewIntent(anchor, now));
    }

    /// <summary>The other source user that the target user belongs to; null when it is free, or the given one's.</summary>
    public string? OtherOwner(string targetId, string anchor) =>
        _owners.Value.TryGetValue(targetId, out string? owner) && owner != anchor ? owner : null;

    /// <summary>What tells the user apart, as a link keeps it.</summary>
    public byte[] KeysOf(DesiredUser user) => user.Keys ??= _keys.Of(user.Values);

    public bool HasUnknownOutcome(string anchor) => _doubtful.ContainsKey(anchor);

    private void Found(string anchor, string targetId)
    {
        _targets[anchor] = targetId;
        _owners.Value[targetId] = anchor;
    }

    /// <summary>
    /// The linked user was not found any more: nobody can refer to it. The link stays on disk until another takes its place:
    /// whoever is only out of sight for a moment must not be forgotten.
    /// </summary>
    public void Lost(string anchor)
    {
        // Somebody else may hold the user by now.
        if (TargetIdOf(anchor) is { } id)
            _owners.Value.TryRemove(KeyValuePair.Create(id, anchor));
        _targets[anchor] = "";
    }

    /// <summary>The user is in its desired state, as far as TravelPerk keeps it.</summary>
    /// <param name="user">Who.</param>
    /// <param name="targetId">The TravelPerk user.</param>
    /// <param name="unkept">What TravelPerk accepted now and did not keep.</param>
    /// <param name="shown">What it shows of the user instead; null: what was read before.</param>
    public void Reached(DesiredUser user, string targetId, IReadOnlyList<UnkeptValue>? unkept = null, object?[]? shown = null)
    {
        Found(user.Anchor, targetId);
        var link = new Link(targetId, Hash(user), Enabled: true);
        UnkeptValue[] values = [.. user.Unkept, .. unkept ?? []];
        user.Unkept = values;
        // A name that was not kept is what the user is found by.
        byte[] keys = values.Length > 0 && (shown ?? user.Current) is { } instead ? [.. KeysOf(user), .. _keys.Of(instead)] : KeysOf(user);
        byte[]? kept = values.Length > 0 || _snapshot.UnkeptOf(user.Anchor).Length > 0 ? UnkeptValue.Write(values) : null;
        _recorder.Add(state => state.SetLink(user.Anchor, link, keys, kept));
        if (user.References.FirstOrDefault(manager => TargetIdOf(manager) is null) is { } awaited)
            _recorder.Add(state => state.SetWaiting(user.Anchor, awaited));
        else
            NotWaiting(user.Anchor);
        Settled(user.Anchor);
    }

    /// <summary>
    /// Matching found this target user, or it was created by an earlier cycle that did not learn of it: others can refer to it before its
    /// own operation has run, and whatever becomes of that, it is this user from now on, and no longer a former one's.
    /// What state it is in is not known: the next cycle compares.
    /// </summary>
    public void Matched(string anchor, string targetId, byte[] keys)
    {
        string? former = _owners.Value.TryGetValue(targetId, out string? owner) && owner != anchor ? owner : null;
        if (former is not null)
            Lost(former);
        Found(anchor, targetId);
        if (_snapshot.LinkOf(anchor)?.TargetId == targetId)
            return;
        // As one: there must be no moment at which nobody holds the user.
        _recorder.Add(state =>
        {
            if (former is not null)
                state.RemoveLink(former);
            state.SetLink(anchor, new Link(targetId, default, Enabled: true), keys);
        });
        if (former is null)
            return;
        NotWaiting(former);
        Settled(former);
    }

    /// <summary>The user was disabled and is no longer managed until it is back.</summary>
    /// <param name="anchor">Whose.</param>
    /// <param name="targetId">The TravelPerk user.</param>
    /// <param name="released">It left the scope or the assignment.</param>
    public void Disabled(string anchor, string targetId, bool released)
    {
        _recorder.Add(state => state.SetLink(anchor, new Link(targetId, default, Enabled: false) { Released = released }));
        NotWaiting(anchor);
        Settled(anchor);
    }

    /// <summary>The user left the scope or the assignment and is left as it is: the job no longer manages it until it is back.</summary>
    public void Released(string anchor)
    {
        if (_snapshot.LinkOf(anchor) is not { } link)
            return;
        _recorder.Add(state => state.SetLink(anchor, new Link(link.TargetId, default, Enabled: false) { Released = true }));
        NotWaiting(anchor);
    }

    /// <summary>The source wants nothing of the user now, so nothing is left to retry. What was begun is not forgotten before it is known
    /// whether it was done.</summary>
    /// <param name="anchor">Whose.</param>
    /// <param name="unresolved">Whether a create was carried out is not known yet.</param>
    public void NothingToDo(string anchor, bool unresolved)
    {
        if (!unresolved)
        {
            // On disk the link may still say what was true before.
            if (_begun.ContainsKey(anchor) && _snapshot.LinkOf(anchor) is { } link)
                _recorder.Add(state => state.SetLink(anchor, link));
            Ended(anchor);
        }
        EndEscrow(anchor);
    }

    /// <summary>The linked user has a value that is neither the former nor the desired one: whatever the source says next, the next cycle
    /// compares.</summary>
    public void Between(DesiredUser user, string targetId)
    {
        // The former value may come back.
        byte[] keys = [.. _snapshot.KeysOf(user.Anchor), .. KeysOf(user)];
        _recorder.Add(state => state.SetLink(user.Anchor, new Link(targetId, default, Enabled: true), keys));
    }

    private void Settled(string anchor)
    {
        Ended(anchor);
        EndEscrow(anchor);
    }

    private void EndEscrow(string anchor)
    {
        if (_snapshot.EscrowOf(anchor) is not null && !_lagging.Contains(anchor))
            _recorder.Add(state => state.RemoveEscrow(anchor));
    }

    public void Remove(string anchor)
    {
        Lost(anchor);
        _recorder.Add(state => state.RemoveLink(anchor));
        NotWaiting(anchor);
        Settled(anchor);
    }

    /// <summary>Keeps the entry for retry: after 5 minutes, then 10, 20 and so on up to a day.</summary>
    public void Failed(DesiredUser user) => Keep(user.Anchor, Hash(user));

    /// <summary>
    /// The source is asked for the entry again: it named it as changed and could not give it, or it could not prove that it is gone.
    /// </summary>
    /// <param name="anchor">Whose.</param>
    /// <param name="notFoundSince">
    /// The source does not find the entry since then. That passes as a rule within seconds, so the next cycles ask without a pause.
    /// </param>
    public void AskAgain(string anchor, DateTimeOffset? notFoundSince = null)
    {
        // Disabled or not, the source is asked until it finds the user, or has been asked for long enough.
        if (notFoundSince is not null)
            _lagging.Add(anchor);
        Keep(anchor, default, notFoundSince);
    }

    /// <summary>A delete failed. The source does not say again that the user was permanently deleted.</summary>
    public void DeleteAgain(string anchor) => Keep(anchor, default, deleted: true);

    /// <summary>A delete waits for a decision, whatever else becomes of the user in this cycle. To be called before the first
    /// operation.</summary>
    public void DeleteLater(string anchor)
    {
        _lagging.Add(anchor);
        DeleteAgain(anchor);
    }

    private void Keep(string anchor, ulong hash, DateTimeOffset? notFoundSince = null, bool deleted = false)
    {
        int attempts = (_snapshot.EscrowOf(anchor)?.Attempts ?? 0) + 1;
        TimeSpan pause = notFoundSince is null ? Escrow.PauseAfter(attempts) : PauseWhenNotFound(attempts);
        var escrow = new Escrow(attempts, _context.Began + pause, hash, notFoundSince, deleted);
        _recorder.Add(state => state.SetEscrow(anchor, escrow));
    }

    private static TimeSpan PauseWhenNotFound(int attempts) =>
        attempts <= AttemptsAtOnce ? TimeSpan.Zero : Escrow.PauseAfter(attempts - AttemptsAtOnce);

    private void NotWaiting(string anchor)
    {
        if (_snapshot.AwaitedManagerOf(anchor) is not null)
            _recorder.Add(state => state.RemoveWaiting(anchor));
    }

    private ulong Hash(DesiredUser user)
    {
        lock (_hasher)
            return _hasher.Hash(user.Values, TargetIdOf);
    }
}
