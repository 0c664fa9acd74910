using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A user was deleted in TravelPerk by hand: whatever the service answers to a write of an id that it does not have, the user is
/// made again, and a leaver is done.</summary>
public sealed class VanishedUserTests
{
    public static TheoryData<SandboxBehavior?> Answers => [null, SandboxBehavior.UnknownIdFails, SandboxBehavior.UnknownIdGone];

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Is_created_again_with_one_write(SandboxBehavior? behavior)
    {
        await using CycleFixture fixture = await CompanyAsync(behavior);
        await fixture.RemoveAsync("user2@example.com");
        fixture.People[1]["jobTitle"] = "Back";
        int writes = fixture.Writes;

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Equal("Back", (string?)fixture.Target["user2@example.com"]["title"]);
        Assert.Equal(writes + 1, fixture.Writes);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Is_created_again_under_a_new_name(SandboxBehavior? behavior)
    {
        await using CycleFixture fixture = await CompanyAsync(behavior);
        await fixture.RemoveAsync("user2@example.com");
        fixture.People[1]["userPrincipalName"] = "renamed@example.com";

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Contains("renamed@example.com", fixture.Target.Keys);
        Assert.Equal(6, fixture.Sandbox.UserCount);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Is_done_when_the_user_leaves(SandboxBehavior? behavior)
    {
        await using CycleFixture fixture = await CompanyAsync(behavior);
        await fixture.RemoveAsync("user2@example.com");
        await fixture.RemoveAsync("user3@example.com");
        fixture.People[1]["accountEnabled"] = false;
        fixture.People[2] = new()
        {
            ["id"] = CycleFixture.Id(3),
            ["@removed"] = new System.Text.Json.Nodes.JsonObject { ["reason"] = "deleted" },
        };

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal([ProvisioningAction.Disable, ProvisioningAction.Delete], outcomes.Select(o => o.Action).Order());
        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.All(outcomes, o => Assert.Contains("no longer had the user", o.Reason, StringComparison.Ordinal));
        Assert.Empty(await fixture.RunAsync());
    }

    private static async Task<CycleFixture> CompanyAsync(SandboxBehavior? behavior)
    {
        var fixture = new CycleFixture(
            new SandboxOptions { Behaviors = behavior is { } one ? [one] : [] },
            client: c => c with { MaxRetries = 0 },
            settings: s => s with { DeleteThresholdShare = 1 }
        );
        for (int i = 1; i <= 6; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        return fixture;
    }
}
