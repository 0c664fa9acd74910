using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Schema;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A userName that changes hands within one cycle: handed on, along a chain, or exchanged.</summary>
public sealed class NameHandoverTests : SavedPlanTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(30)]
    public async Task A_new_user_gets_the_userName_that_a_renamed_one_gives_up(int people)
    {
        await using CycleFixture fixture = await CompanyAsync(people);
        string id = (string)fixture.Target["user1@example.com"]["id"]!;
        Name(fixture, 1, "renamed1@example.com");
        fixture.People.Insert(0, Newcomer(fixture, 100, "user1@example.com"));

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(
            [(Id(1), ProvisioningAction.Update, OutcomeStatus.Success), (Id(100), ProvisioningAction.Create, OutcomeStatus.Success)],
            outcomes.Select(o => (o.SourceId, o.Action, o.Status))
        );
        Assert.Equal(
            (id, Id(1)),
            ((string?)fixture.Target["renamed1@example.com"]["id"], (string?)fixture.Target["renamed1@example.com"]["externalId"])
        );
        Assert.Equal(
            ("Given100", Id(100)),
            ((string?)fixture.Target["user1@example.com"]["name"]!["givenName"], (string?)fixture.Target["user1@example.com"]["externalId"])
        );
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_userName_is_handed_on_along_a_chain_in_one_cycle_whatever_the_order_of_the_source()
    {
        const int People = 8;
        await using CycleFixture fixture = await CompanyAsync(People);
        foreach (int number in Enumerable.Range(1, People))
            Name(fixture, number, $"user{number + 1}@example.com");
        fixture.People.Add(Newcomer(fixture, 100, "user1@example.com"));

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        foreach (int number in Enumerable.Range(1, People))
            Assert.Equal($"Given{number}", (string?)fixture.Target[$"user{number + 1}@example.com"]["name"]!["givenName"]);
        Assert.Equal("Given100", (string?)fixture.Target["user1@example.com"]["name"]!["givenName"]);
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task Users_who_exchange_their_userNames_in_a_circle_have_them_after_one_cycle(int people)
    {
        await using CycleFixture fixture = await CompanyAsync(people);
        Rotate(fixture, people);
        ProvisioningPlan plan = await fixture.PlanAsync();
        ProvisioningOperation interim = Assert.Single(plan.Operations, o => o.Reason.Contains("exchange", StringComparison.Ordinal));
        Assert.Matches("^userName: user[0-9]@example.com -> renaming-[0-9a-f]{16}@example.com$", Assert.Single(interim.Changes).ToString());
        Assert.Equal(
            plan.Operations.Select(o => o.Request?.ToString()),
            (await fixture.PlanAsync()).Operations.Select(o => o.Request?.ToString())
        );

        List<ProvisioningOutcome> outcomes = await fixture.ApplyAsync(plan);

        Assert.Equal(people + 1, outcomes.Count(o => o is { Action: ProvisioningAction.Update, Status: OutcomeStatus.Success }));
        AssertRotated(fixture, people);
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 4)]
    [InlineData(true, 4)]
    public async Task An_exchange_that_is_killed_in_between_is_finished_by_the_next_cycle(bool carriedOut, int concurrency)
    {
        for (int request = 1; ; request++)
        {
            using var network = new KillSwitch();
            await using var fixture = new CycleFixture(
                settings: s => s with { Concurrency = concurrency },
                client: c => c with { Handler = network, MaxRetries = 0 }
            );
            await FillAsync(fixture, 3);
            Rotate(fixture, 3);
            ProvisioningPlan plan = await fixture.PlanAsync();
            network.Arm(request, carriedOut, fixture.Job.Path);
            try
            {
                await fixture.ApplyAsync(plan);
            }
            catch (Exception) when (network.Killed) { }
            bool killed = network.Killed;
            network.Restart();

            await fixture.RunAsync();

            AssertRotated(fixture, 3);
            Assert.Empty(await fixture.RunAsync());
            if (!killed)
                return;
        }
    }

    [Fact]
    public async Task An_exchange_that_is_killed_in_between_and_then_taken_back_in_the_source_leaves_the_former_names()
    {
        using var network = new KillSwitch();
        await using var fixture = new CycleFixture(
            settings: s => s with { Concurrency = 1 },
            client: c => c with { Handler = network, MaxRetries = 0 }
        );
        await FillAsync(fixture, 2);
        Rotate(fixture, 2);
        ProvisioningPlan plan = await fixture.PlanAsync();
        network.Arm(1, carriedOut: true, fixture.Job.Path);
        Assert.All(await fixture.ApplyAsync(plan), o => Assert.Equal(OutcomeStatus.Failure, o.Status));
        network.Restart();
        Assert.Contains(fixture.Target.Keys, name => name.StartsWith("renaming-", StringComparison.Ordinal));
        Name(fixture, 1, "user1@example.com");
        Name(fixture, 2, "user2@example.com");

        await fixture.RunAsync();

        Assert.Equal("Given1", (string?)fixture.Target["user1@example.com"]["name"]!["givenName"]);
        Assert.Equal("Given2", (string?)fixture.Target["user2@example.com"]["name"]!["givenName"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_userName_that_a_leaver_keeps_is_one_clear_error_until_the_leaver_gives_it_up_in_TravelPerk(bool leftEarlier)
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        string leaver = (string)fixture.Target["user1@example.com"]["id"]!;
        fixture.People[0]["accountEnabled"] = false;
        if (leftEarlier)
            await fixture.RunAsync();
        Name(fixture, 1, "gone@example.com");
        Name(fixture, 2, "user1@example.com");
        Name(fixture, 3, "user2@example.com");

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
        Assert.Contains(
            $"TravelPerk user {leaver} still has this userName",
            outcomes.Single(o => o.SourceId == Id(2)).Reason,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "user1@example.com still has this userName in TravelPerk and cannot be written",
            outcomes.Single(o => o.SourceId == Id(3)).Reason,
            StringComparison.Ordinal
        );
        await fixture.PatchAsync("user1@example.com", "userName", "gone@example.com");
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(
            ("Given2", "Given3"),
            (
                (string?)fixture.Target["user1@example.com"]["name"]!["givenName"],
                (string?)fixture.Target["user2@example.com"]["name"]!["givenName"]
            )
        );
    }

    [Fact]
    public async Task A_userName_that_another_link_may_have_too_is_still_looked_for_where_it_is()
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        fixture.People[0]["accountEnabled"] = false;
        await fixture.RunAsync();
        // As after a change of the third user whose answer showed neither name.
        fixture.EditState(
            "UPDATE link SET keys = CAST(keys || (SELECT keys FROM link ORDER BY "
                + "anchor LIMIT 1) AS BLOB) WHERE anchor = (SELECT max(anchor) FROM link)"
        );
        Name(fixture, 2, "user1@example.com");

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal("EntryConflict", outcome.ErrorCode);
        Assert.Contains("still has this userName", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_waits_for_a_userName_whose_change_is_refused_has_one_clear_error_and_overwrites_no_user()
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        fixture.AddStranger("taken@example.com");
        string first = (string)fixture.Target["user1@example.com"]["id"]!;
        Name(fixture, 1, "taken@example.com");
        Name(fixture, 2, "user1@example.com");
        fixture.People.Add(Newcomer(fixture, 100, "user2@example.com"));

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        fixture.AssertOutcomes(
            $"""
            Failure Update taken@example.com (source 1, target user1@example.com)
                Conflict: PATCH /Users/{first}: this conflicts with a user who is already there (409). The service said: A user with
                  userName "taken@example.com" already exists. The userName must be unique.
                userName: user1@example.com -> taken@example.com
            Failure Update user1@example.com (source 2, target user2@example.com)
                EntryConflict: taken@example.com still has the userName in TravelPerk that this user is to get. The operation that
                  changes it did not succeed, or is not applied. Correct that user first; this one is tried again.
                userName: user2@example.com -> user1@example.com
            Failure Create user2@example.com (source 100, target -)
                EntryConflict: user1@example.com still has the userName in TravelPerk that this user is to get. The operation that
                  changes it did not succeed, or is not applied. Correct that user first; this one is tried again.
                userName: user2@example.com; externalId: 00000000-0000-4000-8000-000000000100; active: True; name.givenName:
                  Given100; name.familyName: Family100; phoneNumbers[type eq "work"].value: +34 930000100; title: Title 2
            """,
            outcomes
        );
        Assert.Equal(
            ["Given1", "Given2", "Given3"],
            Enumerable.Range(1, 3).Select(n => (string?)fixture.Target[$"user{n}@example.com"]["name"]!["givenName"])
        );
        Assert.Equal(4, fixture.Sandbox.UserCount);

        Name(fixture, 1, "free@example.com");
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal("Given100", (string?)fixture.Target["user2@example.com"]["name"]!["givenName"]);
    }

    [Fact]
    public async Task Where_an_exchange_cannot_be_finished_each_user_has_one_error_and_its_former_userName()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Set(
            new AttributeMapping("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter")
            {
                Source = AttributeMappingSource.FromAttribute("department"),
            }
        );
        await using var fixture = new CycleFixture(new SandboxOptions { CostCenters = ["Sales"] }, mapping: mapping);
        await FillAsync(fixture, 2);
        Rotate(fixture, 2);
        fixture.People[1]["department"] = "Nowhere";

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal([Id(1), Id(2)], outcomes.Where(o => o.Status == OutcomeStatus.Failure).Select(o => o.SourceId).Order());
        Assert.Contains(
            "has its former userName again",
            outcomes.Single(o => o is { Status: OutcomeStatus.Failure, ErrorCode: "EntryConflict" }).Reason,
            StringComparison.Ordinal
        );
        Assert.Equal(
            ["Given1", "Given2"],
            Enumerable.Range(1, 2).Select(n => (string?)fixture.Target[$"user{n}@example.com"]["name"]!["givenName"])
        );
        fixture.People[1]["department"] = "Sales";
        fixture.Time.Advance(TimeSpan.FromHours(1));
        await fixture.RunAsync();
        AssertRotated(fixture, 2);
    }

    [Fact]
    public async Task A_renamed_user_whose_new_manager_takes_the_former_userName_gets_both_in_one_cycle()
    {
        await using CycleFixture fixture = await CompanyAsync(2);
        Name(fixture, 1, "renamed1@example.com");
        fixture.People[0]["manager"] = new JsonObject { ["id"] = Id(100) };
        fixture.People.Add(Newcomer(fixture, 100, "user1@example.com"));

        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Success, o.Status));

        Assert.Equal((string?)fixture.Target["user1@example.com"]["id"], ManagerOf(fixture.Target["renamed1@example.com"]));
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_renamed_user_gets_a_new_manager_also_when_the_cycle_stops_before_the_reference_is_sent()
    {
        using var stop = new CancellationTokenSource();
        var managerExists = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var fixture = new CycleFixture(client: c => c with { Handler = new HeldPatches(managerExists.Task) });
        await FillAsync(fixture, 1);
        Name(fixture, 1, "renamed1@example.com");
        fixture.People[0]["manager"] = new JsonObject { ["id"] = Id(100) };
        fixture.People.Add(Newcomer(fixture, 100, "manager@example.com"));
        fixture.People.Add(Newcomer(fixture, 101, "user1@example.com"));
        IAsyncEnumerable<ProvisioningOutcome> cycle = new ProvisioningEngine(fixture.Job, fixture.Client).ApplyAsync(
            await fixture.PlanAsync(),
            new CycleOptions { Time = fixture.Time },
            stop.Token
        );

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ProvisioningOutcome outcome in cycle)
            {
                if (outcome.SourceId != Id(100))
                    continue;
                await stop.CancelAsync();
                managerExists.SetResult();
            }
        });
        Assert.Null(ManagerOf(fixture.Target["renamed1@example.com"]));

        await fixture.RunAsync();

        Assert.Equal((string?)fixture.Target["manager@example.com"]["id"], ManagerOf(fixture.Target["renamed1@example.com"]));
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task An_exchange_comes_through_a_saved_plan_and_half_of_it_does_not()
    {
        await using CycleFixture fixture = await CompanyAsync(2);
        Rotate(fixture, 2);
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);
        Assert.Equal(3, plan.Count);

        List<ProvisioningOutcome> half = await ApplyAsync(fixture, [.. plan.Take(2)]);

        Assert.DoesNotContain(half, o => o.Status == OutcomeStatus.Success);
        Assert.Equal(
            ["Given1", "Given2"],
            Enumerable.Range(1, 2).Select(n => (string?)fixture.Target[$"user{n}@example.com"]["name"]!["givenName"])
        );
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.All(await ApplyAsync(fixture, plan), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        AssertRotated(fixture, 2);
    }

    private static string? ManagerOf(JsonObject user) => (string?)user[TravelPerkSchema.EnterpriseUser]?["manager"]?["value"];

    private static async Task<CycleFixture> CompanyAsync(int people)
    {
        var fixture = new CycleFixture();
        await FillAsync(fixture, people);
        return fixture;
    }

    private static async Task FillAsync(CycleFixture fixture, int people)
    {
        foreach (int number in Enumerable.Range(1, people))
            fixture.Add(number);
        await fixture.RunAsync();
    }

    private static void Name(CycleFixture fixture, int number, string userName) =>
        fixture.People.Single(p => (string?)p["id"] == Id(number))["userPrincipalName"] = userName;

    private static JsonObject Newcomer(CycleFixture fixture, int number, string userName)
    {
        JsonObject person = fixture.Add(number);
        fixture.People.Remove(person);
        person["userPrincipalName"] = userName;
        return person;
    }

    // Each one gets the name of the next, and the last one that of the first.
    private static void Rotate(CycleFixture fixture, int people)
    {
        foreach (int number in Enumerable.Range(1, people))
            Name(fixture, number, $"user{(number % people) + 1}@example.com");
    }

    private static void AssertRotated(CycleFixture fixture, int people)
    {
        Assert.Equal(people, fixture.Sandbox.UserCount);
        foreach (int number in Enumerable.Range(1, people))
            Assert.Equal($"Given{number}", (string?)fixture.Target[$"user{(number % people) + 1}@example.com"]["name"]!["givenName"]);
    }

    /// <summary>Holds each PATCH back until something happened.</summary>
    private sealed class HeldPatches(Task until) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Patch)
                await until.WaitAsync(cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
