using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>What a server insists on costs one refused request a target, not one a user.</summary>
public sealed class DialectTests
{
    private const int Users = 20;

    [Theory]
    [InlineData(SandboxBehavior.PathlessPatchRejected, 0)]
    [InlineData(SandboxBehavior.StringBooleansRejected, 0)]
    [InlineData(SandboxBehavior.JsonMediaTypeRejected, 0)]
    [InlineData(SandboxBehavior.PatchNoContent, 0)]
    [InlineData(SandboxBehavior.FilteredPathNoTarget, 1)]
    [InlineData(SandboxBehavior.PatchPathRejected, 1)]
    [InlineData(SandboxBehavior.ScimMediaTypeRejected, 1)]
    public async Task A_lesson_costs_one_request_and_is_remembered(SandboxBehavior behavior, int refused)
    {
        await using var bench = new CycleBench();
        for (int i = 1; i <= Users; i++)
            bench.Add(i).Remove("businessPhones");
        await bench.RunAsync();
        int before = bench.Requests("PATCH");
        bench.Sandbox.SetBehavior(behavior, on: true);

        Change(bench, "one");
        Assert.All(await bench.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(Users + refused, bench.Requests("PATCH") - before);
        foreach (JsonObject user in bench.Sandbox.Users)
        {
            Assert.Equal("one", (string?)user["title"]);
            Assert.StartsWith("+34", (string?)Assert.Single(user["phoneNumbers"]!.AsArray())!["value"], StringComparison.Ordinal);
        }

        // Another session, which knows only what the job's state holds.
        before = bench.Requests("PATCH");
        bench.Reconnect();
        Change(bench, "two");
        Assert.All(await bench.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(Users, bench.Requests("PATCH") - before);
    }

    [Fact]
    public async Task A_phone_number_that_was_removed_by_hand_is_added_where_there_is_none_to_replace()
    {
        await using var bench = new CycleBench();
        bench.Add(1);
        await bench.RunAsync();
        await bench.Client.PatchUserAsync(
            "1",
            [new PatchOperation(PatchOperationKind.Remove, AttributePath.Parse("phoneNumbers"), null, null)],
            default
        );
        int before = bench.Requests("PATCH");

        bench.People[0]["businessPhones"] = new JsonArray("+34 93 999 9999");
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await bench.RunAsync()).Status);

        JsonNode phone = Assert.Single(bench.Target["user1@example.com"]["phoneNumbers"]!.AsArray())!;
        Assert.Equal(("work", "+34 93 999 9999"), ((string?)phone["type"], (string?)phone["value"]));
        Assert.Equal(1, bench.Requests("PATCH") - before);
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task A_server_that_was_mended_is_learned_anew()
    {
        await using var bench = new CycleBench(settings: s => s with { DeleteThresholdShare = 1 });
        for (int i = 1; i <= Users; i++)
            bench.Add(i);
        bench.Sandbox.SetBehavior(SandboxBehavior.JsonBooleansRejected, on: true);
        await bench.RunAsync();
        Assert.Equal(BooleanForm.Text, bench.Client.Dialect.Booleans);
        Assert.Equal(Users + 1, bench.Requests("POST"));

        bench.Sandbox.SetBehavior(SandboxBehavior.JsonBooleansRejected, on: false);
        bench.Sandbox.SetBehavior(SandboxBehavior.StringBooleansRejected, on: true);
        foreach (JsonObject person in bench.People.Skip(10))
            person["accountEnabled"] = false;
        Assert.All(await bench.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));

        Assert.Equal(BooleanForm.Json, bench.Client.Dialect.Booleans);
        Assert.Equal(10, bench.Sandbox.Users.Count(u => !(bool)u["active"]!));
    }

    [Fact]
    public async Task Values_that_are_refused_do_not_multiply_the_requests()
    {
        await using var bench = new CycleBench(new() { CostCenters = ["Sales"] });
        for (int i = 1; i <= Users; i++)
            bench.Add(i);
        await bench.RunAsync();
        int before = bench.Requests("PATCH");

        foreach (JsonObject person in bench.People)
            person["employeeOrgData"] = new JsonObject { ["costCenter"] = "Nowhere" };
        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.Equal(Users, outcomes.Count(o => o.Status == OutcomeStatus.Failure));
        Assert.InRange(bench.Requests("PATCH") - before, Users, Users + 12);
    }

    [Theory]
    [InlineData(SandboxBehavior.FilterMisses, UserNameFilter.Misses)]
    [InlineData(SandboxBehavior.FilterCaseSensitive, UserNameFilter.CaseSensitive)]
    public async Task A_blind_filter_is_not_asked_again(SandboxBehavior behavior, UserNameFilter learned)
    {
        await using var bench = new CycleBench();
        foreach (int i in new[] { 1, 2 })
        {
            bench.Sandbox.AddUser(
                new JsonObject
                {
                    ["userName"] = $"USER{i}@example.com",
                    ["name"] = new JsonObject { ["givenName"] = "A", ["familyName"] = "B" },
                }
            );
        }
        bench.Sandbox.SetBehavior(behavior, on: true);
        bench.Add(1);
        Assert.All(await bench.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        bench.Add(2);
        int posts = bench.Requests("POST"),
            gets = bench.Requests("GET");

        Assert.All(await bench.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));

        // Two pages, and the one linked user who vouches for the company before a user is created.
        Assert.Equal((posts, gets + 3), (bench.Requests("POST"), bench.Requests("GET")));
        Assert.Equal(2, bench.Sandbox.UserCount);
        Assert.True(bench.Client.Dialect.FilterIsBlind);
        Assert.Contains(bench.Client.Dialect.UserNameFilter, new UserNameFilter?[] { learned, UserNameFilter.CaseSensitive });
    }

    private static void Change(CycleBench bench, string title)
    {
        foreach (JsonObject person in bench.People)
        {
            person["jobTitle"] = title;
            person["businessPhones"] = new JsonArray("+34 9300000" + (title == "one" ? "01" : "02"));
            person["accountEnabled"] = true;
        }
    }
}
