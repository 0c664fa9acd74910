using System.Text;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Dialect;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Cycles against refusals, lost answers, stops and wrong keys.</summary>
public sealed class CycleFaultTests
{
    [Fact]
    public async Task A_value_travelperk_would_refuse_is_found_before_sending_and_stops_no_other_user()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        fixture.Add(2)["businessPhones"]![0] = "call me";
        fixture.Add(3, manager: 2);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        fixture.AssertOutcomes(
            """
            Failure Create user2@example.com (source 2, target -)
                InvalidValue: user2@example.com: 'phoneNumbers[type eq "work"].value': must be a phone number with + and country
                  code, such as +34 912345678, without letters or extension; correct it at the source.
            """,
            outcomes.Where(o => o.Status == OutcomeStatus.Failure)
        );
        Assert.Equal(2, fixture.Requests("POST"));
        Assert.Equal((CycleState.EntryLevelErrors, 1), (fixture.LastCycle.State, fixture.LastCycle.Counts.Failed));
        Assert.Equal(1, ProvisioningStatus.Read(fixture.Job).Escrowed);
    }

    [Fact]
    public async Task An_overloaded_target_gets_as_many_requests_at_once_as_it_bears_and_no_entry_fails()
    {
        await using var fixture = new CycleFixture(new SandboxOptions { ConcurrencyLimit = 3, Latency = TimeSpan.FromMilliseconds(10) });
        for (int i = 1; i <= 200; i++)
            fixture.Add(i);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, outcome => Assert.Equal(OutcomeStatus.Success, outcome.Status));
        Assert.Equal((200, 200), (outcomes.Count, fixture.Sandbox.UserCount));
        Assert.InRange(fixture.Client.Rate.ConcurrencyLimit!.Value, 1, 4);
        Assert.InRange(
            fixture.Sandbox.RequestCounts.Where(c => c.Status == System.Net.HttpStatusCode.ServiceUnavailable).Sum(c => c.Count),
            1,
            20
        );
    }

    [Fact]
    public async Task A_failed_entry_is_retried_with_growing_pauses_or_when_its_source_changes()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1)["businessPhones"]![0] = "call me";
        Assert.Single(await fixture.RunAsync());

        fixture.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Empty(await fixture.RunAsync());
        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(OutcomeStatus.Failure, Assert.Single(await fixture.RunAsync()).Status);
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Empty(await fixture.RunAsync());

        fixture.People[0]["businessPhones"]![0] = "+34 930000001";
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);
        Assert.Equal(0, ProvisioningStatus.Read(fixture.Job).Escrowed);
    }

    [Fact]
    public async Task A_refusal_by_travelperk_is_an_outcome_with_its_words()
    {
        await using var fixture = new CycleFixture(new SandboxOptions { CostCenters = ["Sales"] });
        fixture.Add(1)["employeeOrgData"] = new System.Text.Json.Nodes.JsonObject { ["costCenter"] = "Moon base" };
        fixture.Add(2)["employeeOrgData"] = new System.Text.Json.Nodes.JsonObject { ["costCenter"] = "Sales" };

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        fixture.AssertOutcomes(
            """
            Failure Create user1@example.com (source 1, target -)
                InvalidRequest: POST /Users: the service refused the request as not valid (400). The service said: Value Moon base
                  is not valid for attribute 'costCenter'. The object with that name does not exist
                userName: user1@example.com; externalId: 00000000-0000-4000-8000-000000000001; active: True; name.givenName: Given1;
                  name.familyName: Family1; phoneNumbers[type eq "work"].value: +34 930000001; title: Title 1;
                  urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter: Moon base
            """,
            outcomes.Where(o => o.Status == OutcomeStatus.Failure)
        );
        Assert.Single(fixture.Target);
    }

    [Fact]
    public async Task A_lost_answer_makes_no_duplicate_and_loses_no_user()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 20; i++)
            fixture.Add(i);
        fixture.Sandbox.SetBehavior(SandboxBehavior.AnswerLostAfterWrite, on: true, number: 5);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.True(fixture.Sandbox.GetBehaviorHits(SandboxBehavior.AnswerLostAfterWrite) > 0);
        Assert.Equal(20, outcomes.Count(o => o.Status == OutcomeStatus.Success));
        Assert.Equal(20, fixture.Sandbox.UserCount);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_conflict_is_resolved_by_matching_and_updating()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 6; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync();
        fixture.AddStranger("user3@example.com");

        List<ProvisioningOutcome> outcomes = await fixture.ApplyAsync(plan);

        ProvisioningOutcome adopted = Assert.Single(outcomes, o => o.Action == ProvisioningAction.Update);
        Assert.Equal(("user3@example.com", OutcomeStatus.Success), (adopted.Identity, adopted.Status));
        Assert.Equal("Given3", (string?)fixture.Target["user3@example.com"]["name"]!["givenName"]);
        Assert.Equal(6, fixture.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_conflict_that_no_filter_explains_is_explained_by_a_walk_over_all_pages()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        File.Delete(fixture.StateFile);
        fixture.Add(2);
        fixture.Sandbox.SetBehavior(SandboxBehavior.FilterMisses, on: true);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(ProvisioningAction.Link, outcomes.Single(o => o.Identity == "user1@example.com").Action);
        Assert.Equal(2, fixture.Sandbox.UserCount);
        Assert.Equal(UserNameFilter.Misses, fixture.Client.Dialect.UserNameFilter);
    }

    [Fact]
    public async Task A_stopped_cycle_is_continued_by_the_next()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 200; i++)
            fixture.Add(i, manager: i == 1 ? null : 1);
        ProvisioningPlan plan = await fixture.PlanAsync();
        using var stop = new CancellationTokenSource();
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (
                ProvisioningOutcome _ in new ProvisioningEngine(fixture.Job, fixture.Client).ApplyAsync(
                    plan,
                    new CycleOptions { Time = fixture.Time },
                    stop.Token
                )
            )
            {
                if (++seen == 20)
                    await stop.CancelAsync();
            }
        });
        Assert.Equal(CycleState.Stopped, fixture.LastCycle.State);
        Assert.InRange(fixture.Sandbox.UserCount, 20, 199);
        Assert.True(ProvisioningStatus.Read(fixture.Job).LinkedUsers >= 20);
        // What was written down ahead and not sent is taken back: the next cycle has nothing to look for.
        using (JobState state = JobState.OpenReadOnly(fixture.Job.Store)!)
            Assert.Empty(state.ReadIntents());

        List<ProvisioningOutcome> rest = await fixture.RunAsync();

        Assert.All(rest, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(200, fixture.Sandbox.UserCount);
        Assert.Equal(200, ProvisioningStatus.Read(fixture.Job).LinkedUsers);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_wrong_key_stops_the_cycle_with_one_error_and_state_stays_usable()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 30; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync();
        using var wrong = new System.Security.SecureString();
        foreach (char c in "not-the-key")
            wrong.AppendChar(c);
        using var credential = ScimCredential.ApiKey(wrong);
        using var client = new ScimClient(new ScimClientOptions { BaseUri = fixture.Sandbox.BaseUri }, credential);

        ScimException error = await Assert.ThrowsAsync<ScimException>(async () =>
        {
            await foreach (
                ProvisioningOutcome _ in new ProvisioningEngine(fixture.Job, client).ApplyAsync(plan, new CycleOptions(), default)
            ) { }
        });

        Assert.Equal("Unauthorized", error.ErrorId);
        Assert.Equal(CycleState.Failed, fixture.LastCycle.State);
        Assert.DoesNotContain("not-the-key", fixture.LastCycle.Message, StringComparison.Ordinal);
        Assert.Equal(30, (await fixture.RunAsync()).Count(o => o.Status == OutcomeStatus.Success));
    }

    [Fact]
    public async Task A_second_cycle_of_the_same_job_is_refused_while_one_runs()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 5; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync();
        await using IAsyncEnumerator<ProvisioningOutcome> first = new ProvisioningEngine(fixture.Job, fixture.Client)
            .ApplyAsync(plan, new CycleOptions(), default)
            .GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.ApplyAsync(plan));

        Assert.Equal("JobBusy", error.ErrorId);
        Assert.Equal("JobBusy", Assert.Throws<ProvisioningException>(fixture.Job.Delete).ErrorId);
        Assert.True(File.Exists(fixture.StateFile));
    }

    [Fact]
    public async Task A_connection_to_another_service_is_refused()
    {
        await using var fixture = new CycleFixture(settings: s => s with { Target = new Uri("https://app.perk.com/api/v2/scim") });

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.PlanAsync());

        Assert.Equal("TargetMismatch", error.ErrorId);
        Assert.Equal(0, fixture.Sandbox.RequestCount);
    }

    [Fact]
    public async Task A_service_that_moved_is_followed_with_its_links_and_learned_again()
    {
        using var moved = new MovedHandler();
        await using var fixture = new CycleFixture(client: c => c with { Handler = moved });
        for (int i = 1; i <= 3; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        fixture.People[0]["jobTitle"] = "Chief";
        var there = new UriBuilder(fixture.Sandbox.BaseUri) { Host = "localhost" };
        JobSettings settings = fixture.Job.Settings with { Target = there.Uri };
        Assert.Equal("JobHasLinks", Assert.Throws<ProvisioningException>(() => fixture.Job.Save(settings)).ErrorId);

        fixture.Job.Save(settings, keepLinks: true);

        Assert.Equal("TargetMismatch", (await Assert.ThrowsAsync<ProvisioningException>(() => fixture.PlanAsync())).ErrorId);
        Assert.Null(fixture.Job.ReadDialect(there.Uri, fixture.Time.GetUtcNow()));
        using System.Security.SecureString key = fixture.Sandbox.GetApiKey();
        using var credential = ScimCredential.ApiKey(key);
        using var client = new ScimClient(new ScimClientOptions { BaseUri = there.Uri, Handler = moved }, credential);
        var engine = new ProvisioningEngine(fixture.Job, client);
        ProvisioningPlan plan = await engine.PlanAsync(new CycleOptions { Time = fixture.Time }, default);
        await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, new CycleOptions { Time = fixture.Time }, default))
            Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Equal("Chief", (string)fixture.Target["user1@example.com"]["title"]!);
        Assert.Equal((3, 3L), (fixture.Sandbox.UserCount, ProvisioningStatus.Read(fixture.Job).LinkedUsers));
    }

    /// <summary>As a name server that gives the service a second name.</summary>
    private sealed class MovedHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new UriBuilder(request.RequestUri!) { Host = "127.0.0.1" }.Uri;
            return base.SendAsync(request, cancellationToken);
        }
    }

    [Fact]
    public async Task Damaged_state_is_one_clear_error_and_moving_it_away_helps()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        await File.WriteAllTextAsync(fixture.StateFile, new string('x', 5000));

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => fixture.PlanAsync());
        Assert.Equal("StateUnreadable", error.ErrorId);
        Assert.Contains("move it away", error.Message, StringComparison.Ordinal);

        File.Delete(fixture.StateFile);
        Assert.Equal(ProvisioningAction.Link, Assert.Single(await fixture.RunAsync()).Action);
    }

    [Fact]
    public async Task State_holds_links_without_attribute_values_and_the_log_keeps_its_retention()
    {
        await using var fixture = new CycleFixture(settings: s => s with { LogRetentionDays = 30 });
        fixture.Add(1);
        await fixture.RunAsync();
        Assert.Single(ProvisioningLog.Read(fixture.Job, DateTimeOffset.UnixEpoch));

        fixture.Time.Advance(TimeSpan.FromDays(31));
        await fixture.RunAsync();
        Assert.Empty(ProvisioningLog.Read(fixture.Job, DateTimeOffset.UnixEpoch));

        // Once the log is gone, nothing of the person may be left on disk, free pages included.
        foreach (string file in Directory.EnumerateFiles(fixture.Job.Path, "state.db*"))
            Assert.DoesNotContain("Family1", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)), StringComparison.Ordinal);
    }
}
