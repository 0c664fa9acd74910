using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Answers about single users that are not SCIM.</summary>
public sealed class UnreadableAnswerTests
{
    private const string Garbled = "]nonsense[";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_unreadable_answer_about_one_user_is_an_error_of_that_user_alone(bool linked)
    {
        bool broken = false;
        using var wire = new Wire
        {
            Answer = text => broken && text.Contains("user1@example.com", StringComparison.Ordinal) ? Garbled : text,
        };
        await using CycleFixture fixture = Start(wire);
        fixture.Add(1);
        fixture.Add(2);
        await fixture.RunAsync();
        if (!linked)
            fixture.Job.Reset(JobReset.Links);
        fixture.People[0]["jobTitle"] = "New";
        fixture.People[1]["jobTitle"] = "New";
        broken = true;

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Contains(outcomes, o => o is { Identity: "user2@example.com", Status: OutcomeStatus.Success });
        Assert.Equal("InvalidResponse", Assert.Single(outcomes, o => o.Status == OutcomeStatus.Failure).ErrorCode);
    }

    [Fact]
    public async Task Where_no_answer_can_be_read_the_cycle_ends_with_the_services_fault()
    {
        bool broken = false;
        using var wire = new Wire { Answer = text => broken ? Garbled : text };
        await using CycleFixture fixture = Start(wire);
        for (int number = 1; number <= 12; number++)
            fixture.Add(number);
        await fixture.RunAsync();
        foreach (JsonObject person in fixture.People)
            person["jobTitle"] = "New";
        broken = true;
        int before = fixture.Requests("GET");

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => fixture.PlanAsync());

        Assert.Equal("InvalidResponse", error.ErrorId);
        Assert.InRange(fixture.Requests("GET") - before, 1, 12);
    }

    private static CycleFixture Start(Wire wire) => new(client: options => options with { Handler = wire });
}
