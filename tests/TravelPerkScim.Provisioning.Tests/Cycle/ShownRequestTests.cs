using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleBench;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>The request that a plan shows is the request that is sent, for every kind of change and in every dialect that is known; an
/// outcome shows the one that was sent.</summary>
public sealed partial class ShownRequestTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(SandboxBehavior.PatchPathRejected)]
    [InlineData(SandboxBehavior.FilteredPathNoTarget)]
    [InlineData(SandboxBehavior.JsonBooleansRejected)]
    public async Task What_a_plan_shows_is_what_is_sent(SandboxBehavior? insists)
    {
        using var wire = new Wire();
        await using var bench = new CycleBench(client: c => c with { Handler = wire }, mapping: ClearingTitles());
        Existing(bench, "user9@example.com");
        for (int i = 1; i <= 9; i++)
            bench.Add(
                i,
                manager: i switch
                {
                    2 => 1,
                    3 => 4,
                    4 => 3,
                    _ => null,
                }
            );
        bench.People[4].Remove("businessPhones");
        if (insists is { } behavior)
            bench.Sandbox.SetBehavior(behavior, on: true);
        // What the server insists on is learned by a first cycle.
        await ApplyAndCompareAsync(bench, wire, compare: insists is null);
        bench.People[5]["businessPhones"] = new JsonArray("+34 930000066");
        await ApplyAndCompareAsync(bench, wire, compare: insists is null);
        bench.People[6]["accountEnabled"] = false;
        await ApplyAndCompareAsync(bench, wire, compare: insists is null);
        Learn(bench);
        await ApplyAndCompareAsync(bench, wire, compare: false);

        bench.People[0]["jobTitle"] = null;
        bench.People[1]["manager"] = new JsonObject { ["id"] = Id(10) };
        bench.People[4]["businessPhones"] = new JsonArray("+34 930000055");
        bench.People[5]["businessPhones"] = new JsonArray("+34 930000067");
        bench.People[6]["accountEnabled"] = true;
        bench.People[7]["accountEnabled"] = false;
        bench.People[8] = new JsonObject
        {
            ["id"] = Id(9),
            ["@removed"] = new JsonObject { ["reason"] = "deleted" },
        };
        bench.Add(10, manager: 1);
        bench.Add(11, manager: 10);
        ProvisioningAction[] actions = await ApplyAndCompareAsync(bench, wire, compare: true);

        Assert.Equal(
            [
                ProvisioningAction.Create,
                ProvisioningAction.Update,
                ProvisioningAction.Enable,
                ProvisioningAction.Disable,
                ProvisioningAction.Delete,
            ],
            actions.Distinct().Order()
        );
    }

    [Fact]
    public async Task What_a_plan_shows_of_groups_is_what_is_sent()
    {
        using var wire = new Wire();
        await using var bench = new CycleBench(new SandboxOptions { Groups = true }, client: c => c with { Handler = wire });
        for (int i = 1; i <= 4; i++)
            bench.Live().Set(i);
        bench.Live().SetGroup(1, "Sales", 1, 2);
        bench.Live().SetGroup(2, "Legal", 3, 4);
        bench.Live().SetGroup(3, "Travel", 1);
        await ApplyAndCompareAsync(bench, wire, compare: true);

        bench.Live().SetGroup(1, "Sales", 1, 2, 3);
        bench.Live().SetGroup(2, "Legal", 3);
        bench.Live().SetGroup(3, "Journeys", 1);
        Assert.Equal(3, (await ApplyAndCompareAsync(bench, wire, compare: true)).Length);
    }

    [Fact]
    public async Task An_id_that_is_not_known_yet_is_shown_by_whose_it_will_be_and_an_outcome_shows_it()
    {
        await using var bench = new CycleBench();
        bench.Add(1);
        bench.Add(2, manager: 1);
        ProvisioningPlan plan = await bench.PlanAsync();

        Assert.Contains(
            "\"value\":\"(id of user1@example.com, once created)\"",
            plan.Operations[1].Request!.Body,
            StringComparison.Ordinal
        );
        ProvisioningOutcome created = (await bench.ApplyAsync(plan)).Single(o => o.Identity == "user2@example.com");
        Assert.Contains($"\"value\":\"{bench.ManagerOf(2)}\"", created.Steps[^1].Description, StringComparison.Ordinal);

        bench.Add(3, manager: 2);
        Assert.Contains(
            $"\"value\":\"{bench.Target["user2@example.com"]["id"]}\"",
            (await bench.PlanAsync()).Operations[0].Request!.Body,
            StringComparison.Ordinal
        );
    }

    // One cycle: every request shown was sent, and no other.
    private static async Task<ProvisioningAction[]> ApplyAndCompareAsync(CycleBench bench, Wire wire, bool compare)
    {
        ProvisioningPlan plan = await bench.PlanAsync();
        List<ProvisioningRequest> shown = [.. plan.Operations.Select(o => o.Request).OfType<ProvisioningRequest>()];
        wire.Written.Clear();
        List<ProvisioningOutcome> outcomes = await bench.ApplyAsync(plan);
        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        if (!compare)
            return [];
        string[] sent = [.. wire.Written.Select(r => Line(r.Method, r.Path, r.Body)).Order()];
        Assert.Equal(sent, shown.Select(r => Known(bench, Line(r.Method, r.Path, r.Body))).Order());
        Assert.Equal(
            sent,
            outcomes
                .Select(o => o.Steps[^1].Description)
                .Where(text => text.Contains('/', StringComparison.Ordinal) || text.StartsWith("POST", StringComparison.Ordinal))
                .Order()
        );
        return [.. plan.Operations.Select(o => o.Action)];
    }

    private static string Line(string method, string path, string? body) =>
        string.IsNullOrEmpty(body)
            ? $"{method} {path}"
            : new ProvisioningRequest(method, path, ProvisioningRequest.Text(JsonNode.Parse(body)!.AsObject())).ToString();

    private static string Known(CycleBench bench, string shown) =>
        Awaited()
            .Replace(
                shown,
                found =>
                    bench.Sandbox.Users.Single(u =>
                        (string?)u["userName"] == found.Groups[1].Value || (string?)u["externalId"] == found.Groups[1].Value
                    )["id"]!.ToString()
            );

    // Each form of each kind once, so that nothing is left to learn.
    private static void Learn(CycleBench bench)
    {
        bench.People[8]["jobTitle"] = "Learned";
        bench.People[7].Remove("jobTitle");
        bench.Add(20).Remove("businessPhones");
    }

    private static void Existing(CycleBench bench, string userName) =>
        bench.Sandbox.AddUser(
            new JsonObject
            {
                ["userName"] = userName,
                ["name"] = new JsonObject { ["givenName"] = "Somebody", ["familyName"] = "Else" },
                ["active"] = true,
            }
        );

    private static SynchronizationSchema ClearingTitles()
    {
        JsonNode json = JsonNode.Parse(SynchronizationSchema.Default.ToJson())!;
        JsonObject title = json["directories"]!
            .AsArray()
            .SelectMany(d => d!["objects"]!.AsArray())
            .SelectMany(o => o!["attributes"]!.AsArray())
            .Select(a => a!.AsObject())
            .Single(a => (string?)a["name"] == "title");
        title["flowNullValues"] = true;
        return SynchronizationSchema.Parse(json.ToJsonString());
    }

    [GeneratedRegex(@"\(id of ([^,]+), once created\)")]
    private static partial Regex Awaited();
}
