using TravelPerkScim.Entra.Http;
using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.Entra.Tests;

/// <summary>From Graph to TravelPerk, over two real sockets.</summary>
public sealed class CycleHistoryTests
{
    /// <summary>However the changes came, the target holds in the end what a first cycle over the same directory would make of an empty
    /// one.</summary>
    [Theory]
    [InlineData(1, 12, false)]
    [InlineData(101, 12, false)]
    [InlineData(201, 12, true)]
    [InlineData(301, 12, true)]
    public async Task Incremental_cycles_end_where_a_full_read_would(int firstSeed, int histories, bool withFilters)
    {
        FilterRule? filters = withFilters
            ? new FilterRule
            {
                IdsInFilter = 2,
                PageSize = 2,
                MostFilters = 3,
            }
            : null;
        for (int seed = firstSeed; seed < firstSeed + histories; seed++)
        {
            var random = new Random(seed);
            await using var fixture = new EntraFixture(filters: filters);
            GraphBehavior behavior = fixture.Graph.Behavior;
            behavior.Shuffle = new Random(seed);
            behavior.Repeats = random.Next(3) * 0.3;
            behavior.Replay = random.Next(3) * 4;
            behavior.ChangedPropertiesOnly = random.Next(2) == 0;
            behavior.PageCap = random.Next(2, 12);
            behavior.ThrottleEvery = random.Next(2) * 7;
            if (random.Next(2) == 0)
                fixture.Tenant.Lag = new StandInLag(new Random(seed), random.NextDouble(), random.Next(1, 12));
            var edits = new DirectoryEdits(fixture, random);
            edits.Make(25);
            await using var target = new CycleTarget(fixture);
            for (int cycle = 0; cycle < 4; cycle++)
            {
                await target.RunApprovedAsync();
                edits.Make(random.Next(8));
                if (random.Next(6) == 0)
                    fixture.Graph.ExpireTokens("users");
            }
            fixture.Tenant.CatchUp();
            // The first cycle asks for whom an earlier one did not find; the second knows a group that is gone after all.
            await target.RunApprovedAsync();
            await target.RunApprovedAsync();
            long before = target.Requests;
            await target.RunApprovedAsync();
            await using var fresh = new CycleTarget(fixture);
            await fresh.RunApprovedAsync();

            Assert.True(
                fresh.Active().SequenceEqual(target.Active()),
                $"seed {seed}:\n{string.Join('\n', target.Active())}\nis not\n{string.Join('\n', fresh.Active())}"
            );
            Assert.Equal(before, target.Requests);
        }
    }

    /// <summary>The same edits end in the same target after each cycle, whether links follow some users or all: also the users who are
    /// disabled, and those who are deleted.</summary>
    [Theory]
    [InlineData(1, 10)]
    [InlineData(1021, 10)]
    public async Task Cycles_with_filters_do_what_cycles_without_them_do(int firstSeed, int histories)
    {
        var small = new FilterRule
        {
            IdsInFilter = 2,
            PageSize = 2,
            MostFilters = 3,
        };
        for (int seed = firstSeed; seed < firstSeed + histories; seed++)
        {
            List<string> without = await RunAsync(seed, small with { MostFilters = 0 });
            List<string> always = await RunAsync(seed, small with { MostFilters = 20, PageSize = 1 });
            List<string> sometimes = await RunAsync(seed, small);
            for (int cycle = 0; cycle < without.Count; cycle++)
            {
                Assert.True(without[cycle] == always[cycle], $"seed {seed}, cycle {cycle}:\n{without[cycle]}\nis not\n{always[cycle]}");
                Assert.True(
                    without[cycle] == sometimes[cycle],
                    $"seed {seed}, cycle {cycle}:\n{without[cycle]}\nis not\n{sometimes[cycle]}"
                );
            }
        }
    }

    /// <summary>The target after each cycle.</summary>
    private static async Task<List<string>> RunAsync(int seed, FilterRule filters)
    {
        var random = new Random(seed);
        await using var fixture = new EntraFixture(nested: random.Next(2) == 0, filters: filters);
        GraphBehavior behavior = fixture.Graph.Behavior;
        behavior.Shuffle = new Random(seed);
        behavior.Repeats = random.Next(3) * 0.3;
        behavior.Replay = random.Next(3) * 4;
        behavior.ChangedPropertiesOnly = random.Next(2) == 0;
        behavior.PageCap = random.Next(2, 12);
        behavior.MembersAtOnce = random.Next(1, 5);
        var edits = new DirectoryEdits(fixture, random);
        edits.Make(40);
        await using var target = new CycleTarget(fixture);
        var targets = new List<string>();
        for (int cycle = 0; cycle < 8; cycle++)
        {
            await target.RunApprovedAsync();
            targets.Add(string.Join('\n', target.Everyone()));
            edits.Make(random.Next(10));
            if (random.Next(5) == 0)
                fixture.Graph.ExpireTokens(random.Next(2) == 0 ? "users" : "groups");
            // The tenant is counted again now and then.
            if (random.Next(4) == 0)
                fixture.Time.Advance(TimeSpan.FromDays(8));
        }
        return targets;
    }
}
