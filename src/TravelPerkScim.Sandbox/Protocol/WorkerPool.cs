using System.Net;

namespace TravelPerkScim.Sandbox.Protocol;

/// <summary>So many requests at once, and no queue. Thread-safe.</summary>
internal sealed class WorkerPool
{
    private readonly object _gate = new();
    private int? _limit;
    private int _busy;

    /// <summary>Null: no limit.</summary>
    public int? Limit
    {
        get
        {
            lock (_gate)
                return _limit;
        }
        set
        {
            lock (_gate)
                _limit = value;
        }
    }

    /// <summary>False when all are busy; otherwise <see cref="Leave"/> is called at the end.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_busy >= _limit)
                return false;
            _busy++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_gate)
            _busy--;
    }

    public static SandboxResponse Refusal() =>
        new ScimErrorException(HttpStatusCode.ServiceUnavailable, null, "The service is busy.").ToResponse();
}
