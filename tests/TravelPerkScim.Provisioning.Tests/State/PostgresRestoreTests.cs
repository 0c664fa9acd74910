using System.Text.Json.Nodes;
using Npgsql;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Tests.Cycle;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>A backup of the database that is put back: the next cycle finds what happened since.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresRestoreTests(PostgresCluster postgres)
{
    private const string Key = "contoso";

    [PostgresFact]
    public async Task The_next_cycle_after_a_restore_leaves_the_target_right_doubles_no_user_and_disables_none_wrongly()
    {
        string database = postgres.NewDatabase();
        await using var fixture = new CycleFixture(settings: s => s with { StateKey = Key, DeleteThresholdShare = 1 });
        for (int number = 1; number <= 8; number++)
            fixture.Add(number);
        await RunAsync(fixture, database);
        string backup = CopyOf(database);

        // What the backup does not know: joiners, a changed title, a leaver, one who left and came back, one who came and left.
        fixture.Add(9);
        JsonObject passing = fixture.Add(10);
        fixture.People[1]["jobTitle"] = "Chief";
        fixture.People[2]["accountEnabled"] = false;
        fixture.People[3]["accountEnabled"] = false;
        await RunAsync(fixture, database);
        fixture.People[3]["accountEnabled"] = true;
        passing["accountEnabled"] = false;
        await RunAsync(fixture, database);
        Dictionary<string, string> before = Told(fixture);
        // What happened after the last cycle.
        fixture.People[4]["jobTitle"] = "Head";

        List<ProvisioningOutcome> outcomes = await RunAsync(fixture, backup);

        Assert.All(outcomes, outcome => Assert.Equal(OutcomeStatus.Success, outcome.Status));
        Assert.DoesNotContain(outcomes, outcome => outcome.Action == ProvisioningAction.Create);
        Dictionary<string, string> after = Told(fixture);
        Assert.Equal(10, fixture.Sandbox.UserCount);
        string changed = Assert.Single(after, user => before[user.Key] != user.Value).Value;
        Assert.Contains("Head", changed, StringComparison.Ordinal);
        int writes = fixture.Writes;
        Assert.Empty(await RunAsync(fixture, backup));
        Assert.Equal(writes, fixture.Writes);
    }

    private static async Task<List<ProvisioningOutcome>> RunAsync(CycleFixture fixture, string database)
    {
        using var server = new PostgresServer(database);
        fixture.Job.Store = server.StoreOf(Key);
        return await fixture.RunAsync();
    }

    // A copy that the server makes is what a dump and a restore give.
    private static string CopyOf(string database)
    {
        var copy = new NpgsqlConnectionStringBuilder(database);
        string name = copy.Database!;
        copy.Database = "postgres";
        PostgresCluster.Sql(copy.ToString(), $"CREATE DATABASE {name}_backup TEMPLATE {name}");
        copy.Database = $"{name}_backup";
        return copy.ToString();
    }

    private static Dictionary<string, string> Told(CycleFixture fixture) =>
        fixture.Target.ToDictionary(user => user.Key, user => $"{user.Value["active"]} {user.Value["title"]} {user.Value["externalId"]}");
}
