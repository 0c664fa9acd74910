using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Schema;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A cycle with every kind of write is killed at each of its requests, before or after the server got it. Whatever happens to the
/// people meanwhile, the next cycles end in the right state.</summary>
public sealed class KilledCycleTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    public enum Meanwhile
    {
        /// <summary>The source is as it was.</summary>
        Nothing,

        /// <summary>Those who were being created are no longer listed.</summary>
        NewcomersVanish,

        /// <summary>Those who were being created are disabled.</summary>
        NewcomersAreDisabled,

        /// <summary>Those who were being created have another userName.</summary>
        NewcomersAreRenamed,

        /// <summary>Changed users are as they were before the change.</summary>
        ChangesAreTakenBack,
    }

    public static TheoryData<Meanwhile, bool, int> Cases()
    {
        var cases = new TheoryData<Meanwhile, bool, int>();
        foreach (Meanwhile meanwhile in Enum.GetValues<Meanwhile>())
        {
            foreach (bool carriedOut in new[] { false, true })
            {
                foreach (int concurrency in new[] { 1, 4 })
                    cases.Add(meanwhile, carriedOut, concurrency);
            }
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Killed_at_any_request_the_next_cycles_lose_double_and_wrongly_disable_no_user(
        Meanwhile meanwhile,
        bool carriedOut,
        int concurrency
    )
    {
        for (int request = 1; await KilledAtAsync(request, carriedOut, concurrency, meanwhile).WaitAsync(s_bound); request++) { }
    }

    [Fact]
    public async Task A_create_that_was_carried_out_is_found_also_where_no_externalId_is_mapped()
    {
        using var network = new KillSwitch();
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Remove("externalId");
        await using var fixture = new CycleFixture(
            settings: s => s with { Concurrency = 1 },
            mapping: mapping,
            client: c => c with { Handler = network, MaxRetries = 0 }
        );
        fixture.Add(1);
        fixture.Add(2);
        ProvisioningPlan plan = await fixture.PlanAsync();
        network.Arm(1, carriedOut: true, fixture.Job.Path);
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.ApplyAsync(plan));
        network.Restart();

        fixture.People[0]["userPrincipalName"] = "renamed1@example.com";
        await fixture.RunAsync();

        Assert.Equal(["renamed1@example.com", "user2@example.com"], fixture.Target.Keys.Order());
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_matched_user_whose_first_update_was_cut_off_stays_theirs_also_where_no_externalId_is_mapped()
    {
        using var network = new KillSwitch();
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Remove("externalId");
        await using var fixture = new CycleFixture(mapping: mapping, client: c => c with { Handler = network, MaxRetries = 0 });
        Existing(fixture, "user1@example.com");
        fixture.Add(1);
        await KillAsync(fixture, network, carriedOut: false);

        fixture.People[0]["userPrincipalName"] = "renamed1@example.com";
        await fixture.RunAsync();

        Assert.Equal(["renamed1@example.com"], fixture.Target.Keys);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_create_that_was_carried_out_is_found_by_its_externalId_where_pages_cannot_be_walked()
    {
        using var network = new KillSwitch();
        await using CycleFixture fixture = await CreateCutOffAsync(network);
        fixture.People[0]["userPrincipalName"] = "renamed1@example.com";
        await fixture.RunAsync();

        Assert.Equal(["renamed1@example.com", "stranger@example.com"], fixture.Target.Keys.Order());
    }

    [Fact]
    public async Task A_create_that_may_have_been_carried_out_under_another_name_is_not_sent_again_before_that_is_known()
    {
        using var network = new KillSwitch();
        await using CycleFixture fixture = await CreateCutOffAsync(network);
        fixture.Sandbox.SetBehavior(SandboxBehavior.FilterMisses, on: true);
        fixture.People[0]["userPrincipalName"] = "renamed1@example.com";
        Assert.Equal("CreateUnresolved", Assert.Single(await fixture.RunAsync()).ErrorCode);
        Assert.Equal(["stranger@example.com", "user1@example.com"], fixture.Target.Keys.Order());

        fixture.Sandbox.SetBehavior(SandboxBehavior.StartIndexIgnored, on: false);
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        await fixture.RunAsync();
        Assert.Equal(["renamed1@example.com", "stranger@example.com"], fixture.Target.Keys.Order());
    }

    [Fact]
    public async Task A_create_of_unknown_outcome_is_not_given_up_for_what_another_companys_TravelPerk_lacks()
    {
        using var network = new KillSwitch();
        await using var fixture = new CycleFixture(
            settings: s => s with { DeleteThresholdShare = 1 },
            client: c => c with { Handler = network, MaxRetries = 0 }
        );
        fixture.Add(2);
        fixture.Add(3);
        await fixture.RunAsync();
        fixture.Add(1);
        await KillAsync(fixture, network, carriedOut: true);
        fixture.People.RemoveAt(2);
        fixture.Time.Advance(TimeSpan.FromMinutes(11));
        await fixture.SaveAsync();
        using System.Security.SecureString key = fixture.Sandbox.AddCompany().GetApiKey();
        using var credential = ScimCredential.ApiKey(key);
        using (var other = new ScimClient(new ScimClientOptions { BaseUri = fixture.Sandbox.BaseUri }, credential))
        {
            var engine = new ProvisioningEngine(fixture.Job, other);
            var options = new CycleOptions { Time = fixture.Time };
            ProvisioningPlan plan = await engine.PlanAsync(options, default);
            Assert.Contains("could not be verified", Assert.Single(plan.Warnings), StringComparison.Ordinal);
            await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, options, default))
                Assert.Fail($"{outcome.Action} {outcome.Identity}");
        }

        await fixture.RunAsync();

        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
    }

    [Fact]
    public async Task An_equal_name_alone_disables_no_user()
    {
        using var network = new KillSwitch();
        await using var fixture = new CycleFixture(
            settings: s => s with { DeleteThresholdShare = 1 },
            client: c => c with { Handler = network, MaxRetries = 0 }
        );
        fixture.Add(2);
        await fixture.RunAsync();
        fixture.AddStranger("user1@example.com");
        fixture.Sandbox.SetBehavior(SandboxBehavior.FilterMisses, on: true);
        fixture.Add(1);
        await KillAsync(fixture, network, carriedOut: false);

        fixture.Sandbox.SetBehavior(SandboxBehavior.FilterMisses, on: false);
        fixture.People.RemoveAt(1);

        Assert.Empty(await fixture.RunAsync());
        Assert.True((bool)fixture.Target["user1@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_takeover_that_was_cut_off_belongs_to_the_new_account()
    {
        using var network = new KillSwitch();
        await using var fixture = new CycleFixture(client: c => c with { Handler = network, MaxRetries = 0 });
        LiveDirectory directory = await fixture.LiveAsync(2);
        directory.Delete(1);
        directory.Expired = true;
        directory.Set(3, userPrincipalName: "user1@example.com");
        await KillAsync(fixture, network, carriedOut: false);

        directory.Set(3, userPrincipalName: "user1@example.com", enabled: false);
        await fixture.RunAsync();

        Assert.False(fixture.Target.TryGetValue("user1@example.com", out JsonObject? user) && (bool)user["active"]!);
        Assert.Empty(await fixture.RunAsync());
    }

    /// <summary>User 1 was created by a cycle that was killed before it knew; afterwards no list of all users can be had.</summary>
    private static async Task<CycleFixture> CreateCutOffAsync(KillSwitch network)
    {
        var fixture = new CycleFixture(new() { PageCap = 1 }, client: c => c with { Handler = network, MaxRetries = 0 });
        Existing(fixture, "stranger@example.com");
        fixture.Add(1);
        await KillAsync(fixture, network, carriedOut: true);
        fixture.Sandbox.SetBehavior(SandboxBehavior.StartIndexIgnored, on: true);
        network.RefusesRanges = true;
        return fixture;
    }

    private static async Task KillAsync(CycleFixture fixture, KillSwitch network, bool carriedOut)
    {
        ProvisioningPlan plan = await fixture.PlanAsync();
        network.Arm(1, carriedOut, fixture.Job.Path);
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.ApplyAsync(plan));
        network.Restart();
    }

    /// <summary>False when the cycle has fewer requests than that.</summary>
    /// <param name="request">The request at which the cycle is killed; 1 for the first.</param>
    /// <param name="carriedOut">Whether the service gets that request.</param>
    /// <param name="concurrency">Requests at once.</param>
    /// <param name="meanwhile">What happens to the people before the next cycle.</param>
    /// <param name="keep">Gives the job another store than a file, and says how a kill cuts the process off.</param>
    /// <returns>False where the cycle had fewer requests.</returns>
    internal static async Task<bool> KilledAtAsync(
        int request,
        bool carriedOut,
        int concurrency,
        Meanwhile meanwhile,
        Action<ProvisioningJob, KillSwitch>? keep = null
    )
    {
        using var network = new KillSwitch();
        await using var fixture = new CycleFixture(
            settings: s => s with { Concurrency = concurrency, DeleteThresholdShare = 1 },
            client: c => c with { Handler = network, MaxRetries = 0 }
        );
        keep?.Invoke(fixture.Job, network);
        for (int i = 1; i <= 8; i++)
            fixture.Add(i, manager: i == 1 ? null : 1);
        await fixture.RunAsync();
        fixture.People[7]["accountEnabled"] = false;
        await fixture.RunAsync();
        List<JsonNode> before = [.. fixture.People.Select(p => p.DeepClone())];
        Existing(fixture, "user11@example.com");
        Change(fixture);

        ProvisioningPlan plan = await fixture.PlanAsync();
        network.Arm(request, carriedOut, fixture.Job.Path);
        try
        {
            await fixture.ApplyAsync(plan);
        }
        catch (Exception e) when (network.Killed && e is ScimException or ProvisioningException) { }
        bool killed = network.Killed;
        network.Restart();

        MeanwhileIn(fixture, meanwhile, before);
        for (int cycle = 0; cycle < 2; cycle++)
        {
            await fixture.RunAsync();
            fixture.Time.Advance(TimeSpan.FromDays(1));
        }
        Check(fixture, $"request {request}");
        long requests = fixture.Sandbox.RequestCount;
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(requests, fixture.Sandbox.RequestCount);
        Assert.Equal(0, ProvisioningStatus.Read(fixture.Job).Escrowed);
        return killed;
    }

    private static void Existing(CycleFixture fixture, string userName) => fixture.AddStranger(userName, active: false);

    // Creates with managers inside, a circle of managers, an existing user, an update, a rename, a disable, an enable, a delete and an
    // absence.
    private static void Change(CycleFixture fixture)
    {
        List<JsonObject> people = fixture.People;
        people[1]["userPrincipalName"] = "renamed2@example.com";
        people[2]["jobTitle"] = "Head of Travel";
        people[3]["accountEnabled"] = false;
        people[6]["manager"] = new JsonObject { ["id"] = Id(9) };
        people[7]["accountEnabled"] = true;
        fixture.Add(9);
        fixture.Add(10, manager: 9);
        fixture.Add(11, manager: 9);
        fixture.Add(12, manager: 13);
        fixture.Add(13, manager: 12);
        people[4] = new JsonObject
        {
            ["id"] = Id(5),
            ["@removed"] = new JsonObject { ["reason"] = "deleted" },
        };
        people.RemoveAt(5);
    }

    private static void MeanwhileIn(CycleFixture fixture, Meanwhile meanwhile, List<JsonNode> before)
    {
        List<JsonObject> newcomers = fixture.People.FindAll(p => string.CompareOrdinal((string?)p["id"], Id(9)) >= 0);
        switch (meanwhile)
        {
            case Meanwhile.NewcomersVanish:
                fixture.People.RemoveAll(newcomers.Contains);
                break;
            case Meanwhile.NewcomersAreDisabled:
                newcomers.ForEach(p => p["accountEnabled"] = false);
                break;
            case Meanwhile.NewcomersAreRenamed:
                newcomers.ForEach(p => p["userPrincipalName"] = "new-" + (string?)p["userPrincipalName"]);
                break;
            case Meanwhile.ChangesAreTakenBack:
                fixture.People.Clear();
                fixture.People.AddRange(before.Select(p => p.DeepClone().AsObject()));
                break;
        }
        // A user who is no longer listed is no manager.
        HashSet<string?> listed = [.. fixture.People.Select(p => (string?)p["id"])];
        foreach (JsonObject person in fixture.People.Where(p => p["manager"] is { } m && !listed.Contains((string?)m["id"])))
            person["manager"] = new JsonObject { ["id"] = Id(1) };
    }

    private static void Check(CycleFixture fixture, string when)
    {
        List<JsonObject> users = [.. fixture.Sandbox.Users];
        ILookup<string, JsonObject> byAnchor = users.Where(u => u["externalId"] is not null).ToLookup(u => (string)u["externalId"]!);
        Assert.All(byAnchor, group => Assert.True(group.Count() == 1, $"{when}: {group.Key} exists {group.Count()} times"));
        List<JsonObject> active = fixture.People.FindAll(p => (bool?)p["accountEnabled"] == true);
        foreach (JsonObject person in active)
        {
            JsonObject? user = byAnchor[(string)person["id"]!].SingleOrDefault();
            Assert.True(user is not null, $"{when}: {person["userPrincipalName"]} is missing");
            Assert.Equal((string?)person["userPrincipalName"], (string?)user["userName"]);
            Assert.Equal((string?)person["jobTitle"], (string?)user["title"]);
            Assert.True((bool)user["active"]!, $"{when}: {person["userPrincipalName"]} was disabled");
            JsonObject? manager = person["manager"] is { } m ? byAnchor[(string)m["id"]!].SingleOrDefault() : null;
            if (manager is not null)
                Assert.Equal((string?)manager["id"], (string?)user[TravelPerkSchema.EnterpriseUser]?["manager"]?["value"]);
        }
        string?[] anchors = [.. active.Select(p => (string?)p["id"])];
        foreach (IGrouping<string, JsonObject> group in byAnchor.Where(g => !anchors.Contains(g.Key)))
            Assert.False((bool)group.Single()["active"]!, $"{when}: {group.Single()["userName"]} left and is still active");
        JsonNode? removed = fixture.People.Find(p => p["@removed"] is not null);
        if (removed is not null)
            Assert.False(byAnchor.Contains((string)removed["id"]!), $"{when}: {removed["id"]} was not deleted");
    }
}
