using System.Threading.Channels;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Apply;

/// <summary>
/// Hands out operations as soon as the operations they wait for have ended. An operation with a longer chain behind it comes first, because
/// a chain that begins last would keep one worker busy alone. An operation that takes a unique value comes with a problem when the
/// operation that gives the value up did not succeed. The intents of ready operations are written ahead, in groups, so that a worker waits
/// for no commit. Thread-safe.
/// </summary>
internal sealed class OperationQueue
{
    /// <summary>The number of operations for each worker whose intents are written ahead. After a kill, the next cycle looks for the
    /// outcomes of so many operations.</summary>
    private const int AheadOfWorker = 4;

    /// <summary>The number of operations whose intents are written ahead of few workers: a commit of a database takes as long as those
    /// workers need for a dozen operations.</summary>
    private const int FewestAhead = 64;

    // One ticket for each operation whose intent is on disk. A worker with a ticket takes the operation that is the most urgent at that
    // time.
    private readonly Channel<bool> _tickets = Channel.CreateUnbounded<bool>();
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly PriorityQueue<ProvisioningOperation, (int Behind, int Planned)> _ready = new();
    private readonly PriorityQueue<ProvisioningOperation, (int Behind, int Planned)> _begun = new();
    private readonly Func<int> _workers;
    private readonly Func<IReadOnlyList<ProvisioningOperation>, Task> _begin;
    private readonly Dictionary<string, List<Waiting>> _waiting = new(StringComparer.Ordinal);
    private readonly object _lock = new();
    private int _left;

    /// <param name="operations">The operations of the plan.</param>
    /// <param name="workers">The number of operations that are taken at once now.</param>
    /// <param name="begin">Writes the intents of operations; ends when they are on disk.</param>
    public OperationQueue(
        IReadOnlyList<ProvisioningOperation> operations,
        Func<int> workers,
        Func<IReadOnlyList<ProvisioningOperation>, Task> begin
    )
    {
        _workers = workers;
        _begin = begin;
        _left = operations.Count;
        var keys = operations.Select(o => o.Key).ToHashSet(StringComparer.Ordinal);
        int[] behind = ChainsBehind(operations);
        var free = new List<Waiting>();
        for (int planned = 0; planned < operations.Count; planned++)
        {
            ProvisioningOperation operation = operations[planned];
            // An operation that a reviewer took out of the plan gives no value up.
            var waiting = new Waiting(operation, (-behind[planned], planned))
            {
                Missed = operation.Takes.FirstOrDefault(t => !keys.Contains(t.Key)),
            };
            foreach (string key in WaitsFor(operation).Where(keys.Contains).Distinct(StringComparer.Ordinal))
            {
                _waiting.AddTo(key, waiting);
                waiting.For++;
            }
            if (waiting.For == 0)
                free.Add(waiting);
        }
        free.ForEach(HandOut);
        if (_left == 0)
            Complete();
    }

    private int Ahead => Math.Max(FewestAhead, _workers() * AheadOfWorker);

    /// <summary>Operations whose intent is on disk and that no worker has taken.</summary>
    public IReadOnlyCollection<ProvisioningOperation> NotTaken
    {
        get
        {
            lock (_lock)
                return [.. _begun.UnorderedItems.Select(item => item.Element)];
        }
    }

    /// <summary>Writes the intents of ready operations ahead of the workers, until every operation has ended.</summary>
    public async Task BeginAheadAsync(CancellationToken cancellationToken)
    {
        await foreach (bool _ in _due.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            List<(ProvisioningOperation Operation, (int Behind, int Planned) Urgency)> group = NextGroup();
            if (group.Count == 0)
                continue;
            await _begin([.. group.Select(next => next.Operation)]).ConfigureAwait(false);
            lock (_lock)
            {
                _begun.EnqueueRange(group);
                SignalWhenDue();
            }
            group.ForEach(_ => _tickets.Writer.TryWrite(true));
        }
    }

    /// <summary>The next operation for a worker, whose intent is on disk; null when every operation has ended.</summary>
    public async Task<ProvisioningOperation?> TakeAsync(CancellationToken cancellationToken)
    {
        do
        {
            if (!await _tickets.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                return null;
            // An operation that no worker takes is not sent, and its intent can be taken back.
            cancellationToken.ThrowIfCancellationRequested();
        } while (!_tickets.Reader.TryRead(out _));
        if (Urgent() is { } urgent)
        {
            await _begin([urgent]).ConfigureAwait(false);
            // The ticket belongs to another operation, and goes back for it.
            _tickets.Writer.TryWrite(true);
            return urgent;
        }
        lock (_lock)
        {
            ProvisioningOperation operation = _begun.Dequeue();
            SignalWhenDue();
            return operation;
        }
    }

    /// <summary>Notes that an operation has ended. The operations that wait for it may start, or get a problem when it did not
    /// succeed.</summary>
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
            Complete();
    }

    private void Complete()
    {
        _tickets.Writer.TryComplete();
        _due.Writer.TryComplete();
    }

    private List<(ProvisioningOperation Operation, (int Behind, int Planned) Urgency)> NextGroup()
    {
        var group = new List<(ProvisioningOperation, (int, int))>();
        lock (_lock)
        {
            while (_begun.Count + group.Count < Ahead && _ready.TryDequeue(out ProvisioningOperation? next, out (int, int) urgency))
            {
                group.Add((next, urgency));
            }
        }
        return group;
    }

    // Workers take operations whose intents are on disk while the next group is written.
    private void SignalWhenDue()
    {
        if (_ready.Count > 0 && _begun.Count < Ahead / 2)
            _due.Writer.TryWrite(true);
    }

    /// <summary>A ready operation with a longer chain behind it than every operation whose intent is on disk; null as a rule.</summary>
    private ProvisioningOperation? Urgent()
    {
        lock (_lock)
        {
            return
                _ready.TryPeek(out _, out (int Behind, int Planned) ready)
                && _begun.TryPeek(out _, out (int Behind, int Planned) begun)
                && ready.Behind < begun.Behind
                ? _ready.Dequeue()
                : null;
        }
    }

    private static IEnumerable<string> WaitsFor(ProvisioningOperation operation) =>
        operation.After.Concat(operation.Takes.Select(t => t.Key));

    // A plan lists each operation after the operations that it waits for.
    private static int[] ChainsBehind(IReadOnlyList<ProvisioningOperation> operations)
    {
        var longest = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] behind = new int[operations.Count];
        for (int planned = operations.Count - 1; planned >= 0; planned--)
        {
            behind[planned] = longest.GetValueOrDefault(operations[planned].Key);
            foreach (string key in WaitsFor(operations[planned]))
                longest[key] = Math.Max(longest.GetValueOrDefault(key), behind[planned] + 1);
        }
        return behind;
    }

    private void HandOut(Waiting waiting)
    {
        ProvisioningOperation operation = waiting.Operation;
        if (waiting.Missed is not { } missed)
        {
            Ready(operation, waiting.Urgency);
        }
        else if (missed.SourceId == operation.SourceId)
        {
            // The user's first operation failed. That failure is the user's error already.
            End(operation, succeeded: false);
        }
        else
        {
            Ready(
                operation with
                {
                    ProblemCode = "EntryConflict",
                    Problem =
                        $"{missed.Identity} still has the {missed.Attribute} in TravelPerk that this user is to get. "
                        + "The operation that changes it did not succeed, or is not applied. "
                        + "Correct that user first; this one is tried again.",
                },
                waiting.Urgency
            );
        }
    }

    private void Ready(ProvisioningOperation operation, (int Behind, int Planned) urgency)
    {
        _ready.Enqueue(operation, urgency);
        SignalWhenDue();
    }

    private sealed class Waiting(ProvisioningOperation operation, (int Behind, int Planned) urgency)
    {
        /// <summary>An operation with a longer chain behind it comes first; of two with equal chains, the one that was planned
        /// first.</summary>
        public (int Behind, int Planned) Urgency { get; } = urgency;

        public ProvisioningOperation Operation { get; } = operation;

        public int For { get; set; }

        /// <summary>The awaited operation that did not succeed; null while none failed.</summary>
        public AwaitedOperation? Missed { get; set; }
    }
}
