using System.Collections.Immutable;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Behaviors;

/// <summary>The behaviours that are on, switchable while requests run; a new one is a class and a line in the catalogue.</summary>
internal sealed class BehaviorSet(TimeProvider timeProvider)
{
    private readonly object _gate = new();
    private readonly Dictionary<SandboxBehavior, Behavior> _known = [];
    private ImmutableSortedDictionary<SandboxBehavior, Behavior> _on = ImmutableSortedDictionary<SandboxBehavior, Behavior>.Empty;

    // In the order of the enum, so that what cuts, pads and delays sees the answer last.
    private IEnumerable<Behavior> Active => _on.Values;

    public IReadOnlyList<SandboxBehavior> On => [.. _on.Keys];

    public void Set(SandboxBehavior behavior, bool on, int? number)
    {
        lock (_gate)
        {
            if (on)
            {
                _known[behavior] = BehaviorCatalog.Create(behavior, number, timeProvider);
                _on = _on.SetItem(behavior, _known[behavior]);
            }
            else
            {
                _on = _on.Remove(behavior);
            }
        }
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

    public string Shown(string id, UserStore users) => Active.Aggregate(id, (current, behavior) => behavior.Shown(current, users));

    public IReadOnlyList<StoredUser> Found(IReadOnlyList<StoredUser> users, Lookup lookup) =>
        Active.Aggregate(users, (current, behavior) => behavior.Found(current, lookup));

    public UserQuery Query(UserQuery query, int totalResults) =>
        Active.Aggregate(query, (current, behavior) => behavior.Query(current, totalResults));

    public UserPage Page(UserPage page) => Active.Aggregate(page, (current, behavior) => behavior.Page(current));

    public SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response) =>
        Active.Aggregate(response, (current, behavior) => behavior.AfterHandling(request, current));
}
