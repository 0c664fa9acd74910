using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.Review;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A plan is saved, reviewed, and applied exactly, or refused where the world has moved on.</summary>
public sealed class ReviewedPlanTests : SavedPlanTests
{
    [Fact]
    public async Task A_saved_plan_is_applied_as_it_was_reviewed_and_shows_it_all()
    {
        await using CycleFixture fixture = Company(6);

        IReadOnlyList<ProvisioningOperation> planned = (await fixture.PlanAsync()).Operations;
        IReadOnlyList<ProvisioningOperation> read = await SavedAsync(planned);

        Assert.Equal(
            planned.Select(o => (o.Action, o.Identity, o.SourceId, o.Reason, o.Request?.ToString())),
            read.Select(o => (o.Action, o.Identity, o.SourceId, o.Reason, o.Request?.ToString()))
        );
        Assert.Equal(planned.SelectMany(o => o.Changes), read.SelectMany(o => o.Changes));
        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, read);
        Assert.All(outcomes, o => Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal(6, fixture.Target.Count);
        Assert.Equal((string)fixture.Target["user1@example.com"]["id"]!, fixture.ManagerOf(6));
        Assert.Equal(CycleKind.Reviewed, fixture.LastCycle.Kind);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task Only_the_operations_that_were_let_through_are_applied_and_a_left_out_manager_follows_later()
    {
        await using CycleFixture fixture = Company(4);
        ProvisioningPlan plan = await fixture.PlanAsync();

        List<ProvisioningOutcome> outcomes = await ApplyAsync(
            fixture,
            [.. plan.Operations.Where(o => o.Identity is not "user1@example.com" and not "user3@example.com")]
        );

        Assert.Equal(["user2@example.com", "user4@example.com"], fixture.Target.Keys.Order());
        Assert.All(outcomes, o => Assert.Contains("The reference follows when the manager has one", o.Reason, StringComparison.Ordinal));
        Assert.Null(fixture.ManagerOf(2));
        await fixture.RunAsync();
        Assert.Equal((string)fixture.Target["user1@example.com"]["id"]!, fixture.ManagerOf(2));
    }

    [Fact]
    public async Task Operations_that_the_source_or_travelperk_changed_are_stale_and_the_others_go_ahead()
    {
        await using CycleFixture fixture = Company(5);
        await fixture.RunAsync();
        foreach (JsonObject person in fixture.People.Skip(1))
            person["jobTitle"] = "Planned";
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);
        fixture.People[1]["jobTitle"] = "Changed again";
        fixture.People[2]["accountEnabled"] = false;
        await fixture.PatchAsync("user4@example.com", "title", "By hand");

        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, plan);

        fixture.AssertOutcomes(
            """
            Skipped Update user2@example.com (source 2, target user2@example.com)
                Stale: The source changed since the plan was made: what it would do to title is no longer what was reviewed.
                title: Title 2 -> Planned
            Skipped Update user3@example.com (source 3, target user3@example.com)
                Stale: The source changed since the plan was made: the operation would now be Disable. The source account is
                  disabled.
                title: Title 3 -> Planned
            Skipped Update user4@example.com (source 4, target user4@example.com)
                Stale: TravelPerk changed since the plan was made: what it would do to title is no longer what was reviewed.
                title: Title 4 -> Planned
            Success Update user5@example.com (source 5, target user5@example.com)
                The source user changed.
                title: Title 5 -> Planned
            """,
            outcomes
        );
        Assert.Equal("By hand", (string)fixture.Target["user4@example.com"]["title"]!);
        Assert.True((bool)fixture.Target["user3@example.com"]["active"]!);
    }

    [Fact]
    public async Task An_operation_that_is_no_longer_needed_is_stale()
    {
        await using CycleFixture fixture = Company(3);
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);
        await ApplyAsync(fixture, plan);
        int writes = fixture.Writes;

        List<ProvisioningOutcome> again = await ApplyAsync(fixture, plan);

        fixture.AssertOutcomes(
            """
            Skipped Create user1@example.com (source 1, target -)
                Stale: TravelPerk changed since the plan was made: TravelPerk has the desired values already.
                userName: user1@example.com; externalId: 00000000-0000-4000-8000-000000000001; active: True; name.givenName: Given1;
                  name.familyName: Family1; phoneNumbers[type eq "work"].value: +34 930000001; title: Title 1
            Skipped Create user2@example.com (source 2, target -)
                Stale: TravelPerk changed since the plan was made: TravelPerk has the desired values already.
                userName: user2@example.com; externalId: 00000000-0000-4000-8000-000000000002; active: True; name.givenName: Given2;
                  name.familyName: Family2; phoneNumbers[type eq "work"].value: +34 930000002; title: Title 2;
                  urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: 00000000-0000-4000-8000-000000000001
            Skipped Create user3@example.com (source 3, target -)
                Stale: TravelPerk changed since the plan was made: TravelPerk has the desired values already.
                userName: user3@example.com; externalId: 00000000-0000-4000-8000-000000000003; active: True; name.givenName: Given3;
                  name.familyName: Family3; phoneNumbers[type eq "work"].value: +34 930000003; title: Title 3;
                  urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: 00000000-0000-4000-8000-000000000001
            """,
            again
        );
        Assert.Equal(writes, fixture.Writes);
    }

    [Fact]
    public async Task A_write_of_another_cycle_is_named_as_a_link_and_not_as_a_change_of_the_source()
    {
        await using CycleFixture fixture = Company(8);
        await fixture.RunAsync();
        fixture.People[0]["accountEnabled"] = false;
        IReadOnlyList<ProvisioningOperation> disable = (await fixture.PlanAsync()).Operations;
        await fixture.RunAsync();
        Assert.StartsWith(
            "A link of the job changed since the plan was made: Disabled by an earlier cycle",
            Assert.Single(await ApplyAsync(fixture, disable)).Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_user_whom_another_cycle_linked_to_a_new_travelperk_user_is_named_as_a_link()
    {
        await using CycleFixture fixture = Company(3);
        await fixture.RunAsync();
        fixture.People[2]["jobTitle"] = "Planned";
        IReadOnlyList<ProvisioningOperation> update = (await fixture.PlanAsync()).Operations;
        await fixture.RemoveAsync("user3@example.com");
        await fixture.RunAsync();

        Assert.Matches(
            @"^A link of the job changed since the plan was made: .*nothing|has the desired values",
            Assert.Single(await ApplyAsync(fixture, update)).Reason
        );
    }

    [Fact]
    public async Task A_changed_mapping_is_named()
    {
        await using CycleFixture fixture = Company(2);
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);
        File.WriteAllText(
            fixture.Job.Mapping.Path,
            File.ReadAllText(fixture.Job.Mapping.Path).Replace("[jobTitle]", "[displayName]", StringComparison.Ordinal)
        );

        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, plan);

        fixture.AssertOutcomes(
            """
            Skipped Create user1@example.com (source 1, target -)
                Stale: The mapping changed since the plan was made: what it would do to title is no longer what was reviewed.
                userName: user1@example.com; externalId: 00000000-0000-4000-8000-000000000001; active: True; name.givenName: Given1;
                  name.familyName: Family1; phoneNumbers[type eq "work"].value: +34 930000001; title: Title 1
            Skipped Create user2@example.com (source 2, target -)
                Stale: The mapping changed since the plan was made: what it would do to title is no longer what was reviewed.
                userName: user2@example.com; externalId: 00000000-0000-4000-8000-000000000002; active: True; name.givenName: Given2;
                  name.familyName: Family2; phoneNumbers[type eq "work"].value: +34 930000002; title: Title 2;
                  urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: 00000000-0000-4000-8000-000000000001
            """,
            outcomes
        );
        Assert.Empty(fixture.Target);
    }

    [Theory]
    [InlineData("Family2", "Stranger")]
    [InlineData("\"action\": \"Create\"", "\"action\": \"Update\"")]
    [InlineData("user2@example.com", "user1@example.com")]
    [InlineData("No TravelPerk user has", "A TravelPerk user has")]
    [InlineData("\"oldProof\": \"", "\"oldProof\": \"A")]
    public async Task An_edited_operation_is_refused_and_the_others_go_ahead(string text, string instead)
    {
        await using CycleFixture fixture = Company(3);
        await SavedAsync((await fixture.PlanAsync()).Operations);
        JsonNode document = JsonNode.Parse(File.ReadAllText(PlanPath))!;
        string second = document["operations"]![1]!.ToJsonString(new() { WriteIndented = true });
        document["operations"]![1] = JsonNode.Parse(second.Replace(text, instead, StringComparison.Ordinal));
        Assert.NotEqual(second, document["operations"]![1]!.ToJsonString(new() { WriteIndented = true }));
        File.WriteAllText(PlanPath, document.ToJsonString());

        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, await PlanFile.ReadAsync(PlanPath, default));

        ProvisioningOutcome refused = Assert.Single(outcomes, o => o.Status == OutcomeStatus.Skipped);
        Assert.Equal("PlanTampered", refused.ErrorCode);
        Assert.Equal(["user1@example.com", "user3@example.com"], fixture.Target.Keys.Order());
    }

    [Fact]
    public async Task A_new_layout_of_the_file_or_operations_taken_out_are_no_edit()
    {
        await using CycleFixture fixture = Company(3);
        fixture.People[0]["surname"] = "Núñez-Østergård <& \"日本\">";
        await SavedAsync((await fixture.PlanAsync()).Operations);
        JsonNode document = JsonNode.Parse(File.ReadAllText(PlanPath))!;
        document["operations"]!.AsArray().RemoveAt(2);
        File.WriteAllText(PlanPath, document.ToJsonString());

        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, await SavedAsync(await PlanFile.ReadAsync(PlanPath, default)));

        Assert.Equal(2, outcomes.Count(o => o.Status == OutcomeStatus.Success));
        Assert.Equal("Núñez-Østergård <& \"日本\">", (string)fixture.Target["user1@example.com"]["name"]!["familyName"]!);
    }

    [Fact]
    public async Task The_plan_of_another_job_is_one_error_and_nothing_is_sent()
    {
        await using CycleFixture fixture = Company(2);
        await using CycleFixture other = Company(2);
        ProvisioningPlan plan = await other.PlanAsync();

        foreach (IReadOnlyList<ProvisioningOperation> operations in new[] { plan.Operations, await SavedAsync(plan.Operations) })
        {
            ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => ApplyAsync(fixture, operations));
            Assert.Equal("PlanForAnotherJob", error.ErrorId);
        }
        Assert.Equal(
            "PlanMixed",
            (
                await Assert.ThrowsAsync<ProvisioningException>(async () =>
                    await SavedAsync([.. plan.Operations, .. (await fixture.PlanAsync()).Operations])
                )
            ).ErrorId
        );
        Assert.Equal(0, fixture.Writes + other.Writes);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-570)]
    public async Task A_plan_that_powershell_wrote_again_is_the_same_plan(int minutes)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("title")!.Source = AttributeMappingSource.FromAttribute("createdDateTime");
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1)["createdDateTime"] = "2020-01-31T22:00:00Z";
        await SavedAsync((await fixture.PlanAsync()).Operations);
        // ConvertFrom-Json makes local times of moments, and ConvertTo-Json writes them with the machine's offset.
        string there = Regex.Replace(
            File.ReadAllText(PlanPath),
            "\"(20[0-9-]+T[0-9:.]+(?:Z|\\+00:00))\"",
            moment =>
                $"\"{DateTimeOffset.Parse(moment.Groups[1].Value, CultureInfo.InvariantCulture).ToOffset(TimeSpan.FromMinutes(minutes)).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)}\""
        );
        Assert.DoesNotContain("22:00:00Z", there, StringComparison.Ordinal);
        File.WriteAllText(PlanPath, there);

        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, await PlanFile.ReadAsync(PlanPath, default));

        Assert.Equal(OutcomeStatus.Success, Assert.Single(outcomes).Status);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("utf-8")]
    public async Task A_plan_is_read_in_any_encoding_that_names_itself(string encoding)
    {
        await using CycleFixture fixture = Company(2);
        await SavedAsync((await fixture.PlanAsync()).Operations);
        File.WriteAllText(PlanPath, File.ReadAllText(PlanPath), Encoding.GetEncoding(encoding));

        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, await PlanFile.ReadAsync(PlanPath, default));

        Assert.Equal([OutcomeStatus.Success, OutcomeStatus.Success], outcomes.Select(o => o.Status));
    }

    [Theory]
    [InlineData("\"action\": \"Create\"", "\"action\": \"None\", \"reason\": \"nothing to do\", \"action\": \"Create\"")]
    [InlineData("\"newValue\": \"Title 1\"", "\"newValue\": \"Nothing\", \"newValue\": \"Title 1\"")]
    [InlineData("\"newValue\": \"Title 1\"", "\"NewValue\": \"Nothing\", \"newValue\": \"Title 1\"")]
    [InlineData("\"newValue\": \"Title 1\"", "\"newV\\u0061lue\": \"Nothing\", \"newValue\": \"Title 1\"")]
    [InlineData("\"title\": \"Title 1\"", "\"title\": \"Nothing\", \"title\": \"Title 1\"")]
    [InlineData("\"action\": \"Create\"", "\"note\": \"approved\", \"action\": \"Create\"")]
    [InlineData("\"cycleId\"", "\"note\": \"approved\", \"cycleId\"")]
    public async Task A_plan_that_says_two_things_or_more_than_a_plan_says_is_refused(string text, string instead)
    {
        await using CycleFixture fixture = Company(1);
        await SavedAsync((await fixture.PlanAsync()).Operations);
        string saved = File.ReadAllText(PlanPath);
        Assert.Contains(text, saved, StringComparison.Ordinal);
        File.WriteAllText(PlanPath, saved.Replace(text, instead, StringComparison.Ordinal));

        Assert.Equal(
            "PlanFileInvalid",
            (await Assert.ThrowsAsync<ProvisioningException>(() => PlanFile.ReadAsync(PlanPath, default))).ErrorId
        );
    }

    [Theory]
    [InlineData("", "PlanFileInvalid")]
    [InlineData("null", "PlanFileInvalid")]
    [InlineData("[1]", "PlanFileInvalid")]
    [InlineData(
        "{\"format\":\"TravelPerkScim provisioning "
            + "plan\",\"version\":9,\"job\":\"a\",\"jobKey\":\"b\",\"cycleId\":\"00000000-0000-4000-8000-000000000001\",\"target\":\"https://a\",\"made\":\"2026-01-01T00:00:00Z\",\"mapping\":\"x\"}",
        "PlanFileInvalid"
    )]
    [InlineData(null, "PlanNotFound")]
    public async Task A_file_that_is_no_plan_is_one_error(string? content, string errorId)
    {
        if (content is not null)
            File.WriteAllText(PlanPath, content);

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => PlanFile.ReadAsync(PlanPath, default));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains("plan.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Departures_of_a_file_are_proved_again_by_a_read_that_is_complete()
    {
        await using CycleFixture fixture = Company(12);
        await fixture.RunAsync();
        JsonObject gone = fixture.People[4];
        fixture.People.Remove(gone);
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);
        Assert.Equal(ProvisioningAction.Disable, Assert.Single(plan).Action);

        // Cut off in the middle, then with an entry of an unknown owner: neither proves that a user left.
        string whole = File.ReadAllText(fixture.SourceFile);
        foreach (
            string broken in new[] { whole[..(whole.Length / 2)], whole.Replace(CycleFixture.Id(12), "", StringComparison.Ordinal), "[]" }
        )
        {
            File.WriteAllText(fixture.SourceFile, broken);
            ProvisioningOutcome refused = Assert.Single(await ApplyFileAsync(fixture, plan));
            Assert.Equal("Stale", refused.ErrorCode);
            Assert.True((bool)fixture.Target["user5@example.com"]["active"]!);
        }
        ProvisioningOutcome disabled = Assert.Single(await ApplyAsync(fixture, plan));

        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success), (disabled.Action, disabled.Status));
        Assert.False((bool)fixture.Target["user5@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_user_who_came_back_since_the_review_stays_active()
    {
        await using CycleFixture fixture = Company(8);
        await fixture.RunAsync();
        JsonObject gone = fixture.People[4];
        fixture.People.Remove(gone);
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);
        fixture.People.Add(gone);

        Assert.Equal("Stale", Assert.Single(await ApplyAsync(fixture, plan)).ErrorCode);
        Assert.True((bool)fixture.Target["user5@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_disable_that_was_reviewed_never_becomes_a_delete()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = fixture.Live();
        foreach (int n in Enumerable.Range(1, 8))
            directory.Set(n);
        await fixture.RunAsync();
        directory.Delete(3);
        directory.Expired = true;
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);

        ProvisioningOutcome outcome = Assert.Single(await ApplyAsync(fixture, plan));

        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.False((bool)fixture.Target["user3@example.com"]["active"]!);
    }

    [Fact]
    public async Task Staged_stays_staged_however_few_of_them_are_let_through()
    {
        await using CycleFixture fixture = Company(20);
        await fixture.RunAsync();
        fixture.People.RemoveRange(4, 12);
        await fixture.RunAsync();
        Guid cycle = fixture.LastCycle.Id;
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);
        Assert.All(plan, o => Assert.True(o.Staged));

        Assert.Equal(OutcomeStatus.Staged, Assert.Single(await ApplyAsync(fixture, [plan[0]])).Status);
        Assert.Equal(20, fixture.Target.Values.Count(u => (bool)u["active"]!));
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await ApplyAsync(fixture, [plan[0]], approve: cycle)).Status);
        Assert.Equal(19, fixture.Target.Values.Count(u => (bool)u["active"]!));
    }

    [Fact]
    public async Task A_takeover_is_applied_from_a_saved_plan_too()
    {
        await using CycleFixture fixture = Company(8);
        await fixture.RunAsync();
        string id = (string)fixture.Target["user5@example.com"]["id"]!;
        fixture.People[4]["id"] = CycleFixture.Id(500);
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);

        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, plan);

        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal(id, (string)fixture.Target["user5@example.com"]["id"]!);
        Assert.Equal(CycleFixture.Id(500), (string)fixture.Target["user5@example.com"]["externalId"]!);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task Managers_in_a_circle_and_the_watermark_come_through_a_saved_plan()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = fixture.Live();
        directory.Set(1, manager: 2);
        directory.Set(2, manager: 1);
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);
        Assert.Equal(3, plan.Count);

        Assert.All(await ApplyAsync(fixture, plan), o => Assert.Equal(OutcomeStatus.Success, o.Status));

        Assert.Equal((string)fixture.Target["user2@example.com"]["id"]!, fixture.ManagerOf(1));
        Assert.Equal((string)fixture.Target["user1@example.com"]["id"]!, fixture.ManagerOf(2));
        Assert.Equal(CycleKind.Initial, (await fixture.PlanAsync()).Kind);
    }

    [Fact]
    public async Task Redacted_values_cannot_be_guessed_with_the_salt_that_keys_all_else()
    {
        var mapping = SynchronizationSchema.Parse(
            SynchronizationSchema.Default.ToJson().Replace("[jobTitle]", "Redact([jobTitle])", StringComparison.Ordinal)
        );
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1)["jobTitle"] = "1980-02-01";
        await fixture.RunAsync();
        fixture.People[0]["jobTitle"] = "1980-02-02";
        await SavedAsync((await fixture.PlanAsync()).Operations);
        byte[] salt;
        using (JobState state = JobState.OpenReadOnly(fixture.Job.Store)!)
            salt = state.NamedBytes(JobState.SaltName)!;

        string plan = File.ReadAllText(PlanPath);

        Assert.Contains("Proof", plan, StringComparison.Ordinal);
        foreach (string guess in new[] { "1980-02-01", "1980-02-02" })
        {
            Assert.DoesNotContain(
                Convert.ToBase64String(HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes($"title\n\"{guess}\"")).AsSpan(0, 12)),
                plan,
                StringComparison.Ordinal
            );
        }
        Assert.DoesNotContain(Convert.ToBase64String(salt), plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redacted_values_are_not_in_the_file_and_their_change_is_noticed()
    {
        var mapping = SynchronizationSchema.Parse(
            SynchronizationSchema.Default.ToJson().Replace("[jobTitle]", "Redact([jobTitle])", StringComparison.Ordinal)
        );
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1)["jobTitle"] = "Secret agent";
        fixture.Add(2)["jobTitle"] = "Secret agent";
        IReadOnlyList<ProvisioningOperation> plan = await SavedAsync((await fixture.PlanAsync()).Operations);
        Assert.DoesNotContain("Secret agent", File.ReadAllText(PlanPath), StringComparison.Ordinal);
        fixture.People[1]["jobTitle"] = "Double agent";

        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, plan);

        Assert.Equal("user2@example.com", Assert.Single(outcomes, o => o.ErrorCode == "Stale").Identity);
        Assert.Equal("Secret agent", (string)fixture.Target["user1@example.com"]["title"]!);
    }

    private static CycleFixture Company(int users)
    {
        var fixture = new CycleFixture();
        for (int n = 1; n <= users; n++)
            fixture.Add(n, manager: n == 1 ? null : 1);
        return fixture;
    }

    private static async Task<List<ProvisioningOutcome>> ApplyFileAsync(
        CycleFixture fixture,
        IReadOnlyList<ProvisioningOperation> operations
    ) => await fixture.ApplyAsync(await fixture.PlanFileAsync(new CycleOptions { Time = fixture.Time, Reviewed = operations }));
}
