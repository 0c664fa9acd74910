using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Map;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>
/// Puts managers before their reports, so that the reference is inside the POST. Where managers form a circle, one of them is created without the reference, which follows as an update.
/// </summary>
internal static class ReferenceOrder
{
    public static List<ProvisioningOperation> Sort(List<ProvisioningOperation> operations, TargetShape shape)
    {
        Dictionary<string, ProvisioningOperation> creates = operations
            .Where(o => o.Action == ProvisioningAction.Create && o.Problem is null)
            .ToDictionary(o => o.SourceId, StringComparer.Ordinal);
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
                if (state.TryGetValue(operation.SourceId, out Visit visit) && visit == Visit.Done)
                {
                    stack.Pop();
                    continue;
                }
                state[operation.SourceId] = Visit.Open;
                ProvisioningOperation? manager = operation.After
                    .Where(a => creates.ContainsKey(a) && !state.ContainsKey(a)).Select(a => creates[a]).FirstOrDefault();
                if (manager is not null)
                {
                    stack.Push(manager);
                    continue;
                }
                stack.Pop();
                bool circle = operation.After.Any(a => state.GetValueOrDefault(a) == Visit.Open);
                state[operation.SourceId] = Visit.Done;
                if (circle)
                {
                    late.Add(LateReference(operation, shape));
                    operation = WithoutReferences(operation);
                }
                sorted.Add(operation with { After = [.. operation.After.Where(creates.ContainsKey)] });
            }
        }
        sorted.AddRange(late);
        return sorted;
    }

    private static ProvisioningOperation WithoutReferences(ProvisioningOperation operation)
    {
        TargetAttribute[] send = [.. operation.Send.Where(a => !a.IsReference)];
        return operation with { Send = send, Changes = [.. operation.Changes.Where(c => send.Any(a => a.Flow.TargetName == c.Attribute))], After = [] };
    }

    private static ProvisioningOperation LateReference(ProvisioningOperation operation, TargetShape shape)
    {
        TargetAttribute[] send = [.. shape.Attributes.Where(a => a.IsReference && operation.Send.Contains(a))];
        return operation with
        {
            Action = ProvisioningAction.Update,
            Send = send,
            Changes = [.. send.Select(a => new AttributeChange(a.Flow.TargetName, null, AttributeDiff.Display(a, operation.Desired!.Values[a.Slot])))],
            Reason = "The user and its manager manage each other; the reference follows once both exist.",
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
