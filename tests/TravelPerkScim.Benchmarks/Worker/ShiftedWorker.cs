using System.Globalization;
using Microsoft.AspNetCore.Builder;
using TravelPerkScim.Worker;
using TravelPerkScim.Worker.Settings;
using TravelPerkScim.Worker.Tests;

namespace TravelPerkScim.Benchmarks;

/// <summary>The worker on a machine whose clock is wrong, as a process of its own: this program once more.</summary>
internal static class ShiftedWorker
{
    public const string Verb = "shifted-worker";

    /// <summary>The words before the worker's settings.</summary>
    /// <param name="ahead">How far the clock is ahead; less than zero when it is behind.</param>
    public static IReadOnlyList<string> Host(TimeSpan ahead) =>
        [typeof(ShiftedWorker).Assembly.Location, Verb, ahead.TotalSeconds.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Runs the worker until it is stopped.</summary>
    public static void Run(string[] words)
    {
        var ahead = TimeSpan.FromSeconds(double.Parse(words[0], CultureInfo.InvariantCulture));
        WorkerOptions options = WorkerOptions.Parse(words[1..]) with { Time = new ShiftedTime(ahead) };
        using WebApplication worker = WorkerHost.Build(options);
        worker.Run();
    }
}
