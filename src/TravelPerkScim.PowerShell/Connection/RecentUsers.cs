namespace TravelPerkScim.PowerShell.Connection;

/// <summary>The userNames that a connection saw last, so that completion needs no request. Their number is bounded: a listing of a large
/// company must not stay in memory.</summary>
internal sealed class RecentUsers
{
    private const int Capacity = 500;

    private readonly object _gate = new();
    private readonly Queue<string> _order = new();
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    public void Add(string? userName)
    {
        if (string.IsNullOrEmpty(userName))
            return;

        lock (_gate)
        {
            if (!_names.Add(userName))
                return;

            _order.Enqueue(userName);
            if (_order.Count > Capacity)
                _names.Remove(_order.Dequeue());
        }
    }

    public void Remove(string? userName)
    {
        lock (_gate)
        {
            // The queue keeps the name until its turn. Removing a name twice does no harm.
            _names.Remove(userName ?? "");
        }
    }

    /// <summary>The names in alphabetical order.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
                return [.. _names.Order(StringComparer.OrdinalIgnoreCase)];
        }
    }
}
