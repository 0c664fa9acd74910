using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Tests.Disk;
using TravelPerkScim.Provisioning.Tests.Groups;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A link is used only while the user behind it is the linked user; 404 alone proves of no user that it is gone; another
/// company's key stops the job.</summary>
public sealed class LinkIdentityTests
{
    [Theory]
    [InlineData(20)]
    [InlineData(3)]
    [InlineData(2)]
    public async Task With_another_companys_key_nothing_is_written_and_the_job_says_so(int people)
    {
        await using CycleFixture fixture = await StartAsync(people);
        SandboxCompany other = fixture.Sandbox.AddCompany();
        foreach (int number in Enumerable.Range(1, 3))
            other.AddUser(CycleFixture.TargetUser($"b{number}@other.com"));
        foreach (JsonObject person in fixture.People)
            person["jobTitle"] = "New";
        using ScimClient client = ClientOf(fixture, other);

        await EnsureRefusedAsync(fixture, other, client);
    }

    [Theory]
    [InlineData("comes", false)]
    [InlineData("comes", true)]
    [InlineData("changes", false)]
    [InlineData("leaves", false)]
    [InlineData("leaves", true)]
    public async Task One_linked_user_is_enough_to_notice_another_companys_key(string what, bool sameId)
    {
        await using CycleFixture fixture = await StartAsync(20);
        SandboxCompany other = fixture.Sandbox.AddCompany();
        foreach (int number in Enumerable.Range(1, sameId ? 10 : 2))
            other.AddUser(CycleFixture.TargetUser($"b{number}@other.com"));
        if (what == "comes")
            fixture.Add(21);
        else if (what == "leaves")
            fixture.People[6]["accountEnabled"] = false;
        else
            fixture.People[6]["jobTitle"] = "New";
        using ScimClient client = ClientOf(fixture, other);

        await EnsureRefusedAsync(fixture, other, client);
    }

    [Fact]
    public async Task Users_who_are_all_disabled_tell_another_company_too()
    {
        await using CycleFixture fixture = await StartAsync(4);
        foreach (JsonObject person in fixture.People)
            person["accountEnabled"] = false;
        await fixture.RunAsync();
        Assert.All(fixture.Target.Values, user => Assert.False((bool)user["active"]!));
        SandboxCompany other = fixture.Sandbox.AddCompany();
        fixture.Add(5);
        using ScimClient client = ClientOf(fixture, other);

        await EnsureRefusedAsync(fixture, other, client);
    }

    [Fact]
    public async Task A_linked_id_that_is_another_person_by_now_is_never_written_and_the_user_is_looked_for_elsewhere()
    {
        await using CycleFixture fixture = await StartAsync(10);
        await BecomeAsync(fixture, "user3@example.com", "stranger@example.com");
        string stranger = fixture.Target["stranger@example.com"].ToJsonString();
        string id = (string)fixture.Target["stranger@example.com"]["id"]!;
        fixture.People[2]["jobTitle"] = "New";

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        fixture.AssertOutcomes(
            $"""
            Success Create user3@example.com (source 3, target user3@example.com), Vanished
                TravelPerk user {id} is another person by now, and no other has the matching attributes.
                userName: user3@example.com; externalId: 00000000-0000-4000-8000-000000000003; active: True; name.givenName: Given3;
                  name.familyName: Family3; phoneNumbers[type eq "work"].value: +34 930000003; title: New
            """,
            outcomes
        );
        Assert.Equal("11", outcomes[0].TargetId);
        Assert.Equal(stranger, fixture.Target["stranger@example.com"].ToJsonString());
        fixture.People[2]["jobTitle"] = "Newer";
        Assert.Equal("11", Assert.Single(await fixture.RunAsync()).TargetId);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    public async Task Another_person_with_a_leavers_id_is_not_disabled(int leavers)
    {
        await using CycleFixture fixture = await StartAsync(60);
        await BecomeAsync(fixture, "user3@example.com", "stranger@example.com");
        foreach (int number in Enumerable.Range(0, leavers))
            fixture.People[2 + number]["accountEnabled"] = false;

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal("IdentityMismatch", Assert.Single(outcomes, o => o.Status == OutcomeStatus.Failure).ErrorCode);
        Assert.Equal(leavers - 1, outcomes.Count(o => o is { Action: ProvisioningAction.Disable, Status: OutcomeStatus.Success }));
        Assert.True((bool)fixture.Target["stranger@example.com"]["active"]!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_leaver_who_was_made_again_by_hand_is_disabled_under_the_new_id(bool deleted)
    {
        await using CycleFixture fixture = await StartAsync(10);
        if (deleted)
            await fixture.RemoveAsync("user3@example.com");
        else
            await BecomeAsync(fixture, "user3@example.com", "stranger@example.com");
        JsonObject again = CycleFixture.TargetUser("User3@example.com");
        again["name"] = new JsonObject { ["givenName"] = "Given3", ["familyName"] = "Family3" };
        string id = fixture.Sandbox.AddUser(again);
        fixture.People[2]["accountEnabled"] = false;

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success, id), (outcome.Action, outcome.Status, outcome.TargetId));
        Assert.False((bool)fixture.Target["User3@example.com"]["active"]!);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_leaver_is_not_taken_for_a_user_who_has_the_name_by_now()
    {
        await using CycleFixture fixture = await StartAsync(10);
        await fixture.RemoveAsync("user3@example.com");
        JsonObject namesake = CycleFixture.TargetUser("user3@example.com");
        namesake["externalId"] = Id(99);
        fixture.Sandbox.AddUser(namesake);
        fixture.People[2]["accountEnabled"] = false;

        await fixture.RunAsync();

        Assert.True((bool)fixture.Target["user3@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_404_to_a_disable_or_delete_of_an_existing_user_is_a_failure_that_is_tried_again()
    {
        await using CycleFixture fixture = await StartAsync(20);
        fixture.Sandbox.SetBehavior(SandboxBehavior.WritesAnswerNotFound, on: true);
        foreach (int number in Enumerable.Range(0, 3))
            fixture.People[number]["accountEnabled"] = false;
        fixture.People[3] = new JsonObject
        {
            ["id"] = Id(4),
            ["@removed"] = new JsonObject { ["reason"] = "deleted" },
        };

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(4, outcomes.Count);
        Assert.All(outcomes, o => Assert.Equal((OutcomeStatus.Failure, "NotFound"), (o.Status, o.ErrorCode)));
        Assert.Equal(20, ProvisioningStatus.Read(fixture.Job).LinkedUsers);
        fixture.Sandbox.SetBehavior(SandboxBehavior.WritesAnswerNotFound, on: false);
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(16, fixture.Target.Values.Count(u => (bool)u["active"]!));
        Assert.Equal(19, fixture.Sandbox.UserCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_leaver_who_is_gone_from_TravelPerk_is_settled_when_GET_and_list_agree(bool unlistable)
    {
        await using CycleFixture fixture = await StartAsync(20, new() { PageCap = 5 });
        await fixture.RemoveAsync("user3@example.com");
        foreach (
            SandboxBehavior behavior in unlistable
                ? [SandboxBehavior.StartIndexIgnored, SandboxBehavior.FilterMisses]
                : Array.Empty<SandboxBehavior>()
        )
        {
            fixture.Sandbox.SetBehavior(behavior, on: true);
        }
        fixture.People[2]["accountEnabled"] = false;

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal(unlistable ? OutcomeStatus.Failure : OutcomeStatus.Success, outcome.Status);
        Assert.Equal(unlistable ? 20 : 19, ProvisioningStatus.Read(fixture.Job).LinkedUsers);
    }

    [Fact]
    public async Task Two_links_to_one_user_do_not_take_turns()
    {
        await using CycleFixture fixture = await StartAsync(10);
        fixture.EditState("UPDATE link SET target = '1' WHERE target = '2'");
        foreach (JsonObject person in fixture.People.Take(2))
            person["jobTitle"] = "New";

        await fixture.RunAsync();
        await fixture.RunAsync();

        Assert.Equal(
            ["Given1", "Given2"],
            new[] { "user1@example.com", "user2@example.com" }.Select(name => (string?)fixture.Target[name]["name"]!["givenName"])
        );
        Assert.Equal(10, fixture.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_renamed_user_is_known_without_an_externalId_by_what_was_last_written()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.AttributeMappings.Remove(
            mapping.UserMapping.AttributeMappings.Single(a => a.TargetAttributeName == "externalId")
        );
        await using var fixture = new CycleFixture(settings: s => s with { Concurrency = 1 }, mapping: mapping);
        foreach (int number in Enumerable.Range(1, 10))
            fixture.Add(number);
        await fixture.RunAsync();
        fixture.People[2]["userPrincipalName"] = "renamed@example.com";
        Assert.Equal(
            (ProvisioningAction.Update, "3"),
            (Assert.Single(await fixture.RunAsync()) is var o ? (o.Action, o.TargetId) : default)
        );

        await BecomeAsync(fixture, "user4@example.com", "stranger@example.com");
        fixture.People[3]["jobTitle"] = "New";
        Assert.Equal(
            (ProvisioningAction.Create, "11"),
            (Assert.Single(await fixture.RunAsync()) is var p ? (p.Action, p.TargetId) : default)
        );
    }

    [Fact]
    public async Task A_state_of_before_has_no_keys_and_a_renamed_user_is_known_by_the_externalId()
    {
        await using CycleFixture fixture = await StartAsync(10);
        EarlierState.Make(fixture, "ALTER TABLE link DROP COLUMN keys; PRAGMA user_version = 4");
        fixture.People[2]["userPrincipalName"] = "renamed@example.com";
        fixture.People[3]["accountEnabled"] = false;

        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));

        Assert.Equal("3", (string?)fixture.Target["renamed@example.com"]["id"]);
        Assert.False((bool)fixture.Target["user4@example.com"]["active"]!);
    }

    [Fact]
    public async Task The_longer_keys_of_the_eighth_state_still_tell_who_a_renamed_user_is()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.AttributeMappings.Remove(
            mapping.UserMapping.AttributeMappings.Single(a => a.TargetAttributeName == "externalId")
        );
        await using var fixture = new CycleFixture(settings: s => s with { Concurrency = 1 }, mapping: mapping);
        foreach (int number in Enumerable.Range(1, 4))
            fixture.Add(number);
        await fixture.RunAsync();
        EarlierState.Make(fixture, "UPDATE link SET keys = CAST(keys || x'0102' AS BLOB); PRAGMA user_version = 8");
        fixture.People[2]["userPrincipalName"] = "renamed@example.com";

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Update, "3"), (outcome.Action, outcome.TargetId));
    }

    [Fact]
    public async Task A_check_of_a_leaver_costs_one_request_and_of_many_a_walk()
    {
        await using CycleFixture fixture = await StartAsync(40, settings: s => s with { DeleteThresholdShare = 1 });
        int gets = fixture.Requests("GET");
        fixture.People[0]["accountEnabled"] = false;
        await fixture.RunAsync();
        Assert.Equal(gets + 1, fixture.Requests("GET"));

        foreach (JsonObject person in fixture.People.Skip(1).Take(20))
            person["accountEnabled"] = false;
        await fixture.RunAsync();
        // One page, and the question whether there is another.
        Assert.Equal(gets + 3, fixture.Requests("GET"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_companys_key_does_not_prove_that_a_delete_was_carried_out_whose_answer_was_lost(bool othersChanged)
    {
        using var network = new KillSwitch();
        await using var fixture = new CycleFixture(
            settings: s => s with { Concurrency = 1, DeleteThresholdShare = 1 },
            client: c => c with { Handler = network, MaxRetries = 0 }
        );
        for (int number = 1; number <= 3; number++)
            fixture.Add(number);
        await fixture.RunAsync();
        fixture.People[2] = new JsonObject
        {
            ["id"] = CycleFixture.Id(3),
            ["@removed"] = new JsonObject { ["reason"] = "deleted" },
        };
        ProvisioningPlan plan = await fixture.PlanAsync();
        network.Arm(1, carriedOut: false, fixture.Job.Path);
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.ApplyAsync(plan));
        network.Restart();
        foreach (JsonObject person in fixture.People.Take(othersChanged ? 2 : 0))
            person["jobTitle"] = "New";
        SandboxCompany other = fixture.Sandbox.AddCompany();
        using ScimClient client = ClientOf(fixture, other);

        await EnsureRefusedAsync(fixture, other, client);

        await fixture.RunAsync();
        Assert.Equal(["user1@example.com", "user2@example.com"], fixture.Target.Keys.Order());
    }

    [Fact]
    public async Task A_group_alone_is_enough_to_notice_another_companys_key()
    {
        await using CycleFixture fixture = GroupCycleTests.Start(10, new() { Groups = true });
        fixture.Live().SetGroup(1, "Sales", 1);
        await fixture.RunAsync();
        SandboxCompany other = fixture.Sandbox.AddCompany();
        fixture.Live().SetGroup(1, "Sales", 1, 2);
        using ScimClient client = ClientOf(fixture, other);

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() =>
            new ProvisioningEngine(fixture.Job, client, fixture.Live()).PlanAsync(new CycleOptions { Time = fixture.Time }, default)
        );

        Assert.Equal("TargetIsAnother", error.ErrorId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_linked_group_that_is_another_group_by_now_is_neither_changed_nor_deleted(bool leaves)
    {
        await using CycleFixture fixture = GroupCycleTests.Start(10, new() { Groups = true });
        fixture.Live().SetGroup(1, "Sales", 1);
        fixture.Live().SetGroup(2, "Legal", 2);
        await fixture.RunAsync();
        JsonObject sales = fixture.Sandbox.Groups.First(g => (string?)g["displayName"] == "Sales");
        await fixture.Client.Groups.PatchAsync(
            (string)sales["id"]!,
            [
                new PatchOperation(PatchOperationKind.Replace, AttributePath.Parse("displayName"), "Board"),
                new PatchOperation(PatchOperationKind.Replace, AttributePath.Parse("externalId"), "x"),
            ],
            default
        );
        if (leaves)
            fixture.Live().Groups!.Remove(LiveDirectory.GroupId(1));
        else
            fixture.Live().SetGroup(1, "Sales", 1, 3);

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal(
            leaves ? (ProvisioningAction.Delete, OutcomeStatus.Failure) : (ProvisioningAction.Create, OutcomeStatus.Success),
            (outcome.Action, outcome.Status)
        );
        Assert.Equal(
            leaves ? ["Board", "Legal"] : ["Board", "Legal", "Sales"],
            fixture.Sandbox.Groups.Select(g => (string)g["displayName"]!).Order(StringComparer.Ordinal)
        );
        Assert.Single(fixture.Sandbox.Groups.First(g => (string?)g["displayName"] == "Board")["members"]!.AsArray());
        if (!leaves)
            Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_404_to_a_change_of_a_group_that_is_there_makes_no_second_group()
    {
        await using CycleFixture fixture = GroupCycleTests.Start(10, new() { Groups = true });
        fixture.Live().SetGroup(1, "Sales", 1);
        fixture.Live().SetGroup(2, "Legal", 2);
        await fixture.RunAsync();
        fixture.Sandbox.SetBehavior(SandboxBehavior.WritesAnswerNotFound, on: true);
        fixture.Live().SetGroup(1, "Sales", 1, 3);
        fixture.Live().Groups!.Remove(LiveDirectory.GroupId(2));

        Assert.All(await fixture.RunAsync(), o => Assert.Equal((OutcomeStatus.Failure, "NotFound"), (o.Status, o.ErrorCode)));

        Assert.Equal(2, fixture.Sandbox.Groups.Count());
        fixture.Sandbox.SetBehavior(SandboxBehavior.WritesAnswerNotFound, on: false);
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(2, Assert.Single(fixture.Sandbox.Groups)["members"]!.AsArray().Count);
    }

    private static async Task<CycleFixture> StartAsync(
        int people,
        SandboxOptions? options = null,
        Func<JobSettings, JobSettings>? settings = null
    )
    {
        // One request at a time, so that the users' ids follow their numbers.
        var fixture = new CycleFixture(options, s => (settings?.Invoke(s) ?? s) with { Concurrency = 1 });
        foreach (int number in Enumerable.Range(1, people))
            fixture.Add(number);
        await fixture.RunAsync();
        return fixture;
    }

    private static async Task EnsureRefusedAsync(CycleFixture fixture, SandboxCompany other, ScimClient client)
    {
        long writes = other.WriteCount;
        await fixture.SaveAsync();
        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() =>
            new ProvisioningEngine(fixture.Job, client).PlanAsync(new CycleOptions { Time = fixture.Time }, default)
        );
        Assert.Equal("TargetIsAnother", error.ErrorId);
        Assert.Contains("Reset-ProvisioningJob -Scope Links", error.Message, StringComparison.Ordinal);
        Assert.Equal(writes, other.WriteCount);
    }

    private static ScimClient ClientOf(CycleFixture fixture, SandboxCompany company)
    {
        using System.Security.SecureString key = company.GetApiKey();
        return new ScimClient(new ScimClientOptions { BaseUri = fixture.Sandbox.BaseUri }, ScimCredential.ApiKey(key));
    }

    // As in a service that gives an id again: every value that tells the user apart is another person's.
    private static async Task BecomeAsync(CycleFixture fixture, string userName, string stranger)
    {
        await fixture.PatchAsync(userName, "externalId", "another-account");
        await fixture.PatchAsync(userName, "userName", stranger);
    }
}
