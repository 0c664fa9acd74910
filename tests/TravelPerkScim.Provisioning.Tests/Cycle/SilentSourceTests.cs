using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>What a file does not say: nobody is enabled or disabled, and nothing cleared, because of it.</summary>
public sealed class SilentSourceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_lost_accountEnabled_lets_nobody_in_again(bool asNull)
    {
        await using CycleBench bench = await CompanyAsync(4);
        bench.People[1]["accountEnabled"] = false;
        await bench.RunAsync();
        foreach (JsonObject person in bench.People)
        {
            person.Remove("accountEnabled");
            if (asNull)
                person["accountEnabled"] = null;
        }

        ProvisioningPlan plan = await bench.PlanAsync();

        Assert.Contains("No entry of users.json has accountEnabled", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(await bench.ApplyAsync(plan));
        Assert.False((bool)bench.Target["user2@example.com"]["active"]!);
        bench.People[1]["accountEnabled"] = true;
        Assert.Equal(ProvisioningAction.Enable, Assert.Single(await bench.RunAsync()).Action);
    }

    [Fact]
    public async Task An_entry_without_accountEnabled_among_others_is_left_as_it_is_and_a_new_one_created()
    {
        await using CycleBench bench = await CompanyAsync(3);
        bench.People[1]["accountEnabled"] = false;
        await bench.RunAsync();
        bench.People[1]["accountEnabled"] = "";
        bench.Add(4)["accountEnabled"] = null;

        ProvisioningPlan plan = await bench.PlanAsync();

        Assert.StartsWith(
            "2 of 4 entries of users.json do not have accountEnabled, so",
            Assert.Single(plan.Warnings),
            StringComparison.Ordinal
        );
        ProvisioningOutcome created = Assert.Single(await bench.ApplyAsync(plan));
        Assert.Equal((ProvisioningAction.Create, "user4@example.com"), (created.Action, created.Identity));
        Assert.True((bool)bench.Target["user4@example.com"]["active"]!);
        Assert.False((bool)bench.Target["user2@example.com"]["active"]!);
    }

    [Theory]
    [InlineData("department", "EQUALS")]
    [InlineData("department", "NOT EQUALS")]
    public async Task A_scoping_filter_over_what_the_file_never_had_lets_no_user_in_or_out(string attribute, string filterOperator)
    {
        await using CycleBench bench = await CompanyAsync(3);
        SynchronizationSchema mapping = bench.Job.ReadMapping();
        mapping.UserMapping.Scope = new ScopeFilter();
        foreach (FilterGroup group in ScopeText.Parse($"{attribute} {filterOperator} 'Sales' OR jobTitle EQUALS 'Title 1'", mapping))
            mapping.UserMapping.Scope.Groups.Add(group);
        bench.Job.SaveMapping(mapping);
        bench.Add(4);

        ProvisioningPlan plan = await bench.PlanAsync();

        Assert.Contains(
            plan.Warnings,
            w => w.Contains($"users.json does not have {attribute}, which the scoping filter reads", StringComparison.Ordinal)
        );
        Assert.Empty(await bench.ApplyAsync(plan));
        await bench.RunAsync(new CycleOptions { Time = bench.Time, Identities = ["user2@example.com"] });
        Assert.True((bool)bench.Target["user2@example.com"]["active"]!);
        foreach (JsonObject person in bench.People)
            person[attribute] = "Sales";
        Assert.DoesNotContain((await bench.PlanAsync()).Warnings, w => w.Contains("scoping filter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Entries_that_cannot_be_used_say_nothing_of_attributes()
    {
        await using CycleBench bench = await CompanyAsync(3);
        foreach (JsonObject person in bench.People)
            person["jobTitle"] = new JsonObject { ["x"] = 1 };

        Assert.DoesNotContain((await bench.PlanAsync()).Warnings, w => w.Contains("no longer has", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_entries_of_one_id_neither_is_obeyed()
    {
        await using CycleBench bench = await CompanyAsync(3);
        JsonObject twice = (JsonObject)bench.People[1].DeepClone();
        bench.People[1]["accountEnabled"] = false;
        bench.People.Add(twice);

        ProvisioningPlan plan = await bench.PlanAsync();

        Assert.Contains(plan.Warnings, w => w.Contains("Keep one of the two", StringComparison.Ordinal));
        Assert.Empty(await bench.ApplyAsync(plan));
        Assert.True((bool)bench.Target["user2@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_user_without_a_name_is_called_by_its_id()
    {
        await using CycleBench bench = await CompanyAsync(2);
        bench.People[1]["userPrincipalName"] = "";

        ProvisioningOutcome failed = Assert.Single(await bench.RunAsync());

        Assert.Equal((OutcomeStatus.Failure, CycleBench.Id(2)), (failed.Status, failed.Identity));
    }

    [Fact]
    public async Task A_match_without_accountEnabled_does_not_let_in_who_was_disabled_by_hand()
    {
        await using var first = new CycleBench();
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
        await using var bench = new CycleBench();
        foreach (int number in Enumerable.Range(1, 8))
            bench.Add(number).Remove("accountEnabled");
        await bench.RunAsync();
        JsonObject away = bench.People[2];
        bench.People.Remove(away);
        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await bench.RunAsync()).Action);
        bench.People.Add(away);

        Assert.Equal(ProvisioningAction.Enable, Assert.Single(await bench.RunAsync()).Action);
        Assert.True((bool)bench.Target["user3@example.com"]["active"]!);
        Assert.Empty(await bench.RunAsync());
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("null")]
    public async Task A_property_that_the_whole_file_lost_clears_nothing_and_is_told(string how)
    {
        await using CycleBench bench = await CompanyAsync(5, NullsFlow("title"));
        foreach (JsonObject person in bench.People)
        {
            person.Remove("jobTitle");
            if (how == "null")
                person["jobTitle"] = null;
        }

        ProvisioningPlan plan = await bench.PlanAsync();

        Assert.Contains("no longer has jobTitle, which the mapping of title reads", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(await bench.ApplyAsync(plan));
        Assert.Equal("Title 1", (string?)bench.Target["user1@example.com"]["title"]);
        Assert.NotEmpty((await bench.PlanAsync()).Warnings);
        foreach (JsonObject person in bench.People)
            person["jobTitle"] = "Back";
        Assert.All(await bench.RunAsync(), outcome => Assert.Equal("Back", Assert.Single(outcome.ModifiedProperties).NewValue));
    }

    [Fact]
    public async Task One_entry_without_the_value_is_cleared_all_the_same()
    {
        await using CycleBench bench = await CompanyAsync(5, NullsFlow("title"));
        bench.People[0]["jobTitle"] = null;
        Assert.Null(Assert.Single(Assert.Single(await bench.RunAsync()).ModifiedProperties).NewValue);
    }

    [Fact]
    public async Task A_required_value_that_the_whole_file_lost_fails_nobody_who_exists()
    {
        await using CycleBench bench = await CompanyAsync(4);
        foreach (JsonObject person in bench.People)
            person.Remove("givenName");
        bench.People[1]["jobTitle"] = "Changed";

        ProvisioningPlan plan = await bench.PlanAsync();

        Assert.Contains(plan.Warnings, warning => warning.Contains("givenName", StringComparison.Ordinal));
        ProvisioningOutcome outcome = Assert.Single(await bench.ApplyAsync(plan));
        Assert.Equal((OutcomeStatus.Success, "Changed"), (outcome.Status, Assert.Single(outcome.ModifiedProperties).NewValue));
        Assert.Equal("Given2", (string?)bench.Target["user2@example.com"]["name"]!["givenName"]);
    }

    [Fact]
    public async Task What_is_made_of_a_lost_property_and_another_one_does_not_change()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("title")!.Source = AttributeMappingSource.FromExpression("Join(\" \", [jobTitle], [department])");
        await using var bench = new CycleBench(mapping: mapping);
        foreach (int number in Enumerable.Range(1, 3))
            bench.Add(number)["department"] = "Sales";
        await bench.RunAsync();
        foreach (JsonObject person in bench.People)
            person.Remove("department");

        Assert.Empty(await bench.RunAsync());
        Assert.Equal("Title 1 Sales", (string?)bench.Target["user1@example.com"]["title"]);
    }

    [Theory]
    [InlineData("department EQUALS 'Sales'")]
    [InlineData("department NOT EQUALS 'Contractors'")]
    public async Task A_property_of_the_scoping_filter_that_the_whole_file_lost_lets_nobody_in_or_out(string filter)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Scope = new ScopeFilter();
        foreach (FilterGroup group in ScopeText.Parse(filter, mapping))
            mapping.UserMapping.Scope.Groups.Add(group);
        await using var bench = new CycleBench(mapping: mapping);
        foreach (int number in Enumerable.Range(1, 4))
            bench.Add(number)["department"] = number == 4 ? "Contractors" : "Sales";
        await bench.RunAsync();
        foreach (JsonObject person in bench.People)
            person.Remove("department");
        bench.Add(5);

        ProvisioningPlan plan = await bench.PlanAsync();

        Assert.Contains("no longer has department, which the scoping filter reads", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(await bench.ApplyAsync(plan));
        Assert.Equal(
            ["user1@example.com", "user2@example.com", "user3@example.com"],
            bench.Target.Where(user => (bool)user.Value["active"]!).Select(user => user.Key).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task The_text_of_an_object_in_place_of_the_manager_takes_nobody_their_manager()
    {
        await using var bench = new CycleBench(mapping: NullsFlow(ManagerName));
        bench.Add(1);
        bench.Add(2, manager: 1);
        await bench.RunAsync();
        string? manager = bench.ManagerOf(2);
        bench.People[1]["manager"] = "Microsoft.Graph.PowerShell.Models.MicrosoftGraphDirectoryObject";

        ProvisioningPlan plan = await bench.PlanAsync();

        Assert.Contains("manager (1 entry)", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(await bench.ApplyAsync(plan));
        Assert.NotNull(manager);
        Assert.Equal(manager, bench.ManagerOf(2));
    }

    [Fact]
    public async Task Empty_dates_and_truths_in_JSON_delete_and_disable_nobody()
    {
        await using CycleBench bench = await CompanyAsync(3);
        foreach (JsonObject person in bench.People)
        {
            person["deletedDateTime"] = "";
            person["manager"] = "";
            person["accountEnabled"] = "True";
        }
        bench.Add(4)["deletedDateTime"] = "";

        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());

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
        await using var bench = new CycleBench(mapping: mapping);
        bench.Add(1)["userPrincipalName"] = full;

        Assert.Equal(home, Assert.Single(await bench.RunAsync()).Identity);

        Assert.Equal((home, full), ((string?)bench.Target[home]["userName"], (string?)bench.Target[home]["title"]));
        Assert.Empty(await bench.RunAsync());
        foreach (string name in new[] { full, home })
            Assert.Equal(
                ProvisioningAction.None,
                Assert.Single((await bench.PlanAsync(new CycleOptions { Time = bench.Time, Identities = [name] })).Operations).Action
            );
    }

    [Fact]
    public async Task A_file_of_lines_that_became_much_shorter_is_told_of()
    {
        await using CycleBench bench = await CompanyAsync(1);
        await WriteLinesAsync(bench, 40);
        await bench.ApplyAsync(await bench.PlanFileAsync());
        await WriteLinesAsync(bench, 33);

        ProvisioningPlan plan = await bench.PlanFileAsync();

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
        await using var bench = new CycleBench(settings: settings => settings with { Source = settings.Source with { Path = path } });
        SourceException refusal = Assert.Throws<SourceException>(bench.Job.OpenFile);
        Assert.Equal("SourcePathRefused", refusal.ErrorId);
        Assert.Contains("Set-ProvisioningJob -Source", refusal.Message, StringComparison.Ordinal);
        if (!network)
            return;
        SourcePath.Allow(path);
        Assert.NotNull(bench.Job.OpenFile());
    }

    private const string ManagerName = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

    private static Task WriteLinesAsync(CycleBench bench, int count) =>
        File.WriteAllTextAsync(
            bench.SourceFile,
            string.Concat(
                Enumerable
                    .Range(1, count)
                    .Select(number =>
                        $$"""{"id":"{{CycleBench.Id(number)}}","userPrincipalName":"user{{number}}@example.com","givenName":"G","surname":"S","accountEnabled":true}"""
                        + "\n"
                    )
            )
        );

    private static async Task<CycleBench> CompanyAsync(int people, SynchronizationSchema? mapping = null)
    {
        var bench = new CycleBench(mapping: mapping);
        foreach (int number in Enumerable.Range(1, people))
            bench.Add(number);
        await bench.RunAsync();
        return bench;
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
