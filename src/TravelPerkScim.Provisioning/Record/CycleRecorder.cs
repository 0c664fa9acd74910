using System.Threading.Channels;

namespace TravelPerkScim.Provisioning.Record;

/// <summary>Writes what a cycle did to the state, in batches, on one task: operations never wait for the disk.</summary>
internal sealed class CycleRecorder : IAsyncDisposable
{
    private const int BatchSize = 500;

    private readonly Channel<Entry> _writes = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly JobState _state;
    private readonly Task _loop;

    /// <param name="state">Where to write.</param>
    /// <param name="stop">Cancelled when the state can no longer be written: a cycle that cannot remember must not go on.</param>
    public CycleRecorder(JobState state, CancellationTokenSource stop)
    {
        _state = state;
        _loop = Task.Run(() => WriteAsync(stop));
    }

    public void Add(Action<JobState> write) => _writes.Writer.TryWrite(new Entry(write, null));

    /// <summary>Ends when the write is on disk, with whatever else was waiting to be written.</summary>
    public Task CommitAsync(Action<JobState> write)
    {
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _writes.Writer.TryWrite(new Entry(write, committed)) ? committed.Task : Task.FromCanceled(new CancellationToken(canceled: true));
    }

    /// <summary>Waits until everything added is on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task WriteAsync(CancellationTokenSource stop)
    {
        var awaited = new List<TaskCompletionSource>();
        try
        {
            while (await _writes.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                _state.InTransaction(() =>
                {
                    for (int i = 0; i < BatchSize && _writes.Reader.TryRead(out Entry entry); i++)
                    {
                        if (entry.Committed is { } committed)
                            awaited.Add(committed);
                        entry.Write(_state);
                    }
                });
                awaited.ForEach(committed => committed.SetResult());
                awaited.Clear();
            }
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            _writes.Writer.TryComplete();
            while (_writes.Reader.TryRead(out Entry entry))
                entry.Committed?.TrySetCanceled();
            awaited.ForEach(committed => committed.TrySetCanceled());
            throw;
        }
    }

    private readonly record struct Entry(Action<JobState> Write, TaskCompletionSource? Committed);
}
