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
    public async Task A_hiccup_of_the_source_was_read_as_all_users_having_left(string complaint)
    {
        await using CycleFixture fixture = Company();
        LiveDirectory? directory = complaint.StartsWith("one page", StringComparison.Ordinal) ? fixture.Live() : null;
        foreach (int n in directory is null ? [] : Enumerable.Range(1, People))
            directory!.Set(n);
        await fixture.RunAsync();
        string whole = File.ReadAllText(fixture.SourceFile);
        foreach (int n in directory is null ? [] : Enumerable.Range(5, 8))
            directory!.Hidden.Add(CycleFixture.Id(n));
        if (directory is not null)
            directory.Expired = true;
        File.WriteAllText(fixture.SourceFile, complaint.EndsWith("list", StringComparison.Ordinal) ? "[]" : whole[..(whole.Length / 2)]);

        await fixture.ApplyAsync(await fixture.PlanFileAsync());

        Assert.Equal(People, fixture.Target.Values.Count(u => (bool)u["active"]!));
        Assert.Equal(0, fixture.Requests("DELETE"));
    }

    [Fact]
    public async Task A_lost_group_was_read_as_its_members_left()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(People);
        foreach (int n in Enumerable.Range(1, 9))
            directory.Set(n, notEntitled: "is not assigned to 'TravelPerk'");

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(9, outcomes.Count(o => o.Status == OutcomeStatus.Staged));
        Assert.Equal(People, fixture.Target.Values.Count(u => (bool)u["active"]!));
        foreach (int n in Enumerable.Range(1, 9))
            directory.Set(n);
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public async Task Assignments_that_were_read_as_empty_disabled_a_small_company(int people)
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(people);
        foreach (int n in Enumerable.Range(1, people))
            directory.Set(n, notEntitled: "is not assigned to 'TravelPerk'");

        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Staged, o.Status));

        Assert.All(fixture.Target.Values, user => Assert.True((bool)user["active"]!));
        Assert.All(
            await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = fixture.LastCycle.Id }),
            o => Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success), (o.Action, o.Status))
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_503_in_the_middle_of_a_page_walk_made_users_twice(int times)
    {
        await using CycleFixture fixture = Company(new SandboxOptions { PageCap = 5 }, maxRetries: 1);
        await fixture.RunAsync();
        File.Delete(fixture.StateFile);
        int writes = fixture.Writes;
        fixture.Sandbox.SetBehavior(SandboxBehavior.PageWalkUnavailable, on: true, number: times);

        if (times > 1)
        {
            Assert.Equal(
                System.Net.HttpStatusCode.ServiceUnavailable,
                (await Assert.ThrowsAsync<ScimException>(() => fixture.RunAsync())).StatusCode
            );
            fixture.Sandbox.SetBehavior(SandboxBehavior.PageWalkUnavailable, on: false);
        }

        Assert.All(await fixture.RunAsync(), o => Assert.Equal((ProvisioningAction.Link, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal((People, writes), (fixture.Sandbox.UserCount, fixture.Writes));
    }

    [Theory]
    [InlineData(SandboxBehavior.FilterMisses)]
    [InlineData(SandboxBehavior.ConflictWithoutScimType)]
    [InlineData(SandboxBehavior.ConflictAsProblemJson)]
    [InlineData(SandboxBehavior.InactiveHidden)]
    public async Task A_409_was_tried_again_for_ever(SandboxBehavior behavior)
    {
        await using CycleFixture fixture = Company();
        ProvisioningPlan plan = await fixture.PlanAsync();
        fixture.AddStranger("user3@example.com", active: behavior != SandboxBehavior.InactiveHidden);
        fixture.Sandbox.SetBehavior(behavior, on: true);

        List<ProvisioningOutcome> outcomes = await fixture.ApplyAsync(plan);

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
        int posts = fixture.Requests("POST");
        foreach (TimeSpan pause in new[] { TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(11), TimeSpan.FromDays(1) })
        {
            fixture.Time.Advance(pause);
            await fixture.RunAsync();
            posts += found ? 0 : 1;
            Assert.Equal(posts, fixture.Requests("POST"));
        }
        Assert.Equal(People, fixture.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_second_uniqueness_rule_was_taken_for_the_first()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(2);
        await fixture.RunAsync();
        string id = fixture.AddStranger("other@example.com", externalId: CycleFixture.Id(1));
        fixture.Sandbox.SetBehavior(SandboxBehavior.ExternalIdUnique, on: true);
        fixture.Add(1);

        ProvisioningOutcome found = Assert.Single(await fixture.RunAsync());

        // The user with the account's own externalId is the account's.
        Assert.Equal((OutcomeStatus.Success, ProvisioningAction.Update, id), (found.Status, found.Action, found.TargetId));
        Assert.Equal(1, fixture.Sandbox.GetBehaviorHits(SandboxBehavior.ExternalIdUnique));
        Assert.Equal(["user1@example.com", "user2@example.com"], fixture.Target.Keys.Order());
    }

    [Theory]
    [InlineData(SandboxBehavior.UserNameLowercased)]
    [InlineData(SandboxBehavior.PhoneNumbersNormalized)]
    [InlineData(SandboxBehavior.DatesNormalized)]
    [InlineData(SandboxBehavior.TextNormalized)]
    public async Task Values_that_the_server_spells_otherwise_were_written_again_in_every_cycle(SandboxBehavior behavior)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Set(
            new AttributeMapping(TravelPerkSchema.TravelPerkUser + ":dateOfBirth")
            {
                Source = AttributeMappingSource.FromAttribute("extensionAttribute11"),
            }
        );
        await using var fixture = new CycleFixture(mapping: mapping);
        JsonObject person = fixture.Add(1);
        person["userPrincipalName"] = "User1@Example.com";
        person["givenName"] = "Zoe\u0308 ";
        person["surname"] = "\tde  la\u00a0Cruz";
        person["jobTitle"] = "Head of\r\nTravel";
        person["businessPhones"] = new JsonArray("+34 (93) 555-0005");
        person["onPremisesExtensionAttributes"] = new JsonObject { ["extensionAttribute11"] = "1980/02/02" };
        fixture.Sandbox.SetBehavior(behavior, on: true);
        await fixture.RunAsync();

        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));
        File.Delete(fixture.StateFile);
        Assert.Equal(ProvisioningAction.Link, Assert.Single(await fixture.RunAsync()).Action);
        Assert.Equal(1, fixture.Writes);
        Assert.True(fixture.Sandbox.GetBehaviorHits(behavior) > 2);
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
        await using var fixture = new CycleFixture(mapping: mapping);
        foreach (int n in Enumerable.Range(1, people))
        {
            fixture.Add(n)["employeeId"] = $"E\u0301 {n} ";
            fixture.AddStranger($"user{n}@example.com", externalId: $"\u00c9 {n}");
        }

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal(people, outcomes.Count);
        Assert.Equal(0, fixture.Requests("POST"));
    }

    [Fact]
    public async Task A_title_of_blanks_was_written_again_and_one_blank_more_was_an_edit_by_hand()
    {
        await using CycleFixture fixture = Company();
        fixture.People[0]["jobTitle"] = "  ";
        fixture.Sandbox.SetBehavior(SandboxBehavior.TextNormalized, on: true);
        await fixture.RunAsync();
        await fixture.PatchAsync("user2@example.com", "name.givenName", " Given2");
        int writes = fixture.Writes;

        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));
        Assert.Equal(writes, fixture.Writes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_delete_of_a_user_who_was_gone_already_failed(bool noContent)
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(6);
        await fixture.RemoveAsync("user1@example.com");
        fixture.Sandbox.SetBehavior(SandboxBehavior.DeleteRepeatsNoContent, noContent);
        directory.Delete(1);

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Delete, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Equal(5, ProvisioningStatus.Read(fixture.Job).LinkedUsers);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task An_answer_that_came_too_late_made_users_twice()
    {
        await using CycleFixture fixture = Company();
        ProvisioningPlan plan = await fixture.PlanAsync();
        fixture.Sandbox.SetBehavior(SandboxBehavior.SlowHeaders, on: true, number: 1);
        fixture.Reconnect(c => c with { RequestTimeout = TimeSpan.FromMilliseconds(300), MaxRetries = 0 });

        Assert.Contains(await fixture.ApplyAsync(plan), o => o is { Status: OutcomeStatus.Failure });
        fixture.Sandbox.SetBehavior(SandboxBehavior.SlowHeaders, on: false);
        fixture.Reconnect();
        fixture.Time.Advance(TimeSpan.FromDays(1));
        await fixture.RunAsync();

        Assert.Equal(People, fixture.Sandbox.UserCount);
        Assert.Empty(await fixture.RunAsync());
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
        await using CycleFixture fixture = Company(new SandboxOptions { PageCap = pageCap });
        await fixture.RunAsync();
        File.Delete(fixture.StateFile);
        fixture.Sandbox.SetBehavior(behavior, on: true, behavior == SandboxBehavior.PageCapBelowRequested ? 2 : null);

        List<ProvisioningOutcome> linked = await fixture.RunAsync();

        Assert.All(linked, o => Assert.Equal((ProvisioningAction.Link, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal(People, linked.Count);
    }

    [Fact]
    public async Task A_rename_and_another_case_became_delete_and_create()
    {
        await using CycleFixture fixture = Company();
        await fixture.RunAsync();
        string[] ids = [.. fixture.Sandbox.Users.Select(u => (string)u["id"]!)];
        fixture.People[0]["userPrincipalName"] = "USER1@example.com";
        fixture.People[1]["userPrincipalName"] = "married@example.com";

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal(ids, fixture.Sandbox.Users.Select(u => (string)u["id"]!));
        Assert.Contains("married@example.com", fixture.Target.Keys);
    }

    [Fact]
    public async Task One_failing_entry_aborted_the_run_and_state_was_written_only_at_the_end()
    {
        await using CycleFixture fixture = Company();
        fixture.People[0]["businessPhones"]![0] = "call me";
        ProvisioningPlan plan = await fixture.PlanAsync();
        await using IAsyncEnumerator<ProvisioningOutcome> outcomes = new ProvisioningEngine(fixture.Job, fixture.Client)
            .ApplyAsync(plan, new CycleOptions { Time = fixture.Time }, default)
            .GetAsyncEnumerator();
        for (int i = 0; i < 6; i++)
            Assert.True(await outcomes.MoveNextAsync());
        await outcomes.DisposeAsync();

        Assert.True(ProvisioningStatus.Read(fixture.Job).LinkedUsers >= 5);
        await fixture.RunAsync();
        Assert.Equal(People - 1, fixture.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_manager_who_came_into_scope_later_needed_a_restart()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = fixture.Live();
        directory.Set(1, notEntitled: "is not assigned");
        directory.Set(2, manager: 1);
        await fixture.RunAsync();
        directory.Set(1);

        await fixture.RunAsync();

        Assert.Equal((string)fixture.Target["user1@example.com"]["id"]!, fixture.ManagerOf(2));
    }

    [Theory]
    [InlineData(SandboxBehavior.TooManyRequests)]
    [InlineData(SandboxBehavior.PathlessPatchRejected)]
    [InlineData(SandboxBehavior.FilteredPathNoTarget)]
    [InlineData(SandboxBehavior.StringBooleansRejected)]
    public async Task A_limit_or_a_dialect_of_patch_lost_changes(SandboxBehavior behavior)
    {
        await using CycleFixture fixture = Company();
        await fixture.RunAsync();
        fixture.Sandbox.SetBehavior(behavior, on: true);
        foreach (JsonObject person in fixture.People)
            (person["jobTitle"], person["givenName"]) = ("Changed", "Changed");
        fixture.People[0]["accountEnabled"] = false;

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(People - 1, fixture.Target.Values.Count(u => (string?)u["title"] == "Changed" && (bool)u["active"]!));
        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
    }

    private static CycleFixture Company(SandboxOptions? options = null, int? maxRetries = null)
    {
        var fixture = new CycleFixture(options, client: c => maxRetries is { } most ? c with { MaxRetries = most } : c);
        for (int n = 1; n <= People; n++)
            fixture.Add(n);
        return fixture;
    }
}
