using System.Threading.Channels;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Writes what a cycle did to the state, in batches, on one task: operations never wait for the disk.</summary>
internal sealed class CycleRecorder : IAsyncDisposable
{
    private const int BatchSize = 500;

    /// <summary>How long a commit is proof that no other process has become the writer: less than another process needs to take the job
    /// over and plan a cycle.</summary>
    private static readonly TimeSpan s_proof = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a write that no operation waits for may wait for others to share a commit with. When the process is killed
    /// before, the intent is still on disk, and the next cycle looks for the outcome.</summary>
    private static readonly TimeSpan s_company = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _awaited = new(0);
    private readonly Channel<Entry> _writes = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly JobState _state;
    private readonly TimeProvider _time;
    private readonly Task _loop;
    private Moment _confirmed;

    /// <param name="state">Where to write.</param>
    /// <param name="time">Clock of <see cref="ConfirmAsync"/>.</param>
    /// <param name="stop">Cancelled when the state can no longer be written: a cycle that cannot remember must not go on.</param>
    public CycleRecorder(JobState state, TimeProvider time, CancellationTokenSource stop)
    {
        _state = state;
        _time = time;
        _confirmed = Now();
        _loop = Task.Run(() => WriteAsync(stop));
    }

    public void Add(Action<JobState> write) => _writes.Writer.TryWrite(new Entry(write, null));

    /// <summary>Ends when the write is on disk, with whatever else was waiting to be written.</summary>
    public Task CommitAsync(Action<JobState> write)
    {
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_writes.Writer.TryWrite(new Entry(write, committed)))
            return Task.FromCanceled(new CancellationToken(canceled: true));
        _awaited.Release();
        return committed.Task;
    }

    /// <summary>
    /// Ends when the job is known to be this process's still. Every commit proves it, so only who waited since the last one waits for
    /// another.
    /// Cancelled, as every write, when another process has taken the job over; the reason comes with <see cref="DisposeAsync"/>.
    /// </summary>
    public ValueTask ConfirmAsync(CancellationToken cancellationToken)
    {
        Moment now = Now(),
            then = Volatile.Read(ref _confirmed);
        // The first clock stands still while the machine sleeps, the second one can be set.
        return _time.GetElapsedTime(then.Timestamp, now.Timestamp) < s_proof && (now.Clock - then.Clock).Duration() < s_proof
            ? ValueTask.CompletedTask
            : new ValueTask(CommitAsync(_ => { }).WaitAsync(cancellationToken));
    }

    /// <summary>Waits until everything added is on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        _awaited.Release();
        await _loop.ConfigureAwait(false);
    }

    private async Task WriteAsync(CancellationTokenSource stop)
    {
        var awaited = new List<TaskCompletionSource>();
        try
        {
            while (await _writes.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                await GatherAsync().ConfigureAwait(false);
                Moment now = Now();
                _state.InTransaction(() =>
                {
                    for (int i = 0; i < BatchSize && _writes.Reader.TryRead(out Entry entry); i++)
                    {
                        if (entry.Committed is { } committed)
                            awaited.Add(committed);
                        entry.Write(_state);
                    }
                });
                Volatile.Write(ref _confirmed, now);
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

    // A commit costs the same for one write as for many.
    private async Task GatherAsync()
    {
        using var over = new CancellationTokenSource(s_company, _time);
        await _awaited.WaitAsync(over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Moment Now() => new(_time.GetTimestamp(), _time.GetUtcNow());

    private sealed record Moment(long Timestamp, DateTimeOffset Clock);

    private readonly record struct Entry(Action<JobState> Write, TaskCompletionSource? Committed);
}
