using System.Net;
using System.Security;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

public class CycleSignInTests
{
    private const int Users = 300;
    private static readonly HttpClient s_browser = new(new SocketsHttpHandler { UseProxy = false });

    // Each request takes a quarter of a second of the clock that tokens live by, so that a token lasts for some 40 of the 300.
    [Fact]
    public async Task A_cycle_outlives_its_access_tokens()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero));
        // The clock moves with each answer, so a token would end for a request that many others overtake.
        await using var fixture = new CycleFixture(
            new SandboxOptions { TimeProvider = time, AccessTokenLifetime = TimeSpan.FromSeconds(10) },
            settings: s => s with { Concurrency = 8 }
        );
        for (int i = 1; i <= Users; i++)
            fixture.Add(i);
        using OAuthCredential credential = await SignInAsync(fixture.Sandbox, time);
        using var client = new ScimClient(
            new ScimClientOptions { BaseUri = fixture.Sandbox.BaseUri, Trace = _ => time.Advance(TimeSpan.FromSeconds(0.25)) },
            credential
        );
        ProvisioningPlan plan = await fixture.PlanAsync();

        List<ProvisioningOutcome> outcomes = await ApplyAsync(fixture, client, plan);

        Assert.Equal(Users, outcomes.Count(o => o.Status == OutcomeStatus.Success));
        Assert.Equal(Users, fixture.Sandbox.UserCount);
        int renewals = fixture.Sandbox.RequestLog.Count(entry => entry.Path == fixture.Sandbox.TokenUri.AbsolutePath) - 1;
        // 75 seconds of requests, nine seconds of each token: one renewal for each, and never one for each of the requests that waited.
        Assert.InRange(renewals, 7, 10);
        Assert.Equal(CycleState.Succeeded, fixture.LastCycle.State);
    }

    [Fact]
    public async Task A_sign_in_revoked_in_mid_cycle_is_one_clear_error_and_the_next_cycle_goes_on()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= Users; i++)
            fixture.Add(i);
        using OAuthCredential credential = await SignInAsync(fixture.Sandbox, TimeProvider.System);
        int served = 0;
        using var client = new ScimClient(new ScimClientOptions { BaseUri = fixture.Sandbox.BaseUri, Trace = Count }, credential);
        ProvisioningPlan plan = await fixture.PlanAsync();

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => ApplyAsync(fixture, client, plan));

        Assert.Equal("OAuthRefreshRefused", error.ErrorId);
        Assert.Equal(CycleState.Failed, fixture.LastCycle.State);
        Assert.Equal(2, fixture.Sandbox.RequestLog.Count(entry => entry.Path == fixture.Sandbox.TokenUri.AbsolutePath));
        int created = fixture.Sandbox.UserCount;
        Assert.InRange(created, 50, Users - 1);
        await fixture.RunAsync();
        Assert.Equal(Users, fixture.Sandbox.UserCount);

        void Count(ScimRequestTrace request)
        {
            if (request.Status == HttpStatusCode.Created && Interlocked.Increment(ref served) == 50)
                fixture.Sandbox.RevokeTokens();
        }
    }

    private static async Task<OAuthCredential> SignInAsync(TravelPerkSandbox sandbox, TimeProvider time)
    {
        using SecureString secret = sandbox.GetClientSecret();
        var options = new OAuthOptions
        {
            Endpoints = OAuthEndpoints.For(sandbox.BaseUri),
            ClientId = sandbox.ClientId,
            ClientSecret = secret,
            TimeProvider = time,
        };
        return await OAuthSignIn.AuthorizeAsync(options, Open, CancellationToken.None);
    }

    private static Task Open(Uri address)
    {
        _ = s_browser.GetAsync(address);
        return Task.CompletedTask;
    }

    private static async Task<List<ProvisioningOutcome>> ApplyAsync(CycleFixture fixture, ScimClient client, ProvisioningPlan plan)
    {
        var outcomes = new List<ProvisioningOutcome>();
        await foreach (
            ProvisioningOutcome outcome in new ProvisioningEngine(fixture.Job, client).ApplyAsync(
                plan,
                new CycleOptions { Time = fixture.Time },
                default
            )
        )
        {
            outcomes.Add(outcome);
        }
        return outcomes;
    }
}
