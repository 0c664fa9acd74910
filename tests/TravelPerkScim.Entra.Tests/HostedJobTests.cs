using System.Security;
using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Entra.Tests;

/// <summary>The hosted job, through the real Graph SDK and over a socket.</summary>
public sealed class HostedJobTests
{
    [Fact]
    public async Task A_job_is_made_with_its_credentials_first_and_found_again()
    {
        await using var bench = new HostedBench();

        HostedJob job = await bench.Jobs.MakeAsync(
            bench.Application,
            HostedBench.Request(new HostedSettingsChange { NotificationEmail = "it@contoso.com", DeleteThreshold = 20 }),
            default
        );
        HostedJob again = await bench.Jobs.MakeAsync(bench.Application, HostedBench.Request(), default);

        Assert.Equal(job.Id, again.Id);
        Assert.Single(bench.Service.Jobs);
        Assert.Equal(
            ("TravelPerk", "travelperk", HostedJobStatus.NotConfigured, null),
            (job.Application, job.Template, job.Status, job.Interval)
        );
        string[] writes = bench.Writes();
        Assert.EndsWith("/jobs/validateCredentials", writes[0], StringComparison.Ordinal);
        Assert.StartsWith("PUT ", writes[1], StringComparison.Ordinal);
        Assert.EndsWith("/synchronization/jobs", writes[2], StringComparison.Ordinal);
        Assert.Equal("https://app.travelperk.com/api/v2/scim", bench.Service.Secrets["BaseAddress"]);
        Assert.Equal(StandInSynchronization.GoodToken, bench.Service.Secrets["SecretToken"]);
        Assert.Equal(("false", "false"), (bench.Service.Secrets["SyncAll"], bench.Service.Secrets["SkipOutOfScopeDeletions"]));
        Assert.Equal(
            ("it@contoso.com", 20, HostedScope.Assigned, false, "SecretToken"),
            (
                job.Settings!.NotificationEmail,
                job.Settings.DeleteThreshold,
                job.Settings.Scope,
                job.Settings.SkipOutOfScopeDeletions,
                Assert.Single(job.Settings.Credentials)
            )
        );
    }

    [Fact]
    public async Task A_token_that_travelperk_refuses_saves_nothing_and_is_told_nowhere()
    {
        await using var bench = new HostedBench();

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() =>
            bench.Jobs.MakeAsync(bench.Application, new HostedJobRequest { Token = HostedBench.Secret("wr0ng-canary") }, default)
        );

        Assert.Equal("EntraCredentialsRefused", failure.ErrorId);
        Assert.DoesNotContain("wr0ng-canary", failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(bench.Service.Jobs);
        Assert.Empty(bench.Service.Secrets);
    }

    [Theory]
    [InlineData(2, 0, 0, 0)]
    [InlineData(1, 3, 0, 0)]
    [InlineData(0, 0, 6, 0)]
    [InlineData(0, 0, 0, 1)]
    [InlineData(1, 1, 4, 1)]
    public async Task What_graph_does_to_new_applications_is_waited_out(int forbidden, int conflicts, int unseen, int lost)
    {
        await using var bench = new HostedBench();
        (bench.Behavior.ForbiddenFirst, bench.Behavior.ConflictFirst, bench.Behavior.JobUnseenFor, bench.Behavior.LoseAnswers) = (
            forbidden,
            conflicts,
            unseen,
            lost
        );

        HostedJob job = await bench.Jobs.MakeAsync(bench.Application, HostedBench.Request(), default);
        await bench.Jobs.StartAsync(job, default);

        Assert.Equal(HostedJobStatus.On, (await bench.Jobs.RefreshAsync(job, default)).Status);
        Assert.Single(bench.Service.Jobs);
    }

    [Fact]
    public async Task Interrupted_after_any_request_and_run_again_it_ends_in_the_same_state()
    {
        int requests = 100;
        for (int at = 1; at <= requests; at++)
        {
            await using var bench = new HostedBench();
            bench.Behavior.JobUnseenFor = 4;
            using var stop = new CancellationTokenSource();
            bench.Graph.BeforeAnswer = (number, _) =>
            {
                if (number == at)
                    stop.Cancel();
            };
            try
            {
                await bench.Jobs.MakeAsync(bench.Application, HostedBench.Request(), stop.Token);
                requests = bench.Graph.Requests.Count;
            }
            catch (OperationCanceledException)
            {
                // As by Ctrl+C.
            }
            await bench.Jobs.MakeAsync(bench.Application, HostedBench.Request(), default);

            Assert.Single(bench.Service.Jobs);
            Assert.Equal(StandInSynchronization.GoodToken, bench.Service.Secrets["SecretToken"]);
        }
        Assert.InRange(requests, 8, 40);
    }

    [Fact]
    public async Task An_application_without_a_template_cannot_be_provisioned()
    {
        await using var bench = new HostedBench();
        bench.Service.Templates.Clear();

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() =>
            bench.Jobs.MakeAsync(bench.Application, new HostedJobRequest(), default)
        );

        Assert.Equal("EntraTemplateMissing", failure.ErrorId);
        Assert.Empty(bench.Writes());
    }

    [Fact]
    public async Task It_starts_stops_restarts_and_is_removed()
    {
        await using var bench = new HostedBench();
        HostedJob job = await bench.Jobs.MakeAsync(bench.Application, HostedBench.Request(), default);
        int cycles = 0;
        bench.Service.Cycle = _ => cycles++;

        await bench.Jobs.StartAsync(job, default);
        HostedJob started = await bench.Jobs.RefreshAsync(job, default);
        await bench.Jobs.RestartAsync(job, HostedRestart.Default, default);
        await bench.Jobs.RestartAsync(job, HostedRestart.Escrows | HostedRestart.QuarantineState, default);
        await bench.Jobs.RestartAsync(job, HostedRestart.Full, default);
        await bench.Jobs.RestartAsync(job, HostedRestart.ForceDeletes, default);
        await bench.Jobs.StopAsync(job, default);

        Assert.Equal((HostedJobStatus.On, TimeSpan.FromMinutes(40)), (started.Status, started.Interval));
        Assert.Equal(["", "Escrows, QuarantineState", "Full", "ForceDeletes"], bench.Service.Jobs[0].Restarts);
        Assert.Equal(5, cycles);
        Assert.Equal(HostedJobStatus.Off, (await bench.Jobs.RefreshAsync(job, default)).Status);
        await bench.Jobs.RemoveAsync(job, default);
        Assert.Empty(await bench.Jobs.FindAsync(bench.Application, default));
    }

    [Fact]
    public async Task A_change_keeps_the_other_settings_and_never_writes_the_star()
    {
        await using var bench = new HostedBench();
        HostedJob job = await bench.Jobs.MakeAsync(
            bench.Application,
            HostedBench.Request(new HostedSettingsChange { NotificationEmail = "it@contoso.com", DeleteThreshold = 7 }),
            default
        );

        SourceException refused = await Assert.ThrowsAsync<SourceException>(() =>
            bench.Jobs.ChangeAsync(job, new HostedSettingsChange { Scope = HostedScope.All }, null, default)
        );
        Assert.Equal("EntraCredentialsWouldBeLost", refused.ErrorId);
        Assert.Equal(StandInSynchronization.GoodToken, bench.Service.Secrets["SecretToken"]);

        Assert.True(
            await bench.Jobs.ChangeAsync(
                job,
                new HostedSettingsChange { Scope = HostedScope.All, SkipOutOfScopeDeletions = true },
                HostedBench.GoodToken(),
                default
            )
        );
        HostedSettings settings = (await bench.Jobs.RefreshAsync(job, default)).Settings!;

        Assert.Equal(
            ("it@contoso.com", 7, HostedScope.All, true),
            (settings.NotificationEmail, settings.DeleteThreshold, settings.Scope, settings.SkipOutOfScopeDeletions)
        );
        Assert.DoesNotContain("*", bench.Service.Secrets.Values);
        Assert.True(settings.CredentialsSaved);
    }

    [Fact]
    public async Task Before_an_authorization_settings_are_written_freely_and_what_is_so_already_is_not_written()
    {
        await using var bench = new HostedBench();
        bench.Behavior.NeededSecrets = ["SyncNotificationSettings", "SyncAll"];
        HostedJob job = await bench.Jobs.MakeAsync(bench.Application, new HostedJobRequest(), default);

        Assert.True(await bench.Jobs.ChangeAsync(job, new HostedSettingsChange { NotificationEmail = "a@b.com" }, null, default));
        Assert.True(await bench.Jobs.ChangeAsync(job, new HostedSettingsChange { DeleteThreshold = 0 }, null, default));
        Assert.True(await bench.Jobs.ChangeAsync(job, new HostedSettingsChange { NotificationEmail = "" }, null, default));
        HostedSettings settings = (await bench.Jobs.RefreshAsync(job, default)).Settings!;
        Assert.Equal((null, null, false), (settings.NotificationEmail, settings.DeleteThreshold, settings.CredentialsSaved));

        bench.Service.Authorize();
        bench.Graph.ForgetRequests();
        bench.Service.Secrets.Remove("SyncAll");
        Assert.Equal(job.Id, (await bench.Jobs.MakeAsync(bench.Application, new HostedJobRequest(), default)).Id);
        Assert.False(await bench.Jobs.ChangeAsync(job, new HostedSettingsChange { NotificationEmail = "" }, null, default));
        Assert.Empty(bench.Writes());
    }

    [Fact]
    public async Task Authorization_is_waited_for_and_given_up_in_time()
    {
        await using var bench = new HostedBench();
        HostedJob job = await bench.Jobs.MakeAsync(bench.Application, new HostedJobRequest(), default);

        SourceException late = await Assert.ThrowsAsync<SourceException>(() =>
            bench.Jobs.WaitForAuthorizationAsync(job, TimeSpan.FromMinutes(1), default)
        );
        int asked = 0;
        bench.Graph.BeforeAnswer = (_, path) =>
        {
            if (path.EndsWith("validateCredentials", StringComparison.Ordinal) && ++asked == 4)
                bench.Service.Authorize();
        };
        await bench.Jobs.WaitForAuthorizationAsync(job, TimeSpan.FromMinutes(5), default);

        Assert.Equal("EntraNotAuthorized", late.ErrorId);
        Assert.Equal(4, asked);
        Assert.True((await bench.Jobs.TestAsync(job, null, null, default)).Success);
        CredentialTest given = await bench.Jobs.TestAsync(job, null, HostedBench.Secret("wr0ng-canary"), default);
        Assert.False(given.Success);
        Assert.Contains("CredentialValidationUnavailable", given.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", given.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_quarantine_and_the_last_cycle_are_told_in_words()
    {
        await using var bench = new HostedBench();
        await bench.Jobs.MakeAsync(bench.Application, HostedBench.Request(), default);
        StandInJob job = bench.Service.Jobs[0];
        (job.Code, job.Schedule) = ("Quarantine", "Active");
        job.LastExecution = (JsonObject)
            JsonNode.Parse(
                """{"state":"EntryLevelErrors","timeBegan":"2026-11-01T10:00:00Z","timeEnded":"2026-11-01T10:02:00Z","countImported":12,"countExported":3,"countEscrowed":2,"countEntitled":11,"error":null}"""
            )!;
        job.Quarantine = (JsonObject)
            JsonNode.Parse(
                """{"reason":"TooManyDeletes","currentBegan":"2026-11-01T10:02:00Z","nextAttempt":"2026-11-01T16:02:00Z","seriesBegan":"0001-01-01T00:00:00Z","seriesCount":1,"error":{"code":"X","message":"Y","tenantActionable":true}}"""
            )!;

        HostedJob found = Assert.Single(await bench.Jobs.FindAsync(bench.Application, default));

        Assert.Equal(HostedJobStatus.Quarantine, found.Status);
        Assert.Equal(
            ("EntryLevelErrors", 12, 11, 3, 2),
            (found.LastCycle!.State, found.LastCycle.Imported, found.LastCycle.Entitled, found.LastCycle.Exported, found.LastCycle.Escrowed)
        );
        Assert.Null(found.LastSuccessfulCycle);
        Assert.Equal(("TooManyDeletes", "X: Y", null), (found.Quarantine!.Reason, found.Quarantine.Error, found.Quarantine.SeriesBegan));
        Assert.Contains("ForceDeletes", found.Quarantine.Advice, StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 16, 2, 0, TimeSpan.Zero), found.Quarantine.NextAttempt);
    }

    [Fact]
    public void A_person_is_asked_for_what_hosted_jobs_take_and_an_application_is_not()
    {
        string[] Asked(EntraSignInKind kind, string? client, params string[] more) =>
            new EntraSignInOptions
            {
                Kind = kind,
                ClientId = client,
                MorePermissions = more,
            }.Scopes;

        Assert.Contains(
            "https://graph.microsoft.com/Synchronization.ReadWrite.All",
            Asked(EntraSignInKind.DeviceCode, null, "Synchronization.ReadWrite.All", "User.Read.All")
        );
        Assert.Equal(4, Asked(EntraSignInKind.DeviceCode, "own", "Synchronization.ReadWrite.All", "user.read.all").Length);
        Assert.Equal(["https://graph.microsoft.com/.default"], Asked(EntraSignInKind.DeviceCode, "own"));
        Assert.Equal(
            ["https://graph.microsoft.com/.default"],
            Asked(EntraSignInKind.ManagedIdentity, null, "Synchronization.ReadWrite.All")
        );
    }

    [Fact]
    public async Task A_401_of_the_service_names_the_permission()
    {
        await using var bench = new HostedBench();
        HostedJob job = await bench.Jobs.MakeAsync(bench.Application, HostedBench.Request(), default);
        bench.Graph.Behavior.Denied.Add("Synchronization.ReadWrite.All");

        SourceException writing = await Assert.ThrowsAsync<SourceException>(() => bench.Jobs.StopAsync(job, default));
        Assert.Equal("EntraPermissionMissing", writing.ErrorId);
        Assert.Contains("Synchronization.ReadWrite.All", writing.Message, StringComparison.Ordinal);
        Assert.Single(await bench.Jobs.FindAsync(bench.Application, default));

        bench.Graph.Behavior.Denied.Add("Synchronization.Read.All");
        SourceException reading = await Assert.ThrowsAsync<SourceException>(() => bench.Jobs.FindAsync(bench.Application, default));
        Assert.Contains("Synchronization.Read.All", reading.Message, StringComparison.Ordinal);
    }
}

/// <summary>A tenant with an application that can be provisioned.</summary>
internal sealed class HostedBench : IAsyncDisposable
{
    private readonly EntraBench _bench = new();

    public StandInGraph Graph => _bench.Graph;

    public SynchronizationBehavior Behavior => Graph.Behavior.Synchronization;

    public StandInSynchronization Service => Graph.Directory.Synchronization.Of(_bench.Application);

    public EntraApplication Application => new(_bench.Application.Id, _bench.Application.AppId, _bench.Application.DisplayName);

    public SkippingTime Time => _bench.Time;

    public EntraDirectory Entra => _bench.Entra;

    public HostedJobs Jobs => new(_bench.Entra);

    public static SecureString GoodToken() => Secret(StandInSynchronization.GoodToken);

    public static SecureString Secret(string text)
    {
        var secret = new SecureString();
        foreach (char c in text)
            secret.AppendChar(c);
        return secret;
    }

    public static HostedJobRequest Request(HostedSettingsChange? settings = null) =>
        new() { Token = GoodToken(), Settings = settings ?? new HostedSettingsChange() };

    /// <summary>Requests that are no GET.</summary>
    public string[] Writes() => [.. Graph.Requests.Where(request => !request.StartsWith("GET ", StringComparison.Ordinal))];

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
