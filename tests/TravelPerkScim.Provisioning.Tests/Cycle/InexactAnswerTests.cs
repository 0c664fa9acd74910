using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Tests.Groups;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleBench;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Answers that show somebody else: an inexact filter, a mixed-up GET. No stranger's account is linked, written or
/// disabled.</summary>
public sealed class InexactAnswerTests
{
    [Theory]
    [InlineData(SandboxBehavior.FilterIgnored, "ceo.admin@example.com")]
    [InlineData(SandboxBehavior.FilterContains, "joanna.user1@example.com")]
    [InlineData(SandboxBehavior.FilterContains, "user1@example.com.mx")]
    public async Task A_stranger_whom_the_filter_shows_is_neither_overwritten_nor_disabled_later(SandboxBehavior behavior, string stranger)
    {
        await using var bench = new CycleBench(new() { Behaviors = [behavior] });
        Existing(bench, stranger);
        string before = bench.Target[stranger].ToJsonString();
        bench.Add(1);

        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success, "2"), Key(Assert.Single(await bench.RunAsync())));
        Assert.False(bench.Client.Dialect.ExactFilter);
        bench.People[0]["accountEnabled"] = false;
        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success, "2"), Key(Assert.Single(await bench.RunAsync())));

        Assert.Equal(before, bench.Target[stranger].ToJsonString());
        Assert.False((bool)bench.Target["user1@example.com"]["active"]!);
    }

    [Fact]
    public async Task The_user_among_those_whom_the_filter_shows_is_matched_and_the_lesson_is_remembered()
    {
        await using var bench = new CycleBench(new() { Behaviors = [SandboxBehavior.FilterContains] });
        Existing(bench, "joanna.user1@example.com");
        Existing(bench, "User1@example.com");
        bench.Add(1);
        Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success, "2"), Key(Assert.Single(await bench.RunAsync())));

        bench.Reconnect();
        bench.Add(2);
        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success, "3"), Key(Assert.Single(await bench.RunAsync())));

        Assert.DoesNotContain(bench.Sandbox.RequestLog.TakeLast(4), entry => entry.Path.Contains("filter", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SandboxBehavior.FilterIgnored)]
    [InlineData(SandboxBehavior.FilterContains)]
    public async Task A_conflict_adopts_the_user_it_is_about_and_no_other(SandboxBehavior behavior)
    {
        await using var bench = new CycleBench();
        Existing(bench, "admin.user1@example.com");
        bench.Add(1);
        ProvisioningPlan plan = await bench.PlanAsync();
        Existing(bench, "user1@example.com");
        bench.Sandbox.SetBehavior(behavior, on: true);

        Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success, "2"), Key(Assert.Single(await bench.ApplyAsync(plan))));

        Assert.Equal("Somebody", (string?)bench.Target["admin.user1@example.com"]["name"]!["givenName"]);
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_is_found_again_and_not_somebody_else()
    {
        await using var bench = new CycleBench(settings: s => s with { Concurrency = 1 });
        Existing(bench, "admin@example.com");
        bench.Add(1);
        bench.Add(2);
        ProvisioningPlan plan = await bench.PlanAsync();
        bench.Sandbox.SetBehavior(SandboxBehavior.FilterIgnored, on: true);
        bench.Sandbox.SetBehavior(SandboxBehavior.AnswerLostAfterWrite, on: true, 2);

        Assert.Equal(["2", "3"], (await bench.ApplyAsync(plan)).Select(o => o.TargetId));

        Assert.Equal((3, 2), (bench.Sandbox.UserCount, bench.Requests("POST")));
        Assert.Equal("Somebody", (string?)bench.Target["admin@example.com"]["name"]!["givenName"]);
    }

    [Fact]
    public async Task Where_neither_filter_nor_pages_can_be_believed_the_entry_is_an_error_and_nothing_is_written()
    {
        await using var bench = new CycleBench(
            new() { PageCap = 5, Behaviors = [SandboxBehavior.FilterIgnored, SandboxBehavior.StartIndexIgnored] }
        );
        foreach (int number in Enumerable.Range(1, 12))
            Existing(bench, $"staff{number}@example.com");
        long writes = bench.Sandbox.WriteCount;
        bench.Add(1);

        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());

        Assert.Equal((OutcomeStatus.Failure, "TargetNotSearchable"), (outcome.Status, outcome.ErrorCode));
        Assert.Equal(writes, bench.Sandbox.WriteCount);
    }

    [Fact]
    public async Task A_get_that_answers_another_user_is_a_failure_of_that_entry_and_nobody_is_written()
    {
        await using var bench = new CycleBench();
        Existing(bench, "ceo@example.com");
        bench.Add(1);
        bench.Add(2);
        await bench.RunAsync();
        bench.Sandbox.SetBehavior(SandboxBehavior.GetAnswersAnotherUser, on: true);
        long writes = bench.Sandbox.WriteCount;
        bench.People[0]["jobTitle"] = "New";
        bench.Add(3);

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.Equal("InvalidResponse", Assert.Single(outcomes, o => o.Status == OutcomeStatus.Failure).ErrorCode);
        Assert.Equal(writes + 1, bench.Sandbox.WriteCount);
        bench.Sandbox.SetBehavior(SandboxBehavior.GetAnswersAnotherUser, on: false);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await bench.RunAsync()).Status);
    }

    [Fact]
    public async Task A_service_that_says_not_found_of_a_filter_without_a_hit_is_read_instead()
    {
        using var wire = new Wire
        {
            Instead = request =>
                request.RequestUri!.Query.Contains("filter=", StringComparison.Ordinal)
                    ? new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("") }
                    : null,
        };
        await using var bench = new CycleBench(client: c => c with { Handler = wire });
        bench.Add(1);

        Assert.Equal(ProvisioningAction.Create, Assert.Single(await bench.RunAsync()).Action);
        bench.Add(2);
        Assert.Equal(ProvisioningAction.Create, Assert.Single(await bench.RunAsync()).Action);
    }

    [Theory]
    [InlineData(SandboxBehavior.FilterIgnored)]
    [InlineData(SandboxBehavior.FilterContains)]
    public async Task A_strangers_group_is_not_renamed(SandboxBehavior behavior)
    {
        await using CycleBench bench = GroupCycleTests.Start(2, new() { Groups = true, Behaviors = [behavior] });
        bench.Live().SetGroup(1, "Sales managers", 1);
        await bench.RunAsync();
        bench.Live().SetGroup(2, "Sales", 2);

        Assert.Equal(
            (ProvisioningAction.Create, OutcomeStatus.Success),
            (Assert.Single(await bench.RunAsync()) is var o ? (o.Action, o.Status) : default)
        );

        Assert.Equal(
            ["Sales", "Sales managers"],
            bench.Sandbox.Groups.Select(g => (string)g["displayName"]!).Order(StringComparer.Ordinal)
        );
    }

    private static (ProvisioningAction, OutcomeStatus, string?) Key(ProvisioningOutcome outcome) =>
        (outcome.Action, outcome.Status, outcome.TargetId);

    private static void Existing(CycleBench bench, string userName) =>
        bench.Sandbox.AddUser(
            new JsonObject
            {
                ["userName"] = userName,
                ["name"] = new JsonObject { ["givenName"] = "Somebody", ["familyName"] = "Else" },
            }
        );
}
