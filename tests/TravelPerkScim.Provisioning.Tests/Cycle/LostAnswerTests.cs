using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Writes were carried out, their answers were lost, and for a while no cycle can find out.</summary>
public sealed class LostAnswerTests
{
    // No walk, no filter, no answer to a write.
    private static readonly SandboxBehavior[] s_dark =
    [
        SandboxBehavior.StartIndexIgnored,
        SandboxBehavior.FilterMisses,
        SandboxBehavior.AnswerLostAfterWrite,
    ];

    [Fact]
    public async Task A_create_that_was_answered_without_a_user_is_not_sent_again_while_TravelPerk_does_not_show_the_user()
    {
        int creates = 0;
        using var wire = new Wire
        {
            Answer = text =>
                text.Contains("\"userName\"", StringComparison.Ordinal)
                && text.Contains("\"meta\"", StringComparison.Ordinal)
                && !text.Contains("Resources", StringComparison.Ordinal)
                    ? ""
                    : text,
            Instead = request =>
            {
                creates += request.Method == HttpMethod.Post ? 1 : 0;
                return request.RequestUri!.Query.Contains("filter=", StringComparison.Ordinal) && creates > 0
                    ? new HttpResponseMessage(System.Net.HttpStatusCode.OK)
                    {
                        Content = new StringContent(
                            """{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}"""
                        ),
                    }
                    : null;
            },
        };
        await using var fixture = new CycleFixture(client: c => c with { Handler = wire });
        fixture.Add(1);

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((OutcomeStatus.Failure, 1, 1), (outcome.Status, creates, fixture.Sandbox.UserCount));
    }

    [Fact]
    public async Task A_leaver_whose_create_is_unknown_is_disabled_when_it_becomes_known()
    {
        await using CycleFixture fixture = Start();
        fixture.Add(1);
        Dark(fixture, on: true);
        Assert.Equal(OutcomeStatus.Failure, Assert.Single(await fixture.RunAsync()).Status);
        fixture.People[0]["accountEnabled"] = false;
        Assert.Empty(await fixture.RunAsync());
        Assert.True((bool)fixture.Target["user1@example.com"]["active"]!);

        Dark(fixture, on: false);
        await fixture.RunAsync();

        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_conflict_with_the_user_of_a_lost_create_does_not_make_that_create_forgotten()
    {
        await using CycleFixture fixture = Start();
        fixture.Add(1);
        Dark(fixture, on: true);
        await fixture.RunAsync();
        fixture.Sandbox.SetBehavior(SandboxBehavior.AnswerLostAfterWrite, on: false);
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("Conflict", Assert.Single(await fixture.RunAsync()).ErrorCode);

        fixture.People[0]["accountEnabled"] = false;
        Assert.Empty(await fixture.RunAsync());
        Dark(fixture, on: false);
        await fixture.RunAsync();

        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
    }

    [Fact]
    public async Task Managers_in_a_circle_whose_creates_got_no_answer_are_found_under_their_old_names()
    {
        await using CycleFixture fixture = Start();
        fixture.Add(1, manager: 2);
        fixture.Add(2, manager: 1);
        Dark(fixture, on: true);
        Assert.DoesNotContain(await fixture.RunAsync(), o => o.Status == OutcomeStatus.Success);

        Dark(fixture, on: false);
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        fixture.People[0]["userPrincipalName"] = "renamed1@example.com";
        fixture.People[1]["userPrincipalName"] = "renamed2@example.com";
        await fixture.RunAsync();

        Assert.Equal(
            ["renamed1@example.com", "renamed2@example.com", "stranger1@example.com", "stranger2@example.com"],
            fixture.Target.Keys.Order()
        );
    }

    [Fact]
    public async Task A_user_found_after_a_conflict_stays_theirs_although_the_update_failed()
    {
        await using CycleFixture fixture = Start();
        string id = fixture.AddStranger("user1@example.com");
        SandboxBehavior[] hidden = [SandboxBehavior.FilterMisses, SandboxBehavior.PathlessPatchRejected, SandboxBehavior.PatchPathRejected];
        foreach (SandboxBehavior behavior in hidden)
            fixture.Sandbox.SetBehavior(behavior, on: true);
        fixture.Add(1);
        Assert.Equal(OutcomeStatus.Failure, Assert.Single(await fixture.RunAsync()).Status);

        foreach (SandboxBehavior behavior in hidden)
            fixture.Sandbox.SetBehavior(behavior, on: false);
        fixture.People[0]["userPrincipalName"] = "renamed1@example.com";
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        await fixture.RunAsync();

        Assert.Equal(id, (string?)fixture.Target["renamed1@example.com"]["id"]);
    }

    [Fact]
    public async Task Where_the_mapping_does_not_update_users_a_namesake_of_a_deleted_user_is_created()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.FlowTypes = "Add, Delete";
        await using var fixture = new CycleFixture(mapping: mapping);
        LiveDirectory directory = await fixture.LiveAsync(1);
        directory.Delete(1);
        directory.Set(3, userPrincipalName: "user1@example.com");
        await fixture.RunAsync();
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        await fixture.RunAsync();

        Assert.Equal(CycleFixture.Id(3), (string?)fixture.Target["user1@example.com"]["externalId"]);
    }

    private static CycleFixture Start()
    {
        var fixture = new CycleFixture(new() { PageCap = 1 }, client: c => c with { MaxRetries = 0 });
        for (int i = 1; i <= 2; i++)
        {
            fixture.AddStranger($"stranger{i}@example.com");
        }
        return fixture;
    }

    private static void Dark(CycleFixture fixture, bool on)
    {
        foreach (SandboxBehavior behavior in s_dark)
            fixture.Sandbox.SetBehavior(behavior, on, on && behavior == SandboxBehavior.AnswerLostAfterWrite ? 1000 : null);
    }
}
