using System.Data.Common;
using System.Globalization;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>A job's state moves from its folder into PostgreSQL and back, and is complete in one place whenever the process is
/// killed.</summary>
[Collection(PostgresTests.Name)]
public sealed class StateMoveTests : IDisposable
{
    private const int Users = 40;

    private static readonly DateTimeOffset s_began = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
    private static readonly Guid s_cycle = Guid.Parse("11111111-1111-4111-8111-111111111111");

    private readonly string _root = Directory.CreateTempSubdirectory("move-").FullName;
    private readonly PostgresCluster _postgres;
    private readonly Lazy<string> _database;
    private readonly Lazy<PostgresServer> _server;

    public StateMoveTests(PostgresCluster postgres)
    {
        _postgres = postgres;
        _database = new Lazy<string>(() => _postgres.NewDatabase());
        _server = new Lazy<PostgresServer>(() => new PostgresServer(_database.Value));
    }

    private PostgresServer Server => _server.Value;

    [PostgresFact]
    public void Everything_that_a_job_remembers_comes_along_and_back_again()
    {
        ProvisioningJob job = Filled("contoso");
        string before = Dump(job.OwnFile);
        // Another job has used numbers of the shared sequences.
        Fill(Server.StoreOf("other"), 3);

        ProvisioningStateMove there = Move(job, "key").Run(_ => { }, CancellationToken.None);

        Assert.Equal(("contoso", job.OwnFile.Path, false), (there.Job, there.From, there.Ended));
        Assert.InRange(there.Rows, Users * 3, Users * 10);
        Assert.Equal("key", ProvisioningJob.Open(job.Path).Settings.StateKey);
        Assert.Equal(before, Dump(Server.StoreOf("key")));
        // The next cycle writes rows with numbers of its own beside those that came along.
        Fill(Server.StoreOf("key", "contoso"), Users, Guid.NewGuid());
        string later = Dump(Server.StoreOf("key"));
        Assert.NotEqual(before, later);

        Move(ProvisioningJob.Open(job.Path), null).Run(_ => { }, CancellationToken.None);

        Assert.Null(ProvisioningJob.Open(job.Path).Settings.StateKey);
        Assert.Equal(later, Dump(job.OwnFile));
        Fill(ProvisioningJob.Open(job.Path).Store, Users, Guid.NewGuid());
        // The former copies are replaced, and not mixed with.
        string last = Dump(job.OwnFile);
        Move(ProvisioningJob.Open(job.Path), "key").Run(_ => { }, CancellationToken.None);
        Assert.Equal(last, Dump(Server.StoreOf("key")));
    }

    [PostgresFact]
    public void Killed_at_any_statement_of_a_move_to_the_store_the_job_is_complete_in_one_place_and_the_next_run_ends_the_move() =>
        KillEverywhere(toStore: true);

    [PostgresFact]
    public void Killed_at_any_statement_of_a_move_to_the_file_the_job_is_complete_in_one_place_and_the_next_run_ends_the_move() =>
        KillEverywhere(toStore: false);

    [PostgresFact]
    public void What_is_left_behind_is_refused_and_says_where_the_state_is()
    {
        ProvisioningJob job = Filled("contoso");
        using (var beside = JobState.OpenBeside(job.OwnFile))
        {
            Move(job, "key").Run(_ => { }, CancellationToken.None);

            // A process that had the state open before.
            Refused("StateMoved", () => beside.BesideCycles(() => beside.Alerts.SetChannel("teams", new ChannelMemory())));
        }
        job.Save(job.Settings with { StateKey = null });
        var kept = ProvisioningJob.Open(job.Path);

        ProvisioningException look = Refused("StateMoved", () => JobState.OpenReadOnly(kept.Store));
        Refused("StateMoved", () => JobState.Open(kept.Store, "test"));
        Refused("StateMoved", () => JobState.OpenBeside(kept.Store));
        Refused("StateMoved", () => Move(kept, "another").Run(_ => { }, CancellationToken.None));

        Assert.Contains($"'key in the {Server.Name}'", look.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public void A_key_that_holds_another_state_is_refused_and_both_states_stay_as_they_are()
    {
        ProvisioningJob job = Filled("contoso");
        string own = Dump(job.OwnFile);
        Fill(Server.StoreOf("of another job", "fabrikam"), 3);
        Fill(Server.StoreOf("of a namesake", "contoso"), 3);
        string[] others = ["of another job", "of a namesake"];
        string[] before = [.. others.Select(key => Dump(Server.StoreOf(key)))];

        foreach (string key in others)
            Refused("StateOfAnotherJob", () => Move(job, key).Run(_ => { }, CancellationToken.None));

        Assert.Equal(before, others.Select(key => Dump(Server.StoreOf(key))));
        Assert.Equal(own, Dump(job.OwnFile));
        Assert.Null(ProvisioningJob.Open(job.Path).Settings.StateKey);
    }

    [PostgresFact]
    public void A_job_that_another_process_runs_is_not_moved()
    {
        ProvisioningJob job = Filled("contoso");
        using (job.LockFolder())
            Refused("JobBusy", () => Move(job, "key").Run(_ => { }, CancellationToken.None));
        Move(job, "key").Run(_ => { }, CancellationToken.None);
        using var other = new PostgresServer(_database.Value);
        using var cycle = JobState.Open(other.StoreOf("key"), "another machine");

        ProvisioningException busy = Refused(
            "JobBusy",
            () => Move(ProvisioningJob.Open(job.Path), null).Run(_ => { }, CancellationToken.None)
        );

        string process = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName} since");
        Assert.Contains(process, busy.Message, StringComparison.Ordinal);
        Assert.Contains("lease until", busy.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public void A_notification_that_is_written_while_the_state_is_copied_comes_along()
    {
        ProvisioningJob job = Filled("contoso");
        int commits = 0;
        var target = new Watched(
            Server.StoreOf("key", job.Name),
            statement =>
            {
                if (statement != "COMMITTED" || ++commits != 1)
                    return;
                using var beside = JobState.OpenBeside(job.OwnFile);
                beside.BesideCycles(() => beside.Outbox.Add(new OutboxEntry("late", "teams", s_began, 0, "late")));
            }
        );

        new StateMove(job, job.OwnFile, target, "key", TimeProvider.System) { LeftBy = _ => null }.Run(_ => { }, CancellationToken.None);

        Assert.Contains("late", Dump(Server.StoreOf("key")), StringComparison.Ordinal);
        Assert.InRange(commits, 2, 10);
    }

    [PostgresFact]
    public void A_move_to_the_file_decrypts_what_waits_and_leaves_no_sign_in_behind()
    {
        using var server = new PostgresServer(_database.Value, keys: new TurnedKeys());
        ProvisioningJob job = Filled("contoso");
        string before = Dump(job.OwnFile);
        IStateStore store = server.StoreOf("key", job.Name);
        new StateMove(job, job.OwnFile, store, "key", TimeProvider.System) { LeftBy = _ => null }.Run(_ => { }, CancellationToken.None);
        Assert.StartsWith(
            "sealed:",
            (string)PostgresCluster.Sql(_database.Value, "SELECT content FROM travelperkscim.outbox LIMIT 1")!,
            StringComparison.Ordinal
        );
        PostgresCluster.Sql(_database.Value, "INSERT INTO travelperkscim.token SELECT id, 'client', 'x' FROM travelperkscim.job");

        var moved = ProvisioningJob.Open(job.Path);
        new StateMove(moved, store, moved.OwnFile, null, TimeProvider.System) { LeftBy = _ => null }.Run(_ => { }, CancellationToken.None);

        Assert.Equal(before, Dump(job.OwnFile));
        Assert.Equal(0L, PostgresCluster.Sql(_database.Value, "SELECT count(*) FROM travelperkscim.token"));
    }

    [PostgresFact]
    public void A_folder_without_the_state_moves_no_empty_one()
    {
        ProvisioningJob job = Filled("contoso");
        File.Delete(job.OwnFile.Path);
        using var states = SharedStates.At(_database.Value);

        ProvisioningException error = Refused("StateNotFound", () => states.MoveHere(job, "key", _ => { }, CancellationToken.None));

        Assert.Contains("on the machine whose folder has the state", error.Message, StringComparison.Ordinal);
        Assert.Null(ProvisioningJob.Open(job.Path).Settings.StateKey);
        Assert.False(job.OwnFile.Exists);
    }

    [PostgresFact]
    public void A_job_file_of_before_the_move_is_refused_and_the_move_to_the_same_place_sets_it_right()
    {
        ProvisioningJob job = Filled("contoso");
        Move(job, "key").Run(_ => { }, CancellationToken.None);
        string moved = Dump(Server.StoreOf("key"));
        job.Save(job.Settings with { StateKey = null });

        Refused("StateMoved", () => Move(ProvisioningJob.Open(job.Path), null).Run(_ => { }, CancellationToken.None));
        ProvisioningStateMove again = Move(ProvisioningJob.Open(job.Path), "key").Run(_ => { }, CancellationToken.None);

        Assert.Equal((0, true), (again.Rows, again.Ended));
        Assert.Equal("key", ProvisioningJob.Open(job.Path).Settings.StateKey);
        Assert.Equal(moved, Dump(Server.StoreOf("key")));
        JobState.Open(Server.StoreOf("key", "contoso"), "test").Dispose();
    }

    [PostgresFact]
    public void A_copy_that_its_former_place_did_not_let_go_is_not_taken_into_use()
    {
        ProvisioningJob job = Filled("contoso");
        Move(job, "key").Run(_ => { }, CancellationToken.None);
        Move(ProvisioningJob.Open(job.Path), null).Run(_ => { }, CancellationToken.None);
        // As after a kill between the commit of the copy and the mark of the former state, and a person who then wrote job.json.
        using (StateDatabase copy = job.OwnFile.Open())
        {
            copy.Fence();
            copy.AsWriter(() => new StateMark(StateMarkKind.Arriving, "key", s_began, Guid.NewGuid()).Write(copy));
        }
        PostgresCluster.Sql(_database.Value, $"DELETE FROM travelperkscim.named WHERE name = '{StateNames.Mark}'");

        Refused("StateMoveUnproved", () => Move(ProvisioningJob.Open(job.Path), null).Run(_ => { }, CancellationToken.None));

        Assert.False(Opens(job.OwnFile));
    }

    [PostgresFact]
    public void A_move_that_is_stopped_leaves_the_state_in_its_place()
    {
        ProvisioningJob job = Filled("contoso", users: 1200);
        string before = Dump(job.OwnFile);
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => Move(job, "key").Run(_ => stop.Cancel(), stop.Token));

        Assert.Equal(before, Dump(job.OwnFile));
        JobState.Open(ProvisioningJob.Open(job.Path).Store, "test").Dispose();
        Assert.True(StateTable.IsEmpty(Server.StoreOf("key").OpenToLook()!));
    }

    public void Dispose()
    {
        if (_server.IsValueCreated)
            Server.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private void KillEverywhere(bool toStore)
    {
        JobState.OpenBeside(Server.StoreOf("the tables")).Dispose();
        int statement = 1;
        while (KilledAt(statement, toStore))
            statement++;
        // Fewer would be a move that does not read back what it wrote.
        Assert.InRange(statement, 4 * StateTable.All.Count, 400);
    }

    /// <returns>False when the move came to its end before the statement.</returns>
    private bool KilledAt(int statement, bool toStore)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{(toStore ? "in" : "out")}{statement}");
        ProvisioningJob job = Filled(name, users: 3);
        if (!toStore)
            Move(job, name).Run(_ => { }, CancellationToken.None);
        string? key = toStore ? name : null;
        var kill = new Kill(statement);
        bool killed = IsKilled(() => Move(ProvisioningJob.Open(job.Path), key, kill).Run(_ => { }, CancellationToken.None), kill);
        // A process that is gone holds its lease for a minute.
        PostgresCluster.Sql(_database.Value, "UPDATE travelperkscim.job SET expires = '-infinity'");

        IStateStore file = job.OwnFile,
            store = Server.StoreOf(name, name);
        bool isInFile = Opens(file),
            isInStore = Opens(store);
        Assert.False(isInFile && isInStore, $"Two places open after statement {statement}.");
        if (isInFile || isInStore)
        {
            IStateStore named = StoreOf(ProvisioningJob.Open(job.Path));
            Assert.Equal(isInFile ? file : store, named);
            // A cycle may run before the command is run again.
            Fill(named, 1, Guid.NewGuid());
        }
        else
        {
            Assert.Throws<ProvisioningException>(() => JobState.Open(StoreOf(ProvisioningJob.Open(job.Path)), "test"));
        }
        string expected = Dump(
            isInFile ? file
            : isInStore ? store
            : toStore ? store
            : file
        );

        Move(ProvisioningJob.Open(job.Path), key).Run(_ => { }, CancellationToken.None);

        IStateStore target = toStore ? store : file;
        Assert.Equal(expected, Dump(target));
        Assert.Contains("user 3", expected, StringComparison.Ordinal);
        Assert.True(Opens(target));
        Assert.False(Opens(toStore ? file : store));
        Assert.Equal(target, StoreOf(ProvisioningJob.Open(job.Path)));
        return killed;
    }

    private static bool IsKilled(Action run, Kill kill)
    {
        try
        {
            run();
        }
        catch (Exception e) when (kill.IsDead && e is ProvisioningException or KilledException)
        {
            // What the process would have said is of no account.
        }
        return kill.IsDead;
    }

    /// <summary>A cycle of a machine whose job.json names the place would use the state.</summary>
    private static bool Opens(IStateStore store)
    {
        if (!store.Exists)
            return false;
        using (StateDatabase? raw = store.OpenToLook())
        {
            if (StateTable.IsEmpty(raw!))
                return false;
        }
        try
        {
            JobState.Open(store, "a cycle").Dispose();
            return true;
        }
        catch (ProvisioningException e) when (e.ErrorId is "StateMoved" or "StateMoveUnfinished")
        {
            return false;
        }
    }

    private IStateStore StoreOf(ProvisioningJob job)
    {
        if (job.Settings.StateKey is { } key)
            job.Store = Server.StoreOf(key, job.Name);
        return job.Store;
    }

    private StateMove Move(ProvisioningJob job, string? key, Kill? kill = null)
    {
        IStateStore origin = job.Settings.StateKey is { } named ? Server.StoreOf(named, job.Name) : job.OwnFile;
        IStateStore target = key is null ? job.OwnFile : Server.StoreOf(key, job.Name);
        if (kill is not null)
            (origin, target) = (new Watched(origin, kill.Before), new Watched(target, kill.Before));
        bool isInFile = job.Settings.StateKey is null;
        return new StateMove(job, origin, target, key, TimeProvider.System)
        {
            LeftBy = move => isInFile ? Server.StoreLeftBy(move) : job.OwnFile,
            Watch = kill is null ? null : kill.Before,
        };
    }

    private static ProvisioningException Refused(string errorId, Action action)
    {
        ProvisioningException error = Assert.Throws<ProvisioningException>(action);
        Assert.Equal(errorId, error.ErrorId);
        return error;
    }

    private ProvisioningJob Filled(string name, int users = Users)
    {
        var job = ProvisioningJob.Create(
            Path.Combine(_root, name),
            new JobSettings { Source = new JobSource(JobSourceType.File, "users.csv"), Target = new Uri("https://127.0.0.1/scim") },
            SynchronizationSchema.Default
        );
        Fill(job.OwnFile, users);
        return job;
    }

    /// <summary>A row of each table, in each form that it may have, and the intents of a cycle that was cut off.</summary>
    private static void Fill(IStateStore store, int users, Guid? cycle = null)
    {
        Guid id = cycle ?? s_cycle;
        string mark = cycle is null ? "" : id.ToString("N");
        using var state = JobState.Open(store, "process 1 on a");
        state.InTransaction(() =>
        {
            state.SetNamedBytes(JobState.SaltName, state.NamedBytes(JobState.SaltName) ?? Guid.NewGuid().ToByteArray());
            state.SetNamed(JobState.WatermarkName, $"watermark {mark}");
            state.SetNamed("none", null);
            Quarantine.Write(state, Quarantine.After(null, QuarantineReason.TooManyDeletes, id, s_began, "Too many."));
            state.Log.SetCycle(
                new CycleSummary
                {
                    Id = id,
                    Kind = CycleKind.Initial,
                    State = CycleState.Running,
                    Began = s_began,
                    Counts = new CycleCounts(),
                }
            );
            for (int number = 1; number <= users; number++)
                Fill(state, Anchor(number), number, id, mark);
            state.SetLink($"emp-{mark}\0\ud800", new Link("text", ulong.MaxValue, Enabled: false) { Released = true }, unkept: []);
            state.SetStaged(new Dictionary<string, StagedOperation> { [Anchor(1)] = new(ProvisioningAction.Disable, id, "digest") });
            state.SetGroupLink("g1", "G1", 1);
            state.AddGroupMembers("g1", ["1", "2", "3"]);
            state.SetGroupEscrow("g1", new Escrow(1, s_began, 1));
            state.Alerts.Set(new Alert(NotificationRule.Quarantine) { Since = s_began, Value = "alert" });
            state.Alerts.SetChannel("teams", new ChannelMemory { LastError = "refused" });
            state.Outbox.Add(new OutboxEntry($"n1{mark}", "teams", s_began, 0, "content"));
        });
    }

    private static void Fill(JobState state, string anchor, int number, Guid cycle, string mark)
    {
        state.SetLink(anchor, new Link($"{number}{mark}", (ulong)number, Enabled: true), [1, 2, 3, 4, 5, (byte)number], [9]);
        state.SetEscrow(anchor, new Escrow(number, s_began, 1, number % 2 == 0 ? s_began : null, Deleted: number % 3 == 0));
        state.SetWaiting(anchor, number % 2 == 0 ? "boss" : Anchor(1));
        state.SetIntent(
            anchor,
            new Intent(ProvisioningAction.Create, number % 2 == 0 ? "7" : null, number % 2 == 0 ? [1, 2] : [], s_began)
        );
        state.Log.Add(
            new ProvisioningOutcome
            {
                Time = s_began.AddMinutes(number),
                CycleId = cycle,
                Action = ProvisioningAction.Update,
                Status = OutcomeStatus.Failure,
                Identity = $"user {number}",
                SourceId = anchor,
                TargetId = number % 2 == 0 ? null : "7",
                ModifiedProperties = [new AttributeChange("title", "old", $"new {number}")],
                ErrorCode = number % 2 == 0 ? null : "Refused",
                Reason = $"The reason of user {number}{mark}.",
                Duration = TimeSpan.FromMilliseconds(7),
            }
        );
    }

    private static string Anchor(int number) => string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{number:D12}");

    /// <summary>Every row of every table, without what the next writer writes about itself.</summary>
    private static string Dump(IStateStore store)
    {
        using StateDatabase state = store.OpenToLook()!;
        return string.Join(
            '\n',
            StateTable.All.SelectMany(table =>
                table
                    .Read(state)
                    .Select(row => $"{table.Name}: {string.Join('|', row.Select(Text))}")
                    .Where(row => !row.StartsWith("named: holder|", StringComparison.Ordinal))
                    .Where(row => !row.StartsWith("named: changes|", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal)
            )
        );

        static string Text(object? value) =>
            value switch
            {
                null => "null",
                byte[] bytes => Convert.ToHexString(bytes),
                _ => string.Create(CultureInfo.InvariantCulture, $"{value.GetType().Name} {value}"),
            };
    }

    /// <summary>Ends the process at a statement: that statement and each later one fail.</summary>
    private sealed class Kill(int statement)
    {
        private int _statements;

        public bool IsDead => _statements >= statement;

        public void Before(string text)
        {
            if (++_statements >= statement)
                throw new KilledException();
        }
    }

    private sealed class KilledException : DbException;

    private sealed record Watched(IStateStore Inner, Action<string> Before) : IStateStore
    {
        public string Name => Inner.Name;

        public bool Exists => Inner.Exists;

        public StateDatabase Open()
        {
            StateDatabase state = Inner.Open();
            state.Watch = Before;
            return state;
        }

        public StateDatabase? OpenToLook() => Inner.OpenToLook();
    }
}
