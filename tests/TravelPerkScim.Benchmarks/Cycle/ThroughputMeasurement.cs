using System.Security;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Benchmarks;

/// <summary>An initial cycle into an empty sandbox, from the source file to the saved state, beside a bare HttpClient that posts the same
/// users as ready-made bodies, eight at once and in any order. The cycle finds how many at once the sandbox answers as fast. In the source,
/// managers come after their reports.</summary>
internal sealed class ThroughputMeasurement : IMeasurement
{
    private const int Rounds = 3;
    private const int MostPostedSeconds = 4;

    public string Verb => "throughput";

    public string Summary => "An initial cycle beside a bare HttpClient posting ready-made bodies. [--users 2000]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        int users = arguments.Number("users", 2000);
        return
        [
            RunAsync("initial.throughput", users, 0, goal: 0.7).GetAwaiter().GetResult(),
            RunAsync("initial.throughput.latency", Math.Max(200, users), 20, goal: 0.98).GetAwaiter().GetResult(),
            RunAsync("initial.throughput.200ms", Math.Max(300, users), 200, goal: 5).GetAwaiter().GetResult(),
        ];
    }

    private static async Task<Figure> RunAsync(string name, int users, int milliseconds, double goal)
    {
        // Where the server's delay alone counts, few posts tell the rate.
        int posted = milliseconds > 0 ? Math.Min(users, MostPostedSeconds * BarePosts.AtOnce * 1000 / milliseconds) : users;
        List<double> ratios = [],
            rates = [],
            bare = [];
        // The first round warms up; the others are interleaved, so that whatever else the machine does falls on both.
        for (int round = 0; round <= Rounds; round++)
        {
            var options = new SandboxOptions { Latency = TimeSpan.FromMilliseconds(milliseconds) };
            double cycle;
            byte[][] bodies;
            await using (var sandbox = TravelPerkSandbox.Start(options))
            {
                using SecureString key = sandbox.GetApiKey();
                using var initial = new InitialCycle(users, sandbox.BaseUri, key);
                cycle = await initial.RunAsync();
                bodies = [.. sandbox.Users.Take(posted).Select(InitialCycle.Body)];
            }
            double posting;
            await using (var sandbox = TravelPerkSandbox.Start(options))
            {
                using SecureString key = sandbox.GetApiKey();
                posting = await BarePosts.RunAsync(bodies, sandbox.BaseUri, key);
            }
            if (round == 0)
                continue;
            ratios.Add(users / cycle / (posted / posting));
            rates.Add(users / cycle);
            bare.Add(posted / posting);
        }

        string bound =
            milliseconds > 0
                ? $"the sandbox answers after {milliseconds} ms, as a service over a network does"
                : "bounded by CPU: client and sandbox share the cores, and a bare post "
                    + "has no source to read, no map, no answer to parse, no state to keep";
        return Figure.Of(
            name,
            ratios,
            "of bare HttpClient",
            Goal.NoLessThan(goal),
            $"{users} users: a cycle {rates.Median():N0} users/s, HttpClient {bare.Median():N0}; {bound}"
        );
    }
}
