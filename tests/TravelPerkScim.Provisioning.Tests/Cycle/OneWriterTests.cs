using System.Globalization;
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

        // As on a network share that came back, or when an admin removed the lock of a process that hung.
        File.Delete(bench.StateFile + ".lock");
        using System.Security.SecureString key = bench.Sandbox.GetApiKey();
        using ScimCredential credential = ScimCredential.ApiKey(key);
        using var client = new ScimClient(new ScimClientOptions { BaseUri = bench.Sandbox.BaseUri }, credential);
        var successor = new ProvisioningEngine(ProvisioningJob.Open(bench.Job.Path), client);
        await foreach (ProvisioningOutcome outcome in successor.ApplyAsync(await successor.PlanAsync(new CycleOptions { Time = bench.Time }, default), new CycleOptions { Time = bench.Time }, default))
            Assert.Equal(OutcomeStatus.Success, outcome.Status);
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
    public async Task What_a_dead_holder_left_behind_hinders_nobody()
    {
        await using var bench = new CycleBench();
        bench.Add(1);
        await bench.RunAsync();
        await File.WriteAllTextAsync(bench.StateFile + ".lock", "");
        bench.Add(2);

        Assert.Equal("user2@example.com", Assert.Single(await bench.RunAsync()).Identity);
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
