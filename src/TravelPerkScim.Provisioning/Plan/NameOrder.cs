using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>
/// Lets an operation that takes a unique value wait for the operation that gives it up. Where users exchange values in a circle, one of
/// them has a value of its own for the moment.
/// </summary>
internal sealed class NameOrder
{
    private readonly TargetAttribute[] _unique;
    private readonly Dictionary<(int Slot, string Value), ProvisioningOperation> _givers = [];
    private readonly HashSet<ProvisioningOperation> _giving = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ProvisioningOperation, List<Handover>> _takes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ProvisioningOperation, List<TargetAttribute>> _interim = new(ReferenceEqualityComparer.Instance);

    private NameOrder(BoundMapping bound) =>
        _unique = [
            .. bound.Matching.Concat(bound.Attributes.Where(a => a.IsCore("userName"))).Distinct().Where(a => !a.Definition.MultiValued),
        ];

    public static List<ProvisioningOperation> Arrange(List<ProvisioningOperation> operations, BoundMapping bound)
    {
        var order = new NameOrder(bound);
        operations.ForEach(order.NoteGiver);
        if (order._givers.Count == 0)
            return operations;
        operations.ForEach(order.NoteTaker);
        order.BreakCircles(operations);
        return [.. operations.SelectMany(operation => order.Arranged(operation, bound))];
    }

    /// <summary>The user's own operation will replace the value, so that it is free for another user.</summary>
    public static bool GivesUp(BoundMapping bound, DesiredUser holder, TargetAttribute attribute) =>
        bound.Mapping.AllowsUpdate
        && GivenUp(holder, attribute) is not null
        && AttributeDiff.Changed(bound, holder.Values, holder.Current!).Contains(attribute);

    /// <summary>The value that TravelPerk shows and that the user is no longer to have, as it is compared; null when there is
    /// none.</summary>
    private static string? GivenUp(DesiredUser user, TargetAttribute attribute)
    {
        string? shown = MatchKey.Shown(user, attribute);
        return shown == MatchKey.In(user.Values, attribute) ? null : shown;
    }

    private void NoteGiver(ProvisioningOperation operation)
    {
        if (operation is not { Staged: false, Problem: null, TargetId: not null, Desired: { } user })
            return;
        foreach (TargetAttribute attribute in _unique.Where(operation.Send.Contains))
        {
            if (GivenUp(user, attribute) is { } old && _givers.TryAdd((attribute.Slot, old), operation))
                _giving.Add(operation);
        }
    }

    private void NoteTaker(ProvisioningOperation operation)
    {
        if (operation is not { Staged: false, Problem: null, Desired: { } user })
            return;
        foreach (TargetAttribute attribute in _unique.Where(operation.Send.Contains))
        {
            if (
                MatchKey.In(user.Values, attribute) is { } wanted
                && _givers.TryGetValue((attribute.Slot, wanted), out ProvisioningOperation? giver)
            )
            {
                _takes.AddTo(operation, new Handover(giver, attribute));
            }
        }
    }

    // A stack of our own, as for managers: a chain of names can be long.
    private void BreakCircles(List<ProvisioningOperation> operations)
    {
        var left = new Dictionary<ProvisioningOperation, int>(ReferenceEqualityComparer.Instance);
        var open = new HashSet<ProvisioningOperation>(ReferenceEqualityComparer.Instance);
        var path = new Stack<ProvisioningOperation>();
        foreach (ProvisioningOperation start in operations.Where(o => _takes.ContainsKey(o) && !left.ContainsKey(o)))
        {
            Enter(start);
            while (path.TryPeek(out ProvisioningOperation? operation))
            {
                if (left[operation] == 0)
                {
                    open.Remove(path.Pop());
                    continue;
                }
                int place = --left[operation];
                Handover take = _takes[operation][place];
                if (open.Contains(take.Giver))
                    Break(_takes[operation], place);
                else if (!left.ContainsKey(take.Giver))
                    Enter(take.Giver);
            }
        }

        void Enter(ProvisioningOperation operation)
        {
            left[operation] = _takes.TryGetValue(operation, out List<Handover>? takes) ? takes.Count : 0;
            open.Add(operation);
            path.Push(operation);
        }
    }

    private void Break(List<Handover> takes, int place)
    {
        Handover take = takes[place];
        if (take.Giver.Desired!.Current![take.Attribute.Slot] is not string)
        {
            // No value of its own can be made up for it: the service says whether it takes the exchange.
            takes.RemoveAt(place);
            return;
        }
        takes[place] = take with { Interim = true };
        if (_interim.GetValueOrDefault(take.Giver)?.Contains(take.Attribute) != true)
            _interim.AddTo(take.Giver, take.Attribute);
    }

    private IEnumerable<ProvisioningOperation> Arranged(ProvisioningOperation planned, BoundMapping bound)
    {
        List<AwaitedOperation> takes = _takes.TryGetValue(planned, out List<Handover>? handovers)
            ? handovers.ConvertAll(h => h.Awaited())
            : [];
        // A manager who is created may itself wait for the value that this operation gives up.
        bool splits = planned.After.Count > 0 && _giving.Contains(planned);
        ProvisioningOperation operation = splits ? ReferenceOrder.WithoutReferences(planned) : planned;
        if (_interim.TryGetValue(planned, out List<TargetAttribute>? attributes))
        {
            ProvisioningOperation interim = Interim(operation, attributes);
            takes.Insert(0, interim.Awaited);
            operation = operation with { Interim = attributes };
            yield return interim;
        }
        yield return operation with
        {
            Takes = takes,
        };
        if (splits)
        {
            yield return ReferenceOrder.LateReference(planned, bound, ReasonKind.ManagerToCome) with
            {
                After = planned.After,
                Takes = [operation.Awaited],
            };
        }
    }

    private static ProvisioningOperation Interim(ProvisioningOperation operation, List<TargetAttribute> attributes)
    {
        DesiredUser user = operation.Desired!;
        object?[] values = [.. user.Values];
        foreach (TargetAttribute attribute in attributes)
            values[attribute.Slot] = InterimValue(operation.TargetId!, (string)user.Current![attribute.Slot]!);
        return operation with
        {
            Part = OperationPart.Interim,
            Action = ProvisioningAction.Update,
            Drift = ProvisioningDrift.None,
            Send = attributes,
            Changes = AttributeDiff.Describe(attributes, user.Current!, values),
            Reason = new OperationReason(ReasonKind.ValuesExchanged, TargetAttribute.Names(attributes)).Text,
            Desired = user.WithValues(values),
            Goal = user,
            After = [],
        };
    }

    // The same each time it is planned, and an address wherever the former value is one.
    private static string InterimValue(string targetId, string former)
    {
        string name = $"renaming-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(targetId)), 0, 8).ToLowerInvariant()}";
        int at = former.LastIndexOf('@');
        return at < 0 ? name : name + former[at..];
    }

    private sealed record Handover(ProvisioningOperation Giver, TargetAttribute Attribute)
    {
        public bool Interim { get; init; }

        public AwaitedOperation Awaited() =>
            (Interim ? Giver with { Part = OperationPart.Interim } : Giver).Awaited with
            {
                Attribute = Attribute.Flow.TargetName,
            };
    }
}
