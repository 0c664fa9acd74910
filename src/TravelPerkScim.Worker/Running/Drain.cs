using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Log;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker.Running;

/// <summary>The end of the worker: no cycle begins any more, the cycles under way get their time (<c>--drain-seconds</c>), and then they
/// stop within a request's time. Status page and health answer meanwhile.</summary>
internal sealed class Drain(WorkerOptions options, JobBoard board, CycleRoom room, ILogger<Drain> logger)
    : IHostedLifecycleService,
        IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The cycles under way have to stop.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Before any service of the worker is stopped.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        board.IsClosing = true;
        Task empty = room.CloseAsync();
        if (!empty.IsCompleted && options.Drain > TimeSpan.Zero)
        {
            logger.Draining(room.Count, options.Drain.TotalSeconds);
            await Task.WhenAny(empty, Task.Delay(options.Drain, options.Time, cancellationToken));
        }
        await _stop.CancelAsync();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stop.Dispose();
}
