using System.Collections.Concurrent;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Map;

namespace TravelPerkScim.Provisioning.Record;

/// <summary>Links and escrows as a cycle changes them: looked up by the operations that follow, and handed to the recorder. Thread-safe.</summary>
internal sealed class LinkBook
{
    private readonly JobMemory _memory;
    private readonly CycleRecorder _recorder;
    private readonly CycleContext _context;
    private readonly ConcurrentDictionary<string, string> _targets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _owners;
    private readonly DesiredHasher _hasher;

    public LinkBook(JobMemory memory, TargetShape shape, CycleRecorder recorder, CycleContext context)
    {
        _memory = memory;
        _recorder = recorder;
        _context = context;
        _owners = new(memory.OwnersByTarget(), StringComparer.Ordinal);
        _hasher = new DesiredHasher(shape, memory.Salt);
    }

    public IReadOnlyDictionary<string, string> OwnersByTarget => _owners;

    public string? TargetIdOf(string anchor) => _targets.TryGetValue(anchor, out string? id) ? (id.Length == 0 ? null : id) : _memory.TargetIdOf(anchor);

    /// <summary>Matching found this target user, so others can refer to it before its own operation has run.</summary>
    public void Found(string anchor, string targetId)
    {
        _targets[anchor] = targetId;
        _owners[targetId] = anchor;
    }

    /// <summary>
    /// The linked user was not found any more: nobody can refer to it. The link stays on disk until another takes its place:
    /// whoever is only out of sight for a moment must not be forgotten.
    /// </summary>
    public void Lost(string anchor)
    {
        if (TargetIdOf(anchor) is { } id)
            _owners.TryRemove(id, out _);
        _targets[anchor] = "";
    }

    /// <summary>The user is in its desired state.</summary>
    public void Reached(DesiredUser user, string targetId)
    {
        Found(user.Anchor, targetId);
        var link = new Link(targetId, Hash(user), Enabled: true);
        _recorder.Add(state => state.SetLink(user.Anchor, link));
        Settled(user.Anchor);
    }

    /// <summary>Who the user is in the target is known, what state it is in is not: the next cycle compares.</summary>
    public void Matched(string anchor, string targetId)
    {
        Found(anchor, targetId);
        _recorder.Add(state => state.SetLink(anchor, new Link(targetId, default, Enabled: true)));
    }

    /// <summary>The user was disabled and is no longer managed until it is back.</summary>
    public void Disabled(string anchor, string targetId)
    {
        _recorder.Add(state => state.SetLink(anchor, new Link(targetId, default, Enabled: false)));
        Settled(anchor);
    }

    /// <summary>Nothing of the entry is left to retry.</summary>
    public void Settled(string anchor)
    {
        if (_memory.EscrowOf(anchor) is not null)
            _recorder.Add(state => state.RemoveEscrow(anchor));
    }

    public void Remove(string anchor)
    {
        Lost(anchor);
        _recorder.Add(state => state.RemoveLink(anchor));
        Settled(anchor);
    }

    /// <summary>Keeps the entry for retry: after 5 minutes, then 10, 20 and so on up to a day.</summary>
    public void Failed(DesiredUser user)
    {
        int attempts = (_memory.EscrowOf(user.Anchor)?.Attempts ?? 0) + 1;
        TimeSpan pause = TimeSpan.FromMinutes(Math.Min(5 * Math.Pow(2, attempts - 1), 24 * 60));
        var escrow = new Escrow(attempts, _context.Began + pause, Hash(user));
        _recorder.Add(state => state.SetEscrow(user.Anchor, escrow));
    }

    private UInt128 Hash(DesiredUser user)
    {
        lock (_hasher)
            return _hasher.Hash(user.Values, TargetIdOf);
    }
}
