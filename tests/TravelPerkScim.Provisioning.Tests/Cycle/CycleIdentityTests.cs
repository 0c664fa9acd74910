using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Who is who: renames, accounts made again, equal names, hidden users, managers found by matching.</summary>
public sealed class CycleIdentityTests
{
    private const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    [Fact]
    public async Task An_account_made_again_under_its_user_name_takes_over_and_is_not_disabled()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 6; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        string id = (string)fixture.Target["user1@example.com"]["id"]!;
        fixture.People.RemoveAt(0);
        AddAgain(fixture);

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success, id), (outcome.Action, outcome.Status, outcome.TargetId));
        JsonObject user = fixture.Target["user1@example.com"];
        Assert.True((bool)user["active"]!);
        Assert.Equal(Id(7), (string?)user["externalId"]);
        Assert.Equal(6, ProvisioningStatus.Read(fixture.Job).LinkedUsers);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task An_account_made_again_after_its_predecessor_was_disabled_is_enabled()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 6; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        fixture.People.RemoveAt(0);
        await fixture.RunAsync();
        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);

        AddAgain(fixture);
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);

        Assert.True((bool)fixture.Target["user1@example.com"]["active"]!);
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public async Task Two_new_people_with_one_user_name_are_both_refused_and_neither_is_made(int people)
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= people; i++)
            fixture.Add(i);
        fixture.People[1]["userPrincipalName"] = "USER1@example.com";

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(
            ["DuplicateSourceEntries", "DuplicateSourceEntries"],
            outcomes.Where(o => o.Status == OutcomeStatus.Failure).Select(o => o.ErrorCode)
        );
        Assert.Equal(people - 2, fixture.Sandbox.UserCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_linked_user_who_gets_the_name_of_another_is_refused_and_the_other_keeps_it(bool bothChange)
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 10; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        fixture.People[1]["userPrincipalName"] = "USER1@example.com";
        if (bothChange)
            fixture.People[0]["jobTitle"] = "New";

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        ProvisioningOutcome refused = Assert.Single(outcomes, o => o.Status == OutcomeStatus.Failure);
        Assert.Equal(("DuplicateSourceEntries", Id(2)), (refused.ErrorCode, refused.SourceId));
        Assert.Equal(bothChange ? 1 : 0, fixture.Requests("PATCH"));
        Assert.True(fixture.Target.ContainsKey("user2@example.com"));
    }

    [Fact]
    public async Task A_name_that_only_looks_like_another_is_another_everywhere()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1)["userPrincipalName"] = "\u017fmith@example.com";
        fixture.Add(2)["userPrincipalName"] = "smith@example.com";

        Assert.All(await fixture.RunAsync(), o => Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (o.Action, o.Status)));

        foreach (JsonObject person in fixture.People)
            person["jobTitle"] = "New";
        Assert.All(await fixture.RunAsync(), o => Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal(2, fixture.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_manager_who_is_there_already_is_in_the_post_of_the_reports()
    {
        await using var fixture = new CycleFixture();
        fixture.AddStranger("user1@example.com");
        for (int i = 1; i <= 20; i++)
            fixture.Add(i, manager: i == 1 ? null : 1);

        await fixture.RunAsync();

        Dictionary<string, JsonObject> users = fixture.Target;
        for (int i = 2; i <= 20; i++)
        {
            Assert.Equal(
                (string?)users["user1@example.com"]["id"],
                (string?)users[$"user{i}@example.com"][Enterprise]?["manager"]?["value"]
            );
        }
        Assert.Equal(1, fixture.Requests("PATCH"));
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_disabled_user_that_lists_hide_is_enabled_on_return()
    {
        await using var fixture = new CycleFixture(new() { Behaviors = [SandboxBehavior.InactiveHidden] });
        for (int i = 1; i <= 12; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        fixture.People[0]["accountEnabled"] = false;
        await fixture.RunAsync();

        fixture.People[0]["accountEnabled"] = true;
        for (int i = 1; i < 8; i++)
            fixture.People[i]["jobTitle"] = "New title";
        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Contains(
            outcomes,
            o => o is { Action: ProvisioningAction.Enable, Status: OutcomeStatus.Success, Identity: "user1@example.com" }
        );
        Assert.Equal(12, fixture.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_user_renamed_while_hidden_is_not_created_twice()
    {
        await using var fixture = new CycleFixture();
        fixture.Sandbox.SetBehavior(SandboxBehavior.CreatedInvisible, on: true, number: 3600);
        fixture.Add(1);
        await fixture.RunAsync();
        fixture.People[0]["userPrincipalName"] = "renamed@example.com";

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Equal("renamed@example.com", Assert.Single(fixture.Target).Key);
    }

    [Theory]
    [InlineData("cycle")]
    [InlineData("on demand")]
    [InlineData("reviewed")]
    public async Task A_new_user_without_a_value_for_any_matching_attribute_is_an_error_and_is_not_created(string path)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("userName")!.MatchingPriority = 0;
        mapping.UserMapping.Find("externalId")!.Source = AttributeMappingSource.FromAttribute("employeeId");
        mapping.UserMapping.Find("externalId")!.MatchingPriority = 1;
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1);
        fixture.Add(2)["employeeId"] = "E2";
        var everybody = new CycleOptions { Time = fixture.Time, Identities = path == "on demand" ? [Id(1), Id(2)] : [] };
        ProvisioningPlan plan = await fixture.PlanAsync(everybody);
        if (path == "reviewed")
            plan = await fixture.PlanAsync(everybody with { Reviewed = plan.Operations });

        List<ProvisioningOutcome> outcomes = await fixture.ApplyAsync(plan);

        fixture.AssertOutcomes(
            """
            Failure Create user1@example.com (source 1, target -)
                MatchingValueMissing: The source user has no value for any matching attribute (externalId). Whether TravelPerk has
                  the user cannot be found out, and none is created. Complete the source attribute.
            """,
            outcomes.Where(o => o.Status == OutcomeStatus.Failure)
        );
        Assert.Equal("user2@example.com", Assert.Single(fixture.Target).Key);
        fixture.People[0]["employeeId"] = "E1";
        await fixture.RunAsync();
        Assert.Equal(2, fixture.Sandbox.UserCount);
    }

    [Fact]
    public async Task User_names_swapped_between_two_people_never_mix_the_people()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        fixture.Add(2);
        await fixture.RunAsync();
        (fixture.People[0]["userPrincipalName"], fixture.People[1]["userPrincipalName"]) = ("user2@example.com", "user1@example.com");

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(
            ["Given2", "Given1"],
            fixture.Sandbox.Users.OrderBy(u => (string)u["userName"]!).Select(u => (string?)u["name"]!["givenName"])
        );
    }

    [Fact]
    public async Task Case_alone_of_a_language_is_no_difference()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1)["preferredLanguage"] = "en-GB";
        await fixture.RunAsync();
        JsonObject user = fixture.Target["user1@example.com"];
        await fixture.Client.PatchUserAsync(
            (string)user["id"]!,
            new JsonObject
            {
                ["schemas"] = new JsonArray("urn:ietf:params:scim:api:messages:2.0:PatchOp"),
                ["Operations"] = new JsonArray(
                    new JsonObject
                    {
                        ["op"] = "replace",
                        ["path"] = "locale",
                        ["value"] = "en-GB",
                    }
                ),
            },
            default
        );
        File.Delete(fixture.StateFile);

        Assert.Equal(ProvisioningAction.Link, Assert.Single(await fixture.RunAsync()).Action);
    }

    [Fact]
    public async Task A_chain_of_ten_thousand_managers_and_several_circles_are_put_in_order()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 10_000; i++)
            fixture.Add(i, manager: i == 10_000 ? null : i + 1);
        foreach (int circle in new[] { 20_000, 20_010, 20_020 })
        {
            fixture.Add(circle, manager: circle + 1);
            fixture.Add(circle + 1, manager: circle);
            fixture.Add(circle + 2, manager: circle);
        }

        ProvisioningPlan plan = await fixture.PlanAsync();

        string[] creates = [.. plan.Operations.Where(o => o.Action == ProvisioningAction.Create).Select(o => o.SourceId)];
        Assert.Equal(10_009, creates.Distinct().Count());
        Assert.Equal((Id(10_000), Id(9_999)), (creates[0], creates[1]));
        Assert.Equal(3, plan.Operations.Count(o => o.Action == ProvisioningAction.Update));
    }

    // User 1 once more: another id, everything else the same.
    private static void AddAgain(CycleFixture fixture)
    {
        JsonObject again = fixture.Add(7);
        (again["userPrincipalName"], again["givenName"], again["surname"]) = ("user1@example.com", "Given1", "Family1");
    }

    [Fact]
    public async Task A_permanent_deletion_disables_where_the_mapping_does_not_delete()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.FlowTypes = "Add, Update";
        await using var fixture = new CycleFixture(mapping: mapping);
        for (int i = 1; i <= 3; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        fixture.People[0] = new JsonObject
        {
            ["id"] = Id(1),
            ["@removed"] = new JsonObject { ["reason"] = "deleted" },
        };

        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await fixture.RunAsync()).Action);
        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
        Assert.Empty(await fixture.RunAsync());
    }
}
