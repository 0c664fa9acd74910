namespace TravelPerkScim.Scim;

/// <summary>Keeps the requests of all callers of a client that are under way at once below what the server bears. Without a sign of overload, nobody waits. Thread-safe.</summary>
internal sealed class ConcurrencyGate
{
    private readonly object _gate = new();
    private readonly ConcurrencySearch _search = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _inside, _underWay;

    /// <summary>Requests at once that the server was found to bear; null while it never seemed overloaded.</summary>
    public int? Limit
    {
        get
        {
            lock (_gate)
                return _search.Limit == int.MaxValue ? null : _search.Limit;
        }
    }

    /// <summary>Waits for a place, first come, first served.</summary>
    public async ValueTask<Place> EnterAsync(CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> turn;
        lock (_gate)
        {
            if (_inside < _search.Limit && _waiting.Count == 0)
            {
                _inside++;
                return new Place(this);
            }
            turn = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(_ => GiveUp(turn, cancellationToken), null);
        await turn.Value.Task.ConfigureAwait(false);
        return new Place(this);
    }

    private int Sent()
    {
        lock (_gate)
        {
            _underWay++;
            return _search.Epoch;
        }
    }

    private void Ended(int epoch, bool? overloaded)
    {
        lock (_gate)
        {
            if (overloaded == true)
                _search.Overloaded(_underWay, epoch);
            else if (overloaded == false)
                _search.Answered(_underWay >= _search.Limit, epoch);
            _underWay--;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _inside--;
            while (_inside < _search.Limit && _waiting.First is { } next)
            {
                _waiting.Remove(next);
                _inside++;
                next.Value.SetResult();
            }
        }
    }

    private void GiveUp(LinkedListNode<TaskCompletionSource> turn, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Whoever has got a place meanwhile goes on, and gives it back.
            if (turn.List is null)
                return;
            _waiting.Remove(turn);
        }
        turn.Value.SetCanceled(cancellationToken);
    }

    /// <summary>The right to have one request under way. Disposing of it gives it to the next.</summary>
    public sealed class Place : IDisposable
    {
        private readonly ConcurrencyGate _owner;
        private int? _epoch;

        internal Place(ConcurrencyGate owner) => _owner = owner;

        /// <summary>The request leaves now.</summary>
        public void Sent() => _epoch = _owner.Sent();

        /// <summary>The request was answered, or failed.</summary>
        /// <param name="overloaded">Whether that is a sign of overload; null when it says nothing of that.</param>
        public void Ended(bool? overloaded)
        {
            if (_epoch is not { } epoch)
                return;
            _epoch = null;
            _owner.Ended(epoch, overloaded);
        }

        public void Dispose()
        {
            Ended(null);
            _owner.Leave();
        }
    }
}
