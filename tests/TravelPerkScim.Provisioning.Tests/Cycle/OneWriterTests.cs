using System.Globalization;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Two processes on one job: one writes, the other is told. A process that was taken for dead and wakes up writes nothing
/// more.</summary>
public sealed class OneWriterTests
{
    [Fact]
    public async Task A_second_cycle_is_told_which_process_holds_the_job()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 5; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync();
        await using IAsyncEnumerator<ProvisioningOutcome> first = new ProvisioningEngine(fixture.Job, fixture.Client)
            .ApplyAsync(plan, new CycleOptions { Time = fixture.Time }, default)
            .GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.ApplyAsync(plan));

        Assert.Equal("JobBusy", error.ErrorId);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.MachineName, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_plan_made_before_another_cycle_ran_is_refused_and_writes_nothing(bool running)
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 5; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync(),
            other = plan;
        if (running)
        {
            // Planned while the other one applies its plan.
            await using IAsyncEnumerator<ProvisioningOutcome> first = new ProvisioningEngine(fixture.Job, fixture.Client)
                .ApplyAsync(other, new CycleOptions { Time = fixture.Time }, default)
                .GetAsyncEnumerator();
            Assert.True(await first.MoveNextAsync());
            plan = await fixture.PlanAsync();
            while (await first.MoveNextAsync()) { }
        }
        else
        {
            await fixture.RunAsync();
        }
        int writes = fixture.Writes;

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.ApplyAsync(plan));

        Assert.Equal("PlanOutdated", error.ErrorId);
        Assert.Equal((writes, 5), (fixture.Writes, fixture.Sandbox.UserCount));
        Assert.Equal(CycleState.Succeeded, fixture.LastCycle.State);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_holder_whose_lock_was_lost_and_who_wakes_up_writes_nothing_more()
    {
        using var pause = new PausingHandler();
        await using var fixture = new CycleFixture(settings: s => s with { Concurrency = 1 }, client: c => c with { Handler = pause });
        for (int i = 1; i <= 20; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync();
        pause.PauseAt(4);
        Task<List<ProvisioningOutcome>> holder = fixture.ApplyAsync(plan);
        await pause.Paused;
        int sent = pause.Passed;

        // As on a network share that came back, or when an admin removed the lock of a process that hung.
        File.Delete(fixture.StateFile + ".lock");
        using System.Security.SecureString key = fixture.Sandbox.GetApiKey();
        using var credential = ScimCredential.ApiKey(key);
        using var client = new ScimClient(new ScimClientOptions { BaseUri = fixture.Sandbox.BaseUri }, credential);
        var successor = new ProvisioningEngine(ProvisioningJob.Open(fixture.Job.Path), client);
        List<ProvisioningOutcome> outcomes = await ApplyCurrentAsync(successor, fixture.Time);
        Assert.All(outcomes, outcome => Assert.Equal(OutcomeStatus.Success, outcome.Status));
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        pause.Resume();

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => holder);
        Assert.Equal("JobTakenOver", error.ErrorId);
        // What was under way when it was paused still reaches the server, and the look-up that follows its conflict; nothing else does.
        Assert.InRange(pause.Writes - sent, 0, 1);
        Assert.Equal(20, fixture.Sandbox.UserCount);
        Assert.Equal(20, ProvisioningStatus.Read(fixture.Job).LinkedUsers);
        Assert.Equal(CycleState.Succeeded, fixture.LastCycle.State);
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_holder_that_waits_for_a_rate_limit_while_another_takes_over_sends_no_write_when_it_may(int concurrency)
    {
        await using var fixture = new CycleFixture(
            new SandboxOptions { RateLimit = 1.0 / 300, RateLimitBurst = 12 },
            settings: s => s with { Concurrency = concurrency }
        );
        for (int i = 1; i <= 30; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync();
        using System.Security.SecureString key = fixture.Sandbox.GetApiKey();
        using var credential = ScimCredential.ApiKey(key);
        using var client = new ScimClient(
            new ScimClientOptions { BaseUri = fixture.Sandbox.BaseUri, TimeProvider = fixture.Time },
            credential
        );
        Task<List<ProvisioningOutcome>> holder = ApplyAsync(new ProvisioningEngine(fixture.Job, client), plan, fixture.Time);
        // The pause of a 429 has begun and nothing is under way any more: from here on only time lets a request leave.
        while (client.Rate is not { UnderWay: 0, PausedFor.Ticks: > 0 })
            await Task.Delay(1);
        int writes = fixture.Writes;
        Assert.InRange(fixture.Sandbox.UserCount, 1, 12);

        File.Delete(fixture.StateFile + ".lock");
        using (var successor = JobState.Open(fixture.Job.Store, "another process"))
        {
            Task ended = Xunit.Record.ExceptionAsync(() => holder);
            while (!ended.IsCompleted)
            {
                fixture.Time.Advance(TimeSpan.FromMinutes(1));
                await Task.Delay(1);
            }

            Assert.Equal("JobTakenOver", (await Assert.ThrowsAsync<ProvisioningException>(() => holder)).ErrorId);
            Assert.Equal(writes, fixture.Writes);
            // What was begun is left to the successor to find out about.
            Assert.NotEmpty(successor.ReadIntents());
            Assert.Equal("another process", successor.Holder);
        }
    }

    [Fact]
    public async Task The_lock_file_of_a_dead_process_does_not_block_the_next_cycle()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        await File.WriteAllTextAsync(fixture.StateFile + ".lock", "");
        fixture.Add(2);

        Assert.Equal("user2@example.com", Assert.Single(await fixture.RunAsync()).Identity);
    }

    // A commit that was under way when the holder was paused makes the first plan outdated.
    private static async Task<List<ProvisioningOutcome>> ApplyCurrentAsync(ProvisioningEngine engine, TimeProvider time)
    {
        while (true)
        {
            try
            {
                return await ApplyAsync(engine, await engine.PlanAsync(new CycleOptions { Time = time }, default), time);
            }
            catch (ProvisioningException e) when (e.ErrorId == "PlanOutdated") { }
        }
    }

    private static async Task<List<ProvisioningOutcome>> ApplyAsync(ProvisioningEngine engine, ProvisioningPlan plan, TimeProvider time)
    {
        var outcomes = new List<ProvisioningOutcome>();
        await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, new CycleOptions { Time = time }, default))
            outcomes.Add(outcome);
        return outcomes;
    }

    /// <summary>Holds one request back, as if the process had been stopped just before it was sent.</summary>
    private sealed class PausingHandler : DelegatingHandler
    {
        private readonly TaskCompletionSource _paused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = int.MaxValue;
        private int _writes;

        public PausingHandler() => InnerHandler = new SocketsHttpHandler { UseProxy = false };

        public Task Paused => _paused.Task;

        public int Passed { get; private set; }

        public int Writes => _writes;

        public void PauseAt(int request) => _left = request;

        public void Resume() => _resumed.SetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                Passed = _writes;
                _paused.SetResult();
                await _resumed.Task.WaitAsync(cancellationToken);
            }
            if (request.Method != HttpMethod.Get)
                Interlocked.Increment(ref _writes);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
