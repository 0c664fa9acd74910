using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Record;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>An account was deleted and made again: another id, the same userName.</summary>
public sealed class InheritanceTests
{
    [Fact]
    public async Task Whoever_was_made_again_takes_over_from_an_account_that_the_same_list_calls_deleted()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(1);
        string id = (string)bench.Target["user1@example.com"]["id"]!;

        directory.Delete(1);
        directory.Set(3, userPrincipalName: "user1@example.com");

        Assert.Equal(ProvisioningAction.Update, Assert.Single(await bench.RunAsync()).Action);
        Assert.Equal((id, CycleBench.Id(3)), ((string?)bench.Target["user1@example.com"]["id"], (string?)bench.Target["user1@example.com"]["externalId"]));
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task Whoever_was_made_again_takes_over_from_a_former_account_that_an_earlier_cycle_disabled()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(2);
        directory.Delete(1);
        directory.Expired = true;
        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await bench.RunAsync()).Action);

        directory.Set(3, userPrincipalName: "user1@example.com");
        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());

        Assert.Equal((OutcomeStatus.Success, CycleBench.Id(3)), (outcome.Status, outcome.SourceId));
        Assert.Equal(CycleBench.Id(3), (string?)bench.Target["user1@example.com"]["externalId"]);
        Assert.True((bool)bench.Target["user1@example.com"]["active"]!);
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task Whoever_has_the_userName_of_a_disabled_user_that_still_is_in_the_source_does_not_get_its_account()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(1);
        directory.Set(1, enabled: false);
        await bench.RunAsync();

        directory.Set(3, userPrincipalName: "user1@example.com");

        Assert.Equal("EntryConflict", Assert.Single(await bench.RunAsync()).ErrorCode);
        Assert.Equal(CycleBench.Id(1), (string?)bench.Target["user1@example.com"]["externalId"]);
    }
}
