using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Record;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Scim;

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
        LiveDirectory directory = bench.Live();
        foreach (int n in Enumerable.Range(1, People))
            directory.Set(n);
        await bench.RunAsync();
        foreach (int n in Enumerable.Range(1, 9))
            directory.Set(n, notEntitled: "is not assigned to 'TravelPerk'");

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.Equal(9, outcomes.Count(o => o.Status == OutcomeStatus.Staged));
        Assert.Equal(People, bench.Target.Values.Count(u => (bool)u["active"]!));
        foreach (int n in Enumerable.Range(1, 9))
            directory.Set(n);
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task One_503_in_the_middle_of_a_page_walk_made_users_twice()
    {
        await using CycleBench bench = Company(new SandboxOptions { PageCap = 5 });
        await bench.RunAsync();
        File.Delete(bench.StateFile);
        bench.Sandbox.SetBehavior(SandboxBehavior.PageWalkUnavailable, on: true);

        try
        {
            await bench.RunAsync();
        }
        catch (ScimException e)
        {
            Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, e.StatusCode);
        }

        Assert.Equal(People, bench.Sandbox.UserCount);
        Assert.Equal(People, bench.Requests("POST"));
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
        bench.Sandbox.AddUser(new JsonObject { ["userName"] = "user3@example.com", ["name"] = new JsonObject { ["givenName"] = "A", ["familyName"] = "B" }, ["active"] = behavior != SandboxBehavior.InactiveHidden });
        bench.Sandbox.SetBehavior(behavior, on: true);

        List<ProvisioningOutcome> outcomes = await bench.ApplyAsync(plan);
        int posts = bench.Requests("POST");
        await bench.RunAsync();

        Assert.Equal(People, outcomes.Count);
        Assert.InRange(posts, People - 1, People);
        Assert.Equal(posts, bench.Requests("POST"));
        Assert.Equal(People, bench.Sandbox.UserCount);
    }

    [Theory]
    [InlineData(SandboxBehavior.PageCapBelowRequested)]
    [InlineData(SandboxBehavior.TotalResultsEqualsPageSize)]
    [InlineData(SandboxBehavior.PastEndRepeatsFirstPage)]
    public async Task Only_the_first_page_was_read(SandboxBehavior behavior)
    {
        await using CycleBench bench = Company(new SandboxOptions { PageCap = 5 });
        await bench.RunAsync();
        File.Delete(bench.StateFile);
        bench.Sandbox.SetBehavior(behavior, on: true);

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
        await using IAsyncEnumerator<ProvisioningOutcome> outcomes = new ProvisioningEngine(bench.Job, bench.Client).ApplyAsync(plan, new CycleOptions { Time = bench.Time }, default).GetAsyncEnumerator();
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

    private static CycleBench Company(SandboxOptions? options = null)
    {
        var bench = new CycleBench(options);
        for (int n = 1; n <= People; n++)
            bench.Add(n);
        return bench;
    }
}
