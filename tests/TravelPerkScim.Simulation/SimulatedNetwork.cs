namespace TravelPerkScim.Simulation;

/// <summary>The way to the sandbox: what passes is looked at, and the client can be killed at any request.</summary>
/// <param name="server">The sandbox.</param>
/// <param name="time">The clock that stands while a request is under way.</param>
/// <param name="look">Sees each request that passes.</param>
/// <param name="holdsBack">The server lets clients wait for its answers.</param>
internal sealed class SimulatedNetwork(HttpMessageHandler server, SimulatedTime time, Action<HttpRequestMessage, string> look, Func<bool> holdsBack) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _server = new(server);
    private readonly object _lock = new();
    private int _until = int.MaxValue;
    private bool _carriedOut;
    private Action? _kill;

    /// <summary>Requests that reached the server.</summary>
    public long Requests { get; private set; }

    /// <summary>Runs at the n-th request from now, before it is sent or after the server has carried it out; nothing passes afterwards.</summary>
    public void KillAt(int requests, bool carriedOut, Action kill)
    {
        lock (_lock)
            (_until, _carriedOut, _kill) = (requests, carriedOut, kill);
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
        time.Begin();
        try
        {
            string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            look(request, body);
            Task<HttpResponseMessage> sent = _server.SendAsync(request, cancellationToken);
            // An answer that the server holds back passes with the clock.
            if (!sent.IsCompleted && holdsBack())
            {
                time.End();
                try
                {
                    await ((Task)sent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                finally
                {
                    time.Begin();
                }
            }
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
        finally
        {
            time.End();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _server.Dispose();
        base.Dispose(disposing);
    }
}
