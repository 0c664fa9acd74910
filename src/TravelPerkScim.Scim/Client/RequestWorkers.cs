using System.Runtime.ExceptionServices;

namespace TravelPerkScim.Scim.Client;

/// <summary>Repeats a step on several tasks at once: on as many as <see cref="ScimClient.Concurrency"/> says, which changes
/// meanwhile.</summary>
/// <param name="client">The client that sends the steps' requests.</param>
/// <param name="most">The most tasks, 1 or more.</param>
public sealed class RequestWorkers(ScimClient client, int most)
{
    /// <summary>The number of tasks that are wanted now.</summary>
    public int Count => Math.Min(most, client.Concurrency);

    /// <summary>Does the work for each item.</summary>
    /// <param name="items">The items. They are taken one at a time.</param>
    /// <param name="work">The work for one item. Its token is cancelled when the work for another item throws.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task ForEachAsync<T>(IEnumerable<T> items, Func<T, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(work);
        using IEnumerator<T> left = items.GetEnumerator();
        await RunAsync(StepAsync, cancellationToken).ConfigureAwait(false);

        async Task<bool> StepAsync(CancellationToken token)
        {
            token.ThrowIfCancellationRequested();
            T item;
            lock (left)
            {
                if (!left.MoveNext())
                    return false;
                item = left.Current;
            }
            await work(item, token).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Repeats the step until no work is left. Ends when every task has ended, and throws the first exception of a step.</summary>
    /// <param name="step">Does one piece of work; false when none is left. Its token is cancelled when another step throws.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task RunAsync(Func<CancellationToken, Task<bool>> step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await new Run(this, step, stop).ToEndAsync().ConfigureAwait(false);
    }

    private sealed class Run(RequestWorkers workers, Func<CancellationToken, Task<bool>> step, CancellationTokenSource stop)
    {
        private readonly object _gate = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private ExceptionDispatchInfo? _failure;
        private int _working;
        private bool _isOver;

        public async Task ToEndAsync()
        {
            StaysWanted();
            await _ended.Task.ConfigureAwait(false);
            _failure?.Throw();
        }

        private async Task WorkAsync()
        {
            try
            {
                while (await step(stop.Token).ConfigureAwait(false))
                {
                    if (!StaysWanted())
                        return;
                }
            }
#pragma warning disable CA1031 // It is thrown to the caller when every task has ended.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Note(ExceptionDispatchInfo.Capture(failure));
                await stop.CancelAsync().ConfigureAwait(false);
            }
            Leave();
        }

        /// <summary>Starts tasks where more are wanted. False when this task is one too many, and has left.</summary>
        private bool StaysWanted()
        {
            lock (_gate)
            {
                int wanted = workers.Count;
                if (_working > wanted)
                {
                    _working--;
                    return false;
                }
                for (; _working < wanted && !_isOver; _working++)
                    _ = Task.Run(WorkAsync);
                return true;
            }
        }

        // A cancellation only follows a failure.
        private void Note(ExceptionDispatchInfo failure)
        {
            lock (_gate)
            {
                if (_failure is null or { SourceException: OperationCanceledException })
                    _failure = failure;
            }
        }

        private void Leave()
        {
            lock (_gate)
            {
                _isOver = true;
                if (--_working == 0)
                    _ended.SetResult();
            }
        }
    }
}
