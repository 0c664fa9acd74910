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
        await using CycleBench bench = Start(3);
        bench.Live().SetGroup(1, "Sales", 1, 2);

        IReadOnlyList<ProvisioningOperation> planned = (await bench.PlanAsync()).Operations,
            read = await SavedAsync(planned);

        Assert.Equal(
            planned.Select(o => (o.ObjectType, o.Action, o.Identity, o.Request?.ToString())),
            read.Select(o => (o.ObjectType, o.Action, o.Identity, o.Request?.ToString()))
        );
        Assert.All(
            await ApplyAsync(bench, read),
            o => Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (o.Action, o.Status))
        );
        AssertMembers(bench, "Sales", 1, 2);
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task Whose_user_was_not_let_through_is_put_in_when_they_have_one()
    {
        await using CycleBench bench = Start(3);
        bench.Live().SetGroup(1, "Sales", 1, 2);
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await bench.PlanAsync()).Operations);

        await ApplyAsync(bench, [.. plan.Where(o => o.Identity != "user2@example.com")]);

        AssertMembers(bench, "Sales", 1);
        await bench.RunAsync();
        AssertMembers(bench, "Sales", 1, 2);
    }

    [Fact]
    public async Task A_group_that_changed_since_the_review_is_stale_and_one_that_was_not_reviewed_is_left_alone()
    {
        await using CycleBench bench = Start(4);
        LiveDirectory directory = bench.Live();
        foreach (int number in Enumerable.Range(1, 4))
            directory.SetGroup(number, $"Group {number}", 1, 2);
        await bench.RunAsync();
        foreach (int number in Enumerable.Range(1, 3))
            directory.SetGroup(number, $"Group {number}", 1, 2, 3);
        directory.Groups!.Remove(LiveDirectory.GroupId(4));
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync([
            .. (await bench.PlanAsync()).Operations.Where(o => o.Action == ProvisioningAction.Update),
        ]);

        directory.SetGroup(2, "Group 2", 1, 2, 3, 4);
        directory.SetGroup(3, "Renamed", 1, 2, 3);
        List<ProvisioningOutcome> outcomes = await ApplyAsync(bench, plan);

        Assert.Equal("Group 1", Assert.Single(outcomes, o => o.Status == OutcomeStatus.Success).Identity);
        Assert.Equal(
            ["Group 2", "Group 3"],
            outcomes.Where(o => o is { Status: OutcomeStatus.Skipped, ErrorCode: "Stale" }).Select(o => o.Identity).Order()
        );
        AssertMembers(bench, "Group 1", 1, 2, 3);
        AssertMembers(bench, "Group 2", 1, 2);
        AssertMembers(bench, "Group 3", 1, 2);
        AssertMembers(bench, "Group 4", 1, 2);
        Assert.Equal(0, ProvisioningStatus.Read(bench.Job).Escrowed);
        await bench.RunAsync();
        AssertMembers(bench, "Group 2", 1, 2, 3, 4);
        AssertMembers(bench, "Renamed", 1, 2, 3);
        Assert.Equal(3, bench.Sandbox.Groups.Count());
    }

    [Fact]
    public async Task A_membership_edited_in_the_file_is_refused()
    {
        await using CycleBench bench = Start(3);
        bench.Live().SetGroup(1, "Sales", 1, 2);
        await bench.RunAsync();
        bench.Live().SetGroup(1, "Sales", 1, 2, 3);
        await PlanFile.SaveAsync(PlanPath, (await bench.PlanAsync()).Operations, default);
        await File.WriteAllTextAsync(
            PlanPath,
            (await File.ReadAllTextAsync(PlanPath)).Replace(CycleBench.Id(3), CycleBench.Id(4), StringComparison.Ordinal)
        );

        ProvisioningOutcome outcome = Assert.Single(await ApplyAsync(bench, await PlanFile.ReadAsync(PlanPath, default)));

        Assert.Equal(
            (ProvisioningObjectType.Group, OutcomeStatus.Skipped, "PlanTampered"),
            (outcome.ObjectType, outcome.Status, outcome.ErrorCode)
        );
        AssertMembers(bench, "Sales", 1, 2);
    }
}
