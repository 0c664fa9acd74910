using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Provisioning.Tests.Cycle;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>The store behind a pooler in transaction mode: no promise needs a session of its own.</summary>
[Collection(PostgresTests.Name)]
public sealed class PgBouncerTests(PostgresCluster postgres, PgBouncer pooler) : IClassFixture<PgBouncer>
{
    private const string Key = "contoso";

    [PooledFact]
    public void The_lease_keeps_other_processes_away_is_renewed_and_ends()
    {
        string database = postgres.NewDatabase();
        var time = new FakeTimeProvider();
        using var one = new PostgresServer(pooler.Before(database), time);
        using var two = new PostgresServer(pooler.Before(database));
        using var writer = JobState.Open(one.StoreOf(Key), "process 1 on a");
        Assert.Equal("JobBusy", Assert.Throws<ProvisioningException>(() => JobState.Open(two.StoreOf(Key), "b")).ErrorId);
        SetLease(database, "21 seconds");
        time.Advance(TimeSpan.FromSeconds(10));
        writer.InTransaction(() => writer.SetNamed("by", "one"));
        SetLease(database, "19 seconds");
        Assert.Equal("JobTakenOver", Assert.Throws<ProvisioningException>(() => writer.InTransaction(() => { })).ErrorId);
        SetLease(database, "-1 second");

        using var next = JobState.Open(two.StoreOf(Key), "process 2 on b");

        Assert.Equal("JobTakenOver", Assert.Throws<ProvisioningException>(() => writer.InTransaction(() => { })).ErrorId);
        Assert.Equal(("one", "process 2 on b"), (next.Named("by"), next.Holder));
    }

    [PooledFact]
    public void Nodes_that_start_at_once_make_the_tables_once()
    {
        string database = postgres.NewDatabase();

        InParallel(
            8,
            node =>
            {
                using var server = new PostgresServer(pooler.Before(database));
                JobState.OpenBeside(server.StoreOf(node % 2 == 0 ? Key : $"job {node}")).Dispose();
            }
        );

        Assert.Equal(0L, PostgresCluster.Sql(database, "SELECT count(*) - max(version) FROM travelperkscim.migration"));
        Assert.Equal(5L, PostgresCluster.Sql(database, "SELECT count(*) FROM travelperkscim.job"));
    }

    [PooledFact]
    public void More_writers_than_sessions_take_turns_and_none_writes_into_the_job_of_another()
    {
        const int Jobs = 8,
            Rounds = 20;
        string database = postgres.NewDatabase();
        using var server = new PostgresServer(pooler.Before(database));
        using var states = SharedStates.At(pooler.Before(database));

        InParallel(
            Jobs,
            node =>
            {
                using var state = JobState.Open(server.StoreOf($"job{node}"), "test");
                for (int round = 0; round < Rounds; round++)
                {
                    state.InTransaction(() =>
                    {
                        for (int user = 0; user < 10; user++)
                            state.SetLink($"user{user}", new Link($"{node}", (ulong)round, Enabled: true));
                    });
                    state.BesideCycles(() => state.Alerts.SetChannel("teams", new ChannelMemory { LastError = $"{node}" }));
                    Assert.All(state.ReadLinks().Values, link => Assert.Equal(($"{node}", (ulong)round), (link.TargetId, link.Hash)));
                }
            }
        );

        IReadOnlyDictionary<string, SharedState> seen = states.Look();
        Assert.Equal(Jobs, seen.Count);
        Assert.All(seen.Values, state => Assert.Equal(Rounds + 1, state.Changes));
        Assert.InRange((long)PostgresCluster.Sql(database, Sessions)!, 1, 2);
    }

    private const string Sessions = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        """;

    [PooledFact]
    public async Task A_cycle_runs_as_on_a_file()
    {
        using var server = new PostgresServer(pooler.Before(postgres.NewDatabase()));
        await using var fixture = new CycleFixture(settings: s => s with { StateKey = Key });
        fixture.Job.Store = server.StoreOf(Key);
        for (int number = 1; number <= 30; number++)
            fixture.Add(number, manager: number == 1 ? null : 1);

        Assert.Equal(30, (await fixture.RunAsync()).Count(outcome => outcome.Status == OutcomeStatus.Success));
        Assert.Empty(await fixture.RunAsync());
        fixture.People[1]["accountEnabled"] = false;
        Assert.Equal([ProvisioningAction.Disable], (await fixture.RunAsync()).Select(outcome => outcome.Action));
        Assert.Equal((30, 29), (ProvisioningStatus.Read(fixture.Job).LinkedUsers, ProvisioningStatus.Read(fixture.Job).EnabledUsers));
    }

    [PooledFact]
    public async Task Killed_at_any_request_the_next_cycles_lose_double_and_wrongly_disable_no_user()
    {
        string database = postgres.NewDatabase();
        using var server = new PostgresServer(pooler.Before(database));
        for (int request = 1; await KilledAtAsync(request); request++) { }

        Task<bool> KilledAtAsync(int request) =>
            KilledCycleTests.KilledAtAsync(request, carriedOut: true, 4, KilledCycleTests.Meanwhile.ChangesAreTakenBack, Keep);

        // A process that is fenced off commits nothing more, as one that was killed.
        void Keep(ProvisioningJob job, KillSwitch network)
        {
            string key = Guid.NewGuid().ToString("N");
            job.Save(job.Settings with { StateKey = key });
            job.Store = server.StoreOf(key);
            network.Cut = () => PostgresCluster.Sql(database, "UPDATE travelperkscim.job SET epoch = epoch + 1, expires = '-infinity'");
        }
    }

    private static void InParallel(int nodes, Action<int> work) =>
        Parallel.For(0, nodes, new ParallelOptions { MaxDegreeOfParallelism = nodes }, work);

    private static void SetLease(string database, string left) =>
        PostgresCluster.Sql(database, $"UPDATE travelperkscim.job SET expires = clock_timestamp() + interval '{left}'");
}
