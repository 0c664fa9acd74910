using System.Text.Json.Nodes;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Entra.Tests;

/// <summary>A TravelPerk and a job that fills it from the tenant of a fixture, over two real sockets.</summary>
internal sealed class CycleTarget : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("entra-cycle-").FullName;
    private readonly TravelPerkSandbox _sandbox = TravelPerkSandbox.Start(new SandboxOptions());
    private readonly ScimCredential _credential;
    private readonly ScimClient _client;
    private readonly FailingNetwork _network = new();
    private readonly ProvisioningJob _job;
    private readonly EntraFixture _fixture;

    public CycleTarget(EntraFixture fixture)
    {
        _fixture = fixture;
        using System.Security.SecureString key = _sandbox.GetApiKey();
        _credential = ScimCredential.ApiKey(key);
        _client = new ScimClient(
            new ScimClientOptions
            {
                BaseUri = _sandbox.BaseUri,
                Handler = _network,
                MaxRetries = 0,
            },
            _credential
        );
        _job = ProvisioningJob.Create(
            Path.Combine(_folder, "job"),
            new JobSettings
            {
                Source = new JobSource(JobSourceType.Entra, TenantId: "contoso.com", Application: fixture.Application.Id),
                Target = _sandbox.BaseUri,
                DeleteThreshold = 1000,
                DeleteThresholdShare = 1,
            },
            SynchronizationSchema.Default
        );
    }

    public long Requests => _client.RequestCount;

    /// <summary>Time between two cycles.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(40);

    /// <summary>Departures in one cycle above which they are staged.</summary>
    public int DeleteThreshold
    {
        set => _job.Save(_job.Settings with { DeleteThreshold = value });
    }

    public void DeletesFail(int times) => _network.Remaining = times;

    /// <summary>No write reaches TravelPerk.</summary>
    public bool IsDown
    {
        set => _network.IsDown = value;
    }

    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>A cycle; every operation succeeds, and what is staged is approved.</summary>
    public async Task RunApprovedAsync()
    {
        List<ProvisioningOutcome> outcomes = await RunAsync();
        Assert.All(
            outcomes,
            outcome =>
                Assert.True(
                    outcome.Status is OutcomeStatus.Success or OutcomeStatus.Staged,
                    $"{outcome.Action} {outcome.Identity}: {outcome.Reason}"
                )
        );
        // When no user is entitled any more, every disable waits for an approval.
        if (outcomes.Find(outcome => outcome.Status == OutcomeStatus.Staged) is { } staged)
        {
            Assert.DoesNotContain(
                await RunAsync(new CycleOptions { ApproveCycle = staged.CycleId }),
                outcome => outcome.Status == OutcomeStatus.Failure
            );
        }
    }

    /// <summary>One cycle, some time after the one before.</summary>
    public async Task<List<ProvisioningOutcome>> RunAsync(CycleOptions? options = null)
    {
        _fixture.Time.Advance(Interval);
        options = (options ?? new CycleOptions()) with { Time = new CycleClock(_fixture.Time) };
        // As a command does: each cycle has a source of its own.
        var engine = new ProvisioningEngine(_job, _client, _fixture.Source);
        ProvisioningPlan plan = await engine.PlanAsync(options, default);
        Warnings = plan.Warnings;
        var outcomes = new List<ProvisioningOutcome>();
        await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, options, default))
            outcomes.Add(outcome);
        return outcomes;
    }

    /// <summary>The operations of the next cycle, for review.</summary>
    public async Task<IReadOnlyList<ProvisioningOperation>> PlanAsync()
    {
        var options = new CycleOptions { Time = new CycleClock(_fixture.Time) };
        return (await new ProvisioningEngine(_job, _client, _fixture.Source).PlanAsync(options, default)).Operations;
    }

    public Task<List<ProvisioningOutcome>> ProvideAsync(params string[] identities) =>
        RunAsync(new CycleOptions { Identities = identities });

    public JsonObject? User(StandInUser user) => _sandbox.Users.FirstOrDefault(one => (string?)one["externalId"] == user.Id);

    public bool IsActive(StandInUser user) => (bool?)User(user)?["active"] is true;

    /// <summary>Active users: source id, userName, title, and the source id of an active manager.</summary>
    public List<string> Active()
    {
        List<JsonObject> users = [.. _sandbox.Users.Where(u => (bool)u["active"]!)];
        var anchors = users.ToDictionary(u => (string)u["id"]!, u => (string)u["externalId"]!);
        return
        [
            .. users
                .Select(u =>
                    $"{u["externalId"]} {u["userName"]} {u["title"]} "
                    + $"{anchors.GetValueOrDefault((string?)u[TravelPerkSchema.EnterpriseUser]?["manager"]?["value"] ?? "")}"
                )
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>All users: source id, and whether the user is active.</summary>
    public IEnumerable<string> Everyone() =>
        _sandbox.Users.Select(user => $"{user["externalId"]} {user["active"]}").Order(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _network.Dispose();
        _credential.Dispose();
        await _sandbox.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Answers some deletes with 422, and lets no write through while it is down.</summary>
    private sealed class FailingNetwork() : DelegatingHandler(new SocketsHttpHandler())
    {
        public int Remaining { get; set; }

        public bool IsDown { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            IsDown && request.Method != HttpMethod.Get ? throw new HttpRequestException(HttpRequestError.ConnectionError)
            : request.Method == HttpMethod.Delete && Remaining-- > 0
                ? Task.FromResult(
                    new HttpResponseMessage(System.Net.HttpStatusCode.UnprocessableEntity) { Content = new StringContent("{}") }
                )
            : base.SendAsync(request, cancellationToken);
    }

    /// <summary>The date of the fixture, with timers that work.</summary>
    private sealed class CycleClock(TimeProvider fixture) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => fixture.GetUtcNow();
    }
}
