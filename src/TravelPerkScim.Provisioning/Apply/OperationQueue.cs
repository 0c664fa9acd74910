using System.Threading.Channels;
using TravelPerkScim.Provisioning.Plan;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>Hands out operations as soon as the ones they wait for have ended. Thread-safe.</summary>
internal sealed class OperationQueue
{
    private readonly Channel<ProvisioningOperation> _ready = Channel.CreateUnbounded<ProvisioningOperation>();
    private readonly Dictionary<string, List<Waiting>> _waiting = new(StringComparer.Ordinal);
    private readonly object _lock = new();
    private int _left;

    public OperationQueue(IReadOnlyList<ProvisioningOperation> operations)
    {
        _left = operations.Count;
        HashSet<string> creates = operations.Where(o => o.Action == ProvisioningAction.Create).Select(o => o.SourceId).ToHashSet(StringComparer.Ordinal);
        foreach (ProvisioningOperation operation in operations)
        {
            List<string> after = [.. operation.After.Where(creates.Contains)];
            if (after.Count == 0)
            {
                _ready.Writer.TryWrite(operation);
                continue;
            }
            var waiting = new Waiting(operation, after.Count);
            foreach (string anchor in after)
                (_waiting.TryGetValue(anchor, out List<Waiting>? list) ? list : _waiting[anchor] = []).Add(waiting);
        }
        if (_left == 0)
            _ready.Writer.Complete();
    }

    public IAsyncEnumerable<ProvisioningOperation> TakeAsync(CancellationToken cancellationToken) => _ready.Reader.ReadAllAsync(cancellationToken);

    /// <summary>The operation has ended, well or not: those behind it may start.</summary>
    public void Done(ProvisioningOperation operation)
    {
        lock (_lock)
        {
            if (operation.Action == ProvisioningAction.Create && _waiting.Remove(operation.SourceId, out List<Waiting>? list))
            {
                foreach (Waiting waiting in list)
                {
                    if (--waiting.For == 0)
                        _ready.Writer.TryWrite(waiting.Operation);
                }
            }
            if (--_left == 0)
                _ready.Writer.TryComplete();
        }
    }

    private sealed class Waiting(ProvisioningOperation operation, int count)
    {
        public ProvisioningOperation Operation { get; } = operation;

        public int For { get; set; } = count;
    }
}
