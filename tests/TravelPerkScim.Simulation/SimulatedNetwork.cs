namespace TravelPerkScim.Simulation;

/// <summary>The way to the sandbox: what passes is looked at, and the client can be killed at any request.</summary>
/// <param name="server">The sandbox.</param>
/// <param name="look">Sees each request that passes.</param>
internal sealed class SimulatedNetwork(HttpMessageHandler server, Action<HttpRequestMessage, string> look) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _server = new(server);
    private readonly object _lock = new();
    private int _until = int.MaxValue;
    private bool _carriedOut;
    private Action? _kill;

    /// <summary>Requests that reached the server.</summary>
    public long Requests { get; private set; }

    /// <summary>Runs at the n-th request from now, before it is sent or after the server has carried it out; nothing passes
    /// afterwards.</summary>
    public void KillAt(int requests, bool carriedOut, Action kill)
    {
        lock (_lock)
            (_until, _carriedOut, _kill) = (requests, carriedOut, kill);
    }

    /// <summary>Nothing passes any more, and what is under way gets no answer.</summary>
    public void Cut()
    {
        lock (_lock)
            _until = 0;
    }

    public void Revive()
    {
        lock (_lock)
            (_until, _kill) = (int.MaxValue, null);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        bool last;
        lock (_lock)
        {
            last = --_until == 0;
            if (_until < 0 || (last && !_carriedOut))
            {
                if (last)
                    _kill!();
                throw new HttpRequestException(HttpRequestError.ConnectionError, "The client is dead.");
            }
            Requests++;
        }
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        look(request, body);
        Task<HttpResponseMessage> sent = _server.SendAsync(request, cancellationToken);
        await ((Task)sent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            if (last)
                _kill!();
            // Whoever was on the way when the client died gets no answer.
            if (_until <= 0)
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The client is dead.");
        }
        return await sent.ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _server.Dispose();
        base.Dispose(disposing);
    }
}
