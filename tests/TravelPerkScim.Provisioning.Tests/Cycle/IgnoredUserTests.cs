using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>
/// IgnoreObjectFlow leaves a user alone, Error fails one user with a text, IgnoreAttributeFlow leaves one attribute alone.
/// </summary>
public sealed class IgnoredUserTests
{
    private const string IgnoreByTitle = "IIF([jobTitle] = \"Not yet\", IgnoreObjectFlow, [jobTitle])";

    [Fact]
    public async Task A_user_whom_the_mapping_ignores_is_not_created_and_is_told_as_skipped_with_the_reason()
    {
        await using CycleFixture fixture = Start("title", IgnoreByTitle);
        fixture.Add(1);
        fixture.Add(2)["jobTitle"] = "Not yet";

        Assert.Equal("user1@example.com", Assert.Single(await fixture.RunAsync()).Identity);

        Assert.Equal(1, fixture.LastCycle.Counts.Skipped);
        ProvisioningPlan plan = await fixture.PlanAsync(new CycleOptions { Time = fixture.Time, Identities = [Id(2)] });
        fixture.AssertPlan(
            """
            None user2@example.com (source 2, target -)
                Left alone in this cycle: the mapping of 'title' gives IgnoreObjectFlow.
            """,
            plan
        );

        fixture.People[1]["jobTitle"] = "Head of Travel";
        Assert.Equal(ProvisioningAction.Create, Assert.Single(await fixture.RunAsync()).Action);
    }

    [Fact]
    public async Task A_linked_user_whom_the_mapping_ignores_keeps_all_values_and_access()
    {
        await using CycleFixture fixture = Start("title", IgnoreByTitle);
        for (int i = 1; i <= 3; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        fixture.People[0]["jobTitle"] = "Not yet";
        fixture.People[0]["surname"] = "Changed";

        Assert.Empty(await fixture.RunAsync());
        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Initial = true }));

        Assert.True((bool)fixture.Target["user1@example.com"]["active"]!);
        Assert.Equal("Family1", (string?)fixture.Target["user1@example.com"]["name"]!["familyName"]);
        Assert.Equal(3, ProvisioningStatus.Read(fixture.Job).LinkedUsers);
    }

    [Theory]
    [InlineData("title", IgnoreByTitle)]
    [InlineData("active", "Switch([IsSoftDeleted], IgnoreObjectFlow, \"False\", \"True\")")]
    public async Task A_user_whom_the_mapping_ignores_is_disabled_all_the_same_on_leaving(string attribute, string expression)
    {
        await using CycleFixture fixture = Start(attribute, expression);
        for (int i = 1; i <= 6; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        fixture.People[0]["jobTitle"] = "Not yet";
        fixture.People[0]["accountEnabled"] = false;

        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success), Of(Assert.Single(await fixture.RunAsync())));
        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_user_whom_one_mapping_ignores_does_not_fail_in_another()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("name.middleName")!.Source = AttributeMappingSource.FromExpression("Error(\"No middle name.\")");
        mapping.UserMapping.Find("title")!.Source = AttributeMappingSource.FromExpression(IgnoreByTitle);
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1)["jobTitle"] = "Not yet";

        Assert.Empty(await fixture.RunAsync());
        Assert.Equal((1, 0), (fixture.LastCycle.Counts.Skipped, fixture.LastCycle.Counts.Failed));
    }

    [Fact]
    public async Task Error_fails_the_user_with_its_text_and_no_other_user()
    {
        await using CycleFixture fixture = Start(
            "title",
            "IIF(IsPresent([jobTitle]), [jobTitle], Error(\"Every traveller needs a title\"))"
        );
        fixture.Add(1);
        fixture.Add(2).Remove("jobTitle");

        fixture.AssertOutcomes(
            """
            Success Create user1@example.com (source 1, target user1@example.com)
                No TravelPerk user has the matching attributes.
                userName: user1@example.com; externalId: 00000000-0000-4000-8000-000000000001; active: True; name.givenName: Given1;
                  name.familyName: Family1; phoneNumbers[type eq "work"].value: +34 930000001; title: Title 1
            Failure Create user2@example.com (source 2, target -)
                ExpressionError: user2@example.com: User 'user2@example.com', attribute mapping 'title': Every traveller needs a
                  title
            """,
            await fixture.RunAsync()
        );

        Assert.Single(fixture.Target);
    }

    [Fact]
    public async Task IgnoreAttributeFlow_leaves_the_value_in_TravelPerk()
    {
        await using CycleFixture fixture = Start("title", "IIF([jobTitle] = \"Not yet\", IgnoreAttributeFlow, [jobTitle])");
        fixture.Add(1);
        await fixture.RunAsync();
        fixture.People[0]["jobTitle"] = "Not yet";
        fixture.People[0]["surname"] = "Changed";

        Assert.Equal("name.familyName", Assert.Single(Assert.Single(await fixture.RunAsync()).ModifiedProperties).Attribute);
        Assert.Equal("Title 1", (string?)fixture.Target["user1@example.com"]["title"]);
    }

    private static (ProvisioningAction, OutcomeStatus) Of(ProvisioningOutcome outcome) => (outcome.Action, outcome.Status);

    private static CycleFixture Start(string attribute, string expression)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find(attribute)!.Source = AttributeMappingSource.FromExpression(expression);
        return new CycleFixture(mapping: mapping);
    }
}
