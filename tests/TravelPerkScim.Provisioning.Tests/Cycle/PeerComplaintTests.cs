using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>What users of other provisioning systems complain of, one test a complaint.</summary>
public sealed class PeerComplaintTests
{
    private const int People = 12;

    [Theory]
    [InlineData("one page of the source was not read")]
    [InlineData("the source gave an empty list")]
    [InlineData("the file was cut off")]
    public async Task A_hiccup_of_the_source_was_read_as_everybody_left(string complaint)
    {
        await using CycleBench bench = Company();
        LiveDirectory? directory = complaint.StartsWith("one page", StringComparison.Ordinal) ? bench.Live() : null;
        foreach (int n in directory is null ? [] : Enumerable.Range(1, People))
            directory!.Set(n);
        await bench.RunAsync();
        string whole = File.ReadAllText(bench.SourceFile);
        foreach (int n in directory is null ? [] : Enumerable.Range(5, 8))
            directory!.Hidden.Add(CycleBench.Id(n));
        if (directory is not null)
            directory.Expired = true;
        File.WriteAllText(bench.SourceFile, complaint.EndsWith("list", StringComparison.Ordinal) ? "[]" : whole[..(whole.Length / 2)]);

        await bench.ApplyAsync(await bench.PlanFileAsync());

        Assert.Equal(People, bench.Target.Values.Count(u => (bool)u["active"]!));
        Assert.Equal(0, bench.Requests("DELETE"));
    }

    [Fact]
    public async Task A_lost_group_was_read_as_its_members_left()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(People);
        foreach (int n in Enumerable.Range(1, 9))
            directory.Set(n, notEntitled: "is not assigned to 'TravelPerk'");

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.Equal(9, outcomes.Count(o => o.Status == OutcomeStatus.Staged));
        Assert.Equal(People, bench.Target.Values.Count(u => (bool)u["active"]!));
        foreach (int n in Enumerable.Range(1, 9))
            directory.Set(n);
        Assert.Empty(await bench.RunAsync());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public async Task Assignments_that_were_read_as_empty_disabled_a_small_company(int people)
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(people);
        foreach (int n in Enumerable.Range(1, people))
            directory.Set(n, notEntitled: "is not assigned to 'TravelPerk'");

        Assert.All(await bench.RunAsync(), o => Assert.Equal(OutcomeStatus.Staged, o.Status));

        Assert.All(bench.Target.Values, user => Assert.True((bool)user["active"]!));
        Assert.All(
            await bench.RunAsync(new CycleOptions { Time = bench.Time, ApproveCycle = bench.LastCycle.Id }),
            o => Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success), (o.Action, o.Status))
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_503_in_the_middle_of_a_page_walk_made_users_twice(int times)
    {
        await using CycleBench bench = Company(new SandboxOptions { PageCap = 5 }, maxRetries: 1);
        await bench.RunAsync();
        File.Delete(bench.StateFile);
        int writes = bench.Writes;
        bench.Sandbox.SetBehavior(SandboxBehavior.PageWalkUnavailable, on: true, number: times);

        if (times > 1)
        {
            Assert.Equal(
                System.Net.HttpStatusCode.ServiceUnavailable,
                (await Assert.ThrowsAsync<ScimException>(() => bench.RunAsync())).StatusCode
            );
            bench.Sandbox.SetBehavior(SandboxBehavior.PageWalkUnavailable, on: false);
        }

        Assert.All(await bench.RunAsync(), o => Assert.Equal((ProvisioningAction.Link, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal((People, writes), (bench.Sandbox.UserCount, bench.Writes));
    }

    [Theory]
    [InlineData(SandboxBehavior.FilterMisses)]
    [InlineData(SandboxBehavior.ConflictWithoutScimType)]
    [InlineData(SandboxBehavior.ConflictAsProblemJson)]
    [InlineData(SandboxBehavior.InactiveHidden)]
    public async Task A_409_was_tried_again_for_ever(SandboxBehavior behavior)
    {
        await using CycleBench bench = Company();
        ProvisioningPlan plan = await bench.PlanAsync();
        bench.Sandbox.AddUser(
            new JsonObject
            {
                ["userName"] = "user3@example.com",
                ["name"] = new JsonObject { ["givenName"] = "A", ["familyName"] = "B" },
                ["active"] = behavior != SandboxBehavior.InactiveHidden,
            }
        );
        bench.Sandbox.SetBehavior(behavior, on: true);

        List<ProvisioningOutcome> outcomes = await bench.ApplyAsync(plan);

        Assert.Equal(People, outcomes.Count);
        ProvisioningOutcome third = Assert.Single(outcomes, o => o.Identity == "user3@example.com");
        // A user whom neither filter nor list shows cannot be found, and the entry waits in escrow.
        bool found = behavior != SandboxBehavior.InactiveHidden;
        Assert.Equal(
            found
                ? (ProvisioningAction.Update, OutcomeStatus.Success, null)
                : (ProvisioningAction.Create, OutcomeStatus.Failure, "Conflict"),
            (third.Action, third.Status, third.ErrorCode)
        );
        int posts = bench.Requests("POST");
        foreach (TimeSpan pause in new[] { TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(11), TimeSpan.FromDays(1) })
        {
            bench.Time.Advance(pause);
            await bench.RunAsync();
            posts += found ? 0 : 1;
            Assert.Equal(posts, bench.Requests("POST"));
        }
        Assert.Equal(People, bench.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_second_uniqueness_rule_was_taken_for_the_first()
    {
        await using var bench = new CycleBench();
        bench.Add(2);
        await bench.RunAsync();
        string id = bench.Sandbox.AddUser(
            new JsonObject
            {
                ["userName"] = "other@example.com",
                ["externalId"] = CycleBench.Id(1),
                ["name"] = new JsonObject { ["givenName"] = "A", ["familyName"] = "B" },
                ["active"] = true,
            }
        );
        bench.Sandbox.SetBehavior(SandboxBehavior.ExternalIdUnique, on: true);
        bench.Add(1);

        ProvisioningOutcome found = Assert.Single(await bench.RunAsync());

        // The user with the account's own externalId is the account's.
        Assert.Equal((OutcomeStatus.Success, ProvisioningAction.Update, id), (found.Status, found.Action, found.TargetId));
        Assert.Equal(1, bench.Sandbox.GetBehaviorHits(SandboxBehavior.ExternalIdUnique));
        Assert.Equal(["user1@example.com", "user2@example.com"], bench.Target.Keys.Order());
    }

    [Theory]
    [InlineData(SandboxBehavior.UserNameLowercased)]
    [InlineData(SandboxBehavior.PhoneNumbersNormalized)]
    [InlineData(SandboxBehavior.DatesNormalized)]
    [InlineData(SandboxBehavior.TextNormalized)]
    public async Task What_the_server_writes_otherwise_was_written_again_in_every_cycle(SandboxBehavior behavior)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Set(
            new AttributeMapping(TravelPerkSchema.TravelPerkUser + ":dateOfBirth")
            {
                Source = AttributeMappingSource.FromAttribute("extensionAttribute11"),
            }
        );
        await using var bench = new CycleBench(mapping: mapping);
        JsonObject person = bench.Add(1);
        person["userPrincipalName"] = "User1@Example.com";
        person["givenName"] = "Zoe\u0308 ";
        person["surname"] = "\tde  la\u00a0Cruz";
        person["jobTitle"] = "Head of\r\nTravel";
        person["businessPhones"] = new JsonArray("+34 (93) 555-0005");
        person["onPremisesExtensionAttributes"] = new JsonObject { ["extensionAttribute11"] = "1980/02/02" };
        bench.Sandbox.SetBehavior(behavior, on: true);
        await bench.RunAsync();

        Assert.Empty(await bench.RunAsync(new CycleOptions { Time = bench.Time, Reconcile = true }));
        File.Delete(bench.StateFile);
        Assert.Equal(ProvisioningAction.Link, Assert.Single(await bench.RunAsync()).Action);
        Assert.Equal(1, bench.Writes);
        Assert.True(bench.Sandbox.GetBehaviorHits(behavior) > 2);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_matching_value_with_a_blank_at_its_end_made_the_user_again(int people)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("userName")!.MatchingPriority = 0;
        mapping.UserMapping.Find("externalId")!.Source = AttributeMappingSource.FromAttribute("employeeId");
        mapping.UserMapping.Find("externalId")!.MatchingPriority = 1;
        await using var bench = new CycleBench(mapping: mapping);
        foreach (int n in Enumerable.Range(1, people))
        {
            bench.Add(n)["employeeId"] = $"E\u0301 {n} ";
            bench.Sandbox.AddUser(
                new JsonObject
                {
                    ["userName"] = $"user{n}@example.com",
                    ["externalId"] = $"\u00c9 {n}",
                    ["name"] = new JsonObject { ["givenName"] = "A", ["familyName"] = "B" },
                    ["active"] = true,
                }
            );
        }

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.All(outcomes, o => Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal(people, outcomes.Count);
        Assert.Equal(0, bench.Requests("POST"));
    }

    [Fact]
    public async Task A_title_of_blanks_was_written_again_and_one_blank_more_was_an_edit_by_hand()
    {
        await using CycleBench bench = Company();
        bench.People[0]["jobTitle"] = "  ";
        bench.Sandbox.SetBehavior(SandboxBehavior.TextNormalized, on: true);
        await bench.RunAsync();
        await bench.PatchAsync("user2@example.com", "name.givenName", " Given2");
        int writes = bench.Writes;

        Assert.Empty(await bench.RunAsync(new CycleOptions { Time = bench.Time, Reconcile = true }));
        Assert.Equal(writes, bench.Writes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_delete_of_somebody_who_was_gone_already_failed(bool noContent)
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(6);
        await bench.RemoveAsync("user1@example.com");
        bench.Sandbox.SetBehavior(SandboxBehavior.DeleteRepeatsNoContent, noContent);
        directory.Delete(1);

        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());

        Assert.Equal((ProvisioningAction.Delete, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Equal(5, ProvisioningStatus.Read(bench.Job).LinkedUsers);
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task An_answer_that_came_too_late_made_users_twice()
    {
        await using CycleBench bench = Company();
        ProvisioningPlan plan = await bench.PlanAsync();
        bench.Sandbox.SetBehavior(SandboxBehavior.SlowHeaders, on: true, number: 1);
        bench.Reconnect(c => c with { RequestTimeout = TimeSpan.FromMilliseconds(300), MaxRetries = 0 });

        Assert.Contains(await bench.ApplyAsync(plan), o => o is { Status: OutcomeStatus.Failure });
        bench.Sandbox.SetBehavior(SandboxBehavior.SlowHeaders, on: false);
        bench.Reconnect();
        bench.Time.Advance(TimeSpan.FromDays(1));
        await bench.RunAsync();

        Assert.Equal(People, bench.Sandbox.UserCount);
        Assert.Empty(await bench.RunAsync());
    }

    [Theory]
    [InlineData(SandboxBehavior.PageCapBelowRequested, 5)]
    [InlineData(SandboxBehavior.TotalResultsEqualsPageSize, 5)]
    [InlineData(SandboxBehavior.PastEndRepeatsFirstPage, 5)]
    [InlineData(SandboxBehavior.PastEndRepeatsFirstPage, 100)]
    [InlineData(SandboxBehavior.EmptyPageWithoutResources, 6)]
    [InlineData(SandboxBehavior.EmptyPageWithoutResources, 12)]
    public async Task Only_the_first_page_was_read(SandboxBehavior behavior, int pageCap)
    {
        await using CycleBench bench = Company(new SandboxOptions { PageCap = pageCap });
        await bench.RunAsync();
        File.Delete(bench.StateFile);
        bench.Sandbox.SetBehavior(behavior, on: true, behavior == SandboxBehavior.PageCapBelowRequested ? 2 : null);

        List<ProvisioningOutcome> linked = await bench.RunAsync();

        Assert.All(linked, o => Assert.Equal((ProvisioningAction.Link, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal(People, linked.Count);
    }

    [Fact]
    public async Task A_rename_and_another_case_became_delete_and_create()
    {
        await using CycleBench bench = Company();
        await bench.RunAsync();
        string[] ids = [.. bench.Sandbox.Users.Select(u => (string)u["id"]!)];
        bench.People[0]["userPrincipalName"] = "USER1@example.com";
        bench.People[1]["userPrincipalName"] = "married@example.com";

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.All(outcomes, o => Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal(ids, bench.Sandbox.Users.Select(u => (string)u["id"]!));
        Assert.Contains("married@example.com", bench.Target.Keys);
    }

    [Fact]
    public async Task One_failing_entry_aborted_the_run_and_state_was_written_only_at_the_end()
    {
        await using CycleBench bench = Company();
        bench.People[0]["businessPhones"]![0] = "call me";
        ProvisioningPlan plan = await bench.PlanAsync();
        await using IAsyncEnumerator<ProvisioningOutcome> outcomes = new ProvisioningEngine(bench.Job, bench.Client)
            .ApplyAsync(plan, new CycleOptions { Time = bench.Time }, default)
            .GetAsyncEnumerator();
        for (int i = 0; i < 6; i++)
            Assert.True(await outcomes.MoveNextAsync());
        await outcomes.DisposeAsync();

        Assert.True(ProvisioningStatus.Read(bench.Job).LinkedUsers >= 5);
        await bench.RunAsync();
        Assert.Equal(People - 1, bench.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_manager_who_came_into_scope_later_needed_a_restart()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = bench.Live();
        directory.Set(1, notEntitled: "is not assigned");
        directory.Set(2, manager: 1);
        await bench.RunAsync();
        directory.Set(1);

        await bench.RunAsync();

        Assert.Equal((string)bench.Target["user1@example.com"]["id"]!, bench.ManagerOf(2));
    }

    [Theory]
    [InlineData(SandboxBehavior.TooManyRequests)]
    [InlineData(SandboxBehavior.PathlessPatchRejected)]
    [InlineData(SandboxBehavior.FilteredPathNoTarget)]
    [InlineData(SandboxBehavior.StringBooleansRejected)]
    public async Task A_limit_or_a_dialect_of_patch_lost_changes(SandboxBehavior behavior)
    {
        await using CycleBench bench = Company();
        await bench.RunAsync();
        bench.Sandbox.SetBehavior(behavior, on: true);
        foreach (JsonObject person in bench.People)
            (person["jobTitle"], person["givenName"]) = ("Changed", "Changed");
        bench.People[0]["accountEnabled"] = false;

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(People - 1, bench.Target.Values.Count(u => (string?)u["title"] == "Changed" && (bool)u["active"]!));
        Assert.False((bool)bench.Target["user1@example.com"]["active"]!);
    }

    private static CycleBench Company(SandboxOptions? options = null, int? maxRetries = null)
    {
        var bench = new CycleBench(options, client: c => maxRetries is { } most ? c with { MaxRetries = most } : c);
        for (int n = 1; n <= People; n++)
            bench.Add(n);
        return bench;
    }
}
