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
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleBench;

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
        await using CycleBench bench = await CompanyAsync(new SandboxOptions { Behaviors = [behavior] });
        int before = bench.Requests("PATCH");

        Change(bench, 1);
        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.All(outcomes, o => Assert.Equal((OutcomeStatus.Success, null), (o.Status, o.Note)));
        EnsureChanged(bench, 1);
        Assert.Equal(Users - 1 + 1, bench.Requests("PATCH") - before);
        Assert.Equal(form, bench.Client.Dialect.FormOf(AttributePath.Parse(attribute)));

        // Another session, which knows only what the job's state holds.
        bench.Reconnect();
        before = bench.Requests("PATCH");
        Change(bench, 2);
        await bench.RunAsync();
        EnsureChanged(bench, 2);
        Assert.Equal(Users - 1, bench.Requests("PATCH") - before);
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task A_path_is_used_where_a_value_without_one_is_not_kept()
    {
        await using CycleBench bench = await CompanyAsync(new SandboxOptions { Behaviors = [SandboxBehavior.PathlessValuesNotKept] });
        bench.Client.Learn(known => known with { PatchForm = PatchForm.Pathless });

        Change(bench, 1);
        Assert.All(await bench.RunAsync(), o => Assert.Null(o.Note));

        EnsureChanged(bench, 1);
        Assert.Equal(AttributeForm.Path, bench.Client.Dialect.FormOf(AttributePath.Parse("name.givenName")));
    }

    [Fact]
    public async Task A_value_that_no_form_keeps_is_told_once_and_neither_written_again_nor_taken_for_an_edit_by_hand()
    {
        await using CycleBench bench = await CompanyAsync(new SandboxOptions { NotKept = ["title"] }, dropped: true);
        bench.Sandbox.SetNotKept("name.givenName");
        int before = bench.Requests("PATCH");
        Change(bench, 1);
        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync(), o => o.SourceId == Id(5));

        Assert.Equal(OutcomeStatus.Success, outcome.Status);
        Assert.Contains("Accepted, but not kept: name.givenName.", outcome.Note, StringComparison.Ordinal);
        Assert.Contains("Accepted, but not kept", outcome.Detail, StringComparison.Ordinal);
        Assert.Contains("Accepted, but not kept", outcome.Steps[^1].Description, StringComparison.Ordinal);
        Assert.DoesNotContain(outcome.ModifiedProperties, c => c.Attribute == "name.givenName");
        Assert.Contains(outcome.ModifiedProperties, c => c.Attribute == Manager);
        ProvisioningOutcome logged = ProvisioningLog.Read(bench.Job, default).Last(o => o.SourceId == outcome.SourceId);
        Assert.Equal((outcome.Note, outcome.Detail), (logged.Note, logged.Detail));
        Assert.Contains("Accepted, but not kept", logged.Steps[^1].Description, StringComparison.Ordinal);
        // Two other forms, for the first user only.
        Assert.Equal(Users - 1 + 2, bench.Requests("PATCH") - before);

        foreach (Func<CycleBench, Task<List<ProvisioningOutcome>>> cycle in new[] { ReconcileAsync, b => b.RunAsync(), ReconcileAsync })
        {
            bench.Reconnect();
            Assert.Empty(await cycle(bench));
        }
        Assert.Equal(Users - 1 + 2, bench.Requests("PATCH") - before);

        // What is written for another reason leaves it out, and does not forget it.
        bench.People[0]["surname"] = "Renamed";
        Assert.Equal(["name.familyName"], Assert.Single(await bench.RunAsync()).ModifiedProperties.Select(c => c.Attribute));
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task An_edit_by_hand_of_a_value_that_was_not_kept_is_one()
    {
        await using CycleBench bench = await CompanyAsync(new SandboxOptions());
        bench.Sandbox.SetNotKept("title");
        bench.People[2]["jobTitle"] = "Wanted";
        await bench.RunAsync();
        Assert.Empty(await ReconcileAsync(bench));
        bench.Sandbox.SetBehavior(SandboxBehavior.ValuesNotKept, on: false);
        await bench.PatchAsync("user3@example.com", "title", "By hand");

        ProvisioningOutcome outcome = Assert.Single(await ReconcileAsync(bench));

        Assert.Equal((ProvisioningDrift.EditedByHand, null), (outcome.Drift, outcome.Note));
        Assert.Equal("Wanted", (string?)bench.Target["user3@example.com"]["title"]);
        Assert.Null(bench.Client.Dialect.FormOf(AttributePath.Parse("title")));
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task What_creates_drop_is_told_once_and_costs_a_few_requests_in_all()
    {
        await using var bench = new CycleBench(new SandboxOptions { NotKept = ["title"] });
        for (int i = 1; i <= 20; i++)
            bench.Add(i)["jobTitle"] = "Dropped";

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.All(outcomes, o => Assert.Contains("Accepted, but not kept: title.", o.Note, StringComparison.Ordinal));
        Assert.Equal((20, 2), (bench.Requests("POST"), bench.Requests("PATCH")));
        Assert.Empty(await ReconcileAsync(bench));
        bench.Reconnect();
        bench.Add(21)["jobTitle"] = "Dropped";
        Assert.NotNull(Assert.Single(await bench.RunAsync()).Note);
        Assert.Equal((21, 2), (bench.Requests("POST"), bench.Requests("PATCH")));
    }

    [Fact]
    public async Task What_creates_drop_and_changes_keep_follows_the_create()
    {
        var dropped = new Wire
        {
            Changed = (method, body) => method == "POST" ? body.Replace("\"title\"", "\"untitled\"", StringComparison.Ordinal) : body,
        };
        await using var bench = new CycleBench(client: c => c with { Handler = dropped });
        for (int i = 1; i <= 5; i++)
            bench.Add(i);

        Assert.All(
            await bench.RunAsync(),
            o => Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success, null), (o.Action, o.Status, o.Note))
        );

        Assert.All(bench.Sandbox.Users, u => Assert.NotNull((string?)u["title"]));
        Assert.Equal((5, 5), (bench.Requests("POST"), bench.Requests("PATCH")));
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task Where_changes_are_answered_without_a_body_the_next_read_tells()
    {
        await using CycleBench bench = await CompanyAsync(
            new SandboxOptions { Behaviors = [SandboxBehavior.PatchNoContent, SandboxBehavior.ManagerObjectsNotKept] }
        );
        Change(bench, 1);
        ProvisioningPlan plan = await bench.PlanAsync();
        int gets = bench.Requests("GET");
        Assert.All(await bench.ApplyAsync(plan), o => Assert.Null(o.Note));
        Assert.Equal(gets, bench.Requests("GET"));

        plan = await bench.PlanAsync(Reconcile(bench));
        Assert.Equal(Users - 2, plan.Operations.Count);
        Assert.All(plan.Operations, o => Assert.Equal((ProvisioningDrift.None, Manager), (o.Drift, Assert.Single(o.Changes).Attribute)));
        Assert.All(await bench.ApplyAsync(plan), o => Assert.Null(o.Note));

        EnsureChanged(bench, 1);
        Assert.Equal(AttributeForm.ValuePath, bench.Client.Dialect.FormOf(AttributePath.Parse(Manager)));
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task Where_changes_are_answered_without_a_body_a_value_that_no_form_keeps_is_told_once()
    {
        await using CycleBench bench = await CompanyAsync(new SandboxOptions { Behaviors = [SandboxBehavior.PatchNoContent] });
        bench.Sandbox.SetNotKept("title");
        bench.People[2]["jobTitle"] = "Wanted";
        Assert.Null(Assert.Single(await bench.RunAsync()).Note);

        ProvisioningOutcome outcome = Assert.Single(await ReconcileAsync(bench));

        Assert.Equal(ProvisioningDrift.None, outcome.Drift);
        Assert.Contains("Accepted, but not kept: title.", outcome.Note, StringComparison.Ordinal);
        int writes = bench.Writes;
        Assert.Empty(await ReconcileAsync(bench));
        Assert.Empty(await bench.RunAsync());
        Assert.Equal(writes, bench.Writes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SandboxBehavior.UserNameLowercased)]
    [InlineData(SandboxBehavior.PhoneNumbersNormalized)]
    [InlineData(SandboxBehavior.TextNormalized)]
    [InlineData(SandboxBehavior.DatesNormalized)]
    [InlineData(SandboxBehavior.PatchNoContent)]
    public async Task What_a_service_writes_in_its_own_way_is_kept_and_a_created_user_costs_one_request(SandboxBehavior? behavior)
    {
        await using var bench = new CycleBench(new SandboxOptions { Behaviors = behavior is { } one ? [one] : [] });
        for (int i = 1; i <= Users; i++)
        {
            JsonObject person = bench.Add(i, i == 1 ? null : 1);
            person["userPrincipalName"] = $"User{i}@Example.com";
            person["jobTitle"] = "Head  of Travel ";
            person["businessPhones"] = new JsonArray($"+34 (93) 000-000{i}");
        }
        ProvisioningPlan plan = await bench.PlanAsync();
        long before = bench.Sandbox.RequestCount;

        Assert.All(await bench.ApplyAsync(plan), o => Assert.Equal((OutcomeStatus.Success, null), (o.Status, o.Note)));

        Assert.Equal(Users, bench.Sandbox.RequestCount - before);
        Assert.Null(bench.Client.Dialect.AttributeForms);
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task A_leaver_who_stays_active_is_a_failure_and_is_tried_again()
    {
        await using CycleBench bench = await CompanyAsync(new SandboxOptions());
        bench.Sandbox.SetNotKept("active");
        bench.People[4]["accountEnabled"] = false;

        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());

        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Failure, "NotKept"), (outcome.Action, outcome.Status, outcome.ErrorCode));
        Assert.Contains("by hand", outcome.Reason, StringComparison.Ordinal);
        bench.Sandbox.SetBehavior(SandboxBehavior.ValuesNotKept, on: false);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await bench.RunAsync()).Status);
        Assert.False((bool)bench.Target["user5@example.com"]["active"]!);
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Whether_a_user_is_active_is_never_left_as_it_was_not_kept(bool withoutBody, bool leaves)
    {
        await using CycleBench bench = await CompanyAsync(
            new SandboxOptions { Behaviors = withoutBody ? [SandboxBehavior.PatchNoContent] : [] }
        );
        bench.People[4]["accountEnabled"] = leaves;
        await bench.RunAsync();
        bench.Sandbox.SetNotKept("active");
        bench.People[4]["accountEnabled"] = !leaves;

        for (int time = 0; time < 2; time++)
        {
            ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());
            Assert.Equal(
                (leaves ? ProvisioningAction.Disable : ProvisioningAction.Enable, OutcomeStatus.Failure, "NotKept"),
                (outcome.Action, outcome.Status, outcome.ErrorCode)
            );
            Assert.Contains("by hand", outcome.Reason, StringComparison.Ordinal);
            bench.Time.Advance(TimeSpan.FromHours(1));
        }
        bench.Sandbox.SetBehavior(SandboxBehavior.ValuesNotKept, on: false);
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await bench.RunAsync()).Status);
        Assert.Equal(!leaves, (bool)bench.Target["user5@example.com"]["active"]!);
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task A_leaver_and_a_returner_cost_a_read_more_only_where_a_change_is_answered_without_a_body(bool withoutBody, int more)
    {
        await using CycleBench bench = await CompanyAsync(
            new SandboxOptions { Behaviors = withoutBody ? [SandboxBehavior.PatchNoContent] : [] }
        );
        foreach (bool enabled in new[] { false, true })
        {
            bench.People[4]["accountEnabled"] = enabled;
            ProvisioningPlan plan = await bench.PlanAsync();
            (int patches, int gets) = (bench.Requests("PATCH"), bench.Requests("GET"));
            await bench.ApplyAsync(plan);
            Assert.Equal((1, more), (bench.Requests("PATCH") - patches, bench.Requests("GET") - gets));
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
        await using var bench = new CycleBench(client: c => c with { Handler = inactive });
        bench.Add(1);
        ProvisioningOutcome created = Assert.Single(await bench.RunAsync());
        Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (created.Action, created.Status));
        Assert.Contains("It is written again in a later cycle.", created.Note, StringComparison.Ordinal);
        keeps = true;
        bench.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(
            (ProvisioningAction.Enable, OutcomeStatus.Success),
            Assert.Single((await bench.RunAsync()).Select(o => (o.Action, o.Status)))
        );

        Assert.True((bool)bench.Target["user1@example.com"]["active"]!);
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task An_initial_cycle_that_is_asked_for_and_a_cycle_a_month_later_try_again()
    {
        await using CycleBench bench = await CompanyAsync(new SandboxOptions());
        bench.Sandbox.SetNotKept("title");
        bench.People[2]["jobTitle"] = "Wanted";
        await bench.RunAsync();
        bench.Time.Advance(TimeSpan.FromDays(31));
        Assert.NotNull(Assert.Single(await ReconcileAsync(bench)).Note);
        Assert.Empty(await ReconcileAsync(bench));
        bench.Sandbox.SetBehavior(SandboxBehavior.ValuesNotKept, on: false);
        Assert.Empty(await ReconcileAsync(bench));

        Assert.Null(Assert.Single(await bench.RunAsync(new CycleOptions { Time = bench.Time, Initial = true })).Note);

        Assert.Equal("Wanted", (string?)bench.Target["user3@example.com"]["title"]);
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task A_user_whose_new_name_was_not_kept_is_still_the_same_user()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.AttributeMappings.Remove(mapping.UserMapping.Find("externalId")!);
        await using CycleBench bench = await CompanyAsync(new SandboxOptions(), mapping: mapping);
        bench.Sandbox.SetNotKept("userName");
        bench.People[2]["userPrincipalName"] = "renamed3@example.com";
        Assert.NotNull(Assert.Single(await bench.RunAsync()).Note);

        bench.People[2]["jobTitle"] = "Next";
        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());

        Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Equal("Next", (string?)bench.Target["user3@example.com"]["title"]);
        Assert.Equal(Users, bench.Sandbox.UserCount);
        Assert.Empty(await ReconcileAsync(bench));
    }

    private static async Task<CycleBench> CompanyAsync(SandboxOptions options, bool dropped = false, SynchronizationSchema? mapping = null)
    {
        // What is under way when a form is learned was sent in the former one: one at a time, the requests can be counted.
        var bench = new CycleBench(options, mapping: mapping, settings: s => s with { Concurrency = 1 });
        for (int i = 1; i <= Users; i++)
        {
            JsonObject person = bench.Add(i);
            if (dropped)
                person.Remove("jobTitle");
        }
        await bench.RunAsync();
        return bench;
    }

    // Everybody but the manager gets another given name and another manager.
    private static void Change(CycleBench bench, int time)
    {
        for (int i = 2; i < bench.People.Count; i++)
            (bench.People[i]["givenName"], bench.People[i]["manager"]) = ($"Other{time}", new JsonObject { ["id"] = Id(time) });
        bench.People[time == 1 ? 1 : 0]["givenName"] = $"Other{time}";
    }

    private static void EnsureChanged(CycleBench bench, int time)
    {
        for (int i = 3; i <= bench.People.Count; i++)
        {
            Assert.Equal((string?)bench.Target[$"user{time}@example.com"]["id"], bench.ManagerOf(i));
            Assert.Equal($"Other{time}", (string?)bench.Target[$"user{i}@example.com"]["name"]!["givenName"]);
        }
    }

    private static CycleOptions Reconcile(CycleBench bench) => new() { Time = bench.Time, Reconcile = true };

    private static Task<List<ProvisioningOutcome>> ReconcileAsync(CycleBench bench) => bench.RunAsync(Reconcile(bench));
}
