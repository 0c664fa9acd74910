using TravelPerkScim.Provisioning.Tests.State;
using TravelPerkScim.Simulation;

namespace TravelPerkScim.Provisioning.Tests;

/// <summary>A few of the simulation's random histories; <c>dotnet run -c Release --project tests/TravelPerkScim.Simulation -- --seeds
/// 20000</c> runs many.</summary>
[Collection(Alone)]
public sealed class SimulationTests
{
    private const string Alone = "Simulation";

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

    [PostgresFact]
    public async Task The_target_ends_as_the_directory_says_whatever_fails_in_a_shared_database_too()
    {
        using var postgres = new PostgresCluster();
        var output = new StringWriter();

        RunSummary summary = await Runner.RunManyAsync(97_000_000, 50, output, newDatabase: postgres.NewDatabase);

        Assert.True(summary.Failed == 0, output.ToString());
        Assert.InRange(summary.Kills, 10, 50 * 10);
        Assert.InRange(summary.StoreFaults, 10, 50 * 10);
    }

    /// <summary>In virtual time, in processes of the simulation; <c>dotnet run -c Release --project tests/TravelPerkScim.Simulation --
    /// --pairs</c> does the same.</summary>
    [Fact]
    public async Task No_user_is_lost_doubled_or_wrongly_disabled_by_any_two_behaviours_at_once()
    {
        var output = new StringWriter();

        RunSummary summary = await Runner.RunPairsAsync(output);

        Assert.True(summary.Failed == 0, output.ToString());
        Assert.InRange(summary.Seeds, 1200, int.MaxValue);
    }

    /// <summary>The simulation's processes take every core there is: tests that wait for a socket run before them, and not beside
    /// them.</summary>
    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class AloneCollection;
}
