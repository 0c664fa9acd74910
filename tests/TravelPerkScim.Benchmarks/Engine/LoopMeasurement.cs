using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Benchmarks;

/// <summary>A cycle beside the loop an admin would write, from the same users to the same kind of server, for the first time and
/// again.</summary>
internal sealed class LoopMeasurement : IMeasurement
{
    private const int Milliseconds = 20;

    public string Verb => "loop";

    public string Summary => "A cycle beside a loop of Invoke-RestMethod: filter, then POST or PATCH. [--users 400]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        int users = arguments.Number("users", 400);
        // What is compiled while it first runs is paid for by neither.
        _ = CompareAsync(20, TimeSpan.Zero).GetAwaiter().GetResult();
        (Side Ours, Side Theirs)[] far = CompareAsync(users, TimeSpan.FromMilliseconds(Milliseconds)).GetAwaiter().GetResult();
        (Side Ours, Side Theirs)[] near = CompareAsync(users, TimeSpan.Zero).GetAwaiter().GetResult();
        return
        [
            Ratio("loop.first", far[0], Goal.NoLessThan(10), $"every answer held back {Milliseconds} ms on both sides; {AdminLoop.Means}"),
            Ratio("loop.again", far[1], Goal.NoLessThan(10), $"the same users once more, {Milliseconds} ms an answer"),
            Ratio("loop.first.near", near[0], null, "answers not held back; both share the machine with the server"),
            Ratio("loop.again.near", near[1], null, "the same users once more, answers not held back"),
        ];

        Figure Ratio(string name, (Side Ours, Side Theirs) sides, Goal? goal, string beside) =>
            new(
                name,
                sides.Theirs.Seconds / sides.Ours.Seconds,
                "times the loop",
                goal,
                $"{users} users: a cycle {sides.Ours.Seconds:0.00} s and {sides.Ours.Requests} "
                    + $"requests, the loop {sides.Theirs.Seconds:0.00} s and {sides.Theirs.Requests}; {beside}"
            )
            {
                Bound =
                    "A job has eight or more requests under way at once (Concurrency), the loop one; the cycle saves the filter query as well.",
            };
    }

    private static async Task<(Side Ours, Side Theirs)[]> CompareAsync(int users, TimeSpan latency)
    {
        var options = new SandboxOptions { Latency = latency };
        await using var ours = new Bench(options, users);
        await using var theirs = new Bench(options, users);
        ProvisioningJob job = ours.NewJob();
        Side first = await CycleAsync(),
            again = await CycleAsync();
        LoopUser[] bodies = [.. ours.Sandbox.Users.Select(Body)];
        string key = theirs.ApiKey();
        return [(first, Loop()), (again, Loop())];

        async Task<Side> CycleAsync()
        {
            (CycleSummary cycle, double seconds) = await ours.RunAsync(job);
            return new Side(seconds, cycle.Counts.Requests);
        }

        Side Loop()
        {
            long before = theirs.Sandbox.RequestCount;
            return new Side(AdminLoop.Run(theirs.Sandbox.BaseUri, key, bodies), theirs.Sandbox.RequestCount - before);
        }
    }

    // Whom the loop creates has the ids of the cycle's users, which were created in the same order: a manager exists by then.
    private static LoopUser Body(JsonObject user)
    {
        foreach (string added in new[] { "id", "meta", "groups" })
            user.Remove(added);
        var update = new JsonObject
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:api:messages:2.0:PatchOp"),
            ["Operations"] = new JsonArray(
                new JsonObject
                {
                    ["op"] = "replace",
                    ["path"] = "title",
                    ["value"] = user["title"]!.DeepClone(),
                }
            ),
        };
        return new LoopUser((string)user["userName"]!, user.ToJsonString(), update.ToJsonString());
    }

    private sealed record Side(double Seconds, long Requests);
}
