using System.Threading.Channels;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Record;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>
/// Hands out operations as soon as the ones they wait for have ended. One that takes a unique value comes with a problem when the operation that gives it up did not succeed. Thread-safe.
/// </summary>
internal sealed class OperationQueue
{
    private readonly Channel<ProvisioningOperation> _ready = Channel.CreateUnbounded<ProvisioningOperation>();
    private readonly Dictionary<string, List<Waiting>> _waiting = new(StringComparer.Ordinal);
    private readonly object _lock = new();
    private int _left;

    public OperationQueue(IReadOnlyList<ProvisioningOperation> operations)
    {
        _left = operations.Count;
        HashSet<string> keys = operations.Select(o => o.Key).ToHashSet(StringComparer.Ordinal);
        var free = new List<Waiting>();
        foreach (ProvisioningOperation operation in operations)
        {
            // An operation that a reviewer took out gives nothing up.
            var waiting = new Waiting(operation) { Missed = operation.Takes.FirstOrDefault(t => !keys.Contains(t.Key)) };
            foreach (string key in operation.After.Concat(operation.Takes.Select(t => t.Key)).Where(keys.Contains).Distinct(StringComparer.Ordinal))
            {
                (_waiting.TryGetValue(key, out List<Waiting>? list) ? list : _waiting[key] = []).Add(waiting);
                waiting.For++;
            }
            if (waiting.For == 0)
                free.Add(waiting);
        }
        free.ForEach(HandOut);
        if (_left == 0)
            _ready.Writer.TryComplete();
    }

    public IAsyncEnumerable<ProvisioningOperation> TakeAsync(CancellationToken cancellationToken) => _ready.Reader.ReadAllAsync(cancellationToken);

    /// <summary>The operation has ended: those behind it may start, or learn that what they wait for did not come.</summary>
    public void Done(ProvisioningOperation operation, OutcomeStatus status)
    {
        lock (_lock)
            End(operation, status == OutcomeStatus.Success);
    }

    private void End(ProvisioningOperation operation, bool succeeded)
    {
        if (_waiting.Remove(operation.Key, out List<Waiting>? list))
        {
            foreach (Waiting waiting in list)
            {
                if (!succeeded)
                    waiting.Missed ??= waiting.Operation.Takes.FirstOrDefault(t => t.Key == operation.Key);
                if (--waiting.For == 0)
                    HandOut(waiting);
            }
        }
        if (--_left == 0)
            _ready.Writer.TryComplete();
    }

    private void HandOut(Waiting waiting)
    {
        ProvisioningOperation operation = waiting.Operation;
        if (waiting.Missed is not { } missed)
            _ready.Writer.TryWrite(operation);
        else if (missed.SourceId == operation.SourceId)
            // The user's first operation failed, which is its error already.
            End(operation, succeeded: false);
        else
            _ready.Writer.TryWrite(operation with
            {
                ProblemCode = "EntryConflict",
                Problem = $"{missed.Identity} still has the {missed.Attribute} in TravelPerk that this user is to get: the operation that changes it did not succeed, or is not applied. Correct that user first; this one is tried again.",
            });
    }

    private sealed class Waiting(ProvisioningOperation operation)
    {
        public ProvisioningOperation Operation { get; } = operation;

        public int For { get; set; }

        /// <summary>What did not come; null while nothing failed.</summary>
        public AwaitedOperation? Missed { get; set; }
    }
}
