using System.Diagnostics;
using System.Text.Json;

namespace TravelPerkScim.Simulation;

/// <summary>Totals of many scenarios.</summary>
internal sealed record RunSummary(int Seeds, int Failed, long Cycles, long Requests, long Kills, long StoreFaults)
{
    public static RunSummary operator +(RunSummary one, RunSummary other) =>
        new(
            one.Seeds + other.Seeds,
            one.Failed + other.Failed,
            one.Cycles + other.Cycles,
            one.Requests + other.Requests,
            one.Kills + other.Kills,
            one.StoreFaults + other.StoreFaults
        );
}

/// <summary>Runs scenarios and names the seeds that fail.</summary>
internal static class Runner
{
    private const string Totals = "totals ";

    /// <summary>Where Linux keeps files that no disk has to hold: what is on disk after a power cut is not what is tried here.</summary>
    private const string InMemory = "/dev/shm";

    /// <summary>Many scenarios, shared among processes with one thread each: only there does the order in which the tasks of a scenario run
    /// follow from its seed. One scenario tells its story.</summary>
    /// <param name="from">The first seed.</param>
    /// <param name="count">How many seeds.</param>
    /// <param name="output">Takes the failures and the story.</param>
    /// <param name="pairs">Pairs of hostile behaviours instead of random histories.</param>
    /// <param name="newDatabase">Makes a database of PostgreSQL and gives its connection string. Each process has one, so that none waits
    /// for another. Null: the states are in files.</param>
    public static async Task<RunSummary> RunManyAsync(
        int from,
        int count,
        TextWriter output,
        bool pairs = false,
        Func<string>? newDatabase = null
    )
    {
        int workers = Math.Min(Environment.ProcessorCount, count);
        RunSummary[] summaries = await Task.WhenAll(
                Enumerable
                    .Range(from, workers)
                    .Select(first => WorkerAsync(first, from + count - first, workers, pairs, newDatabase?.Invoke(), output))
            )
            .ConfigureAwait(false);
        return summaries.Aggregate((one, other) => one + other);
    }

    /// <summary>Each hostile behaviour alone, with each other one, and with another company's key.</summary>
    public static Task<RunSummary> RunPairsAsync(TextWriter output, Func<string>? newDatabase = null) =>
        RunManyAsync(0, HostilePair.Count, output, pairs: true, newDatabase);

    /// <summary>What a worker does: each <paramref name="every"/>-th seed of <paramref name="count"/>, one after the other. False when one
    /// of them fails.</summary>
    public static async Task<bool> RunSomeAsync(int from, int count, int every, bool pairs, string? store, TextWriter output)
    {
        var total = new RunSummary(0, 0, 0, 0, 0, 0);
        string root = Directory
            .CreateDirectory(
                Path.Combine(Directory.Exists(InMemory) ? InMemory : Path.GetTempPath(), $"simulation-{Environment.ProcessId}")
            )
            .FullName;
        try
        {
            for (int seed = from; seed < from + count; seed += every)
            {
                IHistory scenario = pairs ? new HostilePair(seed, root, store) : new Scenario(seed, root, store);
                await using (scenario.ConfigureAwait(false))
                {
                    Exception? failure = await FailureOfAsync(scenario).ConfigureAwait(false);
                    foreach (string line in count == 1 ? scenario.Story : [])
                        output.WriteLine(line);
                    if (failure is not null)
                    {
                        output.WriteLine(
                            $"{scenario.Name} failed: "
                                + $"{(count == 1 ? failure : $"{failure.Message} Replay it with {(pairs ? "--pair" : "--seed")} {seed}{(store is null ? "" : " --postgres")}.")}"
                        );
                    }
                    else if (count == 1)
                    {
                        output.WriteLine($"{scenario.Name} holds.");
                    }
                    total += new RunSummary(
                        1,
                        failure is null ? 0 : 1,
                        scenario.Cycles,
                        scenario.Requests,
                        scenario.Kills,
                        scenario.StoreFaults
                    );
                }
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
        output.WriteLine(Totals + JsonSerializer.Serialize(total));
        return total.Failed == 0;
    }

    private static async Task<RunSummary> WorkerAsync(int from, int count, int every, bool pairs, string? store, TextWriter output)
    {
        string[] words =
        [
            typeof(Runner).Assembly.Location,
            "--from",
            $"{from}",
            "--seeds",
            $"{count}",
            "--every",
            $"{every}",
            .. pairs ? new[] { "--pairs" } : [],
            .. store is null ? [] : new[] { "--store", store },
        ];
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", words)
        {
            RedirectStandardOutput = true,
        };
        // The pool never has fewer threads than the machine has processors.
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "1";
        // While the one thread waits for the database, nothing of the pool could tell it of the answer.
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
        using Process worker = Process.Start(start)!;
        RunSummary? summary = null;
        while (await worker.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (line.StartsWith(Totals, StringComparison.Ordinal))
                summary = JsonSerializer.Deserialize<RunSummary>(line[Totals.Length..]);
            else
                await output.WriteLineAsync(line).ConfigureAwait(false);
        }
        await worker.WaitForExitAsync().ConfigureAwait(false);
        return summary ?? throw new InvalidOperationException($"A worker ended with {worker.ExitCode} before it had run its seeds.");
    }

    // Whatever else a scenario throws is a defect too.
    private static async Task<Exception?> FailureOfAsync(IHistory scenario)
    {
        try
        {
            await scenario.RunAsync().ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }
}
