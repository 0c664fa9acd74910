using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A manager who cannot be sent is named, with the reason, in the plan, in the outcome and in the log.</summary>
public sealed class UnsentManagerTests
{
    [Theory]
    [InlineData(1, "own manager")]
    [InlineData(99, "not in the source or not in scope")]
    [InlineData(2, "not in the source or not in scope")]
    [InlineData(3, "could not be provisioned")]
    [InlineData(4, "its create did not succeed")]
    public async Task Is_named_with_the_reason(int manager, string reason)
    {
        await using var fixture = new CycleFixture(new() { CostCenters = ["Sales"] });
        fixture.Add(1, manager);
        fixture.Add(2)["accountEnabled"] = false;
        fixture.Add(3)["surname"] = null;
        fixture.Add(4)["employeeOrgData"] = new System.Text.Json.Nodes.JsonObject { ["costCenter"] = "Nowhere" };

        ProvisioningPlan plan = await fixture.PlanAsync();
        List<ProvisioningOutcome> outcomes = await fixture.ApplyAsync(plan);

        ProvisioningOutcome outcome = Assert.Single(outcomes, o => o.SourceId == Id(1));
        ProvisioningOutcome logged = Assert.Single(ProvisioningLog.Read(fixture.Job, default), o => o.SourceId == Id(1));
        Assert.Equal(OutcomeStatus.Success, outcome.Status);
        foreach (ProvisioningOutcome told in new[] { outcome, logged })
        {
            string step = told.Steps[^1].Description;
            Assert.Contains(
                "'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager' is not sent: ",
                step,
                StringComparison.Ordinal
            );
            Assert.Contains(reason, step, StringComparison.Ordinal);
            if (manager != 1)
                Assert.Contains(Id(manager), step, StringComparison.Ordinal);
        }
        // Whether the create succeeds, planning does not know.
        if (manager != 4)
        {
            Assert.Contains(
                reason,
                Assert.Single(plan.Operations, o => o.SourceId == Id(1)).Steps[^1].Description,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task A_manager_that_is_sent_gives_no_note()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1, manager: 2);
        fixture.Add(2, manager: 1);

        Assert.All(await fixture.RunAsync(), o => Assert.Null(o.Note));
        fixture.People[0]["jobTitle"] = "Next";
        Assert.Null(Assert.Single(await fixture.RunAsync()).Note);
    }
}
