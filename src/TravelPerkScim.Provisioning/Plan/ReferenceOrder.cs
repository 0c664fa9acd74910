using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>
/// Puts managers before their reports, so that the reference is inside the POST. Where managers form a circle, one of them is created
/// without the reference, which follows as an update.
/// </summary>
internal static class ReferenceOrder
{
    public static List<ProvisioningOperation> Sort(List<ProvisioningOperation> operations, BoundMapping bound)
    {
        var creates = operations
            .Where(o => o.Action == ProvisioningAction.Create && o.Problem is null)
            .ToDictionary(o => o.SourceId, StringComparer.Ordinal);
        Dictionary<string, ProvisioningOperation> givers = Givers(operations);
        var sorted = new List<ProvisioningOperation>(operations.Count);
        var late = new List<ProvisioningOperation>();
        var state = new Dictionary<string, Visit>(StringComparer.Ordinal);
        var stack = new Stack<ProvisioningOperation>();
        foreach (ProvisioningOperation start in operations)
        {
            stack.Push(start);
            // A stack of our own: a chain of managers can be longer than the thread's stack is deep.
            while (stack.TryPeek(out ProvisioningOperation? operation))
            {
                if (state.GetValueOrDefault(operation.Key) == Visit.Done)
                {
                    stack.Pop();
                    continue;
                }
                state[operation.Key] = Visit.Open;
                ProvisioningOperation? before = operation
                    .After.Where(creates.ContainsKey)
                    .Select(a => creates[a])
                    .Concat(operation.Takes.Where(t => givers.ContainsKey(t.Key)).Select(t => givers[t.Key]))
                    .FirstOrDefault(o => !state.ContainsKey(o.Key));
                if (before is not null)
                {
                    stack.Push(before);
                    continue;
                }
                stack.Pop();
                bool circle = operation.After.Any(a => state.GetValueOrDefault(a) == Visit.Open);
                state[operation.Key] = Visit.Done;
                if (circle)
                {
                    late.Add(LateReference(operation, bound, ReasonKind.ManagersInACircle));
                    operation = WithoutReferences(operation);
                }
                sorted.Add(operation with { After = [.. operation.After.Where(creates.ContainsKey)] });
            }
        }
        sorted.AddRange(late);
        return sorted;
    }

    // The user who gives a unique value up comes before the user who takes it.
    private static Dictionary<string, ProvisioningOperation> Givers(List<ProvisioningOperation> operations)
    {
        var taken = operations.SelectMany(o => o.Takes).Select(t => t.Key).ToHashSet(StringComparer.Ordinal);
        return operations.Where(o => taken.Contains(o.Key)).ToDictionary(o => o.Key, StringComparer.Ordinal);
    }

    public static ProvisioningOperation WithoutReferences(ProvisioningOperation operation)
    {
        TargetAttribute[] send = [.. operation.Send.Where(a => !a.IsReference)];
        return operation with
        {
            Send = send,
            Changes = [.. operation.Changes.Where(c => send.Any(a => a.Flow.TargetName == c.Attribute))],
            LeftOut = operation.Desired!.ReferencesOf(operation.Send),
            After = [],
        };
    }

    public static ProvisioningOperation LateReference(ProvisioningOperation operation, BoundMapping bound, ReasonKind reason)
    {
        TargetAttribute[] send = [.. bound.Attributes.Where(a => a.IsReference && operation.Send.Contains(a))];
        return operation with
        {
            Part = OperationPart.Late,
            Action = ProvisioningAction.Update,
            Send = send,
            Changes = [.. send.Select(a => AttributeDiff.Written(a, operation.Desired!.Values[a.Slot]))],
            Reason = new OperationReason(reason).Text,
            Note = null,
            Takes = [],
            After = [operation.SourceId, .. operation.After],
        };
    }

    private enum Visit
    {
        New,
        Open,
        Done,
    }
}
