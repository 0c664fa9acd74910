namespace TravelPerkScim.Benchmarks;

/// <summary>What a cycle costs that has nothing to do, for each user.</summary>
internal sealed class CpuMeasurement : IMeasurement
{
    private const int Rounds = 3;

    public string Verb => "unchanged";

    public string Summary => "CPU a user of an unchanged full cycle of --users (100000), all linked.";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        int users = arguments.Number("users", 100_000);
        string folder = Directory.CreateTempSubdirectory("bench-").FullName;
        try
        {
            LinkedJob.Create(folder, users, withFile: true);
            List<double> file = [],
                made = [],
                seconds = [];
            for (int round = 0; round < Rounds; round++)
            {
                Dictionary<string, double> whole = ChildProcess.Run("cycle", folder, $"{users}", "file");
                file.Add(whole["cpu"] / users * 1e6);
                seconds.Add(whole["seconds"]);
                made.Add(ChildProcess.Run("cycle", folder, $"{users}", "made")["cpu"] / users * 1e6);
            }
            return
            [
                Figure.Of(
                    "unchanged.cpu",
                    file,
                    "us of CPU/user",
                    Goal.NoMoreThan(15),
                    $"the same from a source in memory {made.Median():0.#}; {users:N0} users in {seconds.Median():0.0} s"
                ) with
                {
                    Bound =
                        "It is all CPU time of a new process from planning to the saved state, on all threads: "
                        + "reading the JSON file, compiling code, collecting garbage; median of three processes.",
                },
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
