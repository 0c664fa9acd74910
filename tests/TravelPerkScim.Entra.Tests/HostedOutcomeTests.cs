using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Entra.Tests;

/// <summary>What the hosted job did: on demand, and in its log.</summary>
public sealed class HostedOutcomeTests
{
    // The answer of the documentation ("synchronizationJob: provisionOnDemand", example 1), shortened.
    private const string Documented = """
        {"action":"Other","changeId":"g8ba3be8","startTime":"2020-06-26T13:58:24.5Z","endTime":"2020-06-26T13:58:24.75Z",
         "modifiedProperties":[{"displayName":"userPrincipalName","oldValue":null,"newValue":"BillBob@contoso.com"},{"displayName":"IsSoftDeleted","oldValue":null,"newValue":"False"}],
         "provisioningSteps":[
           {"name":"EntryImport","type":"Import","status":"Success","description":"Retrieved User 'BillBob@contoso.com' from Azure Active Directory","details":{"objectId":"52cf"}},
           {"name":"EntrySynchronizationSkip","type":"Export","status":"Skipped","description":"The states match.","details":{"SkipReason":"RedundantExport"}}],
         "reportableIdentifier":"BillBob@contoso.com",
         "statusInfo":{"status":"Skipped","errorCode":null,"reason":null,"recommendedAction":null},
         "sourceIdentity":{"id":"62cf7b7a","type":"User","displayName":null},"targetIdentity":{"id":"52507a19","type":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"}}
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_documented_answer_becomes_an_outcome_like_our_own(bool array)
    {
        await using var fixture = new HostedFixture();
        HostedOnDemand demand = await DemandAsync(fixture, (_, _) => (JsonObject)JsonNode.Parse(Documented)!);
        fixture.Behavior.OnDemandArray = array;
        StandInUser user = fixture.Graph.Directory.AddUser("bill@contoso.com");

        ProvisioningOutcome outcome = Assert.Single(await demand.ProvisionAsync("bill@contoso.com", default));

        Assert.Equal(
            (OutcomeStatus.Skipped, ProvisioningAction.None, "BillBob@contoso.com", "62cf7b7a", "52507a19"),
            (outcome.Status, outcome.Action, outcome.Identity, outcome.SourceId, outcome.TargetId)
        );
        Assert.Equal(["Import Success", "Export Skipped"], outcome.Steps.Select(step => $"{step.Type} {step.Status}"));
        Assert.Equal("The states match. (RedundantExport)", outcome.Steps[1].Description);
        Assert.Equal(new AttributeChange("userPrincipalName", null, "BillBob@contoso.com"), outcome.ModifiedProperties[0]);
        Assert.Equal(TimeSpan.FromMilliseconds(250), outcome.Duration);
        Assert.Equal([user.Id], fixture.Service.Jobs[0].Demanded);
    }

    [Fact]
    public async Task An_answer_of_200_that_tells_of_an_error_is_a_failure()
    {
        await using var fixture = new HostedFixture();
        HostedOnDemand demand = await DemandAsync(fixture, null);
        fixture.Behavior.OnDemandError = "MissingValues";

        ProvisioningOutcome outcome = Assert.Single(
            await demand.ProvisionAsync(fixture.Graph.Directory.AddUser("a@contoso.com").Id, default)
        );

        Assert.Equal(
            (OutcomeStatus.Failure, "MissingValues", "a@contoso.com", "The user could not be provisioned. Correct the user."),
            (outcome.Status, outcome.ErrorCode, outcome.Identity, outcome.Reason)
        );
    }

    [Fact]
    public async Task Many_users_are_sent_five_in_ten_seconds_and_no_request_is_throttled()
    {
        await using var fixture = new HostedFixture();
        HostedOnDemand demand = await DemandAsync(fixture, null);
        fixture.Behavior.Clock = fixture.Time;
        fixture.Graph.ForgetRequests();

        for (int n = 0; n < 12; n++)
            Assert.Single(await demand.ProvisionAsync(fixture.Graph.Directory.AddUser($"u{n}@contoso.com").Id, default));

        Assert.Equal(12, fixture.Writes().Length);
        Assert.Equal(12, fixture.Service.Jobs[0].Demanded.Distinct().Count());
        Assert.Single(fixture.Graph.Requests, request => request.EndsWith("/schema", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_user_who_is_not_there_is_named_and_no_request_is_sent()
    {
        await using var fixture = new HostedFixture();
        HostedOnDemand demand = await DemandAsync(fixture, null);
        fixture.Graph.ForgetRequests();

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => demand.ProvisionAsync("o'nobody@contoso.com", default));

        Assert.Equal("EntraUserNotFound", failure.ErrorId);
        Assert.Contains("o'nobody@contoso.com", failure.Message, StringComparison.Ordinal);
        Assert.Empty(fixture.Writes());
    }

    [Fact]
    public async Task The_hosted_job_of_the_stand_in_can_fill_a_travelperk()
    {
        await using var fixture = new HostedFixture();
        await using var perk = TravelPerkSandbox.Start(new SandboxOptions());
        using var http = new HttpClient { BaseAddress = perk.BaseUri };
        using (System.Security.SecureString key = perk.GetApiKey())
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "ApiKey",
                new System.Net.NetworkCredential("", key).Password
            );
        }
        http.DefaultRequestHeaders.Add("Api-Version", "1");
        StandInUser anna = fixture.Graph.Directory.AddUser("anna@contoso.com");
        HostedOnDemand demand = await DemandAsync(fixture, (_, id) => Post(id));
        fixture.Service.Cycle = _ => Post(anna.Id);

        ProvisioningOutcome created = Assert.Single(await demand.ProvisionAsync(anna.Id, default));
        ProvisioningOutcome conflict = Assert.Single(await demand.ProvisionAsync(anna.Id, default));

        Assert.Equal(
            (ProvisioningAction.Create, OutcomeStatus.Success, "anna@contoso.com"),
            (created.Action, created.Status, created.Identity)
        );
        Assert.Equal((OutcomeStatus.Failure, "EntryConflict"), (conflict.Status, conflict.ErrorCode));
        Assert.Equal("anna@contoso.com", (string?)Assert.Single(perk.Users)["userName"]);

        JsonObject Post(string id)
        {
            StandInUser user = fixture.Graph.Directory.Users.Single(one => one.Id == id);
            using var body = new StringContent(
                new JsonObject
                {
                    ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:User"),
                    ["userName"] = user.UserPrincipalName,
                    ["name"] = new JsonObject { ["givenName"] = "Anna", ["familyName"] = "Berg" },
                    ["active"] = true,
                }.ToJsonString(),
                Encoding.UTF8,
                "application/scim+json"
            );
            using var request = new HttpRequestMessage(HttpMethod.Post, "Users") { Content = body };
            using HttpResponseMessage answer = http.Send(request);
            return new JsonObject
            {
                ["action"] = "Create",
                ["modifiedProperties"] = new JsonArray(),
                ["provisioningSteps"] = new JsonArray(),
                ["reportableIdentifier"] = user.UserPrincipalName,
                ["statusInfo"] = new JsonObject
                {
                    ["status"] = answer.IsSuccessStatusCode ? "Success" : "Failure",
                    ["errorCode"] = answer.IsSuccessStatusCode ? null : "EntryConflict",
                    ["reason"] = null,
                },
                ["sourceIdentity"] = new JsonObject { ["id"] = id, ["type"] = "User" },
            };
        }
    }

    [Fact]
    public async Task The_log_is_read_page_by_page_at_its_pace_and_oldest_first()
    {
        await using var fixture = new HostedFixture();
        fixture.Behavior.Clock = fixture.Time;
        fixture.Behavior.LogPage = 10;
        for (int n = 0; n < 65; n++)
            Log(fixture, n, "create", "success");
        fixture.Graph.Directory.Synchronization.Log.Add(Entry("another-application", 0, "create", "success"));

        List<ProvisioningOutcome> entries = await ReadAsync(fixture, new HostedLogQuery());

        Assert.Equal(65, entries.Count);
        Assert.Equal(entries.OrderBy(entry => entry.Time).Select(entry => entry.Identity), entries.Select(entry => entry.Identity));
        Assert.Equal(7, fixture.Graph.Requests.Count);
        Assert.Equal(
            (ProvisioningAction.Create, OutcomeStatus.Success, "user0@contoso.com", "source-0", "target-0"),
            (entries[0].Action, entries[0].Status, entries[0].Identity, entries[0].SourceId, entries[0].TargetId)
        );
        Assert.Equal(new Guid("b6502552-0000-0000-0000-000000000000"), entries[0].CycleId);
        Assert.Equal(["Import: Read user 0"], entries[0].Steps.Select(step => step.ToString()));
    }

    [Fact]
    public async Task Only_the_entries_that_were_asked_for_come()
    {
        await using var fixture = new HostedFixture();
        Log(fixture, 1, "create", "success");
        Log(fixture, 2, "update", "failure", "EntryConflict");
        Log(fixture, 3, "stagedDelete", "skipped");
        Log(fixture, 4, "other", "skipped");
        Log(fixture, 5, "update", "warning");
        Log(fixture, 6, "disable", "success");
        DateTimeOffset third = At(3);

        Assert.Equal(["2"], await AskedAsync(new HostedLogQuery { Status = [OutcomeStatus.Failure] }));
        Assert.Equal(["3"], await AskedAsync(new HostedLogQuery { Status = [OutcomeStatus.Staged] }));
        Assert.Equal(["3"], await AskedAsync(new HostedLogQuery { Status = [OutcomeStatus.Staged], Action = [ProvisioningAction.Delete] }));
        Assert.Equal(["4"], await AskedAsync(new HostedLogQuery { Status = [OutcomeStatus.Skipped] }));
        Assert.Equal(["1", "5", "6"], await AskedAsync(new HostedLogQuery { Status = [OutcomeStatus.Success] }));
        Assert.Equal(["2", "5"], await AskedAsync(new HostedLogQuery { Action = [ProvisioningAction.Update] }));
        Assert.Equal(["3", "4", "5", "6"], await AskedAsync(new HostedLogQuery { Since = third }));
        Assert.Equal(["2"], await AskedAsync(new HostedLogQuery { User = "USER2@contoso.com" }));
        Assert.Equal(["2"], await AskedAsync(new HostedLogQuery { User = "target-2" }));
        fixture.Graph.Directory.Synchronization.Log[0]["sourceIdentity"]!["id"] = "6f0a5f3b-1d1c-45b7-8a0e-2a7b6c1f9e42";
        Assert.Equal(
            "user6@contoso.com",
            Assert.Single(await ReadAsync(fixture, new HostedLogQuery { User = "6F0A5F3B-1d1c-45b7-8a0e-2a7b6c1f9e42" })).Identity
        );
        ProvisioningOutcome failed = Assert.Single(await ReadAsync(fixture, new HostedLogQuery { Status = [OutcomeStatus.Failure] }));
        Assert.Equal(("EntryConflict", "It is there already. Remove it."), (failed.ErrorCode, failed.Reason));
        ProvisioningOutcome warned = (await ReadAsync(fixture, new HostedLogQuery { User = "user5@contoso.com" }))[0];
        Assert.Contains("warning", warned.Note, StringComparison.Ordinal);

        async Task<string[]> AskedAsync(HostedLogQuery query) =>
            [.. (await ReadAsync(fixture, query)).Select(entry => entry.SourceId["source-".Length..])];
    }

    [Fact]
    public async Task The_log_wants_its_own_permission()
    {
        await using var fixture = new HostedFixture();
        fixture.Graph.Behavior.Denied.Add("AuditLog.Read.All");

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => ReadAsync(fixture, new HostedLogQuery()));

        Assert.Equal("EntraPermissionMissing", failure.ErrorId);
        Assert.Contains("AuditLog.Read.All", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<HostedOnDemand> DemandAsync(HostedFixture fixture, Func<StandInJob, string, JsonObject?>? run)
    {
        HostedJob job = await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);
        fixture.Service.OnDemand = run;
        return new HostedOnDemand(fixture.Entra, job);
    }

    private static async Task<List<ProvisioningOutcome>> ReadAsync(HostedFixture fixture, HostedLogQuery query)
    {
        var entries = new List<ProvisioningOutcome>();
        // Ids come in any case; the filter of the log regards it.
        await foreach (
            ProvisioningOutcome entry in new HostedLog(fixture.Entra).ReadAsync(
                fixture.Application.ObjectId.ToUpperInvariant(),
                null,
                query,
                default
            )
        )
        {
            entries.Add(entry);
        }
        return entries;
    }

    private static void Log(HostedFixture fixture, int n, string action, string status, string? error = null) =>
        fixture.Graph.Directory.Synchronization.Log.Insert(0, Entry(fixture.Application.ObjectId, n, action, status, error));

    private static DateTimeOffset At(int n) => new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero).AddMinutes(n);

    private static JsonObject Entry(string application, int n, string action, string status, string? error = null) =>
        new()
        {
            ["id"] = $"entry-{n}",
            ["activityDateTime"] = At(n)
                .UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["jobId"] = "travelperk.1",
            ["cycleId"] = "b6502552-0000-0000-0000-000000000000",
            ["provisioningAction"] = action,
            ["durationInMilliseconds"] = 300,
            ["servicePrincipal"] = new JsonObject { ["id"] = application, ["displayName"] = "TravelPerk" },
            ["sourceIdentity"] = new JsonObject
            {
                ["id"] = $"source-{n}",
                ["identityType"] = "User",
                ["displayName"] = $"user{n}@contoso.com",
            },
            ["targetIdentity"] = new JsonObject
            {
                ["id"] = $"target-{n}",
                ["identityType"] = "User",
                ["displayName"] = "",
            },
            ["modifiedProperties"] = new JsonArray(),
            ["provisioningSteps"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "EntryImport",
                    ["provisioningStepType"] = "import",
                    ["status"] = "success",
                    ["description"] = $"Read user {n}",
                }
            ),
            ["provisioningStatusInfo"] = new JsonObject
            {
                ["status"] = status,
                ["errorInformation"] = error is null
                    ? null
                    : new JsonObject
                    {
                        ["errorCode"] = error,
                        ["reason"] = "It is there already.",
                        ["recommendedAction"] = "Remove it.",
                    },
            },
        };
}
