using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Values that a file does not give: no user is enabled or disabled, and no value is cleared, because of them.</summary>
public sealed class SilentSourceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_lost_accountEnabled_enables_no_user(bool asNull)
    {
        await using CycleFixture fixture = await CompanyAsync(4);
        fixture.People[1]["accountEnabled"] = false;
        await fixture.RunAsync();
        foreach (JsonObject person in fixture.People)
        {
            person.Remove("accountEnabled");
            if (asNull)
                person["accountEnabled"] = null;
        }

        ProvisioningPlan plan = await fixture.PlanAsync();

        Assert.Contains("No entry of users.json has accountEnabled", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(await fixture.ApplyAsync(plan));
        Assert.False((bool)fixture.Target["user2@example.com"]["active"]!);
        fixture.People[1]["accountEnabled"] = true;
        Assert.Equal(ProvisioningAction.Enable, Assert.Single(await fixture.RunAsync()).Action);
    }

    [Fact]
    public async Task An_entry_without_accountEnabled_among_others_is_left_as_it_is_and_a_new_one_created()
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        fixture.People[1]["accountEnabled"] = false;
        await fixture.RunAsync();
        fixture.People[1]["accountEnabled"] = "";
        fixture.Add(4)["accountEnabled"] = null;

        ProvisioningPlan plan = await fixture.PlanAsync();

        fixture.AssertPlan(
            """
            Create user4@example.com (source 4, target -)
                No TravelPerk user has the matching attributes.
                userName: user4@example.com; externalId: 00000000-0000-4000-8000-000000000004; active: True; name.givenName: Given4;
                  name.familyName: Family4; phoneNumbers[type eq "work"].value: +34 930000004; title: Title 4
            Warnings:
                2 of 4 entries of users.json do not have accountEnabled, so whether these accounts are disabled is not known. No
                  user is enabled or disabled because of that, and new users are created. Export accountEnabled too (Get-MgUser
                  gives it only when -Property names it).
            """,
            plan
        );
        Assert.Single(await fixture.ApplyAsync(plan));
        Assert.True((bool)fixture.Target["user4@example.com"]["active"]!);
        Assert.False((bool)fixture.Target["user2@example.com"]["active"]!);
    }

    [Theory]
    [InlineData("department", "EQUALS")]
    [InlineData("department", "NOT EQUALS")]
    public async Task A_scoping_filter_over_what_the_file_never_had_lets_no_user_in_or_out(string attribute, string filterOperator)
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        SynchronizationSchema mapping = fixture.Job.ReadMapping();
        mapping.UserMapping.Scope = new ScopeFilter();
        foreach (FilterGroup group in ScopeText.Parse($"{attribute} {filterOperator} 'Sales' OR jobTitle EQUALS 'Title 1'", mapping))
            mapping.UserMapping.Scope.Groups.Add(group);
        fixture.Job.SaveMapping(mapping);
        fixture.Add(4);

        ProvisioningPlan plan = await fixture.PlanAsync();

        Assert.Contains(
            plan.Warnings,
            w => w.Contains($"users.json does not have {attribute}, which the scoping filter reads", StringComparison.Ordinal)
        );
        Assert.Empty(await fixture.ApplyAsync(plan));
        await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Identities = ["user2@example.com"] });
        Assert.True((bool)fixture.Target["user2@example.com"]["active"]!);
        foreach (JsonObject person in fixture.People)
            person[attribute] = "Sales";
        Assert.DoesNotContain((await fixture.PlanAsync()).Warnings, w => w.Contains("scoping filter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Entries_that_cannot_be_used_say_nothing_of_attributes()
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        foreach (JsonObject person in fixture.People)
            person["jobTitle"] = new JsonObject { ["x"] = 1 };

        Assert.DoesNotContain((await fixture.PlanAsync()).Warnings, w => w.Contains("no longer has", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_entries_of_one_id_neither_is_obeyed()
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        var twice = (JsonObject)fixture.People[1].DeepClone();
        fixture.People[1]["accountEnabled"] = false;
        fixture.People.Add(twice);

        ProvisioningPlan plan = await fixture.PlanAsync();

        Assert.Contains(plan.Warnings, w => w.Contains("Keep one of the two", StringComparison.Ordinal));
        Assert.Empty(await fixture.ApplyAsync(plan));
        Assert.True((bool)fixture.Target["user2@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_user_without_a_name_is_called_by_its_id()
    {
        await using CycleFixture fixture = await CompanyAsync(2);
        fixture.People[1]["userPrincipalName"] = "";

        ProvisioningOutcome failed = Assert.Single(await fixture.RunAsync());

        Assert.Equal((OutcomeStatus.Failure, CycleFixture.Id(2)), (failed.Status, failed.Identity));
    }

    [Fact]
    public async Task A_match_without_accountEnabled_does_not_let_in_who_was_disabled_by_hand()
    {
        await using var first = new CycleFixture();
        first.Add(1);
        await first.RunAsync();
        await first.PatchAsync("user1@example.com", "active", false);
        first.Job.Reset(JobReset.Links);
        first.People[0].Remove("accountEnabled");
        first.People[0]["jobTitle"] = "Changed";

        Assert.Equal("title", Assert.Single(Assert.Single(await first.RunAsync()).ModifiedProperties).Attribute);
        Assert.False((bool)first.Target["user1@example.com"]["active"]!);
    }

    [Fact]
    public async Task Where_the_file_never_says_who_is_enabled_being_listed_again_enables()
    {
        await using var fixture = new CycleFixture();
        foreach (int number in Enumerable.Range(1, 8))
            fixture.Add(number).Remove("accountEnabled");
        await fixture.RunAsync();
        JsonObject away = fixture.People[2];
        fixture.People.Remove(away);
        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await fixture.RunAsync()).Action);
        fixture.People.Add(away);

        Assert.Equal(ProvisioningAction.Enable, Assert.Single(await fixture.RunAsync()).Action);
        Assert.True((bool)fixture.Target["user3@example.com"]["active"]!);
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("null")]
    public async Task A_property_that_the_whole_file_lost_clears_nothing_and_is_told(string how)
    {
        await using CycleFixture fixture = await CompanyAsync(5, NullsFlow("title"));
        foreach (JsonObject person in fixture.People)
        {
            person.Remove("jobTitle");
            if (how == "null")
                person["jobTitle"] = null;
        }

        ProvisioningPlan plan = await fixture.PlanAsync();

        Assert.Contains("no longer has jobTitle, which the mapping of title reads", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(await fixture.ApplyAsync(plan));
        Assert.Equal("Title 1", (string?)fixture.Target["user1@example.com"]["title"]);
        Assert.NotEmpty((await fixture.PlanAsync()).Warnings);
        foreach (JsonObject person in fixture.People)
            person["jobTitle"] = "Back";
        Assert.All(await fixture.RunAsync(), outcome => Assert.Equal("Back", Assert.Single(outcome.ModifiedProperties).NewValue));
    }

    [Fact]
    public async Task One_entry_without_the_value_is_cleared_all_the_same()
    {
        await using CycleFixture fixture = await CompanyAsync(5, NullsFlow("title"));
        fixture.People[0]["jobTitle"] = null;
        Assert.Null(Assert.Single(Assert.Single(await fixture.RunAsync()).ModifiedProperties).NewValue);
    }

    [Fact]
    public async Task A_required_value_that_the_whole_file_lost_fails_no_existing_user()
    {
        await using CycleFixture fixture = await CompanyAsync(4);
        foreach (JsonObject person in fixture.People)
            person.Remove("givenName");
        fixture.People[1]["jobTitle"] = "Changed";

        ProvisioningPlan plan = await fixture.PlanAsync();

        fixture.AssertPlan(
            """
            Update user2@example.com (source 2, target user2@example.com)
                The source user changed.
                title: Title 2 -> Changed
            Warnings:
                users.json no longer has givenName, which the mapping of name.givenName reads. Users who exist keep these values.
                  Export the users with it again, or change the mapping with Set-ScimMapping.
            """,
            plan
        );
        fixture.AssertOutcomes(
            """
            Success Update user2@example.com (source 2, target user2@example.com)
                The source user changed.
                title: Title 2 -> Changed
            """,
            await fixture.ApplyAsync(plan)
        );
        Assert.Equal("Given2", (string?)fixture.Target["user2@example.com"]["name"]!["givenName"]);
    }

    [Fact]
    public async Task A_value_made_of_a_lost_property_and_another_one_does_not_change()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("title")!.Source = AttributeMappingSource.FromExpression("Join(\" \", [jobTitle], [department])");
        await using var fixture = new CycleFixture(mapping: mapping);
        foreach (int number in Enumerable.Range(1, 3))
            fixture.Add(number)["department"] = "Sales";
        await fixture.RunAsync();
        foreach (JsonObject person in fixture.People)
            person.Remove("department");

        Assert.Empty(await fixture.RunAsync());
        Assert.Equal("Title 1 Sales", (string?)fixture.Target["user1@example.com"]["title"]);
    }

    [Theory]
    [InlineData("department EQUALS 'Sales'")]
    [InlineData("department NOT EQUALS 'Contractors'")]
    public async Task A_property_of_the_scoping_filter_that_the_whole_file_lost_changes_no_users_scope(string filter)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Scope = new ScopeFilter();
        foreach (FilterGroup group in ScopeText.Parse(filter, mapping))
            mapping.UserMapping.Scope.Groups.Add(group);
        await using var fixture = new CycleFixture(mapping: mapping);
        foreach (int number in Enumerable.Range(1, 4))
            fixture.Add(number)["department"] = number == 4 ? "Contractors" : "Sales";
        await fixture.RunAsync();
        foreach (JsonObject person in fixture.People)
            person.Remove("department");
        fixture.Add(5);

        ProvisioningPlan plan = await fixture.PlanAsync();

        Assert.Contains("no longer has department, which the scoping filter reads", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(await fixture.ApplyAsync(plan));
        Assert.Equal(
            ["user1@example.com", "user2@example.com", "user3@example.com"],
            fixture.Target.Where(user => (bool)user.Value["active"]!).Select(user => user.Key).Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_account_does_not_take_over_a_user_whose_scope_the_file_no_longer_tells(bool leavesUsersAsTheyAre)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Scope = new ScopeFilter();
        foreach (FilterGroup group in ScopeText.Parse("department EQUALS 'Sales'", mapping))
            mapping.UserMapping.Scope.Groups.Add(group);
        await using var fixture = new CycleFixture(
            mapping: mapping,
            settings: s => s with { SkipOutOfScopeDeletions = leavesUsersAsTheyAre }
        );
        foreach (int number in Enumerable.Range(1, 4))
            fixture.Add(number)["department"] = "Sales";
        await fixture.RunAsync();
        Dictionary<string, string> owners = Owners();
        foreach (JsonObject person in fixture.People)
            person.Remove("department");
        fixture.People[0]["userPrincipalName"] = "former1@example.com";
        foreach (string name in (string[])["userPrincipalName", "givenName", "surname"])
            fixture.People[1][name] = name == "userPrincipalName" ? "user1@example.com" : fixture.People[0][name]!.DeepClone();

        await fixture.RunAsync();

        Assert.Equal(owners, Owners());
        Assert.All(fixture.Target.Values, user => Assert.True((bool)user["active"]!));

        Dictionary<string, string> Owners() =>
            fixture.Target.Values.ToDictionary(user => (string)user["id"]!, user => (string)user["externalId"]!, StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_text_of_an_object_in_place_of_the_manager_keeps_every_users_manager()
    {
        await using var fixture = new CycleFixture(mapping: NullsFlow(ManagerName));
        fixture.Add(1);
        fixture.Add(2, manager: 1);
        await fixture.RunAsync();
        string? manager = fixture.ManagerOf(2);
        fixture.People[1]["manager"] = "Microsoft.Graph.PowerShell.Models.MicrosoftGraphDirectoryObject";

        ProvisioningPlan plan = await fixture.PlanAsync();

        Assert.Contains("manager (1 entry)", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(await fixture.ApplyAsync(plan));
        Assert.NotNull(manager);
        Assert.Equal(manager, fixture.ManagerOf(2));
    }

    [Fact]
    public async Task Empty_dates_and_truths_in_JSON_delete_and_disable_no_user()
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        foreach (JsonObject person in fixture.People)
        {
            person["deletedDateTime"] = "";
            person["manager"] = "";
            person["accountEnabled"] = "True";
        }
        fixture.Add(4)["deletedDateTime"] = "";

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Create, "user4@example.com"), (outcome.Action, outcome.Identity));
    }

    [Theory]
    [InlineData("guest_partner.com#EXT#@example.onmicrosoft.com", "guest@partner.com")]
    [InlineData("first_last_partner.co.uk#ext#@example.onmicrosoft.com", "first_last@partner.co.uk")]
    [InlineData("#EXT#@example.onmicrosoft.com", "#EXT#@example.onmicrosoft.com")]
    public async Task A_guest_is_provisioned_by_the_home_address_and_found_by_either_name(string full, string home)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("title")!.Source = AttributeMappingSource.FromAttribute("originalUserPrincipalName");
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1)["userPrincipalName"] = full;

        Assert.Equal(home, Assert.Single(await fixture.RunAsync()).Identity);

        Assert.Equal((home, full), ((string?)fixture.Target[home]["userName"], (string?)fixture.Target[home]["title"]));
        Assert.Empty(await fixture.RunAsync());
        foreach (string name in new[] { full, home })
        {
            Assert.Equal(
                ProvisioningAction.None,
                Assert.Single((await fixture.PlanAsync(new CycleOptions { Time = fixture.Time, Identities = [name] })).Operations).Action
            );
        }
    }

    [Fact]
    public async Task A_file_of_lines_that_became_much_shorter_is_told_of()
    {
        await using CycleFixture fixture = await CompanyAsync(1);
        await WriteLinesAsync(fixture, 40);
        await fixture.ApplyAsync(await fixture.PlanFileAsync());
        await WriteLinesAsync(fixture, 33);

        ProvisioningPlan plan = await fixture.PlanFileAsync();

        Assert.Contains("lists 33 users, 7 fewer than in the last cycle", plan.Warnings[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"\\server\share\users.csv", true)]
    [InlineData("//server/share/users.csv", true)]
    [InlineData("/dev/zero", false)]
    public async Task A_source_in_jobjson_that_is_no_file_of_this_machine_is_refused_unless_it_was_given_at_the_prompt(
        string path,
        bool network
    )
    {
        if (OperatingSystem.IsWindows() && !network)
            return;
        await using var fixture = new CycleFixture(settings: settings => settings with { Source = settings.Source with { Path = path } });
        SourceException refusal = Assert.Throws<SourceException>(fixture.Job.OpenFile);
        Assert.Equal("SourcePathRefused", refusal.ErrorId);
        Assert.Contains("Set-ProvisioningJob -Source", refusal.Message, StringComparison.Ordinal);
        if (!network)
            return;
        SourcePath.Allow(path);
        Assert.NotNull(fixture.Job.OpenFile());
    }

    private const string ManagerName = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

    private static Task WriteLinesAsync(CycleFixture fixture, int count) =>
        File.WriteAllTextAsync(
            fixture.SourceFile,
            string.Concat(
                Enumerable
                    .Range(1, count)
                    .Select(number =>
                        $$"""{"id":"{{CycleFixture.Id(number)}}","userPrincipalName":"user{{number}}@example.com","givenName":"G","surname":"S","accountEnabled":true}"""
                        + "\n"
                    )
            )
        );

    private static async Task<CycleFixture> CompanyAsync(int people, SynchronizationSchema? mapping = null)
    {
        var fixture = new CycleFixture(mapping: mapping);
        foreach (int number in Enumerable.Range(1, people))
            fixture.Add(number);
        await fixture.RunAsync();
        return fixture;
    }

    private static SynchronizationSchema NullsFlow(string target)
    {
        JsonNode mapping = JsonNode.Parse(SynchronizationSchema.Default.ToJson())!;
        foreach (
            JsonNode? attribute in mapping["directories"]!
                .AsArray()
                .SelectMany(d => d!["objects"]!.AsArray())
                .SelectMany(o => o!["attributes"]!.AsArray())
        )
        {
            if ((string?)attribute!["name"] == target)
                attribute["flowNullValues"] = true;
        }
        return SynchronizationSchema.Parse(mapping.ToJsonString());
    }
}
