using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Turns a desired user and its counterpart into the operation that makes them equal.</summary>
internal sealed class OperationBuilder
{
    private readonly BoundMapping _bound;
    private readonly StateSnapshot _snapshot;
    private readonly bool _explain;
    private readonly Dictionary<string, DesiredUser> _wanted;
    private readonly KnownUnkept _unkept;
    private readonly UnsentManagers _managers;

    /// <param name="bound">The bound mapping.</param>
    /// <param name="snapshot">Links so far.</param>
    /// <param name="wanted">Every user that may get a target id in this plan.</param>
    /// <param name="unkept">Differences that no write ends.</param>
    /// <param name="managers">Says why a manager is left out.</param>
    /// <param name="explain">A user who is left as it is gets an operation that says so.</param>
    public OperationBuilder(
        BoundMapping bound,
        StateSnapshot snapshot,
        IEnumerable<DesiredUser> wanted,
        KnownUnkept unkept,
        UnsentManagers managers,
        bool explain
    )
    {
        _unkept = unkept;
        _managers = managers;
        _explain = explain;
        _bound = bound;
        _snapshot = snapshot;
        _wanted = wanted.ToDictionary(u => u.Anchor, StringComparer.Ordinal);
    }

    public List<ProvisioningOperation> Operations { get; } = [];

    public List<DesiredUser> AlreadyInDesiredState { get; } = [];

    public List<string> Vanished { get; } = [];

    /// <summary>Users left alone because the object mapping switches the operation off.</summary>
    public int Withheld { get; private set; }

    public void AddProblem(DesiredUser user, string code, string message) => Operations.Add(OperationFactory.Refuse(user, code, message));

    public void Add(DesiredUser user)
    {
        if (user.LostLink)
            Vanished.Add(user.Anchor);
        if (user.TargetId is null)
            AddCreate(user);
        else
            AddUpdate(user);
    }

    private void AddCreate(DesiredUser user)
    {
        if (!_bound.Mapping.AllowsAdd)
        {
            Withhold(user, ReasonKind.MappingDoesNotCreate);
            return;
        }
        List<TargetAttribute> send = Sendable(
            user,
            _bound.Attributes.Where(a => a.OnCreate(user.Values[a.Slot]) is not (null or IgnoredFlow))
        );
        OperationReason reason = ByLink(user, ReasonKind.NoMatch, ReasonKind.VanishedNoMatch, ReasonKind.ForeignLinkNoMatch);
        Operations.Add(
            WithReferences(OperationFactory.Write(user, ProvisioningAction.Create, reason), user, send) with
            {
                Changes = [.. send.Select(a => AttributeDiff.Written(a, a.OnCreate(user.Values[a.Slot])))],
            }
        );
    }

    /// <summary>The reason for a user who is not written at its link: it has none, the linked user is gone, or is another
    /// person.</summary>
    private static OperationReason ByLink(DesiredUser user, ReasonKind without, ReasonKind vanished, ReasonKind anothers)
    {
        if (user.Link is not { TargetId: var linked })
            return new OperationReason(without);
        return new OperationReason(user.LinkIsAnothers ? anothers : vanished, linked);
    }

    private void AddUpdate(DesiredUser user)
    {
        object?[] resolved = Resolved(user);
        List<TargetAttribute> differs = AttributeDiff.Changed(_bound, resolved, user.Current!);
        List<TargetAttribute> open = _unkept.TakeOut(user, resolved, differs);
        List<TargetAttribute> send = Sendable(user, differs);
        if (send.Count == 0)
        {
            AddUnsent(user);
            return;
        }
        if (!_bound.Mapping.AllowsUpdate)
        {
            Withhold(user, ReasonKind.MappingDoesNotUpdate);
            return;
        }
        send.AddRange(_bound.Attributes.Where(a => a.FlowsAlong && AttributeDiff.Flows(a, resolved[a.Slot])));
        ProvisioningAction action = ActionOf(user, send);
        Operations.Add(
            WithReferences(OperationFactory.Write(user, action, ReasonOf(user, action, send, open)), user, send) with
            {
                Changes = AttributeDiff.Describe(send, user.Current!, resolved),
                Confirm = open.Count > 0,
                ByMapping = action == ProvisioningAction.Disable,
            }
        );
    }

    private object?[] Resolved(DesiredUser user)
    {
        object?[] resolved = [.. user.Values];
        for (int i = 0; i < resolved.Length; i++)
        {
            if (resolved[i] is SourceReference reference && KnownTargetId(reference.Anchor) is { } id)
                resolved[i] = id;
        }
        return resolved;
    }

    // A user without a difference that can be sent.
    private void AddUnsent(DesiredUser user)
    {
        if (user.IsAtLink)
        {
            AddUnchanged(user);
            return;
        }
        var reason = new OperationReason(user.LostLink ? ReasonKind.MatchedInstead : ReasonKind.Matched);
        Operations.Add(WithReferences(OperationFactory.Write(user, ProvisioningAction.Link, reason), user, []));
    }

    private void AddUnchanged(DesiredUser user)
    {
        AlreadyInDesiredState.Add(user);
        if (!_explain)
            return;
        ReasonKind reason = user.Unkept.Count == 0 ? ReasonKind.InDesiredState : ReasonKind.InDesiredStateButUnkept;
        Operations.Add(OperationFactory.Write(user, ProvisioningAction.None, new OperationReason(reason)));
    }

    // An earlier cycle disabled or released the user.
    private static bool IsBack(DesiredUser user) => user.IsAtLink && !user.Link!.Enabled;

    private ProvisioningAction ActionOf(DesiredUser user, List<TargetAttribute> send)
    {
        bool becomesInactive = _bound.IsInactive(user);
        if (_bound.Active is { } active && send.Contains(active))
            return becomesInactive ? ProvisioningAction.Disable : ProvisioningAction.Enable;
        // A released user may have been left active, and an admin may have enabled a user whom the job disabled.
        bool wasDisabled = IsBack(user) && !user.Link!.Released;
        return wasDisabled && !becomesInactive ? ProvisioningAction.Enable : ProvisioningAction.Update;
    }

    private OperationReason ReasonOf(DesiredUser user, ProvisioningAction action, List<TargetAttribute> send, List<TargetAttribute> open)
    {
        if (action == ProvisioningAction.Disable)
            return new OperationReason(MappedInactive(user, send, open), _bound.Active!.Flow.TargetName);
        if (!user.IsAtLink)
            return ByLink(user, ReasonKind.MatchDiffers, ReasonKind.VanishedMatchDiffers, ReasonKind.ForeignLinkMatchDiffers);
        if (IsBack(user))
            return new OperationReason(ReasonKind.BackInScope);
        return new OperationReason(user.DesiredStateReached ? MovedInTarget(user, action, send, open) : ReasonKind.SourceChanged);
    }

    private static ReasonKind MappedInactive(DesiredUser user, List<TargetAttribute> send, List<TargetAttribute> open)
    {
        if (user.LostLink)
            return ReasonKind.MappedInactiveInstead;
        bool wasInactive = user.DesiredStateReached && !WereNeverKept(send, open);
        return wasInactive ? ReasonKind.MappedInactiveReactivated : ReasonKind.MappedInactive;
    }

    // The job had brought the user to the desired state, and TravelPerk shows another one.
    private ReasonKind MovedInTarget(DesiredUser user, ProvisioningAction action, List<TargetAttribute> send, List<TargetAttribute> open)
    {
        if (WereNeverKept(send, open))
            return ReasonKind.AcceptedNotShown;
        if (action == ProvisioningAction.Enable)
            return ReasonKind.DisabledByHand;
        List<SourceReference> managers = [.. ManagersIn(user, send)];
        bool onlyManagersMoved = managers.Count == send.Count && managers.TrueForAll(HasMoved);
        if (!onlyManagersMoved)
            return ReasonKind.EditedByHand;
        if (managers.TrueForAll(WasLinked))
            return ReasonKind.ManagerLost;
        return open.Count > 0 ? ReasonKind.AcceptedNotShown : ReasonKind.SourceChanged;
    }

    // TravelPerk never kept these values, so no edit changed them.
    private static bool WereNeverKept(List<TargetAttribute> send, List<TargetAttribute> open) =>
        open.Count > 0 && send.All(a => open.Contains(a) || a.FlowsAlong);

    private ProvisioningOperation WithReferences(ProvisioningOperation operation, DesiredUser user, List<TargetAttribute> send)
    {
        var references = new Dictionary<string, string>(StringComparer.Ordinal);
        var after = new List<string>();
        foreach (SourceReference manager in ManagersIn(user, send))
        {
            string? id = KnownTargetId(manager.Anchor);
            if (id is null)
                after.Add(manager.Anchor);
            references[manager.Anchor] = id ?? ProvisioningRequest.Awaited(_wanted[manager.Anchor].Identity);
        }
        return operation with { Note = _managers.NoteOf(user, CanBeSent), Send = send, References = references, After = after };
    }

    private void Withhold(DesiredUser user, ReasonKind why)
    {
        if (_explain)
            Operations.Add(OperationFactory.Write(user, ProvisioningAction.None, new OperationReason(why)));
        else
            Withheld++;
    }

    // A manager without a TravelPerk user, and without a create in this plan, cannot be referred to yet.
    private List<TargetAttribute> Sendable(DesiredUser user, IEnumerable<TargetAttribute> attributes) =>
        [.. attributes.Where(a => user.Values[a.Slot] is not SourceReference reference || CanBeSent(reference.Anchor))];

    private bool CanBeSent(string anchor) => KnownTargetId(anchor) is not null || WillBeCreated(anchor);

    private string? KnownTargetId(string anchor) =>
        _wanted.TryGetValue(anchor, out DesiredUser? user) ? user.TargetId : _snapshot.TargetIdOf(anchor);

    private static IEnumerable<SourceReference> ManagersIn(DesiredUser user, List<TargetAttribute> send) =>
        send.Select(a => user.Values[a.Slot]).OfType<SourceReference>();

    // The manager had no TravelPerk user, or has another one now. The report itself was not edited.
    private bool HasMoved(SourceReference manager) => _snapshot.TargetIdOf(manager.Anchor) != KnownTargetId(manager.Anchor);

    private bool WasLinked(SourceReference manager) => _snapshot.TargetIdOf(manager.Anchor) is not null;

    private bool WillBeCreated(string anchor) => _wanted.ContainsKey(anchor) && _bound.Mapping.AllowsAdd;
}
