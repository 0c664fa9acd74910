using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>An account has the userName of another account's TravelPerk user: the same person made again, or another person.</summary>
public sealed class InheritanceTests : SavedPlanTests
{
    private const string Name = "user1@example.com";

    public enum Departure
    {
        Deleted,
        DeletedEarlier,
        Disabled,
        DisabledEarlier,
        Unassigned,
        UnassignedEarlier,
    }

    public static TheoryData<Departure> Departures() => [.. Enum.GetValues<Departure>()];

    [Theory]
    [MemberData(nameof(Departures))]
    public async Task The_same_person_made_again_takes_the_user_over_at_once_from_a_departed_account(Departure departure)
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        string id = (string)fixture.Target[Name]["id"]!;
        await DepartAsync(fixture, departure);

        directory.Set(3, userPrincipalName: Name, person: 1);
        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal(
            (OutcomeStatus.Success, Id(3), id, ProvisioningDrift.Inherited),
            (outcome.Status, outcome.SourceId, outcome.TargetId, outcome.Drift)
        );
        Assert.Contains($"{Name} ({Id(1)})", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(
            (id, Id(3), true),
            ((string?)fixture.Target[Name]["id"], (string?)fixture.Target[Name]["externalId"], (bool)fixture.Target[Name]["active"]!)
        );
        Assert.Empty(await fixture.RunAsync());
        directory.Expired = true;
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_links_the_user_stays_with_the_account_that_its_externalId_names(bool matchedByExternalId)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        if (matchedByExternalId)
            mapping.UserMapping.Find("externalId")!.MatchingPriority = 2;
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1);
        fixture.Add(2);
        await fixture.RunAsync();
        string id = (string)fixture.Target[Name]["id"]!;
        fixture.Job.Reset(JobReset.Links);
        fixture.People[0]["userPrincipalName"] = "renamed@example.com";
        JsonObject namesake = fixture.Add(3);
        namesake["userPrincipalName"] = Name;
        (namesake["givenName"], namesake["surname"]) = ("Given1", "Family1");

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal("EntryConflict", Assert.Single(outcomes, o => o.Status == OutcomeStatus.Failure).ErrorCode);
        Assert.Equal(
            (id, Id(1)),
            ((string?)fixture.Target["renamed@example.com"]["id"], (string?)fixture.Target["renamed@example.com"]["externalId"])
        );
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ProvisioningAction.Create, Assert.Single(await fixture.RunAsync()).Action);
        Assert.Equal(Id(3), (string?)fixture.Target[Name]["externalId"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_account_that_is_active_and_in_scope_keeps_its_user_also_where_the_names_agree(bool listed)
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        if (listed)
            directory.Expired = true;

        directory.Set(3, userPrincipalName: Name, person: 1);

        Assert.Equal("EntryConflict", Assert.Single(await fixture.RunAsync()).ErrorCode);
        Assert.Equal(Id(1), (string?)fixture.Target[Name]["externalId"]);
    }

    [Fact]
    public async Task A_former_owner_who_comes_back_is_the_manager_of_its_reports_again()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        directory.Set(2, manager: 1);
        await fixture.RunAsync();
        directory.Set(1, userPrincipalName: "former1@example.com", enabled: false);
        directory.Set(3, userPrincipalName: "user1@example.com", person: 1);
        await fixture.RunAsync();
        Assert.Equal((string?)fixture.Target["user1@example.com"]["externalId"], Id(3));

        directory.Set(1, userPrincipalName: "former1@example.com");
        await fixture.RunAsync();
        await fixture.RunAsync();

        Assert.Equal((string?)fixture.Target["former1@example.com"]["id"], fixture.ManagerOf(2));
    }

    [Fact]
    public async Task An_account_that_cannot_be_read_keeps_its_user()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        await DepartAsync(fixture, Departure.DisabledEarlier);
        directory.Broken.Add(Id(1));

        directory.Set(3, userPrincipalName: Name, person: 1);

        Assert.Equal("EntryConflict", Assert.Single(await fixture.RunAsync()).ErrorCode);
    }

    [Theory]
    [MemberData(nameof(Departures))]
    public async Task Another_person_gets_the_user_of_a_departed_account_only_when_that_is_approved(Departure departure)
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        string id = (string)fixture.Target[Name]["id"]!;
        await DepartAsync(fixture, departure);
        directory.Set(3, userPrincipalName: Name);
        directory.Set(4);

        ProvisioningPlan plan = await fixture.PlanAsync();
        // An earlier cycle has disabled the user.
        bool inactive = departure is Departure.DeletedEarlier or Departure.DisabledEarlier or Departure.UnassignedEarlier;
        string why = departure switch
        {
            Departure.Deleted or Departure.DeletedEarlier => "was permanently deleted in the source",
            Departure.Disabled or Departure.DisabledEarlier => "is disabled in the source",
            _ => "is no longer assigned",
        };
        string enabled = inactive ? "\n    active: False -> True" : "";
        fixture.AssertOperations(
            $"""
            {(inactive ? "Enable" : "Update")} user1@example.com (source 3, target user1@example.com), staged, Takeover
                TravelPerk user {id} is linked to user1@example.com (00000000-0000-4000-8000-000000000001), which {why}.
                  Given or family name differ from what TravelPerk holds. This account gets the user, with its trips and
                  documents, only when Invoke-Provisioning -ApproveCycle approves it; to reject, correct the matching attribute
                  of one of them.
                externalId: 00000000-0000-4000-8000-000000000001 -> 00000000-0000-4000-8000-000000000003{enabled}
                name.givenName: Given1 -> Given3
                name.familyName: Family1 -> Family3
            """,
            plan.Operations.Where(o => o.SourceId == Id(3))
        );
        PlanText.AssertEqual(
            $"""
            1 TravelPerk users would go over to another account whose given or family name differs, and wait for an approval.
              user1@example.com (00000000-0000-4000-8000-000000000003): TravelPerk user {id} is linked to user1@example.com
              (00000000-0000-4000-8000-000000000001), which {why}.
            """,
            Assert.Single(plan.Warnings)
        );
        List<ProvisioningOutcome> outcomes = await fixture.ApplyAsync(plan);

        // The rest of the cycle is applied, and the former holder has lost access.
        Assert.Equal(OutcomeStatus.Staged, outcomes.Single(o => o.SourceId == Id(3)).Status);
        Assert.True(fixture.Target.ContainsKey("user4@example.com"));
        Assert.Equal(
            (id, Id(1), false, "Given1"),
            (
                (string?)fixture.Target[Name]["id"],
                (string?)fixture.Target[Name]["externalId"],
                (bool)fixture.Target[Name]["active"]!,
                (string?)fixture.Target[Name]["name"]!["givenName"]
            )
        );
        Quarantine quarantine = ProvisioningStatus.Read(fixture.Job).Quarantine!;
        Assert.Equal((QuarantineReason.TakeoversStaged, plan.CycleId), (quarantine.Reason, quarantine.CycleId));
        Assert.Equal(OutcomeStatus.Staged, Assert.Single(await fixture.RunAsync()).Status);

        List<ProvisioningOutcome> approved = await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = plan.CycleId });

        fixture.AssertOutcomes(
            $"""
            Success Enable user1@example.com (source 3, target user1@example.com), Takeover
                TravelPerk user {id} was linked to user1@example.com (00000000-0000-4000-8000-000000000001), which {why}.
                  Given or family name differ from what TravelPerk holds; the takeover was approved.
                externalId: 00000000-0000-4000-8000-000000000001 -> 00000000-0000-4000-8000-000000000003
                active: False -> True
                name.givenName: Given1 -> Given3
                name.familyName: Family1 -> Family3
            """,
            approved
        );
        Assert.Equal(
            (id, Id(3), true, "Given3"),
            (
                (string?)fixture.Target[Name]["id"],
                (string?)fixture.Target[Name]["externalId"],
                (bool)fixture.Target[Name]["active"]!,
                (string?)fixture.Target[Name]["name"]!["givenName"]
            )
        );
        Assert.Null(ProvisioningStatus.Read(fixture.Job).Quarantine);
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(0, fixture.Requests("DELETE"));
    }

    [Fact]
    public async Task An_approval_is_of_the_takeover_that_was_staged_and_of_no_other()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(3);
        directory.Set(1, enabled: false);
        directory.Set(10, userPrincipalName: Name);
        await fixture.RunAsync();
        Guid staged = fixture.LastCycle.Id;
        directory.Set(2, enabled: false);
        directory.Set(20, userPrincipalName: "user2@example.com");

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = staged });

        Assert.Equal(OutcomeStatus.Success, outcomes.Single(o => o.SourceId == Id(10)).Status);
        Assert.Equal(OutcomeStatus.Staged, outcomes.Single(o => o.SourceId == Id(20)).Status);
    }

    [Fact]
    public async Task A_permanent_deletion_waits_while_the_takeover_is_not_decided_and_is_done_when_it_is_rejected()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(3);
        directory.Delete(1);
        directory.Set(10, userPrincipalName: Name);
        await fixture.RunAsync();
        fixture.Time.Advance(TimeSpan.FromHours(1));
        await fixture.RunAsync();
        Assert.False((bool)fixture.Target[Name]["active"]!);

        directory.Set(10, userPrincipalName: "another@example.com");
        fixture.Time.Advance(TimeSpan.FromHours(1));
        await fixture.RunAsync();
        fixture.Time.Advance(TimeSpan.FromHours(1));
        await fixture.RunAsync();

        Assert.Equal(["another@example.com", "user2@example.com", "user3@example.com"], fixture.Target.Keys.Order());
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_staged_takeover_is_nobodys_manager_before_it_is_approved()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        directory.Set(1, enabled: false);
        directory.Set(10, userPrincipalName: Name);
        directory.Set(2, manager: 10);
        ProvisioningPlan plan = await fixture.PlanAsync();
        await fixture.ApplyAsync(plan);
        Assert.Null(fixture.ManagerOf(2));

        await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = plan.CycleId });
        await fixture.RunAsync();

        Assert.Equal((string?)fixture.Target[Name]["id"], fixture.ManagerOf(2));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task A_user_of_no_job_that_names_another_account_is_linked_where_the_names_agree_and_staged_where_they_differ(
        bool differ,
        bool hidden
    )
    {
        await using var fixture = new CycleFixture();
        fixture.Sandbox.SetBehavior(SandboxBehavior.FilterMisses, on: hidden);
        string id = fixture.AddStranger(
            Name,
            externalId: "contractor-7",
            givenName: differ ? "External" : " GIVEN1",
            familyName: "Family1"
        );
        fixture.Add(1);
        fixture.Add(2);

        ProvisioningOutcome first = (await fixture.RunAsync()).Single(o => o.SourceId == Id(1));
        Assert.Equal(
            hidden ? OutcomeStatus.Failure
                : differ ? OutcomeStatus.Staged
                : OutcomeStatus.Success,
            first.Status
        );
        Assert.Equal(differ ? "contractor-7" : Id(1), (string?)fixture.Target[Name]["externalId"]);
        if (!differ)
            return;
        fixture.Time.Advance(TimeSpan.FromHours(1));
        ProvisioningOutcome staged = (await fixture.RunAsync()).Single(o => o.SourceId == Id(1));
        Assert.Equal((OutcomeStatus.Staged, ProvisioningDrift.Takeover), (staged.Status, staged.Drift));
        Assert.Contains("contractor-7", staged.Reason, StringComparison.Ordinal);

        Guid cycle = ProvisioningStatus.Read(fixture.Job).Quarantine!.CycleId;
        await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = cycle });
        Assert.Equal(
            (id, Id(1), "Given1"),
            (
                (string?)fixture.Target[Name]["id"],
                (string?)fixture.Target[Name]["externalId"],
                (string?)fixture.Target[Name]["name"]!["givenName"]
            )
        );
    }

    [Fact]
    public async Task A_staged_takeover_stays_staged_in_a_saved_plan_and_on_demand()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        directory.Set(1, enabled: false);
        directory.Set(10, userPrincipalName: Name);
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);

        Assert.Equal(OutcomeStatus.Staged, (await ApplyAsync(fixture, plan)).Single(o => o.SourceId == Id(10)).Status);
        Assert.Equal(
            OutcomeStatus.Staged,
            Assert.Single(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Identities = [Id(10)] })).Status
        );

        Assert.Equal(Id(1), (string?)fixture.Target[Name]["externalId"]);
    }

    public static TheoryData<SandboxBehavior, Departure, bool> Hidden()
    {
        var data = new TheoryData<SandboxBehavior, Departure, bool>();
        foreach (SandboxBehavior behavior in new[] { SandboxBehavior.FilterMisses, SandboxBehavior.InactiveHidden })
        {
            foreach (Departure departure in Enum.GetValues<Departure>())
            {
                data.Add(behavior, departure, false);
                data.Add(behavior, departure, true);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Hidden))]
    public async Task A_departed_accounts_user_whom_the_service_does_not_show_is_found_by_id_and_taken_over(
        SandboxBehavior behavior,
        Departure departure,
        bool differ
    )
    {
        await using var fixture = new CycleFixture(new SandboxOptions { Behaviors = [behavior] });
        LiveDirectory directory = await fixture.LiveAsync(2);
        string id = (string)fixture.Target[Name]["id"]!;
        await DepartAsync(fixture, departure);
        directory.Set(3, userPrincipalName: Name, person: differ ? 3 : 1);

        ProvisioningOutcome outcome = (await fixture.RunAsync()).Single(o => o.SourceId == Id(3));

        if (differ)
        {
            Assert.Equal((OutcomeStatus.Staged, ProvisioningDrift.Takeover), (outcome.Status, outcome.Drift));
            outcome = Assert.Single(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = fixture.LastCycle.Id }));
        }
        Assert.Equal(
            (OutcomeStatus.Success, id, differ ? ProvisioningDrift.Takeover : ProvisioningDrift.Inherited),
            (outcome.Status, outcome.TargetId, outcome.Drift)
        );
        Assert.Equal(
            (id, Id(3), true),
            ((string?)fixture.Target[Name]["id"], (string?)fixture.Target[Name]["externalId"], (bool)fixture.Target[Name]["active"]!)
        );
        Assert.Equal(2, fixture.Sandbox.UserCount);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_filter_that_misses_a_user_of_another_account_is_learned_too()
    {
        await using var fixture = new CycleFixture(new SandboxOptions { Behaviors = [SandboxBehavior.FilterMisses] });
        LiveDirectory directory = await fixture.LiveAsync(2);
        directory.Set(3, userPrincipalName: Name);

        Assert.Equal("EntryConflict", Assert.Single(await fixture.RunAsync()).ErrorCode);

        Assert.True(fixture.Client.Dialect.FilterIsBlind);
    }

    private static async Task DepartAsync(CycleFixture fixture, Departure departure)
    {
        LiveDirectory directory = fixture.Live();
        if (departure is Departure.Deleted or Departure.DeletedEarlier)
        {
            directory.Delete(1);
        }
        else
        {
            directory.Set(
                1,
                enabled: departure is not (Departure.Disabled or Departure.DisabledEarlier),
                notEntitled: departure is Departure.Unassigned or Departure.UnassignedEarlier ? "is not assigned" : null
            );
        }
        if (departure == Departure.DeletedEarlier)
            directory.Expired = true;
        if (departure is Departure.DeletedEarlier or Departure.DisabledEarlier or Departure.UnassignedEarlier)
            Assert.Equal(ProvisioningAction.Disable, Assert.Single(await fixture.RunAsync()).Action);
    }
}
