using System.Globalization;
using System.Text.Json;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>PostgreSQL's grouped statements against SQLite, which carries each one out.</summary>
[Collection(PostgresTests.Name)]
public sealed class StatementBatchTests(PostgresCluster postgres) : IDisposable
{
    private static readonly DateTimeOffset s_began = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("batch-").FullName;

    [PostgresFact]
    public void Grouped_rows_end_as_statements_one_by_one()
    {
        Compare(1, 30, 3500);
        Compare(2, 5, 1500);
        Compare(3, 900, 4000);
        Compare(4, 100000, 2500);
    }

    private void Compare(int seed, int people, int writes)
    {
        using var server = new PostgresServer(postgres.NewDatabase());
        string one = Run(new StateFile(Path.Combine(_folder, $"{seed}.db"), Volume.Local), seed, people, writes);
        string other = Run(server.StoreOf("contoso"), seed, people, writes);
        Assert.Equal(one, other);
    }

    private static string Run(IStateStore store, int seed, int people, int writes)
    {
        using (var state = JobState.Open(store, "process 1 on a"))
        {
            var random = new Random(seed);
            for (int transaction = 0; transaction < 3; transaction++)
            {
                state.InTransaction(() =>
                {
                    for (int i = 0; i < writes; i++)
                        Write(state, random, people);
                });
            }
        }
        using JobState read = JobState.OpenReadOnly(store)!;
        return string.Join(
            '\n',
            Rows("link", read.ReadLinks(), link => $"{link.TargetId} {link.Hash} {link.Enabled} {link.Released}")
                .Concat(Rows("keys", read.ReadKeys(), Convert.ToHexString))
                .Concat(Rows("unkept", read.ReadUnkept(), Convert.ToHexString))
                .Concat(Rows("escrow", read.ReadEscrows(), row => JsonSerializer.Serialize(row)))
                .Concat(Rows("waiting", read.ReadWaiting(), manager => manager))
                .Concat(Rows("intent", read.ReadIntents(), row => JsonSerializer.Serialize(row)))
                .Concat(Rows("group", read.ReadGroupLinks(), g => $"{g.TargetId} {g.Hash} {string.Join(',', g.Members.Order())}"))
                .Concat(Rows("groupescrow", read.ReadGroupEscrows(), row => JsonSerializer.Serialize(row)))
                .Concat(read.Log.Read(DateTimeOffset.UnixEpoch, null).Select(entry => JsonSerializer.Serialize(entry)))
        );
    }

    private static IEnumerable<string> Rows<T>(string table, Dictionary<string, T> rows, Func<T, string> text) =>
        rows.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => $"{table} {row.Key} {text(row.Value)}");

    private static void Write(JobState state, Random random, int people)
    {
        string anchor = string.Create(CultureInfo.InvariantCulture, $"{(random.Next(9) == 0 ? "odd'\\" : "p")}{random.Next(people)}");
        DateTimeOffset time = s_began.AddSeconds(random.Next(1000));
        byte[]? Bytes(int most)
        {
            if (random.Next(3) == 0)
                return null;
            byte[] bytes = new byte[random.Next(most)];
            random.NextBytes(bytes);
            return bytes;
        }
        switch (random.Next(14))
        {
            case 0:
                state.RemoveLink(anchor);
                break;
            case 1:
                state.RemoveIntent(anchor);
                break;
            case 2:
                state.RenewIntent(anchor, time);
                break;
            case 3:
                state.SetIntent(anchor, new Intent(ProvisioningAction.Create, random.Next(2) == 0 ? null : "t", Bytes(20) ?? [], time));
                break;
            case 4:
                state.SetEscrow(
                    anchor,
                    new Escrow(random.Next(9), time, (ulong)random.NextInt64(), random.Next(3) == 0 ? time : null, random.Next(2) == 0)
                );
                break;
            case 5:
                state.RemoveEscrow(anchor);
                break;
            case 6:
                state.SetWaiting(anchor, $"m{random.Next(5)}");
                break;
            case 7:
                state.RemoveWaiting(anchor);
                break;
            case 8:
                state.SetGroupLink(anchor, $"g{random.Next(9)}", (ulong)random.NextInt64());
                state.AddGroupMembers(anchor, [$"{random.Next(4)}", $"{random.Next(4)}"]);
                break;
            case 9:
                state.RemoveGroupMembers(anchor, [$"{random.Next(4)}"]);
                break;
            case 10:
                if (random.Next(4) == 0)
                    state.RemoveGroup(anchor);
                else
                    state.SetGroupEscrow(anchor, new Escrow(1, time, 3));
                break;
            case 11:
                if (random.Next(300) == 0)
                    state.MakeEscrowsDue();
                break;
            default:
                state.SetLink(anchor, new Link($"t{random.Next(3)}", (ulong)random.NextInt64(), random.Next(2) == 0), Bytes(30), Bytes(3));
                break;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
