using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.Tests.Cycle;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Tests.Groups;

/// <summary>Cycles whose source lists groups, against a target that has them.</summary>
public sealed class GroupCycleTests
{
    private static readonly SandboxOptions s_groups = new() { Groups = true };

    private static CycleFixture Start(int people, SandboxBehavior? behavior) =>
        Start(people, s_groups with { Behaviors = behavior is { } one ? [one] : [] }, retries: 0);

    internal static CycleFixture Start(int people, SandboxOptions? options = null, int retries = 5)
    {
        var fixture = new CycleFixture(options ?? s_groups, client: c => c with { MaxRetries = retries });
        for (int i = 1; i <= people; i++)
            fixture.Live().Set(i);
        return fixture;
    }

    [Fact]
    public async Task A_group_is_created_with_its_members_in_the_cycle_that_creates_them_and_an_idle_cycle_sends_nothing()
    {
        await using CycleFixture fixture = Start(3);
        fixture.Live().SetGroup(1, "Sales", 1, 2);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal((ProvisioningObjectType.Group, ProvisioningAction.Create, "Sales", OutcomeStatus.Success), Key(outcomes[^1]));
        Assert.Equal(3, outcomes.Count(o => o.ObjectType == ProvisioningObjectType.User));
        JsonObject group = Assert.Single(fixture.Sandbox.Groups);
        Assert.Equal(("Sales", LiveDirectory.GroupId(1)), ((string?)group["displayName"], (string?)group["externalId"]));
        AssertMembers(fixture, "Sales", 1, 2);
        long before = fixture.Client.RequestCount;
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(before, fixture.Client.RequestCount);
        Assert.Equal(ProvisioningObjectType.Group, ProvisioningLog.Read(fixture.Job, DateTimeOffset.MinValue).Last().ObjectType);
    }

    [Fact]
    public async Task Only_the_difference_is_sent_when_name_and_members_change()
    {
        await using CycleFixture fixture = Start(4);
        fixture.Live().SetGroup(1, "Sales", 1, 2, 3);
        fixture.Live().SetGroup(2, "Legal", 4);
        await fixture.RunAsync();
        int patches = fixture.Requests("PATCH");

        fixture.Live().SetGroup(1, "Sales and more", 2, 3, 4);
        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningObjectType.Group, ProvisioningAction.Update, "Sales and more", OutcomeStatus.Success), Key(outcome));
        Assert.Equal(
            ["displayName: (none) -> Sales and more", "members: 1 removed -> 1 added"],
            outcome.ModifiedProperties.Select(p => p.ToString())
        );
        Assert.Equal(patches + 3, fixture.Requests("PATCH"));
        AssertMembers(fixture, "Sales and more", 2, 3, 4);
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(100, 1, 2)]
    [InlineData(40, 2, 7)]
    public async Task Many_members_travel_in_batches_that_the_server_takes(int limit, int mostPosts, int mostPatches)
    {
        await using CycleFixture fixture = Start(250);
        await fixture.RunAsync();
        (int posts, int patches) = (fixture.Requests("POST"), fixture.Requests("PATCH"));
        fixture.Sandbox.SetBehavior(SandboxBehavior.GroupMembersLimited, on: true, limit);
        fixture.Live().SetGroup(1, "Everybody", Enumerable.Range(1, 250));

        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);

        AssertMembers(fixture, "Everybody", [.. Enumerable.Range(1, 250)]);
        Assert.InRange(fixture.Requests("POST") - posts, 1, mostPosts);
        Assert.InRange(fixture.Requests("PATCH") - patches, 1, 250 / limit + mostPatches);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_member_who_gets_a_user_later_is_added_then_and_one_who_is_disabled_is_taken_out()
    {
        await using CycleFixture fixture = Start(9);
        fixture.Live().Set(10, notEntitled: "is not assigned");
        fixture.Live().SetGroup(1, "Sales", 1, 10);
        await fixture.RunAsync();
        AssertMembers(fixture, "Sales", 1);

        fixture.Live().Set(10);
        Assert.Equal([ProvisioningAction.Create, ProvisioningAction.Update], (await fixture.RunAsync()).Select(o => o.Action));
        AssertMembers(fixture, "Sales", 1, 10);
        fixture.Live().Set(1, enabled: false);
        Assert.Equal([ProvisioningAction.Disable, ProvisioningAction.Update], (await fixture.RunAsync()).Select(o => o.Action));
        AssertMembers(fixture, "Sales", 10);
        fixture.Live().Set(1);
        Assert.Equal([ProvisioningAction.Enable, ProvisioningAction.Update], (await fixture.RunAsync()).Select(o => o.Action));
        AssertMembers(fixture, "Sales", 1, 10);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task Members_are_taken_out_although_the_server_never_shows_them()
    {
        await using CycleFixture fixture = Start(4);
        fixture.Sandbox.SetBehavior(SandboxBehavior.GroupMembersHidden, on: true);
        fixture.Live().SetGroup(1, "Sales", 1, 2, 3);
        await fixture.RunAsync();

        fixture.Live().SetGroup(1, "Sales", 3, 4);
        await fixture.RunAsync();

        AssertMembers(fixture, "Sales", 3, 4);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_group_that_is_gone_is_deleted_and_only_when_the_source_listed_every_group()
    {
        await using CycleFixture fixture = Start(2);
        fixture.Live().SetGroup(1, "Sales", 1);
        fixture.Live().SetGroup(2, "Legal", 2);
        await fixture.RunAsync();

        Dictionary<string, SourceGroup> groups = fixture.Live().Groups!;
        fixture.Live().Groups = null;
        Assert.Empty(await fixture.RunAsync());
        groups.Remove(LiveDirectory.GroupId(2));
        fixture.Live().Groups = groups;
        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningObjectType.Group, ProvisioningAction.Delete, "Legal", OutcomeStatus.Success), Key(outcome));
        Assert.Equal("Sales", (string?)Assert.Single(fixture.Sandbox.Groups)["displayName"]);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task Deleted_groups_count_with_the_users_who_leave_and_are_staged_over_the_threshold()
    {
        await using CycleFixture fixture = Start(4);
        for (int i = 1; i <= 6; i++)
            fixture.Live().SetGroup(i, $"Group {i}", 1);
        await fixture.RunAsync();

        fixture.Live().Groups!.Clear();
        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Staged, o.Status));
        Assert.Equal(6, fixture.Sandbox.Groups.Count());
        Assert.All(
            await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = fixture.LastCycle.Id }),
            o => Assert.Equal(OutcomeStatus.Success, o.Status)
        );

        Assert.Empty(fixture.Sandbox.Groups);
    }

    [Fact]
    public async Task A_group_that_is_suddenly_empty_keeps_its_members_until_an_approval()
    {
        await using CycleFixture fixture = Start(10);
        fixture.Live().SetGroup(1, "Sales", Enumerable.Range(1, 9));
        await fixture.RunAsync();

        fixture.Live().SetGroup(1, "Selling", 10);
        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal([OutcomeStatus.Success, OutcomeStatus.Staged], outcomes.Select(o => o.Status).Order());
        AssertMembers(fixture, "Selling", [.. Enumerable.Range(1, 10)]);
        await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = fixture.LastCycle.Id });
        AssertMembers(fixture, "Selling", 10);
    }

    [Theory]
    [InlineData(SandboxBehavior.PatchPathRejected)]
    [InlineData(SandboxBehavior.PathlessPatchRejected)]
    public async Task A_dialect_of_patch_is_spoken_to_groups_too(SandboxBehavior behavior)
    {
        await using CycleFixture fixture = Start(3);
        fixture.Live().SetGroup(1, "Sales", 1, 2);
        await fixture.RunAsync();
        fixture.Sandbox.SetBehavior(behavior, on: true);

        fixture.Live().SetGroup(1, "Selling", 1, 2, 3);
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);

        AssertMembers(fixture, "Selling", 1, 2, 3);
    }

    [Fact]
    public async Task Many_members_are_taken_out_in_batches()
    {
        await using CycleFixture fixture = Start(120);
        fixture.Live().SetGroup(1, "Everybody", Enumerable.Range(1, 120));
        await fixture.RunAsync();
        fixture.Sandbox.SetBehavior(SandboxBehavior.GroupMembersLimited, on: true, 40);
        fixture.Live().SetGroup(1, "Everybody", Enumerable.Range(1, 10));
        await fixture.RunAsync();

        Assert.Equal(
            OutcomeStatus.Success,
            Assert.Single(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = fixture.LastCycle.Id })).Status
        );

        AssertMembers(fixture, "Everybody", [.. Enumerable.Range(1, 10)]);
    }

    [Fact]
    public async Task An_approval_takes_out_just_those_who_were_staged()
    {
        await using CycleFixture fixture = Start(12);
        fixture.Live().SetGroup(1, "Sales", Enumerable.Range(1, 12));
        await fixture.RunAsync();
        fixture.Live().SetGroup(1, "Sales", 10, 11, 12);
        await fixture.RunAsync();
        Guid seen = fixture.LastCycle.Id;

        fixture.Live().SetGroup(1, "Sales", 12);
        Assert.Equal(
            OutcomeStatus.Staged,
            Assert.Single(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = seen })).Status
        );

        AssertMembers(fixture, "Sales", [.. Enumerable.Range(1, 12)]);
        await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = fixture.LastCycle.Id });
        AssertMembers(fixture, "Sales", 12);
    }

    [Fact]
    public async Task Where_the_target_has_no_groups_nothing_is_sent_but_one_question()
    {
        await using CycleFixture fixture = Start(2, new SandboxOptions());
        fixture.Live().SetGroup(1, "Sales", 1, 2);

        Assert.All(
            await fixture.RunAsync(),
            o => Assert.Equal((ProvisioningObjectType.User, OutcomeStatus.Success), (o.ObjectType, o.Status))
        );
        Assert.Single(fixture.Sandbox.RequestLog, r => r.Path.Contains("ResourceTypes", StringComparison.Ordinal));
        Assert.DoesNotContain(fixture.Sandbox.RequestLog, r => r.Path.Contains("/Groups", StringComparison.Ordinal));
        long before = fixture.Client.RequestCount;
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(before, fixture.Client.RequestCount);
    }

    [Fact]
    public async Task A_job_may_leave_groups_alone()
    {
        await using var fixture = new CycleFixture(s_groups, settings: s => s with { ProvisionGroups = false });
        fixture.Live().Set(1);
        fixture.Live().SetGroup(1, "Sales", 1);

        Assert.Equal(ProvisioningObjectType.User, Assert.Single(await fixture.RunAsync()).ObjectType);
        Assert.Empty(fixture.Sandbox.Groups);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public async Task An_existing_group_is_taken_over_and_members_of_others_stay(int groups)
    {
        await using CycleFixture fixture = Start(3);
        string stranger = fixture.AddStranger("other@example.com");
        await fixture.RunAsync();
        await fixture.Client.Groups.CreateAsync(ScimGroup.Write("SALES", "other", [stranger, IdOf(fixture, 2)]), default);
        fixture.Live().SetGroup(1, "Sales", 1, 3);
        for (int i = 2; i <= groups; i++)
            fixture.Live().SetGroup(i, $"Group {i}", 1);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(
            (ProvisioningObjectType.Group, ProvisioningAction.Update, "Sales", OutcomeStatus.Success),
            Key(outcomes.Single(o => o.Identity == "Sales"))
        );
        JsonObject group = fixture.Sandbox.Groups.First();
        Assert.Equal(LiveDirectory.GroupId(1), (string?)group["externalId"]);
        Assert.Equal(
            new[] { stranger, IdOf(fixture, 1), IdOf(fixture, 3) }.Order(StringComparer.Ordinal),
            Members(group).Order(StringComparer.Ordinal)
        );
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task Several_groups_with_the_external_id_are_a_problem_of_that_entry_alone()
    {
        await using CycleFixture fixture = Start(1);
        foreach (string name in (string[])["A", "B"])
            await fixture.Client.Groups.CreateAsync(ScimGroup.Write(name, LiveDirectory.GroupId(1), []), default);
        fixture.Live().SetGroup(1, "Sales", 1);
        fixture.Live().SetGroup(2, "Legal", 1);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        ProvisioningOutcome failed = outcomes.Single(o => o.Status == OutcomeStatus.Failure);
        Assert.Equal(("Sales", "DuplicateTargetEntries"), (failed.Identity, failed.ErrorCode));
        AssertMembers(fixture, "Legal", 1);
        Assert.Equal(1, ProvisioningStatus.Read(fixture.Job).Escrowed);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task Lost_answers_double_nothing()
    {
        await using CycleFixture fixture = Start(150);
        await fixture.RunAsync();
        fixture.Sandbox.SetBehavior(SandboxBehavior.AnswerLostAfterWrite, on: true, 2);
        fixture.Live().SetGroup(1, "Sales", Enumerable.Range(1, 150));

        Assert.Equal(
            (ProvisioningObjectType.Group, ProvisioningAction.Create, "Sales", OutcomeStatus.Success),
            Key(Assert.Single(await fixture.RunAsync()))
        );

        Assert.Single(fixture.Sandbox.Groups);
        AssertMembers(fixture, "Sales", [.. Enumerable.Range(1, 150)]);
        fixture.Sandbox.SetBehavior(SandboxBehavior.AnswerLostAfterWrite, on: true, 1);
        fixture.Live().SetGroup(1, "Sales", Enumerable.Range(2, 149));
        await fixture.RunAsync();
        AssertMembers(fixture, "Sales", [.. Enumerable.Range(2, 149)]);
    }

    [Fact]
    public async Task A_group_made_between_plan_and_apply_is_adopted()
    {
        await using CycleFixture fixture = Start(2);
        fixture.Live().SetGroup(1, "Sales", 1, 2);
        ProvisioningPlan plan = await fixture.PlanAsync();
        Assert.StartsWith("POST Groups {", plan.Operations[^1].Request!.ToString(), StringComparison.Ordinal);
        await fixture.Client.Groups.CreateAsync(ScimGroup.Write("sales", "x", []), default);

        ProvisioningOutcome outcome = (await fixture.ApplyAsync(plan))[^1];

        Assert.Equal((ProvisioningObjectType.Group, ProvisioningAction.Update, "Sales", OutcomeStatus.Success), Key(outcome));
        AssertMembers(fixture, "Sales", 1, 2);
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SandboxBehavior.UnknownIdGone)]
    [InlineData(SandboxBehavior.UnknownIdFails)]
    public async Task A_group_that_both_sides_deleted_is_done(SandboxBehavior? behavior)
    {
        await using CycleFixture fixture = Start(2, behavior);
        fixture.Live().SetGroup(1, "Sales", 1);
        fixture.Live().SetGroup(2, "Legal", 2);
        await fixture.RunAsync();
        await fixture.Client.Groups.DeleteAsync(
            (string)fixture.Sandbox.Groups.Single(g => (string?)g["displayName"] == "Legal")["id"]!,
            default
        );
        fixture.Live().Groups!.Remove(LiveDirectory.GroupId(2));

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningObjectType.Group, ProvisioningAction.Delete, "Legal", OutcomeStatus.Success), Key(outcome));
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SandboxBehavior.UnknownIdGone)]
    [InlineData(SandboxBehavior.UnknownIdFails)]
    public async Task A_group_deleted_by_hand_is_made_again_with_all_members_also_beside_a_user_deleted_by_hand(SandboxBehavior? behavior)
    {
        await using CycleFixture fixture = Start(4, behavior);
        fixture.Live().SetGroup(1, "Sales", 1, 2);
        await fixture.RunAsync();
        await fixture.Client.Groups.DeleteAsync((string)Assert.Single(fixture.Sandbox.Groups)["id"]!, default);

        fixture.Live().SetGroup(1, "Sales", 1, 2, 3);
        await fixture.RunAsync();
        AssertMembers(fixture, "Sales", 1, 2, 3);
        await fixture.Client.DeleteUserAsync(IdOf(fixture, 4), default);
        fixture.Live().Set(5);
        fixture.Live().SetGroup(1, "Sales", 1, 2, 3, 4, 5);
        ProvisioningOutcome outcome = (await fixture.RunAsync())[^1];

        Assert.Equal((ProvisioningObjectType.Group, ProvisioningAction.Update, "Sales", OutcomeStatus.Failure), Key(outcome));
        AssertMembers(fixture, "Sales", 1, 2, 3, 5);
    }

    private static (ProvisioningObjectType, ProvisioningAction, string, OutcomeStatus) Key(ProvisioningOutcome outcome) =>
        (outcome.ObjectType, outcome.Action, outcome.Identity, outcome.Status);

    private static string IdOf(CycleFixture fixture, int number) => (string)fixture.Target[$"user{number}@example.com"]["id"]!;

    private static string[] Members(JsonObject group) => [.. group["members"]!.AsArray().Select(m => (string)m!["value"]!)];

    internal static void AssertMembers(CycleFixture fixture, string group, params int[] numbers)
    {
        var ids = fixture.Sandbox.Users.ToDictionary(u => (string)u["id"]!, u => (string)u["userName"]!);
        JsonObject found = fixture.Sandbox.Groups.Single(g => (string?)g["displayName"] == group);
        Assert.Equal(
            numbers.Select(n => $"user{n}@example.com").Order(StringComparer.Ordinal),
            Members(found).Select(id => ids[id]).Order(StringComparer.Ordinal)
        );
    }
}
