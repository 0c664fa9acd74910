using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Record;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Two processes on one job: one writes, the other is told; whoever was taken for dead and wakes up writes nothing more.</summary>
public sealed class OneWriterTests
{
    [Fact]
    public async Task Who_holds_the_job_is_said_to_whoever_comes_second()
    {
        await using var bench = new CycleBench();
        for (int i = 1; i <= 5; i++)
            bench.Add(i);
        ProvisioningPlan plan = await bench.PlanAsync();
        await using IAsyncEnumerator<ProvisioningOutcome> first = new ProvisioningEngine(bench.Job, bench.Client).ApplyAsync(plan, new CycleOptions { Time = bench.Time }, default).GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => bench.ApplyAsync(plan));

        Assert.Equal("JobBusy", error.ErrorId);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.MachineName, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_holder_whose_lock_was_lost_and_who_wakes_up_writes_nothing_more()
    {
        using var pause = new PausingHandler();
        await using var bench = new CycleBench(settings: s => s with { Concurrency = 1 }, client: c => c with { Handler = pause });
        for (int i = 1; i <= 20; i++)
            bench.Add(i);
        ProvisioningPlan plan = await bench.PlanAsync();
        pause.PauseAt(4);
        Task<List<ProvisioningOutcome>> holder = bench.ApplyAsync(plan);
        await pause.Paused;
        int sent = pause.Passed;

        await TakeOverAsync(bench);
        pause.Resume();

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => holder);
        Assert.Equal("JobTakenOver", error.ErrorId);
        // What was under way when it was paused still reaches the server, and the look-up that follows its conflict; nothing else does.
        Assert.InRange(pause.Writes - sent, 0, 1);
        Assert.Equal(20, bench.Sandbox.UserCount);
        Assert.Equal(20, ProvisioningStatus.Read(bench.Job).LinkedUsers);
        Assert.Equal(CycleState.Succeeded, bench.LastCycle.State);
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task Whoever_lost_the_job_while_a_limit_held_them_back_writes_nothing_more()
    {
        var time = new WaitingTime();
        using var limited = new LimitingHandler();
        await using var bench = new CycleBench(settings: s => s with { Concurrency = 1 }, client: c => c with { Handler = limited, TimeProvider = time });
        for (int i = 1; i <= 20; i++)
            bench.Add(i);
        ProvisioningPlan plan = await bench.PlanAsync();
        limited.RefuseWrite(4);
        Task<List<ProvisioningOutcome>> holder = bench.ApplyAsync(plan);
        await time.Waiting;
        int sent = limited.Writes;

        await TakeOverAsync(bench);
        bench.Time.Advance(LimitingHandler.Pause * 2);
        time.Advance(LimitingHandler.Pause * 2);

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => holder);
        Assert.Equal("JobTakenOver", error.ErrorId);
        Assert.Equal(sent, limited.Writes);
        Assert.Equal(20, bench.Sandbox.UserCount);
        Assert.Equal(CycleState.Succeeded, bench.LastCycle.State);
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task What_a_dead_holder_left_behind_hinders_nobody()
    {
        await using var bench = new CycleBench();
        bench.Add(1);
        await bench.RunAsync();
        await File.WriteAllTextAsync(bench.StateFile + ".lock", "");
        bench.Add(2);

        Assert.Equal("user2@example.com", Assert.Single(await bench.RunAsync()).Identity);
    }

    // As on a network share that came back, or when an admin removed the lock of a process that hung.
    private static async Task TakeOverAsync(CycleBench bench)
    {
        File.Delete(bench.StateFile + ".lock");
        using System.Security.SecureString key = bench.Sandbox.GetApiKey();
        using ScimCredential credential = ScimCredential.ApiKey(key);
        using var client = new ScimClient(new ScimClientOptions { BaseUri = bench.Sandbox.BaseUri }, credential);
        var successor = new ProvisioningEngine(ProvisioningJob.Open(bench.Job.Path), client);
        await foreach (ProvisioningOutcome outcome in successor.ApplyAsync(await successor.PlanAsync(new CycleOptions { Time = bench.Time }, default), new CycleOptions { Time = bench.Time }, default))
            Assert.Equal(OutcomeStatus.Success, outcome.Status);
    }

    /// <summary>A clock that tells when somebody waits for as long as the limit asked.</summary>
    private sealed class WaitingTime : FakeTimeProvider
    {
        private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Waiting => _waiting.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            // Timeouts of requests are shorter.
            if (dueTime > LimitingHandler.Pause / 2)
                _waiting.TrySetResult();
            return timer;
        }
    }

    /// <summary>Answers one write with 429 and a long Retry-After.</summary>
    private sealed class LimitingHandler : DelegatingHandler
    {
        public static readonly TimeSpan Pause = TimeSpan.FromMinutes(8);

        private int _left = int.MaxValue;

        public LimitingHandler() => InnerHandler = new SocketsHttpHandler { UseProxy = false };

        public int Writes { get; private set; }

        public void RefuseWrite(int number) => _left = number;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Get && --_left == 0)
            {
                var refusal = new HttpResponseMessage(System.Net.HttpStatusCode.TooManyRequests) { Content = new StringContent("{}") };
                refusal.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(Pause);
                return refusal;
            }
            if (request.Method != HttpMethod.Get)
                Writes++;
            return await base.SendAsync(request, cancellationToken);
        }
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
