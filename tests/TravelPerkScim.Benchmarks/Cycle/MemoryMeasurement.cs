namespace TravelPerkScim.Benchmarks;

/// <summary>The most memory that an unchanged cycle holds at once, above the same process before it.</summary>
internal sealed class MemoryMeasurement : IMeasurement
{
    private const int Users = 100_000,
        Megabytes = 150;

    public string Verb => "memory";

    public string Summary => "Memory of an unchanged full cycle of --users (100000; try 1000000), all linked.";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        int users = arguments.Number("users", Users);
        string folder = Directory.CreateTempSubdirectory("bench-").FullName;
        try
        {
            LinkedJob.Create(folder, users, withFile: false);
            Dictionary<string, double> cycle = ChildProcess.Run("cycle", folder, $"{users}", "made");
            // A process has costs that do not shrink with the number of users.
            double bound = Megabytes * Math.Max(1.0, users / (double)Users);
            return
            [
                new Figure(
                    "unchanged.memory",
                    (cycle["peak"] - cycle["idle"]) / 1e6,
                    "MB",
                    Goal.NoMoreThan(bound),
                    $"the process idle {cycle["idle"] / 1e6:0} MB, at its peak {cycle["peak"] / 1e6:0} MB (resident); "
                        + $"{users:N0} users in {cycle["seconds"]:0.0} s"
                )
                {
                    Bound =
                        "The links of all users are held in memory twice for a moment, for the plan "
                        + "and for the cycle that applies it; the collector keeps pages it may need again.",
                },
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
