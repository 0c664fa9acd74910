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
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= Users; i++)
            fixture.Add(i).Remove("businessPhones");
        await fixture.RunAsync();
        int before = fixture.Requests("PATCH");
        fixture.Sandbox.SetBehavior(behavior, on: true);

        Change(fixture, "one");
        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(Users + refused, fixture.Requests("PATCH") - before);
        foreach (JsonObject user in fixture.Sandbox.Users)
        {
            Assert.Equal("one", (string?)user["title"]);
            Assert.StartsWith("+34", (string?)Assert.Single(user["phoneNumbers"]!.AsArray())!["value"], StringComparison.Ordinal);
        }

        // Another session, which knows only what the job's state holds.
        before = fixture.Requests("PATCH");
        fixture.Reconnect();
        Change(fixture, "two");
        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(Users, fixture.Requests("PATCH") - before);
    }

    [Fact]
    public async Task A_phone_number_that_was_removed_by_hand_is_added_where_there_is_none_to_replace()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        await fixture.Client.PatchUserAsync(
            "1",
            [new PatchOperation(PatchOperationKind.Remove, AttributePath.Parse("phoneNumbers"), null, null)],
            default
        );
        int before = fixture.Requests("PATCH");

        fixture.People[0]["businessPhones"] = new JsonArray("+34 93 999 9999");
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);

        JsonNode phone = Assert.Single(fixture.Target["user1@example.com"]["phoneNumbers"]!.AsArray())!;
        Assert.Equal(("work", "+34 93 999 9999"), ((string?)phone["type"], (string?)phone["value"]));
        Assert.Equal(1, fixture.Requests("PATCH") - before);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_server_that_was_mended_is_learned_again()
    {
        await using var fixture = new CycleFixture(settings: s => s with { DeleteThresholdShare = 1 });
        for (int i = 1; i <= Users; i++)
            fixture.Add(i);
        fixture.Sandbox.SetBehavior(SandboxBehavior.JsonBooleansRejected, on: true);
        await fixture.RunAsync();
        Assert.Equal(BooleanForm.Text, fixture.Client.Dialect.Booleans);
        Assert.Equal(Users + 1, fixture.Requests("POST"));

        fixture.Sandbox.SetBehavior(SandboxBehavior.JsonBooleansRejected, on: false);
        fixture.Sandbox.SetBehavior(SandboxBehavior.StringBooleansRejected, on: true);
        foreach (JsonObject person in fixture.People.Skip(10))
            person["accountEnabled"] = false;
        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));

        Assert.Equal(BooleanForm.Json, fixture.Client.Dialect.Booleans);
        Assert.Equal(10, fixture.Sandbox.Users.Count(u => !(bool)u["active"]!));
    }

    [Fact]
    public async Task Values_that_are_refused_do_not_multiply_the_requests()
    {
        await using var fixture = new CycleFixture(new() { CostCenters = ["Sales"] });
        for (int i = 1; i <= Users; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        int before = fixture.Requests("PATCH");

        foreach (JsonObject person in fixture.People)
            person["employeeOrgData"] = new JsonObject { ["costCenter"] = "Nowhere" };
        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(Users, outcomes.Count(o => o.Status == OutcomeStatus.Failure));
        Assert.InRange(fixture.Requests("PATCH") - before, Users, Users + 12);
    }

    [Theory]
    [InlineData(SandboxBehavior.FilterMisses, UserNameFilter.Misses)]
    [InlineData(SandboxBehavior.FilterCaseSensitive, UserNameFilter.CaseSensitive)]
    public async Task A_blind_filter_is_not_asked_again(SandboxBehavior behavior, UserNameFilter learned)
    {
        await using var fixture = new CycleFixture();
        foreach (int i in new[] { 1, 2 })
        {
            fixture.AddStranger($"USER{i}@example.com");
        }
        fixture.Sandbox.SetBehavior(behavior, on: true);
        fixture.Add(1);
        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        fixture.Add(2);
        int posts = fixture.Requests("POST"),
            gets = fixture.Requests("GET");

        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));

        // Two pages, and the one linked user who vouches for the company before a user is created.
        Assert.Equal((posts, gets + 3), (fixture.Requests("POST"), fixture.Requests("GET")));
        Assert.Equal(2, fixture.Sandbox.UserCount);
        Assert.True(fixture.Client.Dialect.FilterIsBlind);
        Assert.Contains(fixture.Client.Dialect.UserNameFilter, new UserNameFilter?[] { learned, UserNameFilter.CaseSensitive });
    }

    private static void Change(CycleFixture fixture, string title)
    {
        foreach (JsonObject person in fixture.People)
        {
            person["jobTitle"] = title;
            person["businessPhones"] = new JsonArray("+34 9300000" + (title == "one" ? "01" : "02"));
            person["accountEnabled"] = true;
        }
    }
}
