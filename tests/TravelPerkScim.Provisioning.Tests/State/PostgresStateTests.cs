using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Provisioning.Tests.Cycle;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>What PostgreSQL adds to the contract: the lease by the database's clock, the steps that make the tables, a server that goes
/// away.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresStateTests(PostgresCluster postgres)
{
    private const string Key = "contoso";

    [PostgresFact]
    public void Another_process_is_refused_while_the_lease_lasts_and_not_after_the_writer_is_done()
    {
        string database = postgres.NewDatabase();
        using var one = new PostgresServer(database);
        using var two = new PostgresServer(database);
        var writer = JobState.Open(one.StoreOf(Key), "process 1 on a");

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => JobState.Open(two.StoreOf(Key), "process 2 on b"));

        Assert.Equal(("JobBusy", ProvisioningFailure.JobBusy), (error.ErrorId, error.Failure));
        Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName} since", error.Message, StringComparison.Ordinal);
        JobState.Open(two.StoreOf("another job"), "process 2 on b").Dispose();
        writer.InTransaction(() => writer.SetNamed("by", "one"));
        writer.Dispose();
        using var next = JobState.Open(two.StoreOf(Key), "process 2 on b");
        Assert.Equal(("one", "process 2 on b"), (next.Named("by"), next.Holder));
    }

    [PostgresFact]
    public void A_lease_that_ended_goes_to_another_process_and_the_former_writer_commits_nothing_more()
    {
        string database = postgres.NewDatabase();
        using var one = new PostgresServer(database);
        using var two = new PostgresServer(database);
        using var former = JobState.Open(one.StoreOf(Key), "process 1 on a");
        SetLease(database, "-1 second");

        using var writer = JobState.Open(two.StoreOf(Key), "process 2 on b");

        ProvisioningException error = Assert.Throws<ProvisioningException>(() =>
            former.InTransaction(() => former.SetNamed("by", "former"))
        );
        Assert.Equal("JobTakenOver", error.ErrorId);
        Assert.Null(writer.Named("by"));
        // The end of the former writer must not end the lease of the new one.
        former.Dispose();
        writer.InTransaction(() => writer.SetNamed("by", "writer"));
        Assert.Equal("JobBusy", Assert.Throws<ProvisioningException>(() => JobState.Open(one.StoreOf(Key), "process 1 on a")).ErrorId);
    }

    [PostgresFact]
    public void A_writer_whose_renewal_is_late_stops_before_the_lease_ends()
    {
        string database = postgres.NewDatabase();
        using var one = new PostgresServer(database, new FakeTimeProvider());
        using var writer = JobState.Open(one.StoreOf(Key), "process 1 on a");
        SetLease(database, "21 seconds");
        writer.InTransaction(() => { });
        SetLease(database, "19 seconds");

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => writer.InTransaction(() => { }));

        Assert.Equal(("JobTakenOver", ProvisioningFailure.JobTakenOver), (error.ErrorId, error.Failure));
        Assert.Contains("was not renewed for 30 seconds", error.Message, StringComparison.Ordinal);
        writer.BesideCycles(() => writer.Alerts.SetChannel("teams", new ChannelMemory { LastError = "refused" }));
    }

    [PostgresFact]
    public async Task A_writer_that_waited_for_the_jobs_row_proves_the_margin_after_the_wait()
    {
        string database = postgres.NewDatabase();
        using var one = new PostgresServer(database, new FakeTimeProvider());
        using var writer = JobState.Open(one.StoreOf(Key), "process 1 on a");
        SetLease(database, "20.5 seconds");
        // Another process looks after notifications beside the cycle, and its machine is slow.
        using var other = Npgsql.NpgsqlDataSource.Create(database + ";Pooling=false");
        using Npgsql.NpgsqlConnection held = other.OpenConnection();
        using Npgsql.NpgsqlTransaction transaction = held.BeginTransaction();
        using (var command = new Npgsql.NpgsqlCommand("SELECT 1 FROM travelperkscim.job FOR UPDATE", held, transaction))
            command.ExecuteScalar();
        var writing = Task.Run(() => writer.InTransaction(() => { }));
        Assert.True(SpinWait.SpinUntil(() => LeaseSeconds(database) < 20, TimeSpan.FromSeconds(30)));
        transaction.Commit();

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => writing);

        Assert.Equal("JobTakenOver", error.ErrorId);
    }

    [PostgresFact]
    public void A_lease_is_renewed_every_10_seconds_until_the_writer_is_done()
    {
        string database = postgres.NewDatabase();
        var time = new FakeTimeProvider();
        using var one = new PostgresServer(database, time);
        using (JobState.Open(one.StoreOf(Key), "process 1 on a"))
        {
            Assert.InRange(LeaseSeconds(database), 45, 50);
            SetLease(database, "21 seconds");
            time.Advance(TimeSpan.FromSeconds(9));
            Assert.InRange(LeaseSeconds(database), 0, 21);
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.InRange(LeaseSeconds(database), 45, 50);
        }

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(double.NegativeInfinity, LeaseSeconds(database));
    }

    [PostgresFact]
    public void A_connection_that_ended_while_it_was_at_rest_does_not_fail_the_next_cycle()
    {
        string database = postgres.NewDatabase();
        using var server = new PostgresServer(database);
        JobState.Open(server.StoreOf(Key), "process 1 on a").Dispose();
        EndConnections(database);

        using var writer = JobState.Open(server.StoreOf(Key), "process 1 on a");

        Assert.Equal("process 1 on a", writer.Holder);
    }

    [PostgresFact]
    public void A_connection_that_ended_while_it_was_at_rest_does_not_fail_the_next_look_at_the_jobs()
    {
        string database = postgres.NewDatabase();
        using var states = SharedStates.At(database);
        states.Look();
        EndConnections(database);

        Assert.Empty(states.Look());
        EndConnections(database);
        Assert.Empty(states.ReadJobs());
    }

    private static void EndConnections(string database) =>
        PostgresCluster.Sql(
            database,
            "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
                + "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        );

    [PostgresFact]
    public void A_process_that_is_stopped_within_a_transaction_does_not_keep_the_job()
    {
        string database = postgres.NewDatabase();
        using var one = new PostgresServer(database, new FakeTimeProvider()) { LongestRest = TimeSpan.FromMilliseconds(500) };
        using var two = new PostgresServer(database);
        using var stopped = JobState.Open(one.StoreOf(Key), "process 1 on a");
        SetLease(database, "21 seconds");
        JobState? writer = null;

        ProvisioningException error = Assert.Throws<ProvisioningException>(() =>
            stopped.InTransaction(() =>
            {
                stopped.SetNamed("by", "stopped");
                Assert.True(
                    SpinWait.SpinUntil(
                        () => PostgresCluster.Sql(database, "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in t%'") is 0L,
                        TimeSpan.FromSeconds(10)
                    )
                );
                SetLease(database, "-1 second");
                writer = JobState.Open(two.StoreOf(Key), "process 2 on b");
                stopped.SetNamed("by", "stopped again");
            })
        );

        Assert.Equal("StateUnwritable", error.ErrorId);
        using (writer)
            Assert.Equal((null, "process 2 on b"), (writer!.Named("by"), writer.Holder));
    }

    [PostgresFact]
    public void A_server_that_was_restarted_fails_one_commit_and_no_later_one()
    {
        string database = postgres.NewDatabase();
        using var one = new PostgresServer(database);
        using var two = new PostgresServer(database);
        using (var writer = JobState.Open(one.StoreOf(Key), "process 1 on a"))
        {
            writer.InTransaction(() => writer.SetNamed("by", "before"));
            postgres.Restart();

            ProvisioningException error = Assert.Throws<ProvisioningException>(() =>
                writer.InTransaction(() => writer.SetNamed("by", "during"))
            );

            Assert.Equal("StateUnwritable", error.ErrorId);
            Assert.Contains($"'{Key} in", error.Message, StringComparison.Ordinal);
            writer.InTransaction(() => writer.SetNamed("after", "after"));
        }
        using var next = JobState.Open(two.StoreOf(Key), "process 2 on b");
        Assert.Equal(("before", "after"), (next.Named("by"), next.Named("after")));
    }

    [PostgresFact]
    public void A_server_that_does_not_answer_is_one_clear_error_without_the_password()
    {
        using var nowhere = new PostgresServer("Host=127.0.0.1;Port=1;Username=sync;Password=hunter2;Database=states");

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => JobState.OpenReadOnly(nowhere.StoreOf(Key)));

        Assert.Equal("StateUnreadable", error.ErrorId);
        Assert.Contains("'contoso in the database states on 127.0.0.1'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Check that the database runs", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error + nowhere.StoreOf(Key).ToString(), StringComparison.Ordinal);
    }

    [PostgresFact]
    public void Nothing_is_left_in_a_session_that_a_pooler_may_give_to_another_client()
    {
        using var server = new PostgresServer($"{postgres.NewDatabase()};Maximum Pool Size=1");
        const string Session = """
            SELECT concat_ws(' ', pg_backend_pid(), current_setting('search_path'), current_setting('lock_timeout'),
                current_setting('idle_in_transaction_session_timeout'), (SELECT count(*) FROM pg_prepared_statements),
                (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'))
            """;
        object? before = Ask();

        using (var writer = JobState.Open(server.StoreOf(Key), "process 1 on a"))
        {
            for (int number = 0; number < 10; number++)
                writer.InTransaction(() => writer.SetLink("1", new Link("1", 1, Enabled: true)));
            writer.BesideCycles(() => writer.Alerts.SetChannel("teams", null));
            Assert.Single(writer.ReadLinks());
        }

        Assert.Equal(before, Ask());

        object? Ask()
        {
            using Npgsql.NpgsqlCommand command = server.Command(Session);
            return command.ExecuteScalar();
        }
    }

    [PostgresFact]
    public void Nodes_that_start_at_once_make_the_tables_once()
    {
        string database = postgres.NewDatabase();

        Parallel.For(
            0,
            8,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            node =>
            {
                using var server = new PostgresServer(database);
                JobState.OpenBeside(server.StoreOf(node % 2 == 0 ? Key : $"job {node}")).Dispose();
            }
        );

        Assert.Equal(0L, PostgresCluster.Sql(database, "SELECT count(*) - max(version) FROM travelperkscim.migration"));
        Assert.Equal(5L, PostgresCluster.Sql(database, "SELECT count(*) FROM travelperkscim.job"));
    }

    [PostgresFact]
    public void Tables_of_an_earlier_version_are_brought_up_to_date_with_what_they_hold()
    {
        string database = postgres.NewDatabase();
        using (var server = new PostgresServer(database))
        using (var state = JobState.Open(server.StoreOf(Key), "earlier"))
            state.InTransaction(() => state.SetLink("a", new Link("1", 7, Enabled: true)));
        PostgresCluster.Sql(
            database,
            """
            DROP TABLE travelperkscim.token;
            ALTER TABLE travelperkscim.job DROP COLUMN since;
            DELETE FROM travelperkscim.migration WHERE version > 1
            """
        );

        using var later = new PostgresServer(database);
        using var read = JobState.Open(later.StoreOf(Key), "later");

        Assert.Equal("1", Assert.Single(read.ReadLinks()).Value.TargetId);
    }

    [PostgresFact]
    public void Tables_of_a_later_version_are_refused()
    {
        string database = postgres.NewDatabase();
        using (var server = new PostgresServer(database))
            JobState.OpenBeside(server.StoreOf(Key)).Dispose();
        PostgresCluster.Sql(database, "INSERT INTO travelperkscim.migration (version) VALUES (99)");
        using var next = new PostgresServer(database);

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => JobState.OpenReadOnly(next.StoreOf(Key)));

        Assert.Equal("StateUnreadable", error.ErrorId);
        Assert.Contains("version 99", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_cycle_runs_on_it_as_on_a_file()
    {
        using var server = new PostgresServer(postgres.NewDatabase());
        await using var fixture = new CycleFixture(settings: s => s with { StateKey = Key });
        fixture.Job.Store = server.StoreOf(Key);
        for (int number = 1; number <= 30; number++)
            fixture.Add(number, manager: number == 1 ? null : 1);

        Assert.Equal(30, (await fixture.RunAsync()).Count(outcome => outcome.Status == OutcomeStatus.Success));
        Assert.Empty(await fixture.RunAsync());
        fixture.People[0]["jobTitle"] = "Chief";
        fixture.People[1]["accountEnabled"] = false;
        Assert.Equal(
            [ProvisioningAction.Update, ProvisioningAction.Disable],
            (await fixture.RunAsync()).Select(outcome => outcome.Action).Order()
        );
        Assert.Empty(await fixture.RunAsync());

        var status = ProvisioningStatus.Read(fixture.Job);
        Assert.Equal((30, 29, CycleState.Succeeded), (status.LinkedUsers, status.EnabledUsers, status.LastCycle!.State));
        Assert.Equal(32, ProvisioningLog.Read(fixture.Job, DateTimeOffset.UnixEpoch).Count());
        Assert.False(File.Exists(fixture.StateFile));
        using JobState state = JobState.OpenReadOnly(fixture.Job.Store)!;
        Assert.Null(state.Holder);
        Assert.Empty(state.ReadIntents());
    }

    [PostgresFact]
    public async Task Killed_at_any_request_the_next_cycles_lose_double_and_wrongly_disable_no_user()
    {
        string database = postgres.NewDatabase();
        using var server = new PostgresServer(database);
        foreach (bool carriedOut in (bool[])[false, true])
        {
            for (int request = 1; await KilledAtAsync(request); request++) { }

            Task<bool> KilledAtAsync(int request) =>
                KilledCycleTests.KilledAtAsync(request, carriedOut, 4, KilledCycleTests.Meanwhile.ChangesAreTakenBack, Keep);
        }

        // A process that is fenced off commits nothing more, as one that was killed.
        void Keep(ProvisioningJob job, KillSwitch network)
        {
            string key = Guid.NewGuid().ToString("N");
            job.Save(job.Settings with { StateKey = key });
            job.Store = server.StoreOf(key);
            network.Cut = () => PostgresCluster.Sql(database, "UPDATE travelperkscim.job SET epoch = epoch + 1, expires = '-infinity'");
        }
    }

    [PostgresFact]
    public async Task A_plan_that_another_machine_made_outdated_is_not_applied()
    {
        string database = postgres.NewDatabase();
        using var one = new PostgresServer(database);
        using var two = new PostgresServer(database);
        await using var fixture = new CycleFixture(settings: s => s with { StateKey = Key });
        fixture.Job.Store = new Overtaken(one.StoreOf(Key), two.StoreOf(Key));
        fixture.Add(1);
        ProvisioningPlan plan = await fixture.PlanAsync();

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.ApplyAsync(plan));

        Assert.Equal("PlanOutdated", error.ErrorId);
        Assert.Equal(0, fixture.Writes);
    }

    private static void SetLease(string database, string left) =>
        PostgresCluster.Sql(database, $"UPDATE travelperkscim.job SET expires = clock_timestamp() + interval '{left}'");

    private static double LeaseSeconds(string database) =>
        (double)
            PostgresCluster.Sql(
                database,
                """
                SELECT CASE WHEN isfinite(expires) THEN extract(epoch FROM expires - clock_timestamp())::float8 ELSE '-infinity' END
                FROM travelperkscim.job
                """
            )!;

    /// <summary>Another machine writes right before the state is opened for writing.</summary>
    private sealed class Overtaken(IStateStore store, IStateStore other) : IStateStore
    {
        public string Name => store.Name;

        public bool Exists => store.Exists;

        public StateDatabase Open()
        {
            using (var state = JobState.Open(other, "process 2 on b"))
                state.InTransaction(() => state.SetNamed("by", "b"));
            return store.Open();
        }

        public StateDatabase? OpenToLook() => store.OpenToLook();
    }
}
