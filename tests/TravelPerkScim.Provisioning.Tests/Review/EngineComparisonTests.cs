using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Review;
using TravelPerkScim.Provisioning.Tests.Cycle;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Review;

/// <summary>The hosted job's log beside a plan of this engine, after the hosted job wrote into TravelPerk.</summary>
public sealed class EngineComparisonTests
{
    private static readonly DateTimeOffset s_time = new(2026, 3, 2, 7, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Users_whom_the_hosted_job_wrote_as_this_one_would_do_not_differ()
    {
        await using CycleFixture fixture = await ProvisionedAsync(3);

        IReadOnlyList<EngineComparison> compared = await CompareAsync(fixture, Hosted(1), Hosted(2), Hosted(3));

        Assert.Equal(3, compared.Count);
        Assert.All(compared, one => Assert.Equal((EngineDifference.None, 0), (one.Difference, one.Values.Count)));
    }

    [Fact]
    public async Task A_value_that_this_job_would_write_otherwise_is_named_with_both_values()
    {
        await using CycleFixture fixture = await ProvisionedAsync(1);
        await fixture.PatchAsync("user1@example.com", "title", "As mapped there");

        EngineComparison one = Assert.Single(
            await CompareAsync(fixture, Hosted(1, changes: new AttributeChange("title", "Title 1", "As mapped there")))
        );

        Assert.Equal((EngineDifference.OtherValues, "user1@example.com"), (one.Difference, one.Identity));
        Assert.Equal(new EngineValue("title", "As mapped there", "Title 1"), Assert.Single(one.Values));
        Assert.Contains("There it was updated at", one.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_whom_only_one_of_the_two_writes_is_told_with_the_reason_of_the_other()
    {
        await using CycleFixture fixture = await ProvisionedAsync(2);
        fixture.Add(3);
        fixture.People[1]["accountEnabled"] = false;

        IReadOnlyList<EngineComparison> compared = await CompareAsync(
            fixture,
            Hosted(1),
            Hosted(2),
            Hosted(3, ProvisioningAction.None, OutcomeStatus.Skipped, "NotEffectivelyEntitled")
        );

        Assert.Equal(
            [EngineDifference.None, EngineDifference.OtherAction, EngineDifference.OnlyHere],
            compared.Select(one => one.Difference)
        );
        Assert.Contains("Here it would be disabled", compared[1].Reason, StringComparison.Ordinal);
        Assert.Contains("it was skipped: NotEffectivelyEntitled", compared[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_whom_this_job_leaves_alone_and_the_hosted_one_wrote_is_told_with_the_reason()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        fixture.Add(2);
        fixture.People[1]["accountEnabled"] = false;

        IReadOnlyList<EngineComparison> compared = await CompareAsync(fixture, Hosted(2));

        Assert.Equal((Id(2), EngineDifference.OnlyHosted), (compared[1].SourceId, compared[1].Difference));
        Assert.Contains("Here the user is left alone", compared[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failures_are_told_on_whichever_side_they_are()
    {
        await using CycleFixture fixture = await ProvisionedAsync(1);
        fixture.Add(2);
        fixture.Add(3)["userPrincipalName"] = "no address";
        fixture.Add(4)["userPrincipalName"] = "none either";

        IReadOnlyList<EngineComparison> compared = await CompareAsync(
            fixture,
            Failed(1, "A conflict."),
            Failed(2, "Time-out."),
            Hosted(3),
            Failed(4, "Not an address.")
        );

        var byId = compared.ToDictionary(one => one.SourceId, one => one.Difference);
        Assert.Equal(EngineDifference.HostedFails, byId[Id(1)]);
        Assert.Equal(EngineDifference.HostedFails, byId[Id(2)]);
        Assert.Equal(EngineDifference.FailsHere, byId[Id(3)]);
        Assert.Equal(EngineDifference.BothFail, byId[Id(4)]);
        Assert.Contains("nothing is left to do", compared.Single(one => one.SourceId == Id(1)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hosted_jobs_last_entry_counts()
    {
        await using CycleFixture fixture = await ProvisionedAsync(1);

        EngineComparison one = Assert.Single(
            await CompareAsync(fixture, Hosted(1), Failed(1, "An hour before.") with { Time = s_time.AddHours(-1) })
        );

        Assert.Equal(EngineDifference.None, one.Difference);
    }

    private static async Task<CycleFixture> ProvisionedAsync(int people)
    {
        var fixture = new CycleFixture();
        foreach (int number in Enumerable.Range(1, people))
            fixture.Add(number);
        await fixture.RunAsync();
        return fixture;
    }

    private static async Task<IReadOnlyList<EngineComparison>> CompareAsync(CycleFixture fixture, params ProvisioningOutcome[] hosted) =>
        EngineComparison.Of(
            hosted,
            await fixture.PlanAsync(
                new CycleOptions
                {
                    Time = fixture.Time,
                    Initial = true,
                    IncludeSkipped = true,
                }
            )
        );

    private static ProvisioningOutcome Failed(int number, string reason) => Hosted(number, status: OutcomeStatus.Failure, reason: reason);

    private static ProvisioningOutcome Hosted(
        int number,
        ProvisioningAction action = ProvisioningAction.Update,
        OutcomeStatus status = OutcomeStatus.Success,
        string reason = "",
        params AttributeChange[] changes
    ) =>
        new()
        {
            Time = s_time,
            CycleId = Guid.Empty,
            Action = action,
            Status = status,
            Identity = $"user{number}@example.com",
            SourceId = Id(number),
            Reason = reason,
            ModifiedProperties = changes,
        };
}
