using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Somebody deleted a user in TravelPerk: whatever the service answers to a write of an id that it does not have, the user is made
/// again, and a leaver is done.</summary>
public sealed class VanishedUserTests
{
    public static TheoryData<SandboxBehavior?> Answers => [null, SandboxBehavior.UnknownIdFails, SandboxBehavior.UnknownIdGone];

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Is_created_again_with_one_write(SandboxBehavior? behavior)
    {
        await using CycleBench bench = await CompanyAsync(behavior);
        await bench.RemoveAsync("user2@example.com");
        bench.People[1]["jobTitle"] = "Back";
        int writes = bench.Writes;

        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());

        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Equal("Back", (string?)bench.Target["user2@example.com"]["title"]);
        Assert.Equal(writes + 1, bench.Writes);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Is_created_again_under_a_new_name(SandboxBehavior? behavior)
    {
        await using CycleBench bench = await CompanyAsync(behavior);
        await bench.RemoveAsync("user2@example.com");
        bench.People[1]["userPrincipalName"] = "renamed@example.com";

        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());

        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Contains("renamed@example.com", bench.Target.Keys);
        Assert.Equal(6, bench.Sandbox.UserCount);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Is_done_when_the_user_leaves(SandboxBehavior? behavior)
    {
        await using CycleBench bench = await CompanyAsync(behavior);
        await bench.RemoveAsync("user2@example.com");
        await bench.RemoveAsync("user3@example.com");
        bench.People[1]["accountEnabled"] = false;
        bench.People[2] = new()
        {
            ["id"] = CycleBench.Id(3),
            ["@removed"] = new System.Text.Json.Nodes.JsonObject { ["reason"] = "deleted" },
        };

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.Equal([ProvisioningAction.Disable, ProvisioningAction.Delete], outcomes.Select(o => o.Action).Order());
        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.All(outcomes, o => Assert.Contains("no longer had the user", o.Reason, StringComparison.Ordinal));
        Assert.Empty(await bench.RunAsync());
    }

    private static async Task<CycleBench> CompanyAsync(SandboxBehavior? behavior)
    {
        var bench = new CycleBench(
            new SandboxOptions { Behaviors = behavior is { } one ? [one] : [] },
            client: c => c with { MaxRetries = 0 },
            settings: s => s with { DeleteThresholdShare = 1 }
        );
        for (int i = 1; i <= 6; i++)
            bench.Add(i);
        await bench.RunAsync();
        return bench;
    }
}
