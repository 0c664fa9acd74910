using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Review;
using TravelPerkScim.Provisioning.Tests.Cycle;
using static TravelPerkScim.Provisioning.Tests.Groups.GroupCycleTests;

namespace TravelPerkScim.Provisioning.Tests.Groups;

/// <summary>Groups in a plan that is saved, reviewed and applied.</summary>
public sealed class GroupReviewTests : SavedPlanTests
{
    [Fact]
    public async Task A_saved_plan_makes_groups_with_the_members_that_were_reviewed()
    {
        await using CycleFixture fixture = Start(3);
        fixture.Live().SetGroup(1, "Sales", 1, 2);

        IReadOnlyList<ProvisioningOperation> planned = (await fixture.PlanAsync()).Operations,
            read = await SavedAsync(planned);

        Assert.Equal(
            planned.Select(o => (o.ObjectType, o.Action, o.Identity, o.Request?.ToString())),
            read.Select(o => (o.ObjectType, o.Action, o.Identity, o.Request?.ToString()))
        );
        Assert.All(
            await ApplyAsync(fixture, read),
            o => Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (o.Action, o.Status))
        );
        AssertMembers(fixture, "Sales", 1, 2);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_member_whose_create_was_left_out_joins_when_it_has_a_user()
    {
        await using CycleFixture fixture = Start(3);
        fixture.Live().SetGroup(1, "Sales", 1, 2);
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);

        await ApplyAsync(fixture, [.. plan.Where(o => o.Identity != "user2@example.com")]);

        AssertMembers(fixture, "Sales", 1);
        await fixture.RunAsync();
        AssertMembers(fixture, "Sales", 1, 2);
    }

    [Fact]
    public async Task A_group_that_changed_since_the_review_is_stale_and_one_that_was_not_reviewed_is_left_alone()
    {
        await using CycleFixture fixture = Start(4);
        LiveDirectory directory = fixture.Live();
        foreach (int number in Enumerable.Range(1, 4))
            directory.SetGroup(number, $"Group {number}", 1, 2);
        await fixture.RunAsync();
        foreach (int number in Enumerable.Range(1, 3))
            directory.SetGroup(number, $"Group {number}", 1, 2, 3);
        directory.Groups!.Remove(LiveDirectory.GroupId(4));
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync([
            .. (await fixture.PlanAsync()).Operations.Where(o => o.Action == ProvisioningAction.Update),
        ]);

        directory.SetGroup(2, "Group 2", 1, 2, 3, 4);
        directory.SetGroup(3, "Renamed", 1, 2, 3);
        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, plan);

        fixture.AssertOutcomes(
            """
            Success Update Group 1 (source 00000000-0000-4000-9000-000000000001, target Group 1)
                The source group or its entitled members changed.
                members: - -> 1 added
            Skipped Update Group 2 (source 00000000-0000-4000-9000-000000000002, target Group 2)
                Stale: The group or its members changed since the plan was made: who is put in is no longer what was reviewed.
                members: - -> 1 added
            Skipped Update Group 3 (source 00000000-0000-4000-9000-000000000003, target Group 3)
                Stale: The group or its members changed since the plan was made: its name is no longer what was reviewed.
                members: - -> 1 added
            """,
            outcomes
        );
        AssertMembers(fixture, "Group 1", 1, 2, 3);
        AssertMembers(fixture, "Group 2", 1, 2);
        AssertMembers(fixture, "Group 3", 1, 2);
        AssertMembers(fixture, "Group 4", 1, 2);
        Assert.Equal(0, ProvisioningStatus.Read(fixture.Job).Escrowed);
        await fixture.RunAsync();
        AssertMembers(fixture, "Group 2", 1, 2, 3, 4);
        AssertMembers(fixture, "Renamed", 1, 2, 3);
        Assert.Equal(3, fixture.Sandbox.Groups.Count());
    }

    [Fact]
    public async Task A_membership_edited_in_the_file_is_refused()
    {
        await using CycleFixture fixture = Start(3);
        fixture.Live().SetGroup(1, "Sales", 1, 2);
        await fixture.RunAsync();
        fixture.Live().SetGroup(1, "Sales", 1, 2, 3);
        await PlanFile.SaveAsync(PlanPath, (await fixture.PlanAsync()).Operations, default);
        await File.WriteAllTextAsync(
            PlanPath,
            (await File.ReadAllTextAsync(PlanPath)).Replace(CycleFixture.Id(3), CycleFixture.Id(4), StringComparison.Ordinal)
        );

        ProvisioningOutcome outcome = Assert.Single(await ApplyAsync(fixture, await PlanFile.ReadAsync(PlanPath, default)));

        Assert.Equal(
            (ProvisioningObjectType.Group, OutcomeStatus.Skipped, "PlanTampered"),
            (outcome.ObjectType, outcome.Status, outcome.ErrorCode)
        );
        AssertMembers(fixture, "Sales", 1, 2);
    }
}
