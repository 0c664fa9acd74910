using System.Collections.Concurrent;

namespace TravelPerkScim.PowerShell.Pipeline;

/// <summary>
/// Carries calls from asynchronous work to the pipeline thread, the only thread on which PowerShell allows <c>Write*</c> and
/// <c>ShouldProcess</c>. The work awaits each call, so that it fetches nothing that the pipeline does not take.
/// </summary>
internal sealed class PipelinePump : IDisposable
{
    private readonly BlockingCollection<Call> _calls = [];

    /// <summary>Runs the work on the thread pool and its calls on this thread, until the work has ended.</summary>
    /// <param name="work">The work; its token is cancelled when the pipeline stops or ends early.</param>
    /// <param name="stopping">Cancelled when the user stops the pipeline.</param>
    public void Run(Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var task = Task.Run(() => work(cancellation.Token), CancellationToken.None);
        _ = task.ContinueWith(
            _ => _calls.CompleteAdding(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );

        try
        {
            foreach (Call call in _calls.GetConsumingEnumerable(CancellationToken.None))
                call.Run();
        }
        catch
        {
            // A write throws when the pipeline wants no more (break, Select-Object -First), and StopProcessing is not called then. The work
            // must have ended, with its finally blocks, before the pipeline continues.
            cancellation.Cancel();
            foreach (Call call in _calls.GetConsumingEnumerable(CancellationToken.None))
                call.Abandon();

            Task.WaitAny([task], CancellationToken.None);
            _ = task.Exception;
            throw;
        }

        task.GetAwaiter().GetResult();
    }

    /// <summary>Runs a call on the pipeline thread and gives its result when it has run.</summary>
    /// <exception cref="OperationCanceledException">The pipeline has ended, or this call made it end.</exception>
    public Task<T> InvokeAsync<T>(Func<T> call)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!TryAdd(new Call(Run, Abandon)))
            Abandon();

        return done.Task;

        void Abandon() => done.TrySetCanceled(CancellationToken.None);

        void Run()
        {
            try
            {
                done.TrySetResult(call());
            }
            catch
            {
                Abandon();
                throw;
            }
        }
    }

    /// <summary>Runs a call on the pipeline thread later, or never when the pipeline ends before.</summary>
    public void Post(Action call) => TryAdd(new Call(call, () => { }));

    public void Dispose() => _calls.Dispose();

    private bool TryAdd(Call call)
    {
        try
        {
            _calls.Add(call);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private sealed record Call(Action Run, Action Abandon);
}
