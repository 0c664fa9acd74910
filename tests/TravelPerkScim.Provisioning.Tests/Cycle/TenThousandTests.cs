using System.Globalization;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using Xunit.Abstractions;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>What a company of ten thousand costs in requests: figures that no machine changes.</summary>
public sealed class TenThousandTests(ITestOutputHelper output)
{
    private const int People = 10_000;

    [Fact]
    public async Task Ten_thousand_users_cost_one_request_each_then_none_and_unlinked_one_a_page()
    {
        await using var fixture = new CycleFixture(new() { PageCap = 100 });
        for (int i = 1; i <= People; i++)
            fixture.Add(i, manager: i == 1 ? null : i / 8 + (i < 8 ? 1 : 0));

        List<ProvisioningOutcome> created = await fixture.RunAsync();
        long requests = fixture.Sandbox.RequestCount;
        Print("requests a created user, managers included", (double)requests / People);
        Assert.Equal(People, created.Count(o => o is { Action: ProvisioningAction.Create, Status: OutcomeStatus.Success }));
        Assert.Equal(
            People - 1,
            fixture.Sandbox.Users.Count(u => u["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]?["manager"] is not null)
        );
        Assert.InRange(requests, People, (long)(People * 1.05));

        Assert.Empty(await fixture.RunAsync());
        Print("requests of the same cycle again", fixture.Sandbox.RequestCount - requests);
        Assert.Equal(requests, fixture.Sandbox.RequestCount);

        File.Delete(fixture.StateFile);
        int writes = fixture.Writes;
        List<ProvisioningOutcome> linked = await fixture.RunAsync();
        Print("requests to link all of them, unlinked, pages of 100", fixture.Sandbox.RequestCount - requests);
        Assert.Equal(People, linked.Count(o => o.Action == ProvisioningAction.Link));
        Assert.Equal(writes, fixture.Writes);
        Assert.Equal(requests + (People / 100), fixture.Sandbox.RequestCount);
    }

    private void Print(string figure, double value) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure}: {value}"));
}
