using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Every way a server can hurt its client, over an initial cycle, an idle one and one with every kind of change: no user is lost,
/// doubled or wrongly disabled. Each case mostly waits, so each <see cref="When"/> is a class, and the classes run beside each
/// other.</summary>
public abstract class HostileCycleTests
{
    private const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(100);

    protected enum When
    {
        /// <summary>From before the first cycle until after the changes.</summary>
        Always,

        /// <summary>From after a first cycle without it.</summary>
        Changes,

        /// <summary>From after the first cycle's plan: only its writes and look-ups meet it.</summary>
        FirstWrites,
    }

    public sealed class FromTheStart : HostileCycleTests
    {
        public static TheoryData<SandboxBehavior, SandboxBehavior?> Cases { get; } = CasesOf([.. s_alone, .. s_pairs]);

        [Theory]
        [MemberData(nameof(Cases))]
        public Task No_user_is_lost_doubled_or_wrongly_disabled(SandboxBehavior behavior, SandboxBehavior? second) =>
            RunAsync(behavior, second, When.Always);
    }

    public sealed class OverChanges : HostileCycleTests
    {
        public static TheoryData<SandboxBehavior, SandboxBehavior?> Cases { get; } = CasesOf(s_alone);

        [Theory]
        [MemberData(nameof(Cases))]
        public Task No_user_is_lost_doubled_or_wrongly_disabled(SandboxBehavior behavior, SandboxBehavior? second) =>
            RunAsync(behavior, second, When.Changes);
    }

    public sealed class OverTheFirstWrites : HostileCycleTests
    {
        public static TheoryData<SandboxBehavior, SandboxBehavior?> Cases { get; } =
            CasesOf([.. s_alone, .. s_pairs.Where(pair => pair.One == SandboxBehavior.AnswerLostAfterWrite)]);

        [Theory]
        [MemberData(nameof(Cases))]
        public Task No_user_is_lost_doubled_or_wrongly_disabled(SandboxBehavior behavior, SandboxBehavior? second) =>
            RunAsync(behavior, second, When.FirstWrites);
    }

    private static readonly (SandboxBehavior One, SandboxBehavior? Other)[] s_alone =
    [
        .. Enum.GetValues<SandboxBehavior>().Select(behavior => (behavior, (SandboxBehavior?)null)),
    ];

    private static readonly (SandboxBehavior One, SandboxBehavior? Other)[] s_pairs =
    [
        (SandboxBehavior.TooManyRequests, SandboxBehavior.RetryAfterDate),
        (SandboxBehavior.TooManyRequests, SandboxBehavior.RetryAfterMissing),
        (SandboxBehavior.AnswerLostAfterWrite, SandboxBehavior.CreatedInvisible),
        (SandboxBehavior.AnswerLostAfterWrite, SandboxBehavior.FilterMisses),
        (SandboxBehavior.ValuesNotKept, SandboxBehavior.PatchNoContent),
        (SandboxBehavior.ManagerObjectsNotKept, SandboxBehavior.PatchNoContent),
        (SandboxBehavior.PathValuesNotKept, SandboxBehavior.PathlessValuesNotKept),
        (SandboxBehavior.PathValuesNotKept, SandboxBehavior.PathlessPatchRejected),
        (SandboxBehavior.UnknownIdFails, SandboxBehavior.CreatedInvisible),
        (SandboxBehavior.InactiveHidden, SandboxBehavior.ConflictAsProblemJson),
        (SandboxBehavior.InactiveHidden, SandboxBehavior.ConflictWithoutScimType),
        (SandboxBehavior.FilterMisses, SandboxBehavior.ExternalIdUnique),
        (SandboxBehavior.FilterCaseSensitive, SandboxBehavior.UserNameLowercased),
        (SandboxBehavior.PageCapBelowRequested, SandboxBehavior.TotalResultsEqualsPageSize),
        (SandboxBehavior.PageCapBelowRequested, SandboxBehavior.PastEndRepeatsFirstPage),
        (SandboxBehavior.TotalResultsEqualsPageSize, SandboxBehavior.StartIndexIgnored),
        (SandboxBehavior.TotalResultsEqualsPageSize, SandboxBehavior.PastEndRepeatsFirstPage),
    ];

    private static TheoryData<SandboxBehavior, SandboxBehavior?> CasesOf((SandboxBehavior One, SandboxBehavior? Other)[] pairs)
    {
        TheoryData<SandboxBehavior, SandboxBehavior?> cases = [];
        foreach ((SandboxBehavior one, SandboxBehavior? other) in pairs)
            cases.Add(one, other);
        return cases;
    }

    private static async Task RunAsync(SandboxBehavior behavior, SandboxBehavior? second, When when)
    {
        await using var fixture = new CycleFixture(
            new() { PageCap = 5 },
            client: c => c with { MaxRetries = 2, MaxResponseBytes = 1 << 20 }
        );
        for (int i = 1; i <= 12; i++)
            fixture.Add(i, manager: i is 1 or 12 ? null : (i / 3) + 1);
        fixture.People[0].Remove("businessPhones");
        fixture.People[1]["jobTitle"] = "Geschäftsführer \U0001F600";
        Existing(fixture, "USER2@example.com", active: true);
        Existing(fixture, "user3@example.com", active: false);

        if (when == When.Always)
            Switch(on: true);
        if (when == When.FirstWrites)
            await AttemptAsync(fixture, betweenPlanAndApply: () => Switch(on: true));
        else
            await AttemptAsync(fixture);
        if (when == When.FirstWrites)
            await SettleAsync(fixture, () => Switch(on: false));
        await AttemptAsync(fixture);
        if (when == When.Changes)
            Switch(on: true);
        Dictionary<string, string> ids = Ids(fixture);

        Change(fixture);
        await AttemptAsync(fixture);
        fixture.Time.Advance(TimeSpan.FromHours(1));
        await AttemptAsync(fixture);
        await SettleAsync(fixture, () => Switch(on: false));

        foreach ((string person, string id) in Ids(fixture))
            Assert.Equal(ids.GetValueOrDefault(person, id), id);

        void Switch(bool on)
        {
            foreach (SandboxBehavior b in new SandboxBehavior?[] { behavior, second }.OfType<SandboxBehavior>())
                fixture.Sandbox.SetBehavior(b, on, Number(b));
        }
    }

    private static int? Number(SandboxBehavior behavior) =>
        behavior switch
        {
            SandboxBehavior.CreatedInvisible or SandboxBehavior.SlowHeaders => 1,
            SandboxBehavior.PageCapBelowRequested or SandboxBehavior.TooManyRequests => 2,
            SandboxBehavior.AnswerLostAfterWrite => 4,
            SandboxBehavior.TokenExpires => 9,
            SandboxBehavior.EnormousBody => 2,
            _ => null,
        };

    private static void Existing(CycleFixture fixture, string userName, bool active) => fixture.AddStranger(userName, active: active);

    private static void Change(CycleFixture fixture)
    {
        List<JsonObject> people = fixture.People;
        people[0]["businessPhones"] = new JsonArray("+34 930000001");
        people[2]["userPrincipalName"] = "renamed3@example.com";
        people[3]["jobTitle"] = "Head of Travel";
        people[4]["businessPhones"]![0] = "+34 (93) 555-0005";
        people[6]["manager"] = new JsonObject { ["id"] = Id(4) };
        people[7]["accountEnabled"] = false;
        people[10]["userPrincipalName"] = "USER11@example.com";
        fixture.Add(13, manager: 12);
        people[9] = new JsonObject
        {
            ["id"] = Id(10),
            ["@removed"] = new JsonObject { ["reason"] = "deleted" },
        };
        people.RemoveAt(8);
    }

    /// <summary>A cycle that may fail, but only in words of its own, within bounds, and without harm.</summary>
    private static async Task AttemptAsync(CycleFixture fixture, Action? betweenPlanAndApply = null)
    {
        try
        {
            ProvisioningPlan plan = await fixture.PlanAsync().WaitAsync(s_bound);
            betweenPlanAndApply?.Invoke();
            List<ProvisioningOutcome> outcomes = await fixture.ApplyAsync(plan).WaitAsync(s_bound);
            Assert.All(
                outcomes,
                o => Assert.True(o.Status != OutcomeStatus.Failure || o is { ErrorCode.Length: > 0, Reason.Length: > 20 })
            );
        }
        catch (Exception e) when (e is ScimException or ProvisioningException) { }
        EnsureUnharmed(fixture);
    }

    /// <summary>On a server that behaves again, a few cycles reach the desired state, and then nothing is left to do.</summary>
    private static async Task SettleAsync(CycleFixture fixture, Action switchOff)
    {
        switchOff();
        for (int cycle = 0; cycle < 3; cycle++)
        {
            fixture.Time.Advance(TimeSpan.FromDays(1));
            // What was accepted and not kept is not written for ever: an initial cycle that is asked for tries again, and so does one a
            // month later.
            bool again =
                cycle == 0
                && Enum.GetValues<SandboxBehavior>()
                    .Any(b => b.ToString().EndsWith("NotKept", StringComparison.Ordinal) && fixture.Sandbox.GetBehaviorHits(b) > 0);
            await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Initial = again }).WaitAsync(s_bound);
            EnsureUnharmed(fixture);
        }
        EnsureDesired(fixture);
        fixture.Time.Advance(TimeSpan.FromDays(1));
        long requests = fixture.Sandbox.RequestCount;
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(requests, fixture.Sandbox.RequestCount);
        Assert.Equal(0, ProvisioningStatus.Read(fixture.Job).Escrowed);
    }

    private static void EnsureUnharmed(CycleFixture fixture)
    {
        List<JsonObject> users = [.. fixture.Sandbox.Users];
        Assert.Equal(users.Count, users.Select(u => ((string)u["userName"]!).ToUpperInvariant()).Distinct().Count());
        string[] anchors = [.. users.Select(u => (string?)u["externalId"]).OfType<string>()];
        Assert.Equal(anchors.Length, anchors.Distinct().Count());
        foreach (JsonObject user in users.Where(u => Active(fixture).Any(p => (string?)p["id"] == (string?)u["externalId"])))
            Assert.True((bool)user["active"]!, $"{user["userName"]} was disabled");
    }

    private static void EnsureDesired(CycleFixture fixture)
    {
        List<JsonObject> users = [.. fixture.Sandbox.Users];
        var byAnchor = users.Where(u => u["externalId"] is not null).ToDictionary(u => (string)u["externalId"]!);
        foreach (JsonObject person in Active(fixture))
        {
            Assert.True(byAnchor.TryGetValue((string)person["id"]!, out JsonObject? user), $"{person["userPrincipalName"]} is missing");
            Assert.Equal((string)person["userPrincipalName"]!, (string)user["userName"]!, ignoreCase: true);
            Assert.Equal((string?)person["givenName"], (string?)user["name"]!["givenName"]);
            Assert.Equal((string?)person["jobTitle"], (string?)user["title"]);
            Assert.Equal(Digits(person["businessPhones"]?[0]), Digits(user["phoneNumbers"]?[0]?["value"]));
            Assert.Equal(
                person["manager"] is { } m ? (string?)byAnchor[(string)m["id"]!]["id"] : null,
                (string?)user[Enterprise]?["manager"]?["value"]
            );
            Assert.True((bool)user["active"]!);
        }
        string[] active = [.. Active(fixture).Select(p => (string)p["id"]!)];
        Assert.DoesNotContain(byAnchor, pair => !active.Contains(pair.Key) && (bool)pair.Value["active"]!);
    }

    private static IEnumerable<JsonObject> Active(CycleFixture fixture) => fixture.People.Where(p => (bool?)p["accountEnabled"] == true);

    private static Dictionary<string, string> Ids(CycleFixture fixture) =>
        fixture.Sandbox.Users.Where(u => u["externalId"] is not null).ToDictionary(u => (string)u["externalId"]!, u => (string)u["id"]!);

    private static string? Digits(JsonNode? phone) => phone is null ? null : string.Concat(((string)phone!).Where(char.IsAsciiDigit));
}
