using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>What a cycle does to TravelPerk, seen from TravelPerk's side of a real socket.</summary>
public sealed class CycleTests
{
    private const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    [Fact]
    public async Task The_longest_chain_of_managers_is_begun_first()
    {
        // Begun last, it would be worked off alone, a round trip for each of them.
        await using var fixture = new CycleFixture(settings: s => s with { Concurrency = 1 });
        for (int i = 1; i <= 10; i++)
            fixture.Add(i);
        for (int i = 11; i <= 20; i++)
            fixture.Add(i, manager: i == 11 ? null : i - 1);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(
            [.. Enumerable.Range(11, 9).Select(Id), .. Enumerable.Range(1, 10).Select(Id), Id(20)],
            outcomes.Select(o => o.SourceId)
        );
    }

    [Fact]
    public async Task The_first_cycle_creates_every_user_with_one_post_each_and_the_manager_inside()
    {
        await using var fixture = new CycleFixture();
        for (int i = 50; i >= 1; i--)
            fixture.Add(i, manager: i == 1 ? null : i / 2);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal(50, fixture.Target.Count);
        Assert.Equal((50, 0), (fixture.Requests("POST"), fixture.Requests("PATCH")));
        Assert.Equal(1, fixture.Requests("GET"));
        Dictionary<string, JsonObject> users = fixture.Target;
        for (int i = 2; i <= 50; i++)
        {
            Assert.Equal(
                (string?)users[$"user{i / 2}@example.com"]["id"],
                (string?)users[$"user{i}@example.com"][Enterprise]!["manager"]!["value"]
            );
        }
        JsonObject user = users["user7@example.com"];
        Assert.Equal(
            ("Given7", "Family7", Id(7)),
            ((string?)user["name"]!["givenName"], (string?)user["name"]!["familyName"], (string?)user["externalId"])
        );
        Assert.True((bool)user["active"]!);
        Assert.Equal(
            (CycleKind.Initial, CycleState.Succeeded, 50, 51),
            (fixture.LastCycle.Kind, fixture.LastCycle.State, fixture.LastCycle.Counts.Created, fixture.LastCycle.Counts.Requests)
        );
    }

    [Fact]
    public async Task The_same_again_sends_nothing()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 20; i++)
            fixture.Add(i, manager: i == 1 ? null : 1);
        await fixture.RunAsync();
        long before = fixture.Sandbox.RequestCount;

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Empty(outcomes);
        Assert.Equal(before, fixture.Sandbox.RequestCount);
        Assert.Equal(
            (CycleKind.Incremental, CycleState.Succeeded, 20),
            (fixture.LastCycle.Kind, fixture.LastCycle.State, fixture.LastCycle.Counts.Unchanged)
        );
    }

    [Fact]
    public async Task Users_that_are_there_already_are_linked_with_paged_reads_only()
    {
        await using var fixture = new CycleFixture(new() { PageCap = 25 });
        for (int i = 1; i <= 60; i++)
            fixture.Add(i, manager: i == 1 ? null : 1);
        await fixture.RunAsync();
        File.Delete(fixture.StateFile);
        (int writes, int reads) = (fixture.Writes, fixture.Requests("GET"));

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(60, outcomes.Count(o => o is { Action: ProvisioningAction.Link, Status: OutcomeStatus.Success }));
        Assert.Equal(writes, fixture.Writes);
        Assert.Equal(3, fixture.Requests("GET") - reads);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_change_is_one_read_and_one_patch_of_what_differs()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 10; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        long before = fixture.Sandbox.RequestCount;
        fixture.People[3]["jobTitle"] = "Head of Travel";

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        AttributeChange change = Assert.Single(outcome.ModifiedProperties);
        Assert.Equal(("title", "Title 4", "Head of Travel"), (change.Attribute, change.OldValue, change.NewValue));
        Assert.Equal("Head of Travel", (string?)fixture.Target["user4@example.com"]["title"]);
        Assert.Equal(before + 2, fixture.Sandbox.RequestCount);
    }

    [Fact]
    public async Task Leaving_disables_once_and_coming_back_enables()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 10; i++)
            fixture.Add(i);
        await fixture.RunAsync();

        fixture.People[0]["accountEnabled"] = false;
        ProvisioningOutcome left = Assert.Single(await fixture.RunAsync());
        Assert.Equal(ProvisioningAction.Disable, left.Action);
        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
        Assert.Empty(await fixture.RunAsync());

        fixture.People[0]["accountEnabled"] = true;
        ProvisioningOutcome back = Assert.Single(await fixture.RunAsync());
        Assert.Equal(ProvisioningAction.Enable, back.Action);
        Assert.True((bool)fixture.Target["user1@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_user_who_is_no_longer_listed_is_disabled_and_one_permanently_removed_is_deleted()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 10; i++)
            fixture.Add(i);
        await fixture.RunAsync();

        fixture.People.RemoveAt(9);
        fixture.People[8] = new JsonObject
        {
            ["id"] = Id(9),
            ["@removed"] = new JsonObject { ["reason"] = "deleted" },
        };
        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(["Delete user9@example.com", "Disable user10@example.com"], outcomes.Select(o => $"{o.Action} {o.Identity}").Order());
        Assert.False((bool)fixture.Target["user10@example.com"]["active"]!);
        Assert.False(fixture.Target.ContainsKey("user9@example.com"));
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_user_disabled_in_the_source_is_never_created()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        fixture.Add(2)["accountEnabled"] = false;

        Assert.Equal("user1@example.com", Assert.Single(await fixture.RunAsync()).Identity);
        Assert.Equal(1, fixture.LastCycle.Counts.Skipped);
    }

    [Theory]
    [InlineData("[")]
    [InlineData(
        """[{"id":"00000000-0000-4000-8000-000000000001","userPrincipalName":"user1@example.com","givenName":"Given1","surname":"Family1","accountEnabled":true},{"id":"0000"""
    )]
    [InlineData("[]")]
    [InlineData(
        """[{"id":"00000000-0000-4000-8000-000000000001","userPrincipalName":"user1@example.com","givenName":"Given1","surname":"Family1","accountEnabled":true},{"userPrincipalName":"user2@example.com"}]"""
    )]
    public async Task A_read_that_proves_nothing_disables_no_user(string content)
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 4; i++)
            fixture.Add(i);
        await fixture.RunAsync();

        await File.WriteAllTextAsync(fixture.SourceFile, content);
        ProvisioningPlan plan = await fixture.PlanFileAsync();
        List<ProvisioningOutcome> outcomes = await fixture.ApplyAsync(plan);

        Assert.DoesNotContain(outcomes, o => o.Action is ProvisioningAction.Disable or ProvisioningAction.Delete);
        Assert.NotEmpty(plan.Warnings);
        Assert.All(fixture.Target.Values, u => Assert.True((bool)u["active"]!));
    }

    [Fact]
    public async Task More_departures_than_the_threshold_are_staged_until_they_are_allowed()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 20; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        for (int i = 0; i < 8; i++)
            fixture.People[i]["accountEnabled"] = false;
        int writes = fixture.Writes;

        List<ProvisioningOutcome> staged = await fixture.RunAsync();
        Assert.Equal(8, staged.Count(o => o is { Action: ProvisioningAction.Disable, Status: OutcomeStatus.Staged }));
        Assert.Equal(writes, fixture.Writes);
        Assert.Equal(CycleState.WaitingForApproval, fixture.LastCycle.State);

        Guid cycle = fixture.LastCycle.Id;
        Assert.Equal(
            (QuarantineReason.TooManyDeletes, cycle),
            (ProvisioningStatus.Read(fixture.Job).Quarantine!.Reason, ProvisioningStatus.Read(fixture.Job).Quarantine!.CycleId)
        );
        Assert.Equal(
            "ApprovalUnknown",
            (
                await Assert.ThrowsAsync<ProvisioningException>(() =>
                    fixture.PlanAsync(new CycleOptions { ApproveCycle = Guid.NewGuid(), Time = fixture.Time })
                )
            ).ErrorId
        );

        // One returns and seven others leave: what was approved is what was staged then, and is due now.
        fixture.People[0]["accountEnabled"] = true;
        for (int i = 8; i < 15; i++)
            fixture.People[i]["accountEnabled"] = false;
        List<ProvisioningOutcome> allowed = await fixture.RunAsync(new CycleOptions { ApproveCycle = cycle, Time = fixture.Time });

        Assert.Equal(
            Enumerable.Range(2, 7).Select(n => $"user{n}@example.com"),
            allowed.Where(o => o.Status == OutcomeStatus.Success).Select(o => o.Identity).Order(StringComparer.Ordinal)
        );
        Assert.Equal(7, allowed.Count(o => o.Status == OutcomeStatus.Staged));
        Assert.Equal(13, fixture.Target.Values.Count(u => (bool)u["active"]!));
        for (int i = 8; i < 15; i++)
            fixture.People[i]["accountEnabled"] = true;
        Assert.Empty(await fixture.RunAsync());
        Assert.Null(ProvisioningStatus.Read(fixture.Job).Quarantine);
    }

    [Fact]
    public async Task Staged_disables_wait_for_their_approval_however_few_are_left()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 10; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        for (int i = 0; i < 6; i++)
            fixture.People[i]["accountEnabled"] = false;
        await fixture.RunAsync();
        Guid cycle = fixture.LastCycle.Id;
        fixture.People[0]["accountEnabled"] = true;

        List<ProvisioningOutcome> again = await fixture.RunAsync();

        Assert.Equal(5, again.Count(o => o.Status == OutcomeStatus.Staged));
        Assert.All(fixture.Target.Values, user => Assert.True((bool)user["active"]!));
        await fixture.RunAsync(new CycleOptions { ApproveCycle = cycle, Time = fixture.Time });
        Assert.Equal(5, fixture.Target.Values.Count(user => (bool)user["active"]!));
    }

    [Fact]
    public async Task Managers_who_manage_each_other_are_created_and_then_tied()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1, manager: 2);
        fixture.Add(2, manager: 3);
        fixture.Add(3, manager: 1);
        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Dictionary<string, JsonObject> users = fixture.Target;
        foreach ((int user, int manager) in new[] { (1, 2), (2, 3), (3, 1) })
        {
            Assert.Equal(
                (string?)users[$"user{manager}@example.com"]["id"],
                (string?)users[$"user{user}@example.com"][Enterprise]!["manager"]!["value"]
            );
        }
        Assert.Equal(1, fixture.Requests("PATCH"));
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_user_entered_as_its_own_manager_is_created_without_a_manager()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1, manager: 1);

        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);
        Assert.Null(fixture.Target["user1@example.com"][Enterprise]?["manager"]);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_manager_who_comes_into_scope_later_becomes_the_approver_in_that_cycle()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1)["accountEnabled"] = false;
        fixture.Add(2, manager: 1);
        await fixture.RunAsync();
        Assert.Null(fixture.Target["user2@example.com"][Enterprise]?["manager"]);

        fixture.People[0]["accountEnabled"] = true;
        await fixture.RunAsync();

        Assert.Equal(
            (string?)fixture.Target["user1@example.com"]["id"],
            (string?)fixture.Target["user2@example.com"][Enterprise]!["manager"]!["value"]
        );
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task Planning_writes_nothing_anywhere()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 10; i++)
            fixture.Add(i);

        ProvisioningPlan plan = await fixture.PlanAsync();

        Assert.Equal(10, plan.Operations.Count);
        Assert.Equal((0, 0L), (fixture.Writes, fixture.Sandbox.WriteCount));
        Assert.Equal(["job.json", "mapping.json"], Directory.GetFileSystemEntries(fixture.Job.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_changed_mapping_starts_an_initial_cycle_that_writes_only_what_differs()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 10; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        SynchronizationSchema mapping = fixture.Job.ReadMapping();
        mapping.UserMapping.Find("title")!.Source = AttributeMappingSource.FromConstant("Title 3");
        fixture.Job.SaveMapping(mapping);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(CycleKind.Initial, fixture.LastCycle.Kind);
        Assert.All(outcomes, o => Assert.Equal("title", Assert.Single(o.ModifiedProperties).Attribute));
        Assert.Equal(8, outcomes.Count);
        Assert.Equal(10, fixture.Requests("POST"));
    }

    [Fact]
    public async Task A_value_cleared_in_the_source_stays_in_travelperk_unless_the_mapping_lets_null_flow()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        fixture.People[0].Remove("jobTitle");

        Assert.Empty(await fixture.RunAsync());
        Assert.Equal("Title 1", (string?)fixture.Target["user1@example.com"]["title"]);
    }

    [Fact]
    public async Task A_value_cleared_in_the_source_is_cleared_where_the_mapping_lets_null_flow()
    {
        JsonNode mapping = JsonNode.Parse(SynchronizationSchema.Default.ToJson())!;
        JsonNode title = mapping["directories"]!
            .AsArray()
            .SelectMany(d => d!["objects"]!.AsArray())
            .SelectMany(o => o!["attributes"]!.AsArray())
            .Single(a => (string?)a!["name"] == "title")!;
        title["flowNullValues"] = true;
        await using var fixture = new CycleFixture(mapping: SynchronizationSchema.Parse(mapping.ToJsonString()));
        fixture.Add(1);
        await fixture.RunAsync();
        fixture.People[0]["jobTitle"] = null;

        Assert.Null(Assert.Single(Assert.Single(await fixture.RunAsync()).ModifiedProperties).NewValue);
        Assert.Null(fixture.Target["user1@example.com"]["title"]);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_value_of_the_moment_causes_no_write_and_goes_along_with_one()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("name.middleName")!.Source = AttributeMappingSource.FromExpression("Guid()");
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1);
        await fixture.RunAsync();
        string? first = (string?)fixture.Target["user1@example.com"]["name"]!["middleName"];
        Assert.Empty(await fixture.RunAsync());

        fixture.People[0]["jobTitle"] = "Head of Travel";
        Assert.Equal(2, Assert.Single(await fixture.RunAsync()).ModifiedProperties.Count);
        Assert.NotEqual(first, (string?)fixture.Target["user1@example.com"]["name"]!["middleName"]);
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(AttributeFlowType.ObjectAddOnly, "Title 1")]
    [InlineData(AttributeFlowType.ValueAddOnly, "Title 1")]
    [InlineData(AttributeFlowType.Always, "Head of Travel")]
    public async Task The_flow_type_decides_whether_a_change_flows(AttributeFlowType flowType, string expected)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("title")!.FlowType = flowType;
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1);
        await fixture.RunAsync();
        fixture.People[0]["jobTitle"] = "Head of Travel";

        await fixture.RunAsync();

        Assert.Equal(expected, (string?)fixture.Target["user1@example.com"]["title"]);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_user_deleted_by_hand_is_made_again_when_its_source_changes()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 3; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        await fixture.Client.DeleteUserAsync((string)fixture.Target["user2@example.com"]["id"]!, default);
        fixture.People[1]["jobTitle"] = "Back again";

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Equal("Back again", (string?)fixture.Target["user2@example.com"]["title"]);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task Two_source_users_with_one_user_name_do_not_overwrite_each_other()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        fixture.Add(2)["userPrincipalName"] = "USER1@example.com";

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((OutcomeStatus.Failure, "EntryConflict"), (outcome.Status, outcome.ErrorCode));
        Assert.Equal("Given1", (string?)fixture.Target["user1@example.com"]["name"]!["givenName"]);
    }
}
