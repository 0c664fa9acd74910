using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Tests.Groups;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Answers that show another user: an inexact filter, a mixed-up GET. No stranger's account is linked, written or
/// disabled.</summary>
public sealed class InexactAnswerTests
{
    [Theory]
    [InlineData(SandboxBehavior.FilterIgnored, "ceo.admin@example.com")]
    [InlineData(SandboxBehavior.FilterContains, "joanna.user1@example.com")]
    [InlineData(SandboxBehavior.FilterContains, "user1@example.com.mx")]
    public async Task A_stranger_whom_the_filter_shows_is_neither_overwritten_nor_disabled_later(SandboxBehavior behavior, string stranger)
    {
        await using var fixture = new CycleFixture(new() { Behaviors = [behavior] });
        Existing(fixture, stranger);
        string before = fixture.Target[stranger].ToJsonString();
        fixture.Add(1);

        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success, "2"), Key(Assert.Single(await fixture.RunAsync())));
        Assert.False(fixture.Client.Dialect.ExactFilter);
        fixture.People[0]["accountEnabled"] = false;
        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success, "2"), Key(Assert.Single(await fixture.RunAsync())));

        Assert.Equal(before, fixture.Target[stranger].ToJsonString());
        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
    }

    [Fact]
    public async Task The_user_among_those_whom_the_filter_shows_is_matched_and_the_lesson_is_remembered()
    {
        await using var fixture = new CycleFixture(new() { Behaviors = [SandboxBehavior.FilterContains] });
        Existing(fixture, "joanna.user1@example.com");
        Existing(fixture, "User1@example.com");
        fixture.Add(1);
        Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success, "2"), Key(Assert.Single(await fixture.RunAsync())));

        fixture.Reconnect();
        fixture.Add(2);
        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success, "3"), Key(Assert.Single(await fixture.RunAsync())));

        Assert.DoesNotContain(fixture.Sandbox.RequestLog.TakeLast(4), entry => entry.Path.Contains("filter", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SandboxBehavior.FilterIgnored)]
    [InlineData(SandboxBehavior.FilterContains)]
    public async Task A_conflict_adopts_the_user_it_is_about_and_no_other(SandboxBehavior behavior)
    {
        await using var fixture = new CycleFixture();
        Existing(fixture, "admin.user1@example.com");
        fixture.Add(1);
        ProvisioningPlan plan = await fixture.PlanAsync();
        Existing(fixture, "user1@example.com");
        fixture.Sandbox.SetBehavior(behavior, on: true);

        Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success, "2"), Key(Assert.Single(await fixture.ApplyAsync(plan))));

        Assert.Equal("Stranger", (string?)fixture.Target["admin.user1@example.com"]["name"]!["givenName"]);
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_finds_its_own_user_again()
    {
        await using var fixture = new CycleFixture(settings: s => s with { Concurrency = 1 });
        Existing(fixture, "admin@example.com");
        fixture.Add(1);
        fixture.Add(2);
        ProvisioningPlan plan = await fixture.PlanAsync();
        fixture.Sandbox.SetBehavior(SandboxBehavior.FilterIgnored, on: true);
        fixture.Sandbox.SetBehavior(SandboxBehavior.AnswerLostAfterWrite, on: true, 2);

        Assert.Equal(["2", "3"], (await fixture.ApplyAsync(plan)).Select(o => o.TargetId));

        Assert.Equal((3, 2), (fixture.Sandbox.UserCount, fixture.Requests("POST")));
        Assert.Equal("Stranger", (string?)fixture.Target["admin@example.com"]["name"]!["givenName"]);
    }

    [Fact]
    public async Task Where_neither_filter_nor_pages_can_be_believed_the_entry_is_an_error_and_nothing_is_written()
    {
        await using var fixture = new CycleFixture(
            new() { PageCap = 5, Behaviors = [SandboxBehavior.FilterIgnored, SandboxBehavior.StartIndexIgnored] }
        );
        foreach (int number in Enumerable.Range(1, 12))
            Existing(fixture, $"staff{number}@example.com");
        long writes = fixture.Sandbox.WriteCount;
        fixture.Add(1);

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((OutcomeStatus.Failure, "TargetNotSearchable"), (outcome.Status, outcome.ErrorCode));
        Assert.Equal(writes, fixture.Sandbox.WriteCount);
    }

    [Fact]
    public async Task A_get_that_answers_another_user_is_a_failure_of_that_entry_and_writes_no_user()
    {
        await using var fixture = new CycleFixture();
        Existing(fixture, "ceo@example.com");
        fixture.Add(1);
        fixture.Add(2);
        await fixture.RunAsync();
        fixture.Sandbox.SetBehavior(SandboxBehavior.GetAnswersAnotherUser, on: true);
        long writes = fixture.Sandbox.WriteCount;
        fixture.People[0]["jobTitle"] = "New";
        fixture.Add(3);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal("InvalidResponse", Assert.Single(outcomes, o => o.Status == OutcomeStatus.Failure).ErrorCode);
        Assert.Equal(writes + 1, fixture.Sandbox.WriteCount);
        fixture.Sandbox.SetBehavior(SandboxBehavior.GetAnswersAnotherUser, on: false);
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);
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
        await using var fixture = new CycleFixture(client: c => c with { Handler = wire });
        fixture.Add(1);

        Assert.Equal(ProvisioningAction.Create, Assert.Single(await fixture.RunAsync()).Action);
        fixture.Add(2);
        Assert.Equal(ProvisioningAction.Create, Assert.Single(await fixture.RunAsync()).Action);
    }

    [Theory]
    [InlineData(SandboxBehavior.FilterIgnored)]
    [InlineData(SandboxBehavior.FilterContains)]
    public async Task A_strangers_group_is_not_renamed(SandboxBehavior behavior)
    {
        await using CycleFixture fixture = GroupCycleTests.Start(2, new() { Groups = true, Behaviors = [behavior] });
        fixture.Live().SetGroup(1, "Sales managers", 1);
        await fixture.RunAsync();
        fixture.Live().SetGroup(2, "Sales", 2);

        Assert.Equal(
            (ProvisioningAction.Create, OutcomeStatus.Success),
            (Assert.Single(await fixture.RunAsync()) is var o ? (o.Action, o.Status) : default)
        );

        Assert.Equal(
            ["Sales", "Sales managers"],
            fixture.Sandbox.Groups.Select(g => (string)g["displayName"]!).Order(StringComparer.Ordinal)
        );
    }

    private static (ProvisioningAction, OutcomeStatus, string?) Key(ProvisioningOutcome outcome) =>
        (outcome.Action, outcome.Status, outcome.TargetId);

    private static void Existing(CycleFixture fixture, string userName) => fixture.AddStranger(userName);
}
