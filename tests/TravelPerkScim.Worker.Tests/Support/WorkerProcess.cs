using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Worker.Tests;

/// <summary>The worker as a process of its own, as somebody starts it.</summary>
internal sealed partial class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly object _lock = new();
    private readonly Task<string> _errors;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _over;

    private WorkerProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _ = ReadAsync();
    }

    /// <param name="arguments">The worker's settings.</param>
    /// <param name="environment">Variables that it gets beside those of this process.</param>
    /// <param name="host">A program that runs the worker, with the words that come before the settings. Null: the worker itself.</param>
    public static WorkerProcess Start(
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyList<string>? host = null
    )
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet"
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (host ?? [Program]).Concat(arguments))
            start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return new WorkerProcess(Process.Start(start)!);
    }

    // Beside the tests that reference it, or where the build says.
    private static string Program =>
        typeof(WorkerProcess)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(known => known.Key == "WorkerProgram")
            ?.Value
        ?? Path.Combine(AppContext.BaseDirectory, "TravelPerkScim.Worker.dll");

    public int Id => _process.Id;

    /// <summary>All that was logged so far.</summary>
    public string Logged
    {
        get
        {
            lock (_lock)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>How many messages with that number were logged of a job.</summary>
    public int Count(int eventId, string? job = null)
    {
        lock (_lock)
            return _lines.Count(line => Is(line, eventId, job));
    }

    /// <summary>Waits until that many messages with that number were logged of a job.</summary>
    public async Task<JsonNode> LoggedAsync(int eventId, string? job = null, int count = 1)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (true)
        {
            Task more;
            lock (_lock)
            {
                List<string> found = [.. _lines.Where(line => Is(line, eventId, job))];
                if (found.Count >= count)
                    return JsonNode.Parse(found[count - 1])!["State"]!;
                if (_over)
                    break;
                more = _more.Task;
            }
            try
            {
                await more.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        throw new InvalidOperationException(
            $"The worker did not log event {eventId} of {job} {count} times:\n{Logged}\n{(_errors.IsCompleted ? await _errors : "")}"
        );
    }

    /// <summary>Where status page and health answer.</summary>
    public async Task<Uri> AddressAsync() => new((string)(await LoggedAsync(12))["Urls"]!);

    /// <summary>Asks the worker to stop, as systemd, Docker and Ctrl+C do.</summary>
    public void Terminate()
    {
        if (Signal(_process.Id, 15) != 0)
            throw new InvalidOperationException("The worker is gone already.");
    }

    public void Kill() => _process.Kill();

    /// <summary>Stops the process where it is, as the sleep of a machine does, until <see cref="Continue"/>. Linux.</summary>
    public void Pause() => _ = Signal(_process.Id, 19);

    public void Continue() => _ = Signal(_process.Id, 18);

    public async Task<(int Code, string Error)> ExitAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        await _process.WaitForExitAsync(patience.Token);
        return (_process.ExitCode, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private static bool Is(string line, int eventId, string? job) =>
        line.StartsWith('{')
        && JsonNode.Parse(line) is { } entry
        && (int)entry["EventId"]! == eventId
        && ((string)entry["Category"]!).StartsWith("TravelPerkScim", StringComparison.Ordinal)
        && (job is null || (string?)entry["State"]!["Job"] == job);

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            Note(line);
        Note(null);
    }

    private void Note(string? line)
    {
        TaskCompletionSource noted;
        lock (_lock)
        {
            if (line is not null)
                _lines.Add(line);
            _over = line is null;
            (noted, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        noted.SetResult();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
