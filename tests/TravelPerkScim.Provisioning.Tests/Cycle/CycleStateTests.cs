using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Provisioning.Tests.Disk;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>State and job files that are damaged, stale or odd.</summary>
public sealed class CycleStateTests
{
    [Fact]
    public async Task State_that_can_no_longer_be_written_stops_the_cycle_with_one_clear_error()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        for (int i = 2; i <= 30; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync();
        fixture.EditState("DROP TABLE log");

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.ApplyAsync(plan));

        Assert.Equal("StateUnwritable", error.ErrorId);
        Assert.Contains("state.db", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DROP TABLE link")]
    [InlineData("UPDATE link SET hash = 'x'")]
    [InlineData("UPDATE link SET anchor = x'00'")]
    public async Task State_that_cannot_be_read_is_one_clear_error(string damage)
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        fixture.EditState(damage);

        Assert.Equal("StateUnreadable", (await Assert.ThrowsAsync<ProvisioningException>(() => fixture.PlanAsync())).ErrorId);
    }

    [Fact]
    public async Task The_state_is_written_for_groups_of_operations_and_not_for_each()
    {
        await using var fixture = new CycleFixture(settings: s => s with { Concurrency = 8 });
        for (int i = 1; i <= 400; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync();

        Assert.Equal(400, (await fixture.ApplyAsync(plan)).Count);

        using JobState state = JobState.OpenReadOnly(fixture.Job.Store)!;
        Assert.InRange(state.Changes, 1, 400 / fixture.Job.Settings.Concurrency);
    }

    [Fact]
    public async Task A_user_who_is_as_before_or_gone_leaves_nothing_in_escrow()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        fixture.Add(2);
        await fixture.RunAsync();
        fixture.People[0]["businessPhones"]![0] = "call me";
        fixture.People[1]["businessPhones"]![0] = "call me";
        fixture.Add(3)["businessPhones"]![0] = "call me";
        fixture.Add(4)["businessPhones"]![0] = "call me";
        await fixture.RunAsync();
        Assert.Equal(4, ProvisioningStatus.Read(fixture.Job).Escrowed);

        fixture.People[0]["businessPhones"]![0] = "+34 930000001";
        fixture.People[1]["accountEnabled"] = false;
        fixture.People[2]["accountEnabled"] = false;
        fixture.People.RemoveAt(3);
        await fixture.RunAsync();

        Assert.Equal(0, ProvisioningStatus.Read(fixture.Job).Escrowed);
    }

    [Fact]
    public async Task A_mapping_of_active_that_cannot_be_computed_fails_that_entry_alone()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("active")!.Source = AttributeMappingSource.FromAttribute("extensionAttribute5");
        await using var fixture = new CycleFixture(mapping: mapping);
        foreach (int i in new[] { 1, 2 })
            fixture.Add(i)["onPremisesExtensionAttributes"] = new System.Text.Json.Nodes.JsonObject { ["extensionAttribute5"] = "True" };
        await fixture.RunAsync();
        fixture.People[0]["accountEnabled"] = false;
        fixture.People[0]["onPremisesExtensionAttributes"]!["extensionAttribute5"] = "perhaps";
        fixture.People[1]["jobTitle"] = "Head of Travel";

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Contains(
            outcomes,
            o => o is { Action: ProvisioningAction.Disable, Status: OutcomeStatus.Failure, Identity: "user1@example.com" }
        );
        Assert.Contains(outcomes, o => o is { Action: ProvisioningAction.Update, Status: OutcomeStatus.Success });
    }

    [Fact]
    public async Task A_scope_that_cannot_be_computed_for_a_user_fails_that_entry_alone_and_disables_no_user()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Scope = new ScopeFilter();
        mapping.UserMapping.Scope.Groups.Add(new FilterGroup("Titles", new FilterClause("jobTitle", "NOT REGEX MATCH", "^(?=(a+)+$)b")));
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1);
        fixture.Add(2);
        await fixture.RunAsync();
        fixture.People[0]["jobTitle"] = new string('a', 60) + "!";
        fixture.People[1]["jobTitle"] = "Head of Travel";

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(["PatternTimeout", null], outcomes.OrderBy(o => o.Identity, StringComparer.Ordinal).Select(o => o.ErrorCode));
        Assert.All(fixture.Target.Values, user => Assert.True((bool)user["active"]!));
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData("""{"source":null,"target":"https://app.perk.com/api/v2/scim"}""")]
    [InlineData("""{"source":{"type":"File"},"target":"https://app.perk.com/api/v2/scim"}""")]
    [InlineData("""{"source":{"type":"File","path":"x"},"target":null}""")]
    [InlineData("""{"source":{"type":"File","path":"x"},"target":"https://me:secret@app.perk.com/api/v2/scim"}""")]
    [InlineData("null")]
    public async Task An_odd_job_file_is_one_clear_error(string content)
    {
        await using var fixture = new CycleFixture();
        await File.WriteAllTextAsync(Path.Combine(fixture.Job.Path, "job.json"), content);

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => ProvisioningJob.Open(fixture.Job.Path));

        Assert.Equal("JobSettingsInvalid", error.ErrorId);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cycles_are_forgotten_with_the_log_and_the_last_one_never()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        fixture.Time.Advance(TimeSpan.FromDays(31));

        await fixture.RunAsync();

        Assert.Single(ProvisioningStatus.Read(fixture.Job).Cycles);
    }

    [Fact]
    public async Task A_removed_job_leaves_no_file_behind()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();

        fixture.Job.Delete();

        Assert.False(Directory.Exists(fixture.Job.Path));
    }

    private const string FirstLog = """
        DROP TABLE intent; DROP TABLE staged; DROP TABLE word; DROP TABLE grouplink; DROP TABLE groupmember; DROP TABLE groupescrow; DROP TABLE log;
        CREATE TABLE log (time INTEGER NOT NULL, cycle TEXT NOT NULL, action INTEGER NOT NULL, status INTEGER NOT NULL, identity TEXT NOT NULL,
            anchor TEXT NOT NULL, target TEXT, changes TEXT, error TEXT, reason TEXT NOT NULL, duration INTEGER NOT NULL);
        CREATE INDEX log_time ON log (time);
        INSERT INTO log SELECT began, id, 1, 0, 'user1@example.com', '00000000-0000-4000-8000-000000000001', '1', '[{"Attribute":"title","OldValue":null,"NewValue":"Title 1"}]', NULL, 'As it was.', 7 FROM cycle;
        """;

    public static TheoryData<string, string> EarlierStates =>
        new()
        {
            { "1", FirstLog + "DROP TABLE waiting; PRAGMA user_version = 1" },
            { "2, of incremental reads", FirstLog + "PRAGMA user_version = 2" },
            {
                "2, of the journal",
                """
                    DROP TABLE grouplink; DROP TABLE groupmember; DROP TABLE groupescrow; ALTER TABLE log DROP COLUMN type; ALTER TABLE log DROP COLUMN scope; ALTER TABLE log DROP COLUMN match;
                    DROP TABLE staged; CREATE TABLE staged (anchor BLOB PRIMARY KEY, action INTEGER NOT NULL) WITHOUT ROWID; INSERT INTO staged VALUES (x'01', 1);
                    UPDATE word SET text = 'As it was.' WHERE id = (SELECT reason FROM log);
                    PRAGMA user_version = 2
                    """
            },
            {
                "4, without steps",
                """
                    ALTER TABLE log DROP COLUMN scope; ALTER TABLE log DROP COLUMN match;
                    UPDATE word SET text = 'As it was.' WHERE id = (SELECT reason FROM log); PRAGMA user_version = 4
                    """
            },
            {
                "9, without notifications",
                """
                    DROP TABLE alert; DROP TABLE outbox; DROP TABLE channel;
                    UPDATE word SET text = 'As it was.' WHERE id = (SELECT reason FROM log); PRAGMA user_version = 9
                    """
            },
            { "10, without the job", "UPDATE word SET text = 'As it was.' WHERE id = (SELECT reason FROM log)" },
        };

    [Theory]
    [MemberData(nameof(EarlierStates))]
    public async Task State_of_an_earlier_version_keeps_links_and_log(string version, string asItWas)
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        EarlierState.Make(fixture, asItWas);
        long requests = fixture.Sandbox.RequestCount;

        Assert.True((await fixture.RunAsync()).Count == 0, version);

        Assert.Equal(requests, fixture.Sandbox.RequestCount);
        ProvisioningOutcome entry = Assert.Single(ProvisioningLog.Read(fixture.Job, DateTimeOffset.UnixEpoch));
        Assert.Equal(("user1@example.com", CycleFixture.Id(1), "As it was."), (entry.Identity, entry.SourceId, entry.Reason));
        Assert.Contains(entry.ModifiedProperties, c => c is { Attribute: "title", NewValue: "Title 1" });
        fixture.People[0]["accountEnabled"] = false;
        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await fixture.RunAsync()).Action);
        Assert.Equal(2, ProvisioningLog.Read(fixture.Job, DateTimeOffset.UnixEpoch).Count());
    }
}
