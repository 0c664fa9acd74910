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
    /// <param name="explain">Whoever is left alone gets an operation that says so.</param>
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

    public void AddProblem(DesiredUser user, string code, string message) =>
        Operations.Add(
            new ProvisioningOperation
            {
                Action = user.Link is null ? ProvisioningAction.Create : ProvisioningAction.Update,
                Identity = user.Identity,
                SourceId = user.Anchor,
                TargetId = user.Link?.TargetId,
                Reason = "The desired state cannot be sent.",
                Problem = message,
                ProblemCode = code,
                Drift = code == "DuplicateTargetEntries" ? ProvisioningDrift.Duplicate : ProvisioningDrift.None,
                Desired = user,
            }
        );

    public void Add(DesiredUser user)
    {
        if (user.Link is not null && user.TargetId != user.Link.TargetId)
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
            Withhold(user, "The mapping does not create users.");
            return;
        }
        List<TargetAttribute> send = Sendable(
            user,
            _bound.Attributes.Where(a => a.OnCreate(user.Values[a.Slot]) is not (null or IgnoredFlow))
        );
        Operations.Add(
            new ProvisioningOperation
            {
                Action = ProvisioningAction.Create,
                Identity = user.Identity,
                SourceId = user.Anchor,
                Changes =
                [
                    .. send.Select(a => new AttributeChange(
                        a.Flow.TargetName,
                        null,
                        AttributeDiff.Display(a, a.OnCreate(user.Values[a.Slot]))
                    )),
                ],
                Reason = user.Link is null
                    ? "No TravelPerk user has the matching attributes."
                    : $"{Gone(user)}, and no other has the matching attributes.",
                Note = _managers.NoteOf(user, CanBeSent),
                Drift = user.Link is null ? ProvisioningDrift.None : ProvisioningDrift.Vanished,
                Desired = user,
                Send = send,
                References = References(user, send),
                After = Managers(user, send),
            }
        );
    }

    private void AddUpdate(DesiredUser user)
    {
        object?[] resolved = [.. user.Values];
        for (int i = 0; i < resolved.Length; i++)
        {
            if (resolved[i] is SourceReference reference && KnownTargetId(reference.Anchor) is { } id)
                resolved[i] = id;
        }
        List<TargetAttribute> differs = AttributeDiff.Changed(_bound, resolved, user.Current!);
        List<TargetAttribute> open = _unkept.TakeOut(user, resolved, differs);
        List<TargetAttribute> send = Sendable(user, differs);
        if (send.Count > 0)
            send.AddRange(_bound.Attributes.Where(a => a.FlowsAlong && AttributeDiff.Flows(a, resolved[a.Slot])));
        bool linked = user.Link is not null && user.Link.TargetId == user.TargetId;
        if (send.Count > 0 && !_bound.Mapping.AllowsUpdate)
        {
            Withhold(user, "The values differ, and the mapping does not update users.");
            return;
        }
        if (send.Count == 0 && linked)
        {
            AlreadyInDesiredState.Add(user);
            if (_explain)
                Operations.Add(
                    Nothing(
                        user,
                        user.Unkept.Count == 0
                            ? "TravelPerk has the desired values already."
                            : "TravelPerk has the desired values already, but for those that it accepted before and did not keep."
                    )
                );
            return;
        }
        bool back = linked && !user.Link!.Enabled;
        bool inactive = _bound.Active is { } flag && BoundMapping.IsFalse(user.Values[flag.Slot]);
        bool becomesActive = !inactive && _bound.Active is { } sent && send.Contains(sent);
        bool becomesInactive = inactive && send.Contains(_bound.Active!);
        // Who was released may have been left active, and who was disabled by the job may have been let in by hand.
        bool enables = becomesActive || (back && !user.Link!.Released && !inactive);
        ProvisioningAction action =
            send.Count == 0 ? ProvisioningAction.Link
            : becomesInactive ? ProvisioningAction.Disable
            : enables ? ProvisioningAction.Enable
            : ProvisioningAction.Update;
        ProvisioningDrift drift =
            user.Link is not null && !linked ? ProvisioningDrift.Recreated
            : back || action == ProvisioningAction.Link || !user.DesiredStateReached ? ProvisioningDrift.None
            : open.Count > 0 && send.All(a => open.Contains(a) || a.FlowsAlong) ? ProvisioningDrift.None
            : becomesActive ? ProvisioningDrift.DisabledByHand
            : becomesInactive ? ProvisioningDrift.Reactivated
            : send.All(a => ReferenceMoved(user, a))
                ? (send.All(a => ManagerLost(user, a)) ? ProvisioningDrift.ManagerLost : ProvisioningDrift.None)
            : ProvisioningDrift.EditedByHand;
        string reason = action switch
        {
            ProvisioningAction.Link => "A TravelPerk user with the matching attributes has the desired values already.",
            ProvisioningAction.Disable => $"The source user is in scope, and the mapping of '{_bound.Active!.Flow.TargetName}' "
                + $"gives "
                + $"False.{(drift == ProvisioningDrift.Reactivated ? " The job had made the user inactive, and TravelPerk shows the user as active." : "")}",
            _ when back => "The source user is active and in scope again.",
            _ when drift == ProvisioningDrift.Recreated => $"{Gone(user)}; another one with the matching attributes has other values.",
            _ when !linked => "A TravelPerk user with the matching attributes has other values.",
            _ when drift == ProvisioningDrift.DisabledByHand =>
                "The user was disabled in TravelPerk; the source user is active and in scope.",
            _ when drift == ProvisioningDrift.ManagerLost =>
                "The manager's TravelPerk user was deleted there; the reference follows the new one.",
            _ when drift == ProvisioningDrift.EditedByHand =>
                "The user was changed in TravelPerk since the job last wrote it; the source user did not change.",
            _ when open.Count > 0 && user.DesiredStateReached => "TravelPerk accepted the values before and does not show them.",
            _ => "The source user changed.",
        };
        Operations.Add(
            new ProvisioningOperation
            {
                Action = action,
                Identity = user.Identity,
                SourceId = user.Anchor,
                TargetId = user.TargetId,
                Changes = AttributeDiff.Describe(send, user.Current!, resolved),
                Reason = reason,
                Note = _managers.NoteOf(user, CanBeSent),
                Drift = drift,
                Confirm = open.Count > 0,
                ByMapping = becomesInactive,
                Desired = user,
                Send = send,
                References = References(user, send),
                After = Managers(user, send),
            }
        );
    }

    private void Withhold(DesiredUser user, string why)
    {
        if (_explain)
            Operations.Add(Nothing(user, why));
        else
            Withheld++;
    }

    private static string Gone(DesiredUser user) =>
        $"TravelPerk user {user.Link!.TargetId} {(user.LinkIsAnothers ? "is another person by now" : "no longer exists")}";

    private static ProvisioningOperation Nothing(DesiredUser user, string why) =>
        new()
        {
            Action = ProvisioningAction.None,
            Identity = user.Identity,
            SourceId = user.Anchor,
            TargetId = user.TargetId,
            Reason = why,
            Desired = user,
        };

    // A manager without a TravelPerk user, and without a create in this plan, cannot be referred to yet.
    private List<TargetAttribute> Sendable(DesiredUser user, IEnumerable<TargetAttribute> attributes) =>
        [.. attributes.Where(a => user.Values[a.Slot] is not SourceReference reference || CanBeSent(reference.Anchor))];

    private bool CanBeSent(string anchor) => KnownTargetId(anchor) is not null || WillBeCreated(anchor);

    private string? KnownTargetId(string anchor) =>
        _wanted.TryGetValue(anchor, out DesiredUser? user) ? user.TargetId : _snapshot.TargetIdOf(anchor);

    private Dictionary<string, string> References(DesiredUser user, List<TargetAttribute> send) =>
        send.Select(a => user.Values[a.Slot])
            .OfType<SourceReference>()
            .Select(r => r.Anchor)
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(
                anchor => anchor,
                anchor => KnownTargetId(anchor) ?? ProvisioningRequest.Awaited(_wanted[anchor].Identity),
                StringComparer.Ordinal
            );

    // Another user than before is meant: the manager had none, or has another one now. That is nobody's edit of the report.
    private bool ReferenceMoved(DesiredUser user, TargetAttribute attribute) =>
        user.Values[attribute.Slot] is SourceReference manager && _snapshot.TargetIdOf(manager.Anchor) != KnownTargetId(manager.Anchor);

    private bool ManagerLost(DesiredUser user, TargetAttribute attribute) =>
        user.Values[attribute.Slot] is SourceReference manager && _snapshot.TargetIdOf(manager.Anchor) is not null;

    private bool WillBeCreated(string anchor) => _wanted.ContainsKey(anchor) && _bound.Mapping.AllowsAdd;

    private List<string> Managers(DesiredUser user, List<TargetAttribute> send) =>
        [
            .. send.Select(a => user.Values[a.Slot])
                .OfType<SourceReference>()
                .Select(r => r.Anchor)
                .Where(anchor => KnownTargetId(anchor) is null),
        ];
}
