namespace TravelPerkScim.Simulation;

/// <summary>Totals of many scenarios.</summary>
internal sealed record RunSummary(int Failed, long Cycles, long Requests, long Kills);

/// <summary>Runs scenarios and names the seeds that fail.</summary>
internal static class Runner
{
    public static async Task<RunSummary> RunManyAsync(int from, int count, TextWriter output)
    {
        int failed = 0;
        long cycles = 0, requests = 0, kills = 0;
        string root = Directory.CreateTempSubdirectory("simulation-").FullName;
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(from, count), async (seed, _) =>
            {
                Scenario scenario = new(seed, root);
                await using (scenario.ConfigureAwait(false))
                {
                    if (await FailureOfAsync(scenario).ConfigureAwait(false) is { } failure)
                    {
                        Interlocked.Increment(ref failed);
                        lock (output)
                            output.WriteLine($"Seed {seed} failed: {failure.Message} Replay it with --seed {seed}.");
                    }
                    Interlocked.Add(ref cycles, scenario.Cycles);
                    Interlocked.Add(ref requests, scenario.Requests);
                    Interlocked.Add(ref kills, scenario.Kills);
                }
            }).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
        return new RunSummary(failed, cycles, requests, kills);
    }

    /// <summary>One scenario with its whole story.</summary>
    public static async Task<bool> RunOneAsync(int seed, TextWriter output)
    {
        string root = Directory.CreateTempSubdirectory("simulation-").FullName;
        Scenario scenario = new(seed, root);
        await using (scenario.ConfigureAwait(false))
        {
            Exception? failure = await FailureOfAsync(scenario).ConfigureAwait(false);
            foreach (string line in scenario.Story)
                output.WriteLine(line);
            output.WriteLine(failure is null ? $"Seed {seed} holds." : $"Seed {seed} failed: {failure}");
            return failure is null;
        }
    }

    // Whatever else a scenario throws is a defect too.
    private static async Task<Exception?> FailureOfAsync(Scenario scenario)
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
