using System.Threading.Channels;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

/// <summary>The jobs of a tenant share one pace of requests, within the resource units that Graph gives the application in the
/// tenant.</summary>
public sealed class PaceTests
{
    [Theory]
    [InlineData(null, 3_500)]
    [InlineData(40, 3_500)]
    [InlineData(400, 5_000)]
    [InlineData(4_000, 8_000)]
    public async Task Two_jobs_of_a_tenant_stay_within_the_units_of_its_size_together(int? tenant, int limit)
    {
        await using var fixture = new EntraFixture();
        fixture.Graph.Behavior.Now = fixture.Time.GetUtcNow;
        StandInUser[] users = [.. Enumerable.Range(0, tenant ?? 40).Select(i => fixture.Tenant.AddUser($"u{i}@contoso.com"))];
        if (tenant is not null)
            await fixture.ReadAsync();
        using var other = new EntraDirectory(fixture.Options with { TenantId = "CONTOSO.com" });
        // A name that is asked for costs as much as a user who is found.
        string[] identities = [.. Enumerable.Range(0, 2_500).Select(i => new Guid(i, 1, 1, new byte[8]).ToString("D")), users[0].Id];
        long before = fixture.Graph.ResourceUnits;

        Task<int>[] both = [CountAsync(fixture.Source, identities), CountAsync(new EntraSource(other, fixture.Settings), identities)];

        Assert.All(await Task.WhenAll(both), found => Assert.Equal(identities.Length, found));
        long spent = fixture.Graph.ResourceUnits - before;
        Assert.True(spent > limit, $"{spent}");
        // A part is left to other processes, and the rest is used.
        Assert.InRange(fixture.Graph.MostUnits, 7 * limit / 10, limit);
        Assert.All(fixture.Time.Waits, wait => Assert.InRange(wait, TimeSpan.Zero, TenantPace.Window));
    }

    /// <summary>A failure of another kind may lie in what one job asks.</summary>
    [Theory]
    [InlineData(429, true)]
    [InlineData(503, true)]
    [InlineData(500, false)]
    public async Task Throttling_of_one_job_holds_every_job_of_the_tenant_and_no_other(int status, bool holds)
    {
        await using var fixture = new EntraFixture();
        var time = new HeldTime();
        using var first = new EntraDirectory(fixture.Options with { TimeProvider = time });
        using var second = new EntraDirectory(fixture.Options with { TimeProvider = time });
        using var stranger = new EntraDirectory(fixture.Options with { TimeProvider = time, TenantId = "fabrikam.com" });
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");
        bool isThrottled = false;
        fixture.Graph.Behavior.Intercept = request =>
        {
            if (isThrottled || request.InBatch)
                return null;
            isThrottled = true;
            var answer = GraphResponse.Error(status, "x", "x");
            answer.Headers["Retry-After"] = "7";
            return answer;
        };

        Task<int> throttled = CountAsync(new EntraSource(first, fixture.Settings), [user.Id]);
        Assert.Equal(TimeSpan.FromSeconds(7), await time.NextWaitAsync());
        Task<int> held = CountAsync(new EntraSource(second, fixture.Settings), [user.Id]);
        Assert.Equal(1, await CountAsync(new EntraSource(stranger, fixture.Settings), [user.Id]));
        if (holds)
            Assert.Equal(TimeSpan.FromSeconds(7), await time.NextWaitAsync());
        else
            Assert.Equal(1, await held);

        Assert.Equal((1, holds), (first.RequestCount, second.RequestCount == 0));
        Assert.Equal((false, !holds), (throttled.IsCompleted, held.IsCompleted));
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal((1, 1), (await throttled, await held));
    }

    [Theory]
    [InlineData("2.128", 2.128)]
    [InlineData("7", 7)]
    [InlineData("-3", 1)]
    [InlineData("soon", 1)]
    [InlineData("1e300", 1)]
    public async Task A_wait_of_a_fraction_of_seconds_is_obeyed(string retryAfter, double seconds)
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");
        int asked = 0;
        fixture.Graph.Behavior.Intercept = request =>
        {
            // The batch first, then the look-up in it.
            if (++asked is not (2 or 4))
                return null;
            var answer = GraphResponse.Error(429, "TooManyRequests", "Too many requests.");
            answer.Headers["Retry-After"] = retryAfter;
            return answer;
        };

        Assert.Equal(1, await CountAsync(fixture.Source, [user.Id]));

        Assert.Equal(2, fixture.Time.Waits.Count);
        Assert.All(fixture.Time.Waits, wait => Assert.Equal(seconds, wait.TotalSeconds, 0.001));
    }

    /// <summary>The client counts as the stand-in does.</summary>
    [Fact]
    public async Task The_units_of_a_read_are_those_that_graph_counts()
    {
        await using var fixture = new EntraFixture(nested: true, readGroups: true);
        StandInUser[] users = [.. Enumerable.Range(0, 30).Select(i => fixture.Tenant.AddUser($"u{i}@contoso.com"))];
        StandInGroup group = fixture.Tenant.AddGroup("Travellers");
        fixture.Tenant.AddMember(group, users);
        fixture.Tenant.Assign(fixture.Application, group);
        long counted = 0;
        using var handler = new CountingHandler(request => Interlocked.Add(ref counted, ResourceUnits.Of(request)));
        using var entra = new EntraDirectory(fixture.Options with { Handler = handler });
        var source = new EntraSource(entra, fixture.Settings);

        string? watermark = null;
        for (int i = 0; i < 2; i++)
        {
            await foreach (SourceItem item in source.ReadAsync(EntraFixture.Layout, watermark, default))
                watermark = (item as SourceEnd)?.Watermark ?? watermark;
            fixture.Tenant.Set(users[i], "displayName", "New");
        }
        await CountAsync(new EntraSource(entra, fixture.Settings), [users[0].Id, "nobody@contoso.com"]);

        Assert.Equal(fixture.Graph.ResourceUnits, counted);
    }

    private static async Task<int> CountAsync(EntraSource source, string[] identities)
    {
        int count = 0;
        await foreach (SourceItem item in source.FindAsync(EntraFixture.Layout, identities, default))
            count += item is SourceEnd ? 0 : 1;
        return count;
    }

    private sealed class CountingHandler(Action<HttpRequestMessage> count) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            count(request);
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>A clock that stands still until it is moved.</summary>
    private sealed class HeldTime : TimeProvider
    {
        private readonly object _lock = new();
        private readonly List<(DateTimeOffset At, Action Fire)> _timers = [];
        private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        /// <summary>The next wait that begins.</summary>
        public Task<TimeSpan> NextWaitAsync() => _waits.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        public void Advance(TimeSpan by)
        {
            List<Action> due;
            lock (_lock)
            {
                _now += by;
                due = [.. _timers.Where(timer => timer.At <= _now).Select(timer => timer.Fire)];
                _timers.RemoveAll(timer => timer.At <= _now);
            }
            due.ForEach(fire => fire());
        }

        public override DateTimeOffset GetUtcNow()
        {
            lock (_lock)
                return _now;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == RepeatHandler.RequestTimeout || dueTime < TimeSpan.Zero)
                return new Held();
            lock (_lock)
                _timers.Add((_now + dueTime, () => callback(state)));
            _waits.Writer.TryWrite(dueTime);
            return new Held();
        }

        private sealed class Held : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => default;
        }
    }
}
