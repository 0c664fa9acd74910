using System.Threading.Channels;

namespace TravelPerkScim.Provisioning.Record;

/// <summary>Writes what a cycle did to the state, in batches, on one task: operations never wait for the disk.</summary>
internal sealed class CycleRecorder : IAsyncDisposable
{
    private const int BatchSize = 500;

    /// <summary>Whoever was the writer this short a time ago need not look again.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(100);

    private readonly Channel<Entry> _writes = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly JobState _state;
    private readonly TimeProvider _time;
    private readonly Task _loop;
    private volatile Moment? _confirmed;

    /// <param name="state">Where to write.</param>
    /// <param name="time">Clock.</param>
    /// <param name="stop">Cancelled when the state can no longer be written: a cycle that cannot remember must not go on.</param>
    public CycleRecorder(JobState state, TimeProvider time, CancellationTokenSource stop)
    {
        _state = state;
        _time = time;
        _loop = Task.Run(() => WriteAsync(stop));
    }

    public void Add(Action<JobState> write) => _writes.Writer.TryWrite(new Entry(write, null));

    /// <summary>Ends when the write is on disk, with whatever else was waiting to be written.</summary>
    public Task CommitAsync(Action<JobState> write)
    {
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _writes.Writer.TryWrite(new Entry(write, committed)) ? committed.Task : Task.FromCanceled(new CancellationToken(canceled: true));
    }

    /// <summary>
    /// Ends when this process is known to be the job's writer still: a transaction proved it a moment ago, or one does now. Between the proof and the request that follows lies a moment
    /// in which another process can take over; a request on the wire cannot be called back.
    /// </summary>
    /// <exception cref="OperationCanceledException">It is not, or the state can no longer be written: the cycle stops.</exception>
    public Task ConfirmWriterAsync(CancellationToken cancellationToken) =>
        _confirmed is { } moment && moment.Age(_time) < s_fresh ? Task.CompletedTask : CommitAsync(_ => { }).WaitAsync(cancellationToken);

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
                var moment = Moment.Now(_time);
                _state.InTransaction(() =>
                {
                    for (int i = 0; i < BatchSize && _writes.Reader.TryRead(out Entry entry); i++)
                    {
                        if (entry.Committed is { } committed)
                            awaited.Add(committed);
                        entry.Write(_state);
                    }
                });
                _confirmed = moment;
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

    /// <summary>A moment on both clocks: one of them may have stood still while the machine slept, the other may have been set.</summary>
    private sealed record Moment(long Timestamp, DateTimeOffset Utc)
    {
        public static Moment Now(TimeProvider time) => new(time.GetTimestamp(), time.GetUtcNow());

        public TimeSpan Age(TimeProvider time)
        {
            TimeSpan elapsed = time.GetElapsedTime(Timestamp), passed = (time.GetUtcNow() - Utc).Duration();
            return elapsed > passed ? elapsed : passed;
        }
    }
}
