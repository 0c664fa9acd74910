namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>The way to the sandbox, on which a client can be killed at any request: what it had on disk at that moment is all that the next
/// one finds.</summary>
internal sealed class KillSwitch : DelegatingHandler
{
    private readonly object _lock = new();
    private string? _folder;
    private int _left = int.MaxValue;
    private bool _carriedOut;

    public KillSwitch() => InnerHandler = new SocketsHttpHandler { UseProxy = false };

    /// <summary>Kills at the n-th request from now: before it is sent, or after the server has carried it out. Nothing passes
    /// afterwards.</summary>
    /// <param name="request">1 for the next one.</param>
    /// <param name="carriedOut">Whether the server gets that request.</param>
    /// <param name="jobFolder">Whose state is kept as it is at that moment.</param>
    public void Arm(int request, bool carriedOut, string jobFolder)
    {
        lock (_lock)
            (_left, _carriedOut, _folder) = (request, carriedOut, jobFolder);
    }

    public bool Killed { get; private set; }

    /// <summary>Keeps a state that is no file as it is at the kill: what the process writes afterwards is refused.</summary>
    public Action? Cut { get; set; }

    /// <summary>The service takes no filter that divides a list.</summary>
    public bool RefusesRanges { get; set; }

    /// <summary>The process is gone and another one starts: the state is what it was at the kill.</summary>
    public void Restart()
    {
        foreach (string file in Directory.GetFiles(_folder!, "state.db*").Where(_ => Killed))
            File.Delete(file);
        foreach (string file in Directory.GetFiles(_folder!, "killed-*"))
            File.Move(file, Path.Combine(_folder!, Path.GetFileName(file)["killed-".Length..]));
        (_left, Killed) = (int.MaxValue, false);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        bool last;
        lock (_lock)
        {
            last = --_left == 0;
            if (last && !_carriedOut)
                Kill();
            if (Killed)
                throw new HttpRequestException(HttpRequestError.ConnectionError, "The client is dead.");
        }
        if (RefusesRanges && NoRangeFilters.Refuses(request))
            return new HttpResponseMessage(System.Net.HttpStatusCode.NotImplemented);
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        lock (_lock)
        {
            if (last)
                Kill();
            if (!Killed)
                return response;
        }
        response.Dispose();
        throw new HttpRequestException(HttpRequestError.ResponseEnded, "The client is dead.");
    }

    private void Kill()
    {
        Killed = true;
        Cut?.Invoke();
        // The next process that opens the state makes the index of the write-ahead log again.
        foreach (
            string file in Directory
                .GetFiles(_folder!, "state.db*")
                .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal))
        )
        {
            File.Copy(file, Path.Combine(_folder!, "killed-" + Path.GetFileName(file)));
        }
    }
}
