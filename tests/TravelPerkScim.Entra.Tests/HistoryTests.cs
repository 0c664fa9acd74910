using TravelPerkScim.Entra.Http;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

public sealed class HistoryTests
{
    /// <summary>Whatever happens in between, and however Graph tells it: the incremental reads together say what one full read
    /// says.</summary>
    [Theory]
    [InlineData(1, 100)]
    [InlineData(1001, 100)]
    [InlineData(2001, 100)]
    public Task Incremental_reads_add_up_to_a_full_read(int firstSeed, int histories) => RunAsync(firstSeed, histories, null);

    /// <summary>The same where deltas follow some users only, and move between that and every user.</summary>
    [Theory]
    [InlineData(1, 100)]
    [InlineData(1001, 100)]
    [InlineData(2001, 100)]
    public Task Reads_with_filters_add_up_to_a_full_read(int firstSeed, int histories) =>
        RunAsync(
            firstSeed,
            histories,
            new FilterRule
            {
                IdsInFilter = 2,
                PageSize = 2,
                MostFilters = 3,
            }
        );

    private static async Task RunAsync(int firstSeed, int histories, FilterRule? filters)
    {
        for (int seed = firstSeed; seed < firstSeed + histories; seed++)
        {
            try
            {
                await RunAsync(seed, filters);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }
    }

    private static async Task RunAsync(int seed, FilterRule? filters)
    {
        var random = new Random(seed);
        await using var fixture = new EntraFixture(nested: random.Next(2) == 0, readGroups: true, filters: filters);
        GraphBehavior behavior = fixture.Graph.Behavior;
        behavior.Shuffle = new Random(seed);
        behavior.Repeats = random.Next(3) * 0.3;
        behavior.Replay = random.Next(3) * 4;
        behavior.EmptyPageEvery = random.Next(4);
        behavior.ChangedPropertiesOnly = random.Next(2) == 0;
        behavior.PageCap = random.Next(1, 12);
        behavior.MembersAtOnce = random.Next(1, 5);
        behavior.ThrottleEvery = random.Next(2) * 7;
        behavior.ThrottleInBatchEvery = random.Next(2) * 5;
        if (behavior.EmptyPageEvery == 1)
            behavior.EmptyPageEvery = 2;
        var edits = new DirectoryEdits(fixture, random);
        if (random.Next(2) == 0)
            fixture.Tenant.Lag = new StandInLag(new Random(seed), random.NextDouble(), random.Next(1, 15));
        edits.Make(25);
        var state = new Dictionary<string, string>(StringComparer.Ordinal);
        var unread = new HashSet<string>(StringComparer.Ordinal);
        string? watermark = null;
        // Half of the histories have edits between the requests of a read.
        if (random.Next(2) == 0)
        {
            var during = new Random(seed);
            fixture.Graph.BeforeAnswer = (_, _) =>
            {
                lock (during)
                    edits.Make(during.Next(8) == 0 ? 1 : 0);
            };
        }
        for (int cycle = 0; cycle < 5; cycle++)
        {
            watermark = (await CycleAsync(fixture, watermark, state, unread)).Watermark;
            edits.Make(random.Next(8));
            if (random.Next(6) == 0)
                fixture.Graph.ExpireTokens(random.Next(2) == 0 ? "users" : "groups");
            if (filters is not null)
                DisturbFilters(fixture, random);
        }
        fixture.Graph.BeforeAnswer = null;
        fixture.Tenant.CatchUp();
        // A group that is not found once more is gone.
        watermark = (await CycleAsync(fixture, watermark, state, unread)).Watermark;
        Read last = await CycleAsync(fixture, watermark, state, unread);

        var fresh = new Dictionary<string, string>(StringComparer.Ordinal);
        Read whole = await fixture.ReadAsync();
        Fold(fresh, unread, whole);
        Assert.Equal(Groups(whole), Groups(last));
        if (filters is not null)
        {
            // The groups of each user are another way to know who is entitled.
            Read each = await fixture.FindAsync([
                .. fixture.Tenant.Users.Where(user => user.State == LifeState.Live).Select(user => user.Id),
            ]);
            var truth = new Dictionary<string, string>(StringComparer.Ordinal);
            Fold(truth, unread, each);
            Assert.Equal(Entitled(truth), Entitled(state));
            Assert.Equal(Entitled(truth), Entitled(fresh));
            return;
        }

        // A full read lists nobody who is deleted.
        var live = fixture.Tenant.Users.Where(user => user.State == LifeState.Live).Select(user => user.Id).ToHashSet();
        Assert.Equal(live.Order(), fresh.Keys.Order());
        Assert.Equal(fresh.OrderBy(pair => pair.Key), state.Where(pair => live.Contains(pair.Key)).OrderBy(pair => pair.Key));
        Assert.All(state.Where(pair => !live.Contains(pair.Key)), pair => Assert.Equal("soft-deleted", pair.Value));
    }

    // Filters end and begin again: Graph refuses or ignores them for a while, and the tenant is counted again.
    private static void DisturbFilters(EntraFixture fixture, Random random)
    {
        fixture.Graph.Behavior.IgnoresFilter = random.Next(8) == 0;
        fixture.Graph.Behavior.RefusesFilter = random.Next(8) == 0;
        if (random.Next(3) == 0)
            fixture.Time.Advance(TimeSpan.FromDays(8));
    }

    private static IEnumerable<KeyValuePair<string, string>> Entitled(Dictionary<string, string> state) =>
        state.Where(pair => pair.Value.StartsWith(' ')).OrderBy(pair => pair.Key);

    // As the engine does: whoever could not be read before is asked for again.
    private static async Task<Read> CycleAsync(
        EntraFixture fixture,
        string? watermark,
        Dictionary<string, string> state,
        HashSet<string> unread
    )
    {
        fixture.Time.Advance(TimeSpan.FromMinutes(40));
        string[] again = [.. unread];
        (Read read, Read asked) = await fixture.ReadAndFindAsync(watermark, again);
        Fold(state, unread, read);
        Fold(state, unread, asked);
        return read;
    }

    private static void Fold(Dictionary<string, string> state, HashSet<string> unread, Read read)
    {
        if (read.End.FullRead)
            state.Clear();
        foreach (SourceItem item in read.Items.Where(item => Read.AnchorOf(item) is not null))
        {
            string anchor = Read.AnchorOf(item)!;
            if (item is SourceNotFound or SourceFault or SourceEntry { EntitlementUnknown: true })
            {
                unread.Add(anchor);
                continue;
            }
            unread.Remove(anchor);
            if (item is SourceEntry { Object: var user } entry)
                state[anchor] = entry.SoftDeleted ? "soft-deleted" : $"{entry.NotEntitled} {string.Join('|', user.Values.Select(Text))}";
            else
                state.Remove(anchor);
        }
    }

    private static string Text(object? value) =>
        value switch
        {
            SourceReference reference => reference.Anchor,
            object?[] list => string.Join(',', list),
            _ => $"{value}",
        };

    private static IEnumerable<string> Groups(Read read) =>
        read.Items.OfType<SourceGroup>().Select(group => $"{group.Anchor} {group.DisplayName} {string.Join(',', group.Members)}").Order();
}
