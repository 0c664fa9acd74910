using System.Threading.Channels;

namespace TravelPerkScim.Provisioning.Record;

/// <summary>Writes what a cycle did to the state, in batches, on one task: operations never wait for the disk.</summary>
internal sealed class CycleRecorder : IAsyncDisposable
{
    private const int BatchSize = 500;

    private readonly Channel<Action<JobState>> _writes = Channel.CreateUnbounded<Action<JobState>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly JobState _state;
    private readonly Task _loop;

    /// <param name="state">Where to write.</param>
    /// <param name="stop">Cancelled when the state can no longer be written: a cycle that cannot remember must not go on.</param>
    public CycleRecorder(JobState state, CancellationTokenSource stop)
    {
        _state = state;
        _loop = Task.Run(() => WriteAsync(stop));
    }

    public void Add(Action<JobState> write) => _writes.Writer.TryWrite(write);

    /// <summary>Waits until everything added is on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task WriteAsync(CancellationTokenSource stop)
    {
        try
        {
            while (await _writes.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                _state.InTransaction(() =>
                {
                    for (int i = 0; i < BatchSize && _writes.Reader.TryRead(out Action<JobState>? write); i++)
                        write(_state);
                });
            }
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
