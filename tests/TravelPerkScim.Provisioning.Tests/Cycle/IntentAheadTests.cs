using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Intents that are written long before their operations are sent, as a few slow workers do.</summary>
public sealed class IntentAheadTests
{
    private const int People = 60;

    [Theory]
    [InlineData("renamed")]
    [InlineData("disabled")]
    public async Task A_create_that_was_sent_a_minute_ago_is_not_given_up_because_its_intent_was_written_ten_minutes_ahead(string meanwhile)
    {
        var service = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero));
        using var network = new KillSwitch();
        using var slow = new Slow(network);
        await using var fixture = new CycleFixture(
            options: new SandboxOptions { TimeProvider = service },
            settings: s => s with { Concurrency = 1 },
            client: c => c with { Handler = slow, MaxRetries = 0 }
        );
        fixture.Add(100);
        await fixture.RunAsync();
        service.Advance(TimeSpan.FromHours(1));
        fixture.Time.Advance(TimeSpan.FromHours(1));
        for (int number = 1; number <= People; number++)
            fixture.Add(number);
        // A created user is invisible for five minutes: half of the time that the resolver allows.
        fixture.Sandbox.SetBehavior(SandboxBehavior.CreatedInvisible, on: true, number: 300);

        slow.Posted = number =>
        {
            if (number == People)
                network.Arm(1, carriedOut: true, fixture.Job.Path);
        };
        slow.Answered = () =>
        {
            // Ten seconds for each create, as where a rate limit holds them back.
            service.Advance(TimeSpan.FromSeconds(10));
            fixture.Time.Advance(TimeSpan.FromSeconds(10));
        };
        Plan.ProvisioningPlan plan = await fixture.PlanAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.ApplyAsync(plan));
        Assert.True(network.Killed);
        slow.Posted = null;
        slow.Answered = null;
        network.Restart();
        string last = fixture.Sandbox.Users.Select(user => (string)user["userName"]!).Last(name => name != "user100@example.com");
        Assert.Equal(People + 1, fixture.Sandbox.UserCount);

        // Another worker goes on within a minute, and the newcomer whose create was cut off has another name or is disabled by then.
        service.Advance(TimeSpan.FromSeconds(50));
        fixture.Time.Advance(TimeSpan.FromSeconds(50));
        System.Text.Json.Nodes.JsonObject newcomer = fixture.People.Single(person => (string)person["userPrincipalName"]! == last);
        if (meanwhile == "renamed")
            newcomer["userPrincipalName"] = "renamed@example.com";
        else
            newcomer["accountEnabled"] = false;
        await fixture.RunAsync();
        Assert.Equal(People + 1, fixture.Sandbox.UserCount);

        // The user is visible by now, and the intent says whom to look for.
        service.Advance(TimeSpan.FromMinutes(20));
        fixture.Time.Advance(TimeSpan.FromMinutes(20));
        await fixture.RunAsync();
        Assert.Equal(People + 1, fixture.Sandbox.UserCount);
        if (meanwhile == "disabled")
            Assert.False((bool)fixture.Target[last]["active"]!);
    }

    private sealed class Slow(KillSwitch network) : DelegatingHandler(network)
    {
        private int _posts;

        public Action<int>? Posted { get; set; }

        public Action? Answered { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bool post = request.Method == HttpMethod.Post && Posted is not null;
            if (post)
                Posted!(++_posts);
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            finally
            {
                if (post)
                    Answered?.Invoke();
            }
        }
    }
}
