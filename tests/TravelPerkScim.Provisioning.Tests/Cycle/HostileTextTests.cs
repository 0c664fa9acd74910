using System.Globalization;
using System.Text;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Text of the source and of TravelPerk that would act on the reader's terminal.</summary>
public sealed class HostileTextTests : SavedPlanTests
{
    private const string Title = "X\u001b[2K\u001b[1A \u202egpj\u200b\u0007";
    private const string Shown = "X\\u001b[2K\\u001b[1A \\u202egpj\\u200b\\u0007";

    [Fact]
    public async Task Nothing_in_a_plan_an_outcome_the_log_or_a_file_is_hidden_and_the_value_is_sent_as_it_is()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1)["jobTitle"] = "Pilot";
        fixture.Add(2)["jobTitle"] = Title;
        await fixture.RunAsync();
        fixture.People[0]["jobTitle"] = Title;
        fixture.People[1]["jobTitle"] = "Pilot";

        ProvisioningPlan plan = await fixture.PlanAsync();
        IReadOnlyList<ProvisioningOperation> read = await SavedAsync(plan.Operations);
        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, read);

        Assert.All(plan.Operations.Concat(read), AssertVisible);
        Assert.Equal([$"title: Pilot -> {Shown}", $"title: {Shown} -> Pilot"], read.Select(o => o.Detail).Order(StringComparer.Ordinal));
        AssertVisible(File.ReadAllText(PlanPath), layout: true);
        Assert.All(outcomes, o => AssertVisible(o.Detail + string.Join(' ', o.ModifiedProperties) + string.Join(' ', o.Steps)));
        Assert.All(ProvisioningLog.Read(fixture.Job, default), o => AssertVisible(o.Detail + string.Join(' ', o.ModifiedProperties)));
        Assert.Equal(Title, (string)fixture.Target["user1@example.com"]["title"]!);
        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));
    }

    [Theory]
    [InlineData("anna\u200b@example.com")]
    [InlineData("bob\u202emoc.osotnoc@example.com")]
    public async Task A_name_that_looks_like_another_one_is_a_visible_error_and_creates_no_user(string name)
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1)["userPrincipalName"] = name;

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((OutcomeStatus.Failure, 0), (outcome.Status, fixture.Sandbox.UserCount));
        AssertVisible(outcome.Identity + outcome.Reason);
        Assert.Contains("zero-width", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_in_travelperk_is_named_visibly()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        fixture.AddStranger("eve\u202e@example.com");

        ProvisioningOperation orphan = Assert.Single(
            (await fixture.PlanAsync(new CycleOptions { Time = fixture.Time, Reconcile = true })).Operations
        );

        Assert.Equal("eve\\u202e@example.com", orphan.Identity);
    }

    private static void AssertVisible(ProvisioningOperation o) =>
        AssertVisible($"{o.Identity} {o.Reason} {o.Detail} {o.Request} {string.Join(' ', o.Changes)} {string.Join(' ', o.Steps)}");

    private static void AssertVisible(string text, bool layout = false) =>
        Assert.DoesNotContain(
            text.EnumerateRunes(),
            rune =>
                Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                && !(layout && rune.Value is '\n' or '\r')
        );
}
