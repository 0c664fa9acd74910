using TravelPerkScim.Simulation;

namespace TravelPerkScim.Provisioning.Tests;

/// <summary>A few of the simulation's random histories; <c>dotnet run -c Release --project tests/TravelPerkScim.Simulation -- --seeds 20000</c> runs many.</summary>
public sealed class SimulationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1_000_001)]
    public async Task The_target_ends_as_the_directory_says_whatever_fails_on_the_way(int from)
    {
        var output = new StringWriter();

        RunSummary summary = await Runner.RunManyAsync(from, 100, output);

        Assert.True(summary.Failed == 0, output.ToString());
        Assert.InRange(summary.Kills, 10, 100 * 10);
    }
}
