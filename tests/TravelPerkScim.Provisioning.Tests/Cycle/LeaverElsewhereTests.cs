using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A user left, and at the linked id there is another person or none: who has the name elsewhere is disabled only where it is the
/// same person.</summary>
public sealed class LeaverElsewhereTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_person_who_got_the_name_is_not_disabled(bool removed, bool listed)
    {
        await using CycleFixture fixture = await CompanyAsync(externalId: removed);
        await TakeNameAwayAsync(fixture, removed);
        fixture.AddStranger("user3@example.com", givenName: "Other", familyName: "Person");
        Leave(fixture, listed);

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((OutcomeStatus.Failure, "IdentityMismatch"), (outcome.Status, outcome.ErrorCode));
        Assert.Contains("It is not disabled", outcome.Reason, StringComparison.Ordinal);
        Assert.All(fixture.Sandbox.Users, u => Assert.True((bool)u["active"]!));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task The_same_person_made_again_is_disabled(bool removed, bool listed)
    {
        await using CycleFixture fixture = await CompanyAsync(externalId: removed);
        await TakeNameAwayAsync(fixture, removed);
        string id = fixture.AddStranger("user3@example.com", givenName: "GIVEN3 ", familyName: "Family3");
        Leave(fixture, listed);

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success, id), (outcome.Action, outcome.Status, outcome.TargetId));
        Assert.False((bool)fixture.Target["user3@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_user_with_the_leavers_externalId_is_disabled_whatever_its_names()
    {
        await using CycleFixture fixture = await CompanyAsync(externalId: true);
        await fixture.RemoveAsync("user3@example.com");
        fixture.AddStranger("user3@example.com", givenName: "Other", familyName: "Person");
        JsonObject user = CycleFixture.TargetUser("user3@example.com", givenName: "Married", familyName: "Person");
        (user["userName"], user["externalId"]) = ("married@example.com", Id(3));
        fixture.Sandbox.AddUser(user);
        Leave(fixture, listed: false);

        Assert.Equal(
            (ProvisioningAction.Disable, OutcomeStatus.Success),
            Assert.Single((await fixture.RunAsync()).Select(o => (o.Action, o.Status)))
        );

        Assert.Equal(
            (false, true),
            ((bool)fixture.Target["married@example.com"]["active"]!, (bool)fixture.Target["user3@example.com"]["active"]!)
        );
    }

    [Fact]
    public async Task A_name_that_the_log_no_longer_knows_speaks_for_no_one()
    {
        await using CycleFixture fixture = await CompanyAsync(externalId: true);
        await fixture.RemoveAsync("user3@example.com");
        fixture.AddStranger("user3@example.com", givenName: "Given3", familyName: "Family3");
        Leave(fixture, listed: false);
        fixture.EditState("DELETE FROM log");

        Assert.Equal("IdentityMismatch", Assert.Single(await fixture.RunAsync()).ErrorCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public async Task A_leavers_former_value_is_shown_only_where_it_was_read(int leavers)
    {
        await using CycleFixture fixture = await CompanyAsync(externalId: true, people: 30);
        for (int i = 1; i <= leavers; i++)
            await fixture.PatchAsync($"user{i}@example.com", "active", false);
        fixture.People.RemoveRange(0, leavers);

        ProvisioningPlan plan = await fixture.PlanAsync();

        Assert.Equal(leavers, plan.Operations.Count);
        Assert.All(
            plan.Operations,
            o =>
                Assert.Equal(
                    ("active", leavers == 1 ? "False" : null, "False"),
                    Assert.Single(o.Changes.Select(c => (c.Attribute, c.OldValue, c.NewValue)))
                )
        );
    }

    private static async Task<CycleFixture> CompanyAsync(bool externalId, int people = 5)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        if (!externalId)
            mapping.UserMapping.AttributeMappings.Remove(mapping.UserMapping.Find("externalId")!);
        var fixture = new CycleFixture(mapping: mapping);
        for (int i = 1; i <= people; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        return fixture;
    }

    private static Task TakeNameAwayAsync(CycleFixture fixture, bool removed) =>
        removed ? fixture.RemoveAsync("user3@example.com") : fixture.PatchAsync("user3@example.com", "userName", "married@example.com");

    private static void Leave(CycleFixture fixture, bool listed)
    {
        if (listed)
            fixture.People[2]["accountEnabled"] = false;
        else
            fixture.People.RemoveAt(2);
    }
}
