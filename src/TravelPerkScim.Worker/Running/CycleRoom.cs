using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker.Running;

/// <summary>
/// The places for cycles of this worker, and who gets the next free place. A job waits here without holding up the others. Thread-safe.
/// </summary>
/// <remarks>
/// Short cycles free their places within seconds, so an order is all they need: the tenant with the fewest cycles under way comes first,
/// and within a tenant the job that waits longest. Long cycles keep their places for long. They get half of the places, and the other half
/// stays with the short ones.
/// </remarks>
internal sealed class CycleRoom(WorkerOptions options)
{
    private readonly object _lock = new();
    private readonly LinkedList<Wish> _waiting = new();
    private readonly List<Wish> _inside = [];
    private TaskCompletionSource? _empty;

    private int MostLong => Math.Max(1, options.Cycles / 2);

    /// <summary>Nothing enters any more.</summary>
    public bool IsClosed => _empty is not null;

    /// <summary>Cycles under way.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _inside.Count;
        }
    }

    /// <summary>Waits for a place.</summary>
    /// <param name="load">The cycle that wants to begin.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The place, until it is disposed of. Null: the room closed.</returns>
    public async Task<IDisposable?> EnterAsync(CycleLoad load, CancellationToken cancellationToken)
    {
        var wish = new Wish(this, load);
        lock (_lock)
        {
            if (IsClosed)
                return null;
            _waiting.AddLast(wish.Node);
            Admit();
        }
        using (cancellationToken.UnsafeRegister(_ => wish.GiveUp(cancellationToken), null))
            return await wish.Place;
    }

    /// <summary>Lets nothing enter any more. Jobs that wait get no place.</summary>
    /// <returns>Ends when the last cycle left.</returns>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (Wish wish in _waiting)
                wish.Refuse();
            _waiting.Clear();
            TellEmpty();
            return _empty.Task;
        }
    }

    private void Admit()
    {
        while (_inside.Count < options.Cycles && Next() is { } wish)
        {
            _waiting.Remove(wish.Node);
            if (wish.Admit())
                _inside.Add(wish);
        }
    }

    private Wish? Next()
    {
        bool hasRoomForLong = _inside.Count(wish => wish.Load.IsLong) < MostLong;
        var perTenant = _inside
            .CountBy(wish => wish.Load.Tenant, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(StringComparer.OrdinalIgnoreCase);
        return _waiting
            .Where(wish => hasRoomForLong || !wish.Load.IsLong)
            .Where(wish => UnderWay(wish) < options.TenantCycles)
            .MinBy(UnderWay);

        int UnderWay(Wish wish) => perTenant.GetValueOrDefault(wish.Load.Tenant);
    }

    private void Leave(Wish wish)
    {
        lock (_lock)
        {
            _inside.Remove(wish);
            Admit();
            TellEmpty();
        }
    }

    private void TellEmpty()
    {
        if (_inside.Count == 0)
            _empty?.TrySetResult();
    }

    /// <summary>One job that waits, and then its place.</summary>
    private sealed class Wish : IDisposable
    {
        private readonly CycleRoom _room;
        private readonly TaskCompletionSource<IDisposable?> _place = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Wish(CycleRoom room, CycleLoad load)
        {
            (_room, Load) = (room, load);
            Node = new LinkedListNode<Wish>(this);
        }

        public CycleLoad Load { get; }

        public LinkedListNode<Wish> Node { get; }

        public Task<IDisposable?> Place => _place.Task;

        /// <returns>False: the wait was given up meanwhile.</returns>
        public bool Admit() => _place.TrySetResult(this);

        public void Refuse() => _place.TrySetResult(null);

        // The room finds out when it is the wish's turn.
        public void GiveUp(CancellationToken cancellationToken) => _place.TrySetCanceled(cancellationToken);

        public void Dispose() => _room.Leave(this);
    }
}
