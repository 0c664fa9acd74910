using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

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
    public async Task The_shown_request_is_the_sent_request(SandboxBehavior? insists)
    {
        using var wire = new Wire();
        await using var fixture = new CycleFixture(client: c => c with { Handler = wire }, mapping: ClearingTitles());
        Existing(fixture, "user9@example.com");
        for (int i = 1; i <= 9; i++)
        {
            fixture.Add(
                i,
                manager: i switch
                {
                    2 => 1,
                    3 => 4,
                    4 => 3,
                    _ => null,
                }
            );
        }
        fixture.People[4].Remove("businessPhones");
        if (insists is { } behavior)
            fixture.Sandbox.SetBehavior(behavior, on: true);
        // What the server insists on is learned by a first cycle.
        await ApplyAndCompareAsync(fixture, wire, compare: insists is null);
        fixture.People[5]["businessPhones"] = new JsonArray("+34 930000066");
        await ApplyAndCompareAsync(fixture, wire, compare: insists is null);
        fixture.People[6]["accountEnabled"] = false;
        await ApplyAndCompareAsync(fixture, wire, compare: insists is null);
        Learn(fixture);
        await ApplyAndCompareAsync(fixture, wire, compare: false);

        fixture.People[0]["jobTitle"] = null;
        fixture.People[1]["manager"] = new JsonObject { ["id"] = Id(10) };
        fixture.People[4]["businessPhones"] = new JsonArray("+34 930000055");
        fixture.People[5]["businessPhones"] = new JsonArray("+34 930000067");
        fixture.People[6]["accountEnabled"] = true;
        fixture.People[7]["accountEnabled"] = false;
        fixture.People[8] = new JsonObject
        {
            ["id"] = Id(9),
            ["@removed"] = new JsonObject { ["reason"] = "deleted" },
        };
        fixture.Add(10, manager: 1);
        fixture.Add(11, manager: 10);
        ProvisioningAction[] actions = await ApplyAndCompareAsync(fixture, wire, compare: true);

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
    public async Task The_shown_request_of_a_group_is_the_sent_request()
    {
        using var wire = new Wire();
        await using var fixture = new CycleFixture(new SandboxOptions { Groups = true }, client: c => c with { Handler = wire });
        for (int i = 1; i <= 4; i++)
            fixture.Live().Set(i);
        fixture.Live().SetGroup(1, "Sales", 1, 2);
        fixture.Live().SetGroup(2, "Legal", 3, 4);
        fixture.Live().SetGroup(3, "Travel", 1);
        await ApplyAndCompareAsync(fixture, wire, compare: true);

        fixture.Live().SetGroup(1, "Sales", 1, 2, 3);
        fixture.Live().SetGroup(2, "Legal", 3);
        fixture.Live().SetGroup(3, "Journeys", 1);
        Assert.Equal(3, (await ApplyAndCompareAsync(fixture, wire, compare: true)).Length);
    }

    [Fact]
    public async Task An_id_that_is_not_known_yet_is_shown_by_whose_it_will_be_and_an_outcome_shows_it()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        fixture.Add(2, manager: 1);
        ProvisioningPlan plan = await fixture.PlanAsync();

        Assert.Contains(
            "\"value\":\"(id of user1@example.com, once created)\"",
            plan.Operations[1].Request!.Body,
            StringComparison.Ordinal
        );
        ProvisioningOutcome created = (await fixture.ApplyAsync(plan)).Single(o => o.Identity == "user2@example.com");
        Assert.Contains($"\"value\":\"{fixture.ManagerOf(2)}\"", created.Steps[^1].Description, StringComparison.Ordinal);

        fixture.Add(3, manager: 2);
        Assert.Contains(
            $"\"value\":\"{fixture.Target["user2@example.com"]["id"]}\"",
            (await fixture.PlanAsync()).Operations[0].Request!.Body,
            StringComparison.Ordinal
        );
    }

    // One cycle: every request shown was sent, and no other.
    private static async Task<ProvisioningAction[]> ApplyAndCompareAsync(CycleFixture fixture, Wire wire, bool compare)
    {
        ProvisioningPlan plan = await fixture.PlanAsync();
        List<ProvisioningRequest> shown = [.. plan.Operations.Select(o => o.Request).OfType<ProvisioningRequest>()];
        wire.Written.Clear();
        List<ProvisioningOutcome> outcomes = await fixture.ApplyAsync(plan);
        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        if (!compare)
            return [];
        string[] sent = [.. wire.Written.Select(r => Line(r.Method, r.Path, r.Body)).Order()];
        Assert.Equal(sent, shown.Select(r => Known(fixture, Line(r.Method, r.Path, r.Body))).Order());
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

    private static string Known(CycleFixture fixture, string shown) =>
        Awaited()
            .Replace(
                shown,
                found =>
                    fixture.Sandbox.Users.Single(u =>
                        (string?)u["userName"] == found.Groups[1].Value || (string?)u["externalId"] == found.Groups[1].Value
                    )["id"]!.ToString()
            );

    // Each form of each kind once, so that nothing is left to learn.
    private static void Learn(CycleFixture fixture)
    {
        fixture.People[8]["jobTitle"] = "Learned";
        fixture.People[7].Remove("jobTitle");
        fixture.Add(20).Remove("businessPhones");
    }

    private static void Existing(CycleFixture fixture, string userName) => fixture.AddStranger(userName);

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
