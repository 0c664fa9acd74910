using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security;
using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Benchmarks;

/// <summary>An initial cycle into an empty sandbox, from the source file to the saved state, beside a bare HttpClient that posts the same
/// users as ready-made bodies, as many at once and in any order. In the source, managers come after their reports.</summary>
internal sealed class ThroughputMeasurement : IMeasurement
{
    private const int Rounds = 3;

    public string Verb => "throughput";

    public string Summary => "An initial cycle beside a bare HttpClient posting ready-made bodies. [--users 2000]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        int users = arguments.Number("users", 2000);
        return
        [
            RunAsync("initial.throughput", users, TimeSpan.Zero).GetAwaiter().GetResult(),
            RunAsync("initial.throughput.latency", Math.Max(200, users / 5), TimeSpan.FromMilliseconds(20)).GetAwaiter().GetResult(),
            RunAsync("initial.throughput.50ms", Math.Max(300, users / 2), TimeSpan.FromMilliseconds(50)).GetAwaiter().GetResult(),
            RunAsync("initial.throughput.200ms", Math.Max(300, users / 4), TimeSpan.FromMilliseconds(200)).GetAwaiter().GetResult(),
        ];
    }

    private static async Task<Figure> RunAsync(string name, int users, TimeSpan latency)
    {
        List<double> ratios = [],
            rates = [],
            bare = [];
        // The first round warms up; the others are interleaved, so that whatever else the machine does falls on both.
        for (int round = 0; round <= Rounds; round++)
        {
            (double cycle, byte[][] bodies, int concurrency) = await CycleAsync(users, latency);
            double posting = await PostAsync(bodies, concurrency, latency);
            if (round == 0)
                continue;
            ratios.Add(posting / cycle);
            rates.Add(users / cycle);
            bare.Add(users / posting);
        }

        string bound =
            latency > TimeSpan.Zero
                ? $"the sandbox answers after {latency.TotalMilliseconds:0} ms, as a service over a network does"
                : "bounded by CPU: client and sandbox share the cores, and a bare post "
                    + "has no source to read, no map, no answer to parse, no state to keep";
        return new Figure(
            name,
            Median(ratios),
            "of bare HttpClient",
            Goal.NoLessThan(latency < TimeSpan.FromMilliseconds(50) ? 0.9 : 0.95),
            $"{users} users: a cycle {Median(rates):N0} users/s, HttpClient {Median(bare):N0}; {bound}"
        );
    }

    private static async Task<(double Seconds, byte[][] Bodies, int Concurrency)> CycleAsync(int users, TimeSpan latency)
    {
        string folder = Directory.CreateTempSubdirectory("throughput-").FullName;
        try
        {
            await using var sandbox = TravelPerkSandbox.Start(new SandboxOptions { Latency = latency });
            string source = Path.Combine(folder, "users.json");
            await File.WriteAllTextAsync(source, new JsonArray([.. Enumerable.Range(1, users).Reverse().Select(Person)]).ToJsonString());
            var job = ProvisioningJob.Create(
                Path.Combine(folder, "job"),
                new JobSettings { Source = new JobSource(JobSourceType.File, source), Target = sandbox.BaseUri },
                SynchronizationSchema.Default
            );
            using SecureString key = sandbox.GetApiKey();
            using var credential = ScimCredential.ApiKey(key);
            using var client = new ScimClient(new ScimClientOptions { BaseUri = sandbox.BaseUri }, credential);

            long began = Stopwatch.GetTimestamp();
            var engine = new ProvisioningEngine(job, client);
            ProvisioningPlan plan = await engine.PlanAsync(new CycleOptions(), CancellationToken.None);
            await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, new CycleOptions(), CancellationToken.None))
            {
                if (outcome.Status != OutcomeStatus.Success)
                    throw new InvalidOperationException($"{outcome.Identity}: {outcome.Reason}");
            }

            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            return (seconds, [.. sandbox.Users.Select(Body)], job.Settings.Concurrency);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> PostAsync(byte[][] bodies, int concurrency, TimeSpan latency)
    {
        await using var sandbox = TravelPerkSandbox.Start(new SandboxOptions { Latency = latency });
        using var http = new HttpClient { BaseAddress = sandbox.BaseUri };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", Reveal(sandbox));
        http.DefaultRequestHeaders.Add("Api-Version", "1");
        long began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            bodies,
            new ParallelOptions { MaxDegreeOfParallelism = concurrency },
            async (body, cancellationToken) =>
            {
                using var content = new ByteArrayContent(body)
                {
                    Headers = { ContentType = new MediaTypeHeaderValue("application/scim+json") },
                };
                using HttpResponseMessage response = await http.PostAsync("Users", content, cancellationToken);
                response.EnsureSuccessStatusCode();
            }
        );
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static JsonNode Person(int number) =>
        new JsonObject
        {
            ["id"] = $"00000000-0000-4000-8000-{number:D12}",
            ["userPrincipalName"] = $"user{number}@example.com",
            ["displayName"] = $"Given{number} Family{number}",
            ["givenName"] = $"Given{number}",
            ["surname"] = $"Family{number}",
            ["accountEnabled"] = true,
            ["manager"] =
                number == 1 ? null : new JsonObject { ["id"] = $"00000000-0000-4000-8000-{number / 4 + (number < 4 ? 1 : 0):D12}" },
            ["jobTitle"] = $"Title {number % 7}",
            ["businessPhones"] = new JsonArray($"+34 93{number:D7}"),
        };

    private static byte[] Body(JsonObject user)
    {
        foreach (string added in new[] { "id", "meta", "groups" })
            user.Remove(added);
        // The ids of the managers are another server's.
        foreach (JsonObject extension in user.Select(member => member.Value).OfType<JsonObject>())
            extension.Remove("manager");
        return System.Text.Encoding.UTF8.GetBytes(user.ToJsonString());
    }

    private static string Reveal(TravelPerkSandbox sandbox)
    {
        using SecureString key = sandbox.GetApiKey();
        return SecretText.Reveal(key);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
