using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>What every store of a job's state promises.</summary>
[Collection(PostgresTests.Name)]
public sealed class StateContractTests(PostgresCluster postgres, PgBouncer pooler) : IClassFixture<PgBouncer>, IDisposable
{
    private static readonly DateTimeOffset s_began = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
    private static readonly Guid s_first = Guid.Parse("11111111-1111-4111-8111-111111111111");
    private static readonly Guid s_second = Guid.Parse("22222222-2222-4222-8222-222222222222");

    private readonly string _folder = Directory.CreateTempSubdirectory("contract-").FullName;
    private readonly List<PostgresServer> _servers = [];

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    public void A_job_without_a_state_is_not_made_by_a_look(StoreKind kind)
    {
        IStateStore store = Store(kind);

        Assert.Null(JobState.OpenReadOnly(store));
        Assert.False(store.Exists);
        JobState.OpenBeside(store).Dispose();
        Assert.True(store.Exists);
        Assert.Equal(Store(kind), Store(kind));
        Assert.NotEqual(Store(kind), Store(kind, "other"));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    [PooledData]
    public void The_writes_of_one_transaction_have_the_outcome_of_their_order(StoreKind kind)
    {
        var random = new Random(17);
        var links = new Dictionary<string, (string Target, bool Enabled)>(StringComparer.Ordinal);
        var intents = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        Write(
            kind,
            state =>
            {
                for (int i = 0; i < 2500; i++)
                    WriteNext(state);
            }
        );

        using JobState state = Look(kind);
        Assert.Equal(
            links.OrderBy(link => link.Key, StringComparer.Ordinal).Select(link => (link.Key, link.Value.Target, link.Value.Enabled)),
            state
                .ReadLinks()
                .OrderBy(link => link.Key, StringComparer.Ordinal)
                .Select(link => (link.Key, link.Value.TargetId, link.Value.Enabled))
        );
        Assert.Equal(
            intents.OrderBy(intent => intent.Key, StringComparer.Ordinal),
            state
                .ReadIntents()
                .OrderBy(intent => intent.Key, StringComparer.Ordinal)
                .Select(intent => KeyValuePair.Create(intent.Key, intent.Value.Time))
        );

        void WriteNext(JobState state)
        {
            string anchor = Id(random.Next(40));
            DateTimeOffset time = s_began.AddSeconds(random.Next(1000));
            switch (random.Next(8))
            {
                case 0:
                    state.RemoveLink(anchor);
                    links.Remove(anchor);
                    break;
                case 1:
                    state.RemoveIntent(anchor);
                    intents.Remove(anchor);
                    break;
                case 2:
                    state.RenewIntent(anchor, time);
                    if (intents.ContainsKey(anchor))
                        intents[anchor] = time;
                    break;
                case < 5:
                    state.SetIntent(anchor, new Intent(ProvisioningAction.Create, null, [], time));
                    intents[anchor] = time;
                    break;
                default:
                    links[anchor] = ($"target {random.Next(1000)}", random.Next(2) == 0);
                    state.SetLink(anchor, new Link(links[anchor].Target, 1, links[anchor].Enabled));
                    break;
            }
        }
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    [PooledData]
    public void Links_are_kept_and_keep_their_keys_while_the_target_is_the_same(StoreKind kind)
    {
        Write(
            kind,
            state =>
            {
                state.SetLink(Id(1), new Link("1", ulong.MaxValue, Enabled: true), [1, 2, 3, 4, 5, 6], [9]);
                state.SetLink(Id(2), new Link("2", 2, Enabled: false), [6, 5, 4, 3, 2, 1], [8]);
                state.SetLink("emp-3", new Link("3", 3, Enabled: false) { Released = true }, unkept: []);
                state.SetLink("EMP-3", new Link("4", 4, Enabled: true));
                state.SetLink("00000000-0000-4000-8000-00000000000A", new Link("5", 5, Enabled: true));
            }
        );
        Write(
            kind,
            state =>
            {
                state.SetLink(Id(1), new Link("1", 7, Enabled: true));
                state.SetLink(Id(2), new Link("22", 2, Enabled: false));
                state.RemoveLink("EMP-3");
            }
        );

        using JobState state = Look(kind);
        Assert.Equal(
            [
                ("00000000-0000-4000-8000-000000000001", "1", 7ul, true, false),
                ("00000000-0000-4000-8000-000000000002", "22", 2ul, false, false),
                ("00000000-0000-4000-8000-00000000000A", "5", 5ul, true, false),
                ("emp-3", "3", 3ul, false, true),
            ],
            state
                .ReadLinks()
                .OrderBy(link => link.Key, StringComparer.Ordinal)
                .Select(link => (link.Key, link.Value.TargetId, link.Value.Hash, link.Value.Enabled, link.Value.Released))
        );
        Assert.Equal([1, 2, 3, 4, 5, 6], Assert.Single(state.ReadKeys()).Value);
        Assert.Equal([9], Assert.Single(state.ReadUnkept()).Value);
        Assert.Equal((4, 2, 0), state.CountLinked());
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    public void Escrows_waiting_references_intents_and_staged_operations_are_kept(StoreKind kind)
    {
        var escrow = new Escrow(2, s_began.AddMinutes(10), 4, s_began, Deleted: true);
        Write(
            kind,
            state =>
            {
                state.SetEscrow(Id(1), new Escrow(1, s_began, 1));
                state.SetEscrow(Id(1), escrow);
                state.SetEscrow(Id(2), new Escrow(1, s_began, 2));
                state.SetEscrow(Id(3), new Escrow(1, s_began, 3));
                state.RemoveEscrow(Id(3));
                state.SetWaiting(Id(1), Id(8));
                state.SetWaiting(Id(1), "boss");
                state.SetWaiting(Id(2), Id(8));
                state.RemoveWaiting(Id(2));
                state.SetIntent(Id(1), new Intent(ProvisioningAction.Create, null, [], s_began));
                state.SetIntent(Id(1), new Intent(ProvisioningAction.Update, "1", [6, 5, 4, 3, 2, 1], s_began));
                state.RenewIntent(Id(1), s_began.AddSeconds(1));
                state.SetIntent(Id(2), new Intent(ProvisioningAction.Create, null, [], s_began));
                state.SetStaged(Staged(Id(4), s_first));
                state.SetStaged(Staged(Id(5), s_second));
            }
        );

        using (JobState state = Look(kind))
        {
            Assert.Equal([(Id(1), escrow), (Id(2), new Escrow(1, s_began, 2))], Sorted(state.ReadEscrows()));
            Assert.Equal([(Id(1), "boss")], Sorted(state.ReadWaiting()));
            Dictionary<string, Intent> intents = state.ReadIntents();
            Assert.Equal((ProvisioningAction.Update, "1", s_began.AddSeconds(1)), Told(intents[Id(1)]));
            Assert.Equal([6, 5, 4, 3, 2, 1], intents[Id(1)].Keys);
            Assert.Equal((ProvisioningAction.Create, null, s_began), Told(intents[Id(2)]));
            Assert.Empty(intents[Id(2)].Keys);
            Assert.Equal(Staged(Id(5), s_second), state.ReadStaged());
            Assert.Equal(2, state.CountEscrows());
        }
        Write(
            kind,
            state =>
            {
                state.MakeEscrowsDue();
                state.RemoveIntent(Id(1));
            }
        );
        using (JobState state = Look(kind))
        {
            Assert.All(state.ReadEscrows().Values, due => Assert.Equal((0, DateTimeOffset.UnixEpoch), (due.Attempts, due.NextAttempt)));
            Assert.Equal(Id(2), Assert.Single(state.ReadIntents()).Key);
        }

        static (ProvisioningAction, string?, DateTimeOffset) Told(Intent intent) => (intent.Action, intent.TargetId, intent.Time);
        static Dictionary<string, StagedOperation> Staged(string anchor, Guid cycle) =>
            new() { [anchor] = new StagedOperation(ProvisioningAction.Disable, cycle, "digest") };
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    public void Groups_are_kept_with_their_members(StoreKind kind)
    {
        Write(
            kind,
            state =>
            {
                state.SetGroupLink("g1", "G1", 1);
                state.SetGroupLink("g1", "G2", 2);
                state.SetGroupLink(Id(9), "G9", 9);
                state.AddGroupMembers("g1", ["1", "2", "3", "2"]);
                state.RemoveGroupMembers("g1", ["3"]);
                state.AddGroupMembers(Id(9), ["1"]);
                state.RemoveGroup(Id(9));
                state.SetGroupEscrow("g3", new Escrow(1, s_began, 3));
                state.SetGroupEscrow("g3", new Escrow(2, s_began, 4));
                state.SetGroupEscrow("g4", new Escrow(1, s_began, 4));
                state.RemoveGroupEscrow("g4");
            }
        );

        using JobState state = Look(kind);
        (string anchor, GroupLink link) = Assert.Single(state.ReadGroupLinks());
        Assert.Equal(("g1", "G2", 2ul), (anchor, link.TargetId, link.Hash));
        Assert.Equal(["1", "2"], link.Members.Order());
        Assert.Equal([("g3", new Escrow(2, s_began, 4))], Sorted(state.ReadGroupEscrows()));
        Assert.Equal(1, state.CountEscrows());
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    public void The_log_is_read_in_order_by_time_and_by_cycle_with_its_words(StoreKind kind)
    {
        string reason = string.Concat(Enumerable.Range(0, 2000).Select(n => $"{n} reasons, "));
        Write(
            kind,
            state =>
            {
                state.Log.SetCycle(Cycle(s_first, 0));
                state.Log.SetCycle(Cycle(s_second, 1));
                state.Log.SetCycle(Cycle(s_first, 0) with { Message = "As it ended." });
                for (int number = 0; number < 3; number++)
                    state.Log.Add(Entry(number, s_first, "As it was."));
                state.Log.Add(Entry(3, s_second, reason) with { Status = OutcomeStatus.Failure, ErrorCode = "Refused", Note = "A note." });
            }
        );
        Write(kind, state => state.Log.Add(Entry(4, s_second, reason) with { ScopeText = "In scope.", MatchText = "None." }));

        using JobState state = Look(kind);
        Assert.Equal(
            ["user0 As it was.", "user1 As it was.", "user2 As it was.", $"user3 {reason}", $"user4 {reason}"],
            state.Log.Read(DateTimeOffset.UnixEpoch, null).Select(entry => $"{entry.Identity} {entry.Reason}")
        );
        Assert.Equal(["user3", "user4"], state.Log.Read(DateTimeOffset.UnixEpoch, s_second).Select(entry => entry.Identity));
        Assert.Equal(["user4"], state.Log.Read(s_began.AddMinutes(70), null).Select(entry => entry.Identity));
        Assert.Empty(state.Log.Read(DateTimeOffset.UnixEpoch, Guid.NewGuid()));
        ProvisioningOutcome last = state.Log.Read(DateTimeOffset.UnixEpoch, null).Last();
        Assert.Equal(
            (s_second, Id(4), "In scope.", "None.", null),
            (last.CycleId, last.SourceId, last.ScopeText, last.MatchText, last.Note)
        );
        Assert.Equal([new AttributeChange("title", null, "Title 4")], last.ModifiedProperties);
        Assert.Equal([s_second, s_first], state.Log.ReadCycles(10).Select(cycle => cycle.Id));
        Assert.Equal([s_second], state.Log.ReadCycles(1).Select(cycle => cycle.Id));
        Assert.Equal("As it ended.", state.Log.ReadCycles(2).Last().Message);
        Assert.Equal("Title 2", state.Log.LastWritten(Id(2))["title"]);
        Assert.Equal(
            [(Id(1), "user1"), (Id(3), "user3")],
            Sorted(state.Log.IdentitiesOf([.. Enumerable.Range(1000, 1200).Select(Id), Id(1), Id(3)]))
        );
        Assert.Equal(("user3", "Refused", reason), state.Log.LastFailures()[(ProvisioningObjectType.User, Id(3))]);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    public void An_old_log_is_forgotten_with_its_words_and_its_cycles(StoreKind kind)
    {
        Write(
            kind,
            state =>
            {
                state.Log.SetCycle(Cycle(s_first, 0));
                state.Log.SetCycle(Cycle(s_second, 5));
                state.Log.Add(Entry(0, s_first, "An old reason."));
                state.Log.Add(Entry(1, s_second, "A reason.") with { Time = s_began.AddHours(5) });
                state.Log.Prune(s_began.AddHours(4));
                state.Log.Add(Entry(2, s_second, "An old reason.") with { Time = s_began.AddHours(6) });
            }
        );

        using JobState state = Look(kind);
        Assert.Equal(
            ["user1 A reason. title", "user2 An old reason. title"],
            state
                .Log.Read(DateTimeOffset.UnixEpoch, null)
                .Select(entry => $"{entry.Identity} {entry.Reason} {entry.ModifiedProperties[0].Attribute}")
        );
        Assert.Equal([s_second], state.Log.ReadCycles(10).Select(cycle => cycle.Id));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    public void Text_comes_back_as_it_was(StoreKind kind)
    {
        const string Odd = "ñ 漢字 😀 'quoted' \"twice\" \\ % _ @p0";
        Write(
            kind,
            state =>
            {
                state.SetNamed("odd", Odd + "\t\r\n");
                state.SetLink(Odd, new Link(Odd, 1, Enabled: true));
                state.Log.SetCycle(Cycle(s_first, 0));
                state.Log.Add(Entry(1, s_first, Odd) with { Identity = Odd, SourceId = Odd });
                // Neither is text. A cycle must not stop at such a value.
                state.SetNamed("no text", "a\0b\uD800c");
            }
        );

        using JobState state = Look(kind);
        Assert.Equal(Odd + "\t\r\n", state.Named("odd"));
        Assert.Equal((Odd, Odd), Assert.Single(state.ReadLinks().Select(link => (link.Key, link.Value.TargetId))));
        Assert.Equal((Odd, Odd, Odd), Assert.Single(state.Log.Read(default, null).Select(e => (e.Identity, e.SourceId, e.Reason))));
        Assert.StartsWith("a", state.Named("no text"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    public void Alerts_and_channels_are_kept(StoreKind kind)
    {
        Write(
            kind,
            state =>
            {
                state.Alerts.Set(new Alert(NotificationRule.Quarantine) { Since = s_began });
                state.Alerts.Set(new Alert(NotificationRule.Quarantine) { Since = s_began.AddHours(1) });
                state.Alerts.Set(new Alert(NotificationRule.CycleFailing, "b") { Since = s_began });
                state.Alerts.Set(new Alert(NotificationRule.CycleFailing, "a") { Since = s_began });
                state.Alerts.Set(new Alert(NotificationRule.DeletesStaged) { Since = s_began });
                state.Alerts.Set(new Alert(NotificationRule.DeletesStaged));
                state.Alerts.SetChannel("teams", new ChannelMemory { LastError = "no connection" });
                state.Alerts.SetChannel("teams", new ChannelMemory { LastError = "refused" });
                state.Alerts.SetChannel("slack", new ChannelMemory { LastError = "refused" });
                state.Alerts.SetChannel("slack", null);
            }
        );

        using JobState state = Look(kind);
        Assert.Equal(
            ["CycleFailing a", "CycleFailing b", "Quarantine "],
            state.Alerts.Read().Select(alert => $"{alert.Rule} {alert.Subject}")
        );
        Assert.Equal(s_began.AddHours(1), state.Alerts.Read()[2].Since);
        Assert.Equal([("teams", "refused")], state.Alerts.ReadChannels().Select(channel => (channel.Key, channel.Value.LastError)));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    [PooledData]
    public void A_notification_is_claimed_by_one_sender_at_a_time_the_oldest_first(StoreKind kind)
    {
        Write(
            kind,
            state =>
            {
                foreach (string id in (string[])["n3", "n1", "n3", "n2"])
                    state.Outbox.Add(new OutboxEntry(id, "teams", s_began, 0, $"content of {id}"));
                state.Outbox.Add(new OutboxEntry("n3", "slack", s_began, 0, "content"));
            }
        );
        using var one = JobState.OpenBeside(Store(kind));
        using var two = JobState.OpenBeside(Store(kind));

        OutboxEntry first = Claim(one, s_began)!;
        Assert.Equal(new OutboxEntry("n3", "teams", s_began, 0, "content of n3"), first);
        Assert.Equal("n1", Claim(two, s_began)!.Id);
        one.BesideCycles(() => one.Outbox.PutOff(first, s_began.AddMinutes(5)));
        two.BesideCycles(() => two.Outbox.Remove(new OutboxEntry("n1", "teams", s_began, 0, "")));
        Assert.Equal("n2", Claim(one, s_began)!.Id);
        Assert.Null(Claim(two, s_began));
        // The lease of the third ends before the first is due.
        Assert.Equal("n2", Claim(two, s_began.AddMinutes(2))!.Id);
        Assert.Equal(1, Claim(two, s_began.AddMinutes(5))!.Attempts);
        Dictionary<string, (long Count, DateTimeOffset Next)> waiting = one.Outbox.Waiting();
        Assert.Equal((2, s_began.AddMinutes(3)), waiting["teams"]);
        Assert.Equal((1, s_began), waiting["slack"]);
        one.BesideCycles(() => one.Outbox.PutOff("slack", s_began.AddHours(1)));
        Assert.Equal(s_began.AddHours(1), one.Outbox.Waiting()["slack"].Next);
        one.BesideCycles(() => one.Outbox.PutOff("slack", s_began.AddMinutes(1)));
        Assert.Equal(s_began.AddHours(1), one.Outbox.Waiting()["slack"].Next);
        one.BesideCycles(() => one.Outbox.MakeDue("slack", s_began));
        Assert.Equal(s_began, one.Outbox.Waiting()["slack"].Next);
        one.BesideCycles(() => one.Outbox.RemoveChannel("slack"));
        Assert.Equal(["teams"], one.Outbox.Waiting().Keys);

        static OutboxEntry? Claim(JobState state, DateTimeOffset now)
        {
            OutboxEntry? claimed = null;
            state.BesideCycles(() => claimed = state.Outbox.Claim("teams", now, TimeSpan.FromMinutes(1)));
            return claimed;
        }
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    [PooledData]
    public void Named_values_are_text_or_bytes_and_a_write_counts_as_a_change(StoreKind kind)
    {
        Write(
            kind,
            state =>
            {
                state.SetNamed("text", "1");
                state.SetNamed("text", "2");
                state.SetNamed("none", null);
                state.SetNamedBytes("bytes", [0, 255]);
            }
        );

        using var state = JobState.Open(Store(kind), "a holder");
        long before = state.Changes;
        state.InTransaction(() => state.SetNamed("text", "3"));
        state.InTransaction(() => { });
        state.BesideCycles(() => state.Alerts.SetChannel("teams", new ChannelMemory { LastError = "refused" }));

        Assert.Equal(before + 2, state.Changes);
        Assert.Equal(("3", null, null, null), (state.Named("text"), state.Named("none"), state.Named("nothing"), state.Named("bytes")));
        Assert.Equal([0, 255], state.NamedBytes("bytes")!);
        Assert.Equal("a holder", state.Holder);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    [PooledData]
    public void Writes_that_fail_leave_nothing_behind(StoreKind kind)
    {
        using var state = JobState.Open(Store(kind), "test");
        long before = state.Changes;

        Assert.Throws<InvalidDataException>(() =>
            state.InTransaction(() =>
            {
                state.SetNamed("text", "1");
                throw new InvalidDataException();
            })
        );

        Assert.Equal((null, before), (state.Named("text"), state.Changes));
        state.InTransaction(() => state.SetNamed("text", "2"));
        Assert.Equal("2", state.Named("text"));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    [PooledData]
    public void A_writer_that_was_overtaken_commits_nothing_more_and_alerts_are_still_noted(StoreKind kind)
    {
        using var first = JobState.Open(Store(kind), "first");
        first.InTransaction(() => first.SetNamed("by", "first"));
        using var second = JobState.Open(Store(kind), "second");

        ProvisioningException error = Assert.Throws<ProvisioningException>(() =>
            first.InTransaction(() => first.SetNamed("by", "first again"))
        );

        Assert.Equal(("JobTakenOver", ProvisioningFailure.JobTakenOver), (error.ErrorId, error.Failure));
        Assert.Equal(("first", "second"), (second.Named("by"), second.Holder));
        first.BesideCycles(() => first.Alerts.SetChannel("teams", new ChannelMemory { LastError = "refused" }));
        second.InTransaction(() => second.SetNamed("by", "second"));
        Assert.Equal(("second", 1), (first.Named("by"), second.Alerts.ReadChannels().Count));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [PostgresData]
    [PooledData]
    public void Two_jobs_see_nothing_of_each_other(StoreKind kind)
    {
        Fill("a");
        Fill("b");
        string before = Told("b");

        using (var a = JobState.Open(Store(kind, "a"), "test"))
        {
            a.InTransaction(() =>
            {
                a.RemoveLinks();
                a.RemoveEscrows();
                a.MakeEscrowsDue();
                a.SetStaged(new Dictionary<string, StagedOperation>());
                a.RemoveGroup("g1");
                a.Log.Prune(s_began.AddYears(1));
                a.Log.Add(Entry(1, s_first, "Another."));
                a.Outbox.RemoveChannel("teams");
                a.Alerts.SetChannel("teams", null);
                a.Alerts.Set(new Alert(NotificationRule.Quarantine));
                a.SetNamed("name", null);
            });
        }

        Assert.Equal(before, Told("b"));
        Assert.Contains("user of b", before, StringComparison.Ordinal);
        Assert.DoesNotContain("user of a", before, StringComparison.Ordinal);

        void Fill(string job)
        {
            using var state = JobState.Open(Store(kind, job), job);
            state.InTransaction(() =>
            {
                state.SetNamed("name", job);
                state.SetLink(Id(1), new Link(job, 1, Enabled: true), [1, 2, 3, 4, 5, 6], [9]);
                state.SetEscrow(Id(1), new Escrow(1, s_began, 1));
                state.SetWaiting(Id(1), job);
                state.SetIntent(Id(1), new Intent(ProvisioningAction.Create, job, [], s_began));
                state.SetStaged(new Dictionary<string, StagedOperation> { [Id(1)] = new(ProvisioningAction.Disable, s_first, job) });
                state.SetGroupLink("g1", job, 1);
                state.AddGroupMembers("g1", [job]);
                state.SetGroupEscrow("g1", new Escrow(1, s_began, 1));
                state.Log.SetCycle(Cycle(s_first, 0) with { Message = job });
                state.Log.Add(Entry(1, s_first, "The same reason.") with { Identity = $"user of {job}", Status = OutcomeStatus.Failure });
                state.Log.Add(Entry(1, s_first, $"The reason of {job}.") with { Identity = $"user of {job}" });
                state.Alerts.Set(new Alert(NotificationRule.Quarantine) { Since = s_began, Value = job });
                state.Alerts.SetChannel("teams", new ChannelMemory { LastError = job });
                state.Outbox.Add(new OutboxEntry("n1", "teams", s_began, 0, job));
            });
        }

        string Told(string job)
        {
            using JobState state = JobState.OpenReadOnly(Store(kind, job))!;
            object?[] all =
            [
                state.Changes,
                state.Named("name"),
                state.Holder,
                state.CountLinked(),
                state.CountEscrows(),
                .. state.ReadLinks().Values,
                .. state.ReadEscrows(),
                .. state.ReadWaiting(),
                .. state.ReadIntents().Values.Select(intent => intent.TargetId),
                .. state.ReadStaged(),
                .. state.ReadKeys().Values.Select(Convert.ToHexString),
                .. state.ReadUnkept().Values.Select(Convert.ToHexString),
                .. state.ReadGroupLinks().Values.Select(group => $"{group.TargetId} {string.Join(' ', group.Members)}"),
                .. state.ReadGroupEscrows(),
                .. state.Log.ReadCycles(10).Select(cycle => cycle.Message),
                .. state.Log.Read(default, null).Select(entry => $"{entry.CycleId} {entry.Identity} {entry.Reason}"),
                .. state.Log.Read(default, s_first).Select(entry => entry.Identity),
                .. state.Log.LastFailures(),
                .. state.Log.LastWritten(Id(1)),
                .. state.Log.IdentitiesOf([Id(1)]),
                .. state.Alerts.Read().Select(alert => alert.Value),
                .. state.Alerts.ReadChannels(),
                .. state.Outbox.Waiting(),
            ];
            return string.Join('\n', all);
        }
    }

    public void Dispose()
    {
        _servers.ForEach(server => server.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private static string Id(int number) => $"00000000-0000-4000-8000-{number:D12}";

    private static CycleSummary Cycle(Guid id, int hour) =>
        new()
        {
            Id = id,
            Kind = CycleKind.Initial,
            State = CycleState.Succeeded,
            Began = s_began.AddHours(hour),
            Counts = new CycleCounts(),
        };

    private static ProvisioningOutcome Entry(int number, Guid cycle, string reason) =>
        new()
        {
            // Three of one millisecond.
            Time = number < 3 ? s_began : s_began.AddMinutes(20 * number),
            CycleId = cycle,
            Action = ProvisioningAction.Create,
            Status = OutcomeStatus.Success,
            Identity = $"user{number}",
            SourceId = Id(number),
            TargetId = null,
            ModifiedProperties = [new AttributeChange("title", null, $"Title {number}")],
            Reason = reason,
            Duration = TimeSpan.FromMilliseconds(7),
        };

    private static IEnumerable<(string Key, T Value)> Sorted<T>(Dictionary<string, T> all) =>
        all.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => (one.Key, one.Value));

    private void Write(StoreKind kind, Action<JobState> write)
    {
        using var state = JobState.Open(Store(kind), "test");
        state.InTransaction(() => write(state));
    }

    private JobState Look(StoreKind kind) => JobState.OpenReadOnly(Store(kind))!;

    private IStateStore Store(StoreKind kind, string job = "contoso")
    {
        if (kind == StoreKind.Sqlite)
            return new StateFile(Path.Combine(_folder, job + ".db"), Volume.Local);
        if (_servers.Count == 0)
        {
            string database = postgres.NewDatabase();
            // A pooler gives a session with the settings of another client.
            _servers.Add(new PostgresServer(kind == StoreKind.Pooled ? pooler.Before(database) : $"{database};Search Path=nowhere"));
        }
        return _servers[0].StoreOf(job);
    }
}
