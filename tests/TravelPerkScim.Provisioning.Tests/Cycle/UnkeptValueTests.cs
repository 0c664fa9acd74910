using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Schema;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A service accepts a value and keeps another: it is sent in another form, once for all users, or the outcome says so
/// once.</summary>
public sealed class UnkeptValueTests
{
    private const int Users = 8;
    private const string Manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

    [Theory]
    [InlineData(SandboxBehavior.ManagerObjectsNotKept, Manager, AttributeForm.ValuePath)]
    [InlineData(SandboxBehavior.PathValuesNotKept, "name.givenName", AttributeForm.Pathless)]
    public async Task A_form_that_is_not_kept_costs_one_request_and_the_one_that_is_kept_is_remembered(
        SandboxBehavior behavior,
        string attribute,
        AttributeForm form
    )
    {
        await using CycleFixture fixture = await CompanyAsync(new SandboxOptions { Behaviors = [behavior] });
        int before = fixture.Requests("PATCH");

        Change(fixture, 1);
        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal((OutcomeStatus.Success, null), (o.Status, o.Note)));
        EnsureChanged(fixture, 1);
        Assert.Equal(Users - 1 + 1, fixture.Requests("PATCH") - before);
        Assert.Equal(form, fixture.Client.Dialect.FormOf(AttributePath.Parse(attribute)));

        // Another session, which knows only what the job's state holds.
        fixture.Reconnect();
        before = fixture.Requests("PATCH");
        Change(fixture, 2);
        await fixture.RunAsync();
        EnsureChanged(fixture, 2);
        Assert.Equal(Users - 1, fixture.Requests("PATCH") - before);
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task A_path_is_used_where_a_value_without_one_is_not_kept()
    {
        await using CycleFixture fixture = await CompanyAsync(new SandboxOptions { Behaviors = [SandboxBehavior.PathlessValuesNotKept] });
        fixture.Client.Learn(known => known with { PatchForm = PatchForm.Pathless });

        Change(fixture, 1);
        Assert.All(await fixture.RunAsync(), o => Assert.Null(o.Note));

        EnsureChanged(fixture, 1);
        Assert.Equal(AttributeForm.Path, fixture.Client.Dialect.FormOf(AttributePath.Parse("name.givenName")));
    }

    [Fact]
    public async Task A_value_that_no_form_keeps_is_told_once_and_neither_written_again_nor_taken_for_an_edit_by_hand()
    {
        await using CycleFixture fixture = await CompanyAsync(new SandboxOptions { NotKept = ["title"] }, dropped: true);
        fixture.Sandbox.SetNotKept("name.givenName");
        int before = fixture.Requests("PATCH");
        Change(fixture, 1);
        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync(), o => o.SourceId == Id(5));

        fixture.AssertOutcomes(
            $"""
            Success Update user5@example.com (source 5, target user5@example.com)
                The source user changed.
                Note: Accepted, but not kept: name.givenName. TravelPerk shows another value than the one it accepted. It is not
                  written again until the source or TravelPerk changes it, or for 30 days.
                urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: - -> {fixture.Target["user1@example.com"]["id"]}
            """,
            [outcome]
        );
        Assert.Contains("Accepted, but not kept", outcome.Detail, StringComparison.Ordinal);
        Assert.Contains("Accepted, but not kept", outcome.Steps[^1].Description, StringComparison.Ordinal);
        ProvisioningOutcome logged = ProvisioningLog.Read(fixture.Job, default).Last(o => o.SourceId == outcome.SourceId);
        Assert.Equal((outcome.Note, outcome.Detail), (logged.Note, logged.Detail));
        Assert.Contains("Accepted, but not kept", logged.Steps[^1].Description, StringComparison.Ordinal);
        // Two other forms, for the first user only.
        Assert.Equal(Users - 1 + 2, fixture.Requests("PATCH") - before);

        foreach (Func<CycleFixture, Task<List<ProvisioningOutcome>>> cycle in new[] { ReconcileAsync, b => b.RunAsync(), ReconcileAsync })
        {
            fixture.Reconnect();
            Assert.Empty(await cycle(fixture));
        }
        Assert.Equal(Users - 1 + 2, fixture.Requests("PATCH") - before);

        // What is written for another reason leaves it out, and does not forget it.
        fixture.People[0]["surname"] = "Renamed";
        Assert.Equal(["name.familyName"], Assert.Single(await fixture.RunAsync()).ModifiedProperties.Select(c => c.Attribute));
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task An_edit_by_hand_of_a_value_that_was_not_kept_is_one()
    {
        await using CycleFixture fixture = await CompanyAsync(new SandboxOptions());
        fixture.Sandbox.SetNotKept("title");
        fixture.People[2]["jobTitle"] = "Wanted";
        await fixture.RunAsync();
        Assert.Empty(await ReconcileAsync(fixture));
        fixture.Sandbox.SetBehavior(SandboxBehavior.ValuesNotKept, on: false);
        await fixture.PatchAsync("user3@example.com", "title", "By hand");

        ProvisioningOutcome outcome = Assert.Single(await ReconcileAsync(fixture));

        Assert.Equal((ProvisioningDrift.EditedByHand, null), (outcome.Drift, outcome.Note));
        Assert.Equal("Wanted", (string?)fixture.Target["user3@example.com"]["title"]);
        Assert.Null(fixture.Client.Dialect.FormOf(AttributePath.Parse("title")));
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task A_value_that_creates_drop_is_told_once_and_costs_a_few_requests_in_all()
    {
        await using var fixture = new CycleFixture(new SandboxOptions { NotKept = ["title"] });
        for (int i = 1; i <= 20; i++)
            fixture.Add(i)["jobTitle"] = "Dropped";

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Contains("Accepted, but not kept: title.", o.Note, StringComparison.Ordinal));
        Assert.Equal((20, 2), (fixture.Requests("POST"), fixture.Requests("PATCH")));
        Assert.Empty(await ReconcileAsync(fixture));
        fixture.Reconnect();
        fixture.Add(21)["jobTitle"] = "Dropped";
        Assert.NotNull(Assert.Single(await fixture.RunAsync()).Note);
        Assert.Equal((21, 2), (fixture.Requests("POST"), fixture.Requests("PATCH")));
    }

    [Fact]
    public async Task A_value_that_creates_drop_and_changes_keep_follows_the_create()
    {
        var dropped = new Wire
        {
            Changed = (method, body) => method == "POST" ? body.Replace("\"title\"", "\"untitled\"", StringComparison.Ordinal) : body,
        };
        await using var fixture = new CycleFixture(client: c => c with { Handler = dropped });
        for (int i = 1; i <= 5; i++)
            fixture.Add(i);

        Assert.All(
            await fixture.RunAsync(),
            o => Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success, null), (o.Action, o.Status, o.Note))
        );

        Assert.All(fixture.Sandbox.Users, u => Assert.NotNull((string?)u["title"]));
        Assert.Equal((5, 5), (fixture.Requests("POST"), fixture.Requests("PATCH")));
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task Where_changes_are_answered_without_a_body_the_next_read_tells()
    {
        await using CycleFixture fixture = await CompanyAsync(
            new SandboxOptions { Behaviors = [SandboxBehavior.PatchNoContent, SandboxBehavior.ManagerObjectsNotKept] }
        );
        Change(fixture, 1);
        ProvisioningPlan plan = await fixture.PlanAsync();
        int gets = fixture.Requests("GET");
        Assert.All(await fixture.ApplyAsync(plan), o => Assert.Null(o.Note));
        Assert.Equal(gets, fixture.Requests("GET"));

        plan = await fixture.PlanAsync(Reconcile(fixture));
        Assert.Equal(Users - 2, plan.Operations.Count);
        Assert.All(plan.Operations, o => Assert.Equal((ProvisioningDrift.None, Manager), (o.Drift, Assert.Single(o.Changes).Attribute)));
        Assert.All(await fixture.ApplyAsync(plan), o => Assert.Null(o.Note));

        EnsureChanged(fixture, 1);
        Assert.Equal(AttributeForm.ValuePath, fixture.Client.Dialect.FormOf(AttributePath.Parse(Manager)));
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task Where_changes_are_answered_without_a_body_a_value_that_no_form_keeps_is_told_once()
    {
        await using CycleFixture fixture = await CompanyAsync(new SandboxOptions { Behaviors = [SandboxBehavior.PatchNoContent] });
        fixture.Sandbox.SetNotKept("title");
        fixture.People[2]["jobTitle"] = "Wanted";
        Assert.Null(Assert.Single(await fixture.RunAsync()).Note);

        fixture.AssertOutcomes(
            """
            Success Update user3@example.com (source 3, target user3@example.com)
                TravelPerk accepted the values before and does not show them.
                Note: Accepted, but not kept: title. TravelPerk shows another value than the one it accepted. It is not written
                  again until the source or TravelPerk changes it, or for 30 days.
            """,
            await ReconcileAsync(fixture)
        );

        int writes = fixture.Writes;
        Assert.Empty(await ReconcileAsync(fixture));
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(writes, fixture.Writes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SandboxBehavior.UserNameLowercased)]
    [InlineData(SandboxBehavior.PhoneNumbersNormalized)]
    [InlineData(SandboxBehavior.TextNormalized)]
    [InlineData(SandboxBehavior.DatesNormalized)]
    [InlineData(SandboxBehavior.PatchNoContent)]
    public async Task A_value_in_the_services_own_spelling_counts_as_kept_and_a_create_costs_one_request(SandboxBehavior? behavior)
    {
        await using var fixture = new CycleFixture(new SandboxOptions { Behaviors = behavior is { } one ? [one] : [] });
        for (int i = 1; i <= Users; i++)
        {
            JsonObject person = fixture.Add(i, i == 1 ? null : 1);
            person["userPrincipalName"] = $"User{i}@Example.com";
            person["jobTitle"] = "Head  of Travel ";
            person["businessPhones"] = new JsonArray($"+34 (93) 000-000{i}");
        }
        ProvisioningPlan plan = await fixture.PlanAsync();
        long before = fixture.Sandbox.RequestCount;

        Assert.All(await fixture.ApplyAsync(plan), o => Assert.Equal((OutcomeStatus.Success, null), (o.Status, o.Note)));

        Assert.Equal(Users, fixture.Sandbox.RequestCount - before);
        Assert.Null(fixture.Client.Dialect.AttributeForms);
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task A_leaver_who_stays_active_is_a_failure_and_is_tried_again()
    {
        await using CycleFixture fixture = await CompanyAsync(new SandboxOptions());
        fixture.Sandbox.SetNotKept("active");
        fixture.People[4]["accountEnabled"] = false;

        fixture.AssertOutcomes(
            """
            Failure Disable user5@example.com (source 5, target user5@example.com)
                NotKept: Accepted, but not kept: TravelPerk accepted that the user is no longer active, and shows the user as
                  active. It is tried again; until that succeeds, deactivate the user in TravelPerk by hand.
                active: True -> False
            """,
            await fixture.RunAsync()
        );

        fixture.Sandbox.SetBehavior(SandboxBehavior.ValuesNotKept, on: false);
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);
        Assert.False((bool)fixture.Target["user5@example.com"]["active"]!);
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Whether_a_user_is_active_is_never_left_as_it_was_not_kept(bool withoutBody, bool leaves)
    {
        await using CycleFixture fixture = await CompanyAsync(
            new SandboxOptions { Behaviors = withoutBody ? [SandboxBehavior.PatchNoContent] : [] }
        );
        fixture.People[4]["accountEnabled"] = leaves;
        await fixture.RunAsync();
        fixture.Sandbox.SetNotKept("active");
        fixture.People[4]["accountEnabled"] = !leaves;

        for (int time = 0; time < 2; time++)
        {
            ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());
            Assert.Equal(
                (leaves ? ProvisioningAction.Disable : ProvisioningAction.Enable, OutcomeStatus.Failure, "NotKept"),
                (outcome.Action, outcome.Status, outcome.ErrorCode)
            );
            Assert.Contains("by hand", outcome.Reason, StringComparison.Ordinal);
            fixture.Time.Advance(TimeSpan.FromHours(1));
        }
        fixture.Sandbox.SetBehavior(SandboxBehavior.ValuesNotKept, on: false);
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);
        Assert.Equal(!leaves, (bool)fixture.Target["user5@example.com"]["active"]!);
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task A_leaver_and_a_returner_cost_a_read_more_only_where_a_change_is_answered_without_a_body(bool withoutBody, int more)
    {
        await using CycleFixture fixture = await CompanyAsync(
            new SandboxOptions { Behaviors = withoutBody ? [SandboxBehavior.PatchNoContent] : [] }
        );
        foreach (bool enabled in new[] { false, true })
        {
            fixture.People[4]["accountEnabled"] = enabled;
            ProvisioningPlan plan = await fixture.PlanAsync();
            (int patches, int gets) = (fixture.Requests("PATCH"), fixture.Requests("GET"));
            await fixture.ApplyAsync(plan);
            Assert.Equal((1, more), (fixture.Requests("PATCH") - patches, fixture.Requests("GET") - gets));
        }
    }

    [Fact]
    public async Task A_user_who_is_created_inactive_although_active_was_sent_is_enabled_later()
    {
        bool keeps = false;
        var inactive = new Wire
        {
            Changed = (method, body) =>
                keeps
                    ? body
                    : body.Replace("\"active\":true", "\"active\":false", StringComparison.Ordinal)
                        .Replace("\"value\":true", "\"value\":false", StringComparison.Ordinal),
        };
        await using var fixture = new CycleFixture(client: c => c with { Handler = inactive });
        fixture.Add(1);
        ProvisioningOutcome created = Assert.Single(await fixture.RunAsync());
        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (created.Action, created.Status));
        Assert.Contains("It is written again in a later cycle.", created.Note, StringComparison.Ordinal);
        keeps = true;
        fixture.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(
            (ProvisioningAction.Enable, OutcomeStatus.Success),
            Assert.Single((await fixture.RunAsync()).Select(o => (o.Action, o.Status)))
        );

        Assert.True((bool)fixture.Target["user1@example.com"]["active"]!);
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task An_initial_cycle_that_is_asked_for_and_a_cycle_a_month_later_try_again()
    {
        await using CycleFixture fixture = await CompanyAsync(new SandboxOptions());
        fixture.Sandbox.SetNotKept("title");
        fixture.People[2]["jobTitle"] = "Wanted";
        await fixture.RunAsync();
        fixture.Time.Advance(TimeSpan.FromDays(31));
        Assert.NotNull(Assert.Single(await ReconcileAsync(fixture)).Note);
        Assert.Empty(await ReconcileAsync(fixture));
        fixture.Sandbox.SetBehavior(SandboxBehavior.ValuesNotKept, on: false);
        Assert.Empty(await ReconcileAsync(fixture));

        Assert.Null(Assert.Single(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Initial = true })).Note);

        Assert.Equal("Wanted", (string?)fixture.Target["user3@example.com"]["title"]);
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task A_user_whose_new_name_was_not_kept_is_still_the_same_user()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.AttributeMappings.Remove(mapping.UserMapping.Find("externalId")!);
        await using CycleFixture fixture = await CompanyAsync(new SandboxOptions(), mapping: mapping);
        fixture.Sandbox.SetNotKept("userName");
        fixture.People[2]["userPrincipalName"] = "renamed3@example.com";
        Assert.NotNull(Assert.Single(await fixture.RunAsync()).Note);

        fixture.People[2]["jobTitle"] = "Next";
        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Equal("Next", (string?)fixture.Target["user3@example.com"]["title"]);
        Assert.Equal(Users, fixture.Sandbox.UserCount);
        Assert.Empty(await ReconcileAsync(fixture));
    }

    private static async Task<CycleFixture> CompanyAsync(
        SandboxOptions options,
        bool dropped = false,
        SynchronizationSchema? mapping = null
    )
    {
        // What is under way when a form is learned was sent in the former one: one at a time, the requests can be counted.
        var fixture = new CycleFixture(options, mapping: mapping, settings: s => s with { Concurrency = 1 });
        for (int i = 1; i <= Users; i++)
        {
            JsonObject person = fixture.Add(i);
            if (dropped)
                person.Remove("jobTitle");
        }
        await fixture.RunAsync();
        return fixture;
    }

    // Everybody but the manager gets another given name and another manager.
    private static void Change(CycleFixture fixture, int time)
    {
        for (int i = 2; i < fixture.People.Count; i++)
            (fixture.People[i]["givenName"], fixture.People[i]["manager"]) = ($"Other{time}", new JsonObject { ["id"] = Id(time) });
        fixture.People[time == 1 ? 1 : 0]["givenName"] = $"Other{time}";
    }

    private static void EnsureChanged(CycleFixture fixture, int time)
    {
        for (int i = 3; i <= fixture.People.Count; i++)
        {
            Assert.Equal((string?)fixture.Target[$"user{time}@example.com"]["id"], fixture.ManagerOf(i));
            Assert.Equal($"Other{time}", (string?)fixture.Target[$"user{i}@example.com"]["name"]!["givenName"]);
        }
    }

    private static CycleOptions Reconcile(CycleFixture fixture) => new() { Time = fixture.Time, Reconcile = true };

    private static Task<List<ProvisioningOutcome>> ReconcileAsync(CycleFixture fixture) => fixture.RunAsync(Reconcile(fixture));
}
