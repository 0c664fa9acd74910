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
        await using var fixture = new HostedFixture();

        HostedJob job = await fixture.Jobs.MakeAsync(
            fixture.Application,
            HostedFixture.Request(new HostedSettingsChange { NotificationEmail = "it@contoso.com", DeleteThreshold = 20 }),
            default
        );
        HostedJob again = await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);

        Assert.Equal(job.Id, again.Id);
        Assert.Single(fixture.Service.Jobs);
        Assert.Equal(
            ("TravelPerk", "travelperk", HostedJobStatus.NotConfigured, null),
            (job.Application, job.Template, job.Status, job.Interval)
        );
        string[] writes = fixture.Writes();
        Assert.EndsWith("/jobs/validateCredentials", writes[0], StringComparison.Ordinal);
        Assert.StartsWith("PUT ", writes[1], StringComparison.Ordinal);
        Assert.EndsWith("/synchronization/jobs", writes[2], StringComparison.Ordinal);
        Assert.Equal("https://app.travelperk.com/api/v2/scim", fixture.Service.Secrets["BaseAddress"]);
        Assert.Equal(StandInSynchronization.GoodToken, fixture.Service.Secrets["SecretToken"]);
        Assert.Equal(("false", "false"), (fixture.Service.Secrets["SyncAll"], fixture.Service.Secrets["SkipOutOfScopeDeletions"]));
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
    public async Task A_token_that_travelperk_refuses_saves_nothing_and_is_shown_nowhere()
    {
        await using var fixture = new HostedFixture();

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() =>
            fixture.Jobs.MakeAsync(fixture.Application, new HostedJobRequest { Token = HostedFixture.Secret("wr0ng-canary") }, default)
        );

        Assert.Equal("EntraCredentialsRefused", failure.ErrorId);
        Assert.DoesNotContain("wr0ng-canary", failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(fixture.Service.Jobs);
        Assert.Empty(fixture.Service.Secrets);
    }

    [Theory]
    [InlineData(2, 0, 0, 0)]
    [InlineData(1, 3, 0, 0)]
    [InlineData(0, 0, 6, 0)]
    [InlineData(0, 0, 0, 1)]
    [InlineData(1, 1, 4, 1)]
    public async Task Graphs_refusals_of_new_applications_are_waited_out(int forbidden, int conflicts, int unseen, int lost)
    {
        await using var fixture = new HostedFixture();
        (fixture.Behavior.ForbiddenFirst, fixture.Behavior.ConflictFirst, fixture.Behavior.JobUnseenFor, fixture.Behavior.LoseAnswers) = (
            forbidden,
            conflicts,
            unseen,
            lost
        );

        HostedJob job = await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);
        await fixture.Jobs.StartAsync(job, default);

        Assert.Equal(HostedJobStatus.On, (await fixture.Jobs.RefreshAsync(job, default)).Status);
        Assert.Single(fixture.Service.Jobs);
    }

    [Fact]
    public async Task Interrupted_after_any_request_and_run_again_it_ends_in_the_same_state()
    {
        int requests = 100;
        for (int at = 1; at <= requests; at++)
        {
            await using var fixture = new HostedFixture();
            fixture.Behavior.JobUnseenFor = 4;
            using var stop = new CancellationTokenSource();
            fixture.Graph.BeforeAnswer = (number, _) =>
            {
                if (number == at)
                    stop.Cancel();
            };
            try
            {
                await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), stop.Token);
                requests = fixture.Graph.Requests.Count;
            }
            catch (OperationCanceledException)
            {
                // As by Ctrl+C.
            }
            await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);

            Assert.Single(fixture.Service.Jobs);
            Assert.Equal(StandInSynchronization.GoodToken, fixture.Service.Secrets["SecretToken"]);
        }
        Assert.InRange(requests, 8, 40);
    }

    [Fact]
    public async Task An_application_without_a_template_cannot_be_provisioned()
    {
        await using var fixture = new HostedFixture();
        fixture.Service.Templates.Clear();

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() =>
            fixture.Jobs.MakeAsync(fixture.Application, new HostedJobRequest(), default)
        );

        Assert.Equal("EntraTemplateMissing", failure.ErrorId);
        Assert.Empty(fixture.Writes());
    }

    [Fact]
    public async Task It_starts_stops_restarts_and_is_removed()
    {
        await using var fixture = new HostedFixture();
        HostedJob job = await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);
        int cycles = 0;
        fixture.Service.Cycle = _ => cycles++;

        await fixture.Jobs.StartAsync(job, default);
        HostedJob started = await fixture.Jobs.RefreshAsync(job, default);
        await fixture.Jobs.RestartAsync(job, HostedRestart.Default, default);
        await fixture.Jobs.RestartAsync(job, HostedRestart.Escrows | HostedRestart.QuarantineState, default);
        await fixture.Jobs.RestartAsync(job, HostedRestart.Full, default);
        await fixture.Jobs.RestartAsync(job, HostedRestart.ForceDeletes, default);
        await fixture.Jobs.StopAsync(job, default);

        Assert.Equal((HostedJobStatus.On, TimeSpan.FromMinutes(40)), (started.Status, started.Interval));
        Assert.Equal(["", "Escrows, QuarantineState", "Full", "ForceDeletes"], fixture.Service.Jobs[0].Restarts);
        Assert.Equal(5, cycles);
        Assert.Equal(HostedJobStatus.Off, (await fixture.Jobs.RefreshAsync(job, default)).Status);
        await fixture.Jobs.RemoveAsync(job, default);
        Assert.Empty(await fixture.Jobs.FindAsync(fixture.Application, default));
    }

    [Fact]
    public async Task A_change_keeps_the_other_settings_and_never_writes_the_star()
    {
        await using var fixture = new HostedFixture();
        HostedJob job = await fixture.Jobs.MakeAsync(
            fixture.Application,
            HostedFixture.Request(new HostedSettingsChange { NotificationEmail = "it@contoso.com", DeleteThreshold = 7 }),
            default
        );

        SourceException refused = await Assert.ThrowsAsync<SourceException>(() =>
            fixture.Jobs.ChangeAsync(job, new HostedSettingsChange { Scope = HostedScope.All }, null, default)
        );
        Assert.Equal("EntraCredentialsWouldBeLost", refused.ErrorId);
        Assert.Equal(StandInSynchronization.GoodToken, fixture.Service.Secrets["SecretToken"]);

        Assert.True(
            await fixture.Jobs.ChangeAsync(
                job,
                new HostedSettingsChange { Scope = HostedScope.All, SkipOutOfScopeDeletions = true },
                HostedFixture.GoodToken(),
                default
            )
        );
        HostedSettings settings = (await fixture.Jobs.RefreshAsync(job, default)).Settings!;

        Assert.Equal(
            ("it@contoso.com", 7, HostedScope.All, true),
            (settings.NotificationEmail, settings.DeleteThreshold, settings.Scope, settings.SkipOutOfScopeDeletions)
        );
        Assert.DoesNotContain("*", fixture.Service.Secrets.Values);
        Assert.True(settings.CredentialsSaved);
    }

    [Fact]
    public async Task Before_an_authorization_settings_are_written_freely_and_unchanged_settings_are_not_written()
    {
        await using var fixture = new HostedFixture();
        fixture.Behavior.NeededSecrets = ["SyncNotificationSettings", "SyncAll"];
        HostedJob job = await fixture.Jobs.MakeAsync(fixture.Application, new HostedJobRequest(), default);

        Assert.True(await fixture.Jobs.ChangeAsync(job, new HostedSettingsChange { NotificationEmail = "a@b.com" }, null, default));
        Assert.True(await fixture.Jobs.ChangeAsync(job, new HostedSettingsChange { DeleteThreshold = 0 }, null, default));
        Assert.True(await fixture.Jobs.ChangeAsync(job, new HostedSettingsChange { NotificationEmail = "" }, null, default));
        HostedSettings settings = (await fixture.Jobs.RefreshAsync(job, default)).Settings!;
        Assert.Equal((null, null, false), (settings.NotificationEmail, settings.DeleteThreshold, settings.CredentialsSaved));

        fixture.Service.Authorize();
        fixture.Graph.ForgetRequests();
        fixture.Service.Secrets.Remove("SyncAll");
        Assert.Equal(job.Id, (await fixture.Jobs.MakeAsync(fixture.Application, new HostedJobRequest(), default)).Id);
        Assert.False(await fixture.Jobs.ChangeAsync(job, new HostedSettingsChange { NotificationEmail = "" }, null, default));
        Assert.Empty(fixture.Writes());
    }

    [Fact]
    public async Task Authorization_is_waited_for_and_given_up_in_time()
    {
        await using var fixture = new HostedFixture();
        HostedJob job = await fixture.Jobs.MakeAsync(fixture.Application, new HostedJobRequest(), default);

        SourceException late = await Assert.ThrowsAsync<SourceException>(() =>
            fixture.Jobs.WaitForAuthorizationAsync(job, TimeSpan.FromMinutes(1), default)
        );
        int asked = 0;
        fixture.Graph.BeforeAnswer = (_, path) =>
        {
            if (path.EndsWith("validateCredentials", StringComparison.Ordinal) && ++asked == 4)
                fixture.Service.Authorize();
        };
        await fixture.Jobs.WaitForAuthorizationAsync(job, TimeSpan.FromMinutes(5), default);

        Assert.Equal("EntraNotAuthorized", late.ErrorId);
        Assert.Equal(4, asked);
        Assert.True((await fixture.Jobs.TestAsync(job, null, null, default)).Success);
        CredentialTest given = await fixture.Jobs.TestAsync(job, null, HostedFixture.Secret("wr0ng-canary"), default);
        Assert.False(given.Success);
        Assert.Contains("CredentialValidationUnavailable", given.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", given.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_quarantine_and_the_last_cycle_are_described_in_words()
    {
        await using var fixture = new HostedFixture();
        await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);
        StandInJob job = fixture.Service.Jobs[0];
        (job.Code, job.Schedule) = ("Quarantine", "Active");
        job.LastExecution = (JsonObject)
            JsonNode.Parse(
                """{"state":"EntryLevelErrors","timeBegan":"2026-11-01T10:00:00Z","timeEnded":"2026-11-01T10:02:00Z","countImported":12,"countExported":3,"countEscrowed":2,"countEntitled":11,"error":null}"""
            )!;
        job.Quarantine = (JsonObject)
            JsonNode.Parse(
                """{"reason":"TooManyDeletes","currentBegan":"2026-11-01T10:02:00Z","nextAttempt":"2026-11-01T16:02:00Z","seriesBegan":"0001-01-01T00:00:00Z","seriesCount":1,"error":{"code":"X","message":"Y","tenantActionable":true}}"""
            )!;

        HostedJob found = Assert.Single(await fixture.Jobs.FindAsync(fixture.Application, default));

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
    public void A_person_is_asked_for_the_permissions_of_hosted_jobs_and_an_application_is_not()
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
        await using var fixture = new HostedFixture();
        HostedJob job = await fixture.Jobs.MakeAsync(fixture.Application, HostedFixture.Request(), default);
        fixture.Graph.Behavior.Denied.Add("Synchronization.ReadWrite.All");

        SourceException writing = await Assert.ThrowsAsync<SourceException>(() => fixture.Jobs.StopAsync(job, default));
        Assert.Equal("EntraPermissionMissing", writing.ErrorId);
        Assert.Contains("Synchronization.ReadWrite.All", writing.Message, StringComparison.Ordinal);
        Assert.Single(await fixture.Jobs.FindAsync(fixture.Application, default));

        fixture.Graph.Behavior.Denied.Add("Synchronization.Read.All");
        SourceException reading = await Assert.ThrowsAsync<SourceException>(() => fixture.Jobs.FindAsync(fixture.Application, default));
        Assert.Contains("Synchronization.Read.All", reading.Message, StringComparison.Ordinal);
    }
}

/// <summary>A tenant with an application that can be provisioned.</summary>
internal sealed class HostedFixture : IAsyncDisposable
{
    private readonly EntraFixture _fixture = new();

    public StandInGraph Graph => _fixture.Graph;

    public SynchronizationBehavior Behavior => Graph.Behavior.Synchronization;

    public StandInSynchronization Service => Graph.Directory.Synchronization.Of(_fixture.Application);

    public EntraApplication Application => new(_fixture.Application.Id, _fixture.Application.AppId, _fixture.Application.DisplayName);

    public SkippingTime Time => _fixture.Time;

    public EntraDirectory Entra => _fixture.Entra;

    public HostedJobs Jobs => new(_fixture.Entra);

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

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();
}
