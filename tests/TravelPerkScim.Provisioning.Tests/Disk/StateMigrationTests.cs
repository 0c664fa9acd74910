using Microsoft.Data.Sqlite;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Tests.Disk;

/// <summary>A file that the module wrote in state version 10, before the state named its job. <c>state-10.sql</c> is its dump.</summary>
public sealed class StateMigrationTests : IDisposable
{
    private static readonly DateTimeOffset s_began = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
    private static readonly Guid s_first = Guid.Parse("11111111-1111-4111-8111-111111111111");
    private static readonly Guid s_second = Guid.Parse("22222222-2222-4222-8222-222222222222");

    private readonly string _folder = Directory.CreateTempSubdirectory("state-10-").FullName;

    [Fact]
    public void A_state_of_version_10_keeps_everything()
    {
        using JobState state = JobState.OpenReadOnly(Restored())!;

        Assert.Equal(
            [(Id(1), "1", 0x0102030405060708ul, true, false), (Id(3), "3", 3ul, false, true), ("emp-2", "2", 2ul, false, false)],
            state.ReadLinks().Select(l => (l.Key, l.Value.TargetId, l.Value.Hash, l.Value.Enabled, l.Value.Released)).Order()
        );
        Assert.Equal([1, 2, 3, 4, 5, 6], Assert.Single(state.ReadKeys()).Value);
        Assert.Equal([9], Assert.Single(state.ReadUnkept()).Value);
        Assert.Equal(new Escrow(2, s_began.AddMinutes(10), 4, s_began, Deleted: true), state.ReadEscrows()[Id(4)]);
        Assert.Equal(Id(9), state.ReadWaiting()[Id(1)]);
        Intent intent = state.ReadIntents()[Id(5)];
        Assert.Equal((ProvisioningAction.Create, null, s_began), (intent.Action, intent.TargetId, intent.Time));
        Assert.Equal([6, 5, 4, 3, 2, 1], intent.Keys);
        Assert.Equal(new StagedOperation(ProvisioningAction.Disable, s_first, "digest"), state.ReadStaged()[Id(1)]);
        GroupLink group = state.ReadGroupLinks()["g1"];
        Assert.Equal(("G1", 7ul, "1 2"), (group.TargetId, group.Hash, string.Join(' ', group.Members.Order())));
        Assert.Equal(new Escrow(1, s_began, 8), state.ReadGroupEscrows()["g2"]);
        Assert.Equal(
            ("fingerprint", null, null, 3),
            (Named(JobState.FingerprintName), Named(JobState.WatermarkName), state.Holder, state.Changes)
        );
        Assert.Equal(Enumerable.Range(0, 16).Select(i => (byte)i), state.NamedBytes(JobState.SaltName)!);
        Assert.Equal(s_began, Assert.Single(state.Alerts.Read()).Since);
        Assert.Equal("no connection", state.Alerts.ReadChannels()["teams"].LastError);

        string? Named(string name) => state.Named(name);
    }

    [Fact]
    public void A_log_of_version_10_keeps_its_order_and_its_words_and_goes_on()
    {
        using var state = JobState.Open(Restored(), "test");
        state.InTransaction(() =>
            state.Log.Add(
                new ProvisioningOutcome
                {
                    Time = s_began.AddSeconds(3),
                    CycleId = s_first,
                    Action = ProvisioningAction.Update,
                    Status = OutcomeStatus.Success,
                    Identity = "user3@example.com",
                    SourceId = Id(3),
                    TargetId = "3",
                    ModifiedProperties = [new AttributeChange("title", "Title 3", "Head")],
                    Reason = "As it was.",
                    Duration = TimeSpan.Zero,
                }
            )
        );

        Assert.Equal(
            [
                (s_first, "user1@example.com", "As it was.", "title Title 1, userName user1@example.com", "A note."),
                (s_second, "user2@example.com", "Another reason.", "title Title 2, userName user2@example.com", null),
                (s_first, "user3@example.com", "As it was.", "title Head", null),
            ],
            state
                .Log.Read(DateTimeOffset.UnixEpoch, null)
                .Select(entry => (entry.CycleId, entry.Identity, entry.Reason, Told(entry), entry.Note))
        );
        Assert.Equal([s_second, s_first], state.Log.ReadCycles(10).Select(cycle => cycle.Id));

        static string Told(ProvisioningOutcome entry) =>
            string.Join(", ", entry.ModifiedProperties.Select(change => $"{change.Attribute} {change.NewValue}"));
    }

    [Fact]
    public void Notifications_of_version_10_are_sent_in_the_order_in_which_they_waited()
    {
        using var state = JobState.OpenBeside(Restored());

        Assert.Equal(["n2", "n1", null], Enumerable.Range(0, 3).Select(_ => Claim()));

        string? Claim()
        {
            OutboxEntry? claimed = null;
            state.BesideCycles(() => claimed = state.Outbox.Claim("teams", s_began, TimeSpan.FromMinutes(1)));
            return claimed?.Id;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Id(int number) => $"00000000-0000-4000-8000-{number:D12}";

    private StateFile Restored()
    {
        var file = new StateFile(Path.Combine(_folder, "state.db"), Volume.Local);
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file.Path, Pooling = false }.ToString()
        );
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // a dump of this project
        command.CommandText = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "state-10.sql"));
#pragma warning restore CA2100
        command.ExecuteNonQuery();
        return file;
    }
}
