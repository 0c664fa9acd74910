using System.Diagnostics;

namespace TravelPerkScim.Benchmarks;

/// <summary>What a created user costs the client, beside a bare HttpClient that posts the same users. The server is another
/// process.</summary>
internal sealed class ApplyMeasurement : IMeasurement
{
    private const int Rounds = 3;

    public string Verb => "apply";

    public string Summary =>
        "The client's CPU for a created user, beside a bare HttpClient; the server is another process. [--users 20000]";

    public IReadOnlyList<Figure> Run(Arguments arguments) => [RunAsync(arguments.Number("users", 20_000)).GetAwaiter().GetResult()];

    private static async Task<Figure> RunAsync(int users)
    {
        List<double> cycles = [],
            posts = [],
            ratios = [];
        // The first round warms up; the others alternate, so that whatever else the machine does falls on both.
        for (int round = 0; round <= Rounds; round++)
        {
            (double cycle, byte[][] bodies) = await CycleAsync(users);
            double post = await PostAsync(bodies);
            if (round == 0)
                continue;
            cycles.Add(cycle / users * 1e6);
            posts.Add(post / users * 1e6);
            ratios.Add(cycle / post);
        }
        return Figure.Of(
            "apply.cpu",
            ratios,
            "of bare HttpClient",
            Goal.NoMoreThan(1.8),
            $"{users:N0} users: a cycle {cycles.Median():0} us of CPU a user, HttpClient {posts.Median():0}"
        ) with
        {
            Bound = "It is all CPU time of the client's process from planning to the saved state, on all threads.",
        };
    }

    private static async Task<(double Seconds, byte[][] Bodies)> CycleAsync(int users)
    {
        using var sandbox = new SandboxProcess();
        using var initial = new InitialCycle(users, sandbox.BaseUri, sandbox.Key);
        double before = Cpu();
        await initial.RunAsync();
        double seconds = Cpu() - before;
        return (seconds, await sandbox.ReadBodiesAsync());
    }

    private static async Task<double> PostAsync(byte[][] bodies)
    {
        using var sandbox = new SandboxProcess();
        double before = Cpu();
        await BarePosts.RunAsync(bodies, sandbox.BaseUri, sandbox.Key);
        return Cpu() - before;
    }

    private static double Cpu()
    {
        using var own = Process.GetCurrentProcess();
        return own.TotalProcessorTime.TotalSeconds;
    }
}
