using System.Collections.Immutable;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Behaviors;

/// <summary>The behaviours that are on. They can be switched while requests run. A new behaviour is a class and a line in the
/// catalogue.</summary>
internal sealed class BehaviorSet(SandboxOptions options, UserSchemas schemas)
{
    private readonly object _gate = new();
    private readonly Dictionary<SandboxBehavior, Behavior> _known = [];
    private ImmutableSortedDictionary<SandboxBehavior, Behavior> _on = ImmutableSortedDictionary<SandboxBehavior, Behavior>.Empty;

    // In the order of the enum, so that behaviours that cut, pad or delay see the answer last.
    private IEnumerable<Behavior> Active => _on.Values;

    public IReadOnlyList<SandboxBehavior> On => [.. _on.Keys];

    public void Set(SandboxBehavior behavior, bool on, int? number)
    {
        lock (_gate)
        {
            if (on)
                Start(behavior, BehaviorCatalog.Create(behavior, number, options, schemas));
            else
                _on = _on.Remove(behavior);
        }
    }

    /// <summary>Switches <see cref="SandboxBehavior.ValuesNotKept"/> on for these attributes; off for none.</summary>
    /// <exception cref="ArgumentException">One is no attribute of users.</exception>
    public void SetNotKept(IReadOnlyCollection<string> attributes)
    {
        ValuesNotKept behavior = new(attributes, schemas);
        lock (_gate)
        {
            if (attributes.Count > 0)
                Start(SandboxBehavior.ValuesNotKept, behavior);
            else
                _on = _on.Remove(SandboxBehavior.ValuesNotKept);
        }
    }

    private void Start(SandboxBehavior name, Behavior behavior)
    {
        _known[name] = behavior;
        _on = _on.SetItem(name, behavior);
    }

    public long Hits(SandboxBehavior behavior)
    {
        lock (_gate)
            return _known.TryGetValue(behavior, out Behavior? known) ? known.Hits : 0;
    }

    public void BeforeAuthentication(SandboxRequest request)
    {
        foreach (Behavior behavior in Active)
            behavior.BeforeAuthentication(request);
    }

    public void BeforeHandling(SandboxRequest request, UserStore users)
    {
        foreach (Behavior behavior in Active)
            behavior.BeforeHandling(request, users);
    }

    public UserQuery Asked(UserQuery query) => Active.Aggregate(query, (current, behavior) => behavior.Asked(current));

    public IReadOnlyList<PatchStep> Carried(IReadOnlyList<PatchStep> steps) =>
        Active.Aggregate(steps, (current, behavior) => behavior.Carried(current));

    public void Keep(JsonObject? before, JsonObject content)
    {
        foreach (Behavior behavior in Active)
            behavior.Keep(before, content);
    }

    public string Shown(string id, UserStore users) => Active.Aggregate(id, (current, behavior) => behavior.Shown(current, users));

    public IReadOnlyList<StoredUser> Found(IReadOnlyList<StoredUser> users, Lookup lookup) =>
        Active.Aggregate(users, (current, behavior) => behavior.Found(current, lookup));

    public UserQuery Query(UserQuery query, int totalResults) =>
        Active.Aggregate(query, (current, behavior) => behavior.Query(current, totalResults));

    public UserPage Page(UserPage page) => Active.Aggregate(page, (current, behavior) => behavior.Page(current));

    public SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response) =>
        Active.Aggregate(response, (current, behavior) => behavior.AfterHandling(request, current));
}
