using System.Threading.Channels;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Writes what a cycle did to the state, in batches, on one task. Operations do not wait for the disk.</summary>
internal sealed class CycleRecorder : IAsyncDisposable
{
    private const int BatchSize = 500;

    /// <summary>How long a commit proves that no other process has become the writer. The time is shorter than another process needs to
    /// take the job over and plan a cycle.</summary>
    private static readonly TimeSpan s_proof = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a write that no operation waits for may wait for other writes to share a commit with. When the process is killed
    /// before the commit, the intent is still on disk, and the next cycle looks for the outcome.</summary>
    private static readonly TimeSpan s_company = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _awaited = new(0);
    private readonly Channel<Entry> _writes = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly JobState _state;
    private readonly TimeProvider _time;
    private readonly Task _loop;
    private Moment _confirmed;

    /// <param name="state">The state that is written.</param>
    /// <param name="time">Clock of <see cref="ConfirmAsync"/>.</param>
    /// <param name="stop">Cancelled when the state can no longer be written. A cycle that cannot remember its writes must not go
    /// on.</param>
    public CycleRecorder(JobState state, TimeProvider time, CancellationTokenSource stop)
    {
        _state = state;
        _time = time;
        _confirmed = Now();
        _loop = Task.Run(() => WriteAsync(stop));
    }

    public void Add(Action<JobState> write) => _writes.Writer.TryWrite(new Entry(write, null));

    /// <summary>Ends when the write is on disk. The writes that wait at that time share its commit.</summary>
    public Task CommitAsync(Action<JobState> write)
    {
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_writes.Writer.TryWrite(new Entry(write, committed)))
            return Task.FromCanceled(new CancellationToken(canceled: true));
        _awaited.Release();
        return committed.Task;
    }

    /// <summary>
    /// Ends when it is certain that this process still is the job's writer. Every commit proves that, so an operation waits for a new
    /// commit only where the last commit is too old. Cancelled, as every write, when another process has taken the job over;
    /// <see cref="DisposeAsync"/> throws the reason.
    /// </summary>
    public ValueTask ConfirmAsync(CancellationToken cancellationToken)
    {
        Moment now = Now(),
            then = Volatile.Read(ref _confirmed);
        // The timestamp stands still while the machine sleeps, and the clock can be set: both have to agree.
        return _time.GetElapsedTime(then.Timestamp, now.Timestamp) < s_proof && (now.Clock - then.Clock).Duration() < s_proof
            ? ValueTask.CompletedTask
            : new ValueTask(CommitAsync(_ => { }).WaitAsync(cancellationToken));
    }

    /// <summary>Waits until all added writes are on disk.</summary>
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
            int written = 0;
            while (await _writes.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                // An awaited write may stand behind a full batch.
                if (written < BatchSize)
                    await GatherAsync().ConfigureAwait(false);
                Moment now = Now();
                _state.InTransaction(() =>
                {
                    for (written = 0; written < BatchSize && _writes.Reader.TryRead(out Entry entry); written++)
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
