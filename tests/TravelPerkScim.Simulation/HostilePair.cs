using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Simulation;

/// <summary>
/// A small company on a server with two hostile behaviours at once (or one), from the first cycle on: cycles end with what they should have
/// done or with a clear error, nobody is doubled,
/// wrongly disabled or taken for another, a cycle after a clean one writes nothing, and when the server behaves again, the target becomes
/// what the directory says.
/// </summary>
internal sealed class HostilePair : IHistory
{
    private const int ShortestReason = 20;

    /// <summary>What was accepted and not kept is not written for ever: a cycle that starts over writes it again.</summary>
    public static readonly SandboxBehavior[] Unkept =
    [
        SandboxBehavior.ValuesNotKept,
        SandboxBehavior.ManagerObjectsNotKept,
        SandboxBehavior.PathValuesNotKept,
        SandboxBehavior.PathlessValuesNotKept,
    ];

    // Cycles of users without dates meet nothing of them: no group is provisioned, and discovery is not asked.
    private static readonly SandboxBehavior[] s_elsewhere =
    [
        SandboxBehavior.GroupMembersHidden,
        SandboxBehavior.GroupMembersLimited,
        SandboxBehavior.DatesNormalized,
        SandboxBehavior.DiscoveryNeedsCredential,
    ];

    // With one of these no answer can be read, so that nothing shows of another behaviour.
    private static readonly SandboxBehavior[] s_alone =
    [
        SandboxBehavior.HtmlInsteadOfJson,
        SandboxBehavior.TruncatedJson,
        SandboxBehavior.EnormousBody,
    ];

    private static readonly SandboxBehavior[] s_known = [.. Enum.GetValues<SandboxBehavior>().Except(s_elsewhere)];

    private static readonly SandboxBehavior[] s_paired = [.. s_known.Except(s_alone)];

    /// <summary>Each behaviour alone, with each other one, and with a key of another company under the same address.</summary>
    private static readonly (SandboxBehavior One, SandboxBehavior Other, bool Foreign)[] s_all =
    [
        .. s_alone.Select(one => (one, one, false)),
        .. s_paired.SelectMany(one => s_paired.Where(other => other >= one).Select(other => (one, other, false))),
        .. s_known.Select(one => (one, one, true)),
    ];

    private readonly SandboxBehavior[] _behaviors;
    private readonly bool _foreign;
    private readonly string _folder;
    private readonly IStatePlace _place;
    private readonly SimulatedTime _time = new();
    private readonly SimulatedDirectory _directory;
    private readonly TravelPerkSandbox _sandbox;
    private readonly SimulatedNetwork _network;
    private readonly ScimCredential _credential;
    private readonly ScimCredential? _foreignKey;
    private readonly ProvisioningJob _job;
    private readonly SandboxCompany? _company;
    private readonly Truth _truth;
    private readonly List<string> _story = [];
    private readonly Random _random = new(1);
    private int _writes;

    /// <param name="number">Which pair.</param>
    /// <param name="root">The folder of the histories.</param>
    /// <param name="store">Connection string of the database that keeps the states; null where files do.</param>
    public HostilePair(int number, string root, string? store)
    {
        (SandboxBehavior one, SandboxBehavior other, _foreign) = s_all[number];
        _behaviors = [.. new[] { one, other }.Distinct()];
        Name = $"Pair {number} ({string.Join(" with ", _behaviors)}{(_foreign ? " with another company's key" : "")})";
        _folder = Directory.CreateDirectory(Path.Combine(root, $"pair-{number}")).FullName;
        _place = StatePlace.At(store, $"pair-{number}", number, _time, _story.Add);
        _directory = new SimulatedDirectory(_random, _story.Add);
        _sandbox = TravelPerkSandbox.Start(new SandboxOptions { PageCap = 3, TimeProvider = _time });
        _truth = new Truth(_directory, _sandbox);
        _network = new SimulatedNetwork(_sandbox.CreateHandler(), Look);
        using System.Security.SecureString key = _sandbox.GetApiKey();
        _credential = ScimCredential.ApiKey(key);
        if (_foreign)
        {
            _company = _sandbox.AddCompany();
            using System.Security.SecureString foreign = _company.GetApiKey();
            _foreignKey = ScimCredential.ApiKey(foreign);
        }
        _job = ProvisioningJob.Create(
            Path.Combine(_folder, "job"),
            new JobSettings
            {
                Source = new JobSource(JobSourceType.File, "unused"),
                Target = _sandbox.BaseUri,
                DeleteThresholdShare = 1,
                StateKey = _place.KeyOf("job"),
            },
            SynchronizationSchema.Default
        );
        _place.Attach(_job);
    }

    public static int Count => s_all.Length;

    public string Name { get; }

    public IReadOnlyList<string> Story => _story;

    public long Requests => _network.Requests;

    public int Cycles { get; private set; }

    public int Kills => 0;

    public int StoreFaults => _place.Faults;

    public async Task RunAsync()
    {
        Populate();
        // Only a job that knows its own company's users can tell another's from them.
        if (_foreign)
            _ = await CycleAsync().ConfigureAwait(false);
        foreach (SandboxBehavior behavior in _behaviors)
            _sandbox.SetBehavior(behavior, on: true, NumberOf(behavior));
        await HostileCycleAsync().ConfigureAwait(false);
        Change();
        bool clean = await HostileCycleAsync().ConfigureAwait(false) is not null;
        int writes = _writes;
        int? left = await HostileCycleAsync().ConfigureAwait(false);
        if (clean && _writes > writes)
            throw new InvariantBrokenException("A cycle with nothing to do after a clean one sent a write.");
        // Where nothing failed and nothing is left to do, all is as it must be already.
        if (clean && left == 0 && !_foreign && !_behaviors.Any(Unkept.Contains))
        {
            _truth.CheckEnd();
            return;
        }
        foreach (SandboxBehavior behavior in _behaviors)
            _sandbox.SetBehavior(behavior, on: false);
        await SettleAsync().ConfigureAwait(false);
        _truth.CheckEnd();
    }

    public async ValueTask DisposeAsync()
    {
        _network.Dispose();
        _credential.Dispose();
        _foreignKey?.Dispose();
        await _sandbox.DisposeAsync().ConfigureAwait(false);
        _place.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int? NumberOf(SandboxBehavior behavior) =>
        behavior switch
        {
            SandboxBehavior.PageCapBelowRequested or SandboxBehavior.TooManyRequests => 2,
            SandboxBehavior.TooManyRequestsByCount => 3,
            SandboxBehavior.TooManyRequestsByChance => 30,
            SandboxBehavior.AnswerLostAfterWrite => 4,
            SandboxBehavior.TokenExpires => 9,
            SandboxBehavior.EnormousBody => 1,
            _ => null,
        };

    private void Populate()
    {
        for (int number = 1; number <= 7; number++)
            Set(number, number > 2 ? number / 2 : null, phone: number == 2 ? null : $"+34 93 111 000{number}");
        AddToTarget("USER2@example.com", active: true);
        AddToTarget("user3@example.com", active: false);
        _truth.Stranger(AddToTarget("anna.user1@example.com.org", active: true));
        // As many as the job makes, so that each id of ours is another's there.
        for (int number = 1; _company is not null && number <= 12; number++)
            _truth.Foreigner(_company, _company.AddUser(NewUser($"foreigner{number}@example.com", active: true)));
    }

    private void Change()
    {
        Set(2, null, phone: "+34 93 222 0002");
        Set(3, 1, name: "renamed3");
        Set(4, 2, title: "Head of Travel");
        Set(5, 4);
        Set(6, 3, enabled: false);
        Set(8, 1, phone: "+34 93 111 0008");
        _directory.Delete(Anchor(7));
    }

    private static string Anchor(int number) => $"00000000-0000-4000-8000-{number:D12}";

    private void Set(
        int number,
        int? manager,
        string? title = null,
        string? name = null,
        bool enabled = true,
        string? phone = "+34 93 333 0000"
    ) =>
        _directory.Set(
            new Person(
                Anchor(number),
                $"{name ?? $"user{number}"}@example.com",
                title ?? $"Tïtle \U0001F600 {number}",
                manager is { } of ? Anchor(of) : null,
                enabled,
                FamilyName: $"Fämily {number}",
                Phone: phone
            )
        );

    private string AddToTarget(string userName, bool active) => _sandbox.AddUser(NewUser(userName, active));

    private static JsonObject NewUser(string userName, bool active) =>
        new()
        {
            ["userName"] = userName,
            ["active"] = active,
            ["name"] = new JsonObject { ["givenName"] = "Given", ["familyName"] = "Before" },
        };

    private void Look(HttpRequestMessage request, string body)
    {
        _story.Add($"  {request.Method} {request.RequestUri!.PathAndQuery} {body}");
        if (request.Method != HttpMethod.Get)
            _writes++;
        _truth.Look(request, body);
    }

    /// <summary>A cycle that may fail, in words of its own. How much it did; null when something failed.</summary>
    private async Task<int?> HostileCycleAsync()
    {
        try
        {
            IReadOnlyList<ProvisioningOutcome> outcomes = await CycleAsync(_foreign).ConfigureAwait(false);
            if (
                outcomes.FirstOrDefault(o =>
                    o.Status == OutcomeStatus.Failure && !(o is { ErrorCode.Length: > 0, Reason.Length: > ShortestReason })
                ) is
                { } unclear
            )
            {
                throw new InvariantBrokenException(
                    $"The failure of {unclear.Identity} says neither what happened nor why: {unclear.ErrorCode} {unclear.Reason}"
                );
            }
            return outcomes.All(o => o.Status != OutcomeStatus.Failure) && ProvisioningStatus.Read(_job).Escrowed == 0
                ? outcomes.Count
                : null;
        }
        catch (Exception e) when (e is ScimException or ProvisioningException)
        {
            _story.Add($"  ended with {e.GetType().Name}: {e.Message}");
            return null;
        }
        finally
        {
            _time.Advance(TimeSpan.FromHours(1));
            EnsureNobodyIsDoubled();
        }
    }

    private async Task SettleAsync()
    {
        _story.Add("the server behaves again");
        for (int cycle = 0; cycle < 4; cycle++)
        {
            _time.Advance(TimeSpan.FromHours(25));
            long requests = Requests;
            bool initial = cycle == 0 && _behaviors.Any(Unkept.Contains);
            if ((await CycleAsync(initial: initial).ConfigureAwait(false)).Count == 0 && Requests == requests && cycle > 0)
                return;
            EnsureNobodyIsDoubled();
        }
        throw new InvariantBrokenException(
            "It never comes to rest: after four days on a server that behaves, cycles still find something to do."
        );
    }

    private async Task<IReadOnlyList<ProvisioningOutcome>> CycleAsync(bool foreign = false, bool initial = false)
    {
        Cycles++;
        _story.Add($"{_time.GetUtcNow():u} cycle {Cycles}");
        _directory.BeginCycle(0);
        using var client = new ScimClient(
            new ScimClientOptions
            {
                BaseUri = _sandbox.BaseUri,
                Handler = _network,
                TimeProvider = _time,
                Random = _random,
                MaxRetries = 2,
                PageSize = 20,
                MaxResponseBytes = 1 << 18,
            },
            foreign ? _foreignKey! : _credential
        );
        var engine = new ProvisioningEngine(_job, client, _directory);
        var options = new CycleOptions { Time = _time, Initial = initial };
        _truth.BeginRead(foreign);
        Task<List<ProvisioningOutcome>> cycle = Task.Run(async () =>
        {
            ProvisioningPlan plan = await engine.PlanAsync(options, default).ConfigureAwait(false);
            List<ProvisioningOutcome> outcomes = [];
            await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, options, default).ConfigureAwait(false))
            {
                outcomes.Add(outcome);
                _story.Add($"  {outcome.Action} {outcome.Status} {outcome.Identity} -> {outcome.TargetId}: {outcome.Reason}");
            }
            return outcomes;
        });
        await _time.DriveAsync(cycle, static () => { }).ConfigureAwait(false);
        List<ProvisioningOutcome> all = await cycle.ConfigureAwait(false);
        _truth.EndCycle(_job.Settings.DeleteThreshold);
        return all;
    }

    private void EnsureNobodyIsDoubled()
    {
        string[] anchors = [.. _sandbox.Users.Select(user => (string?)user["externalId"]).OfType<string>()];
        if (anchors.Distinct().Count() != anchors.Length)
        {
            throw new InvariantBrokenException(
                $"Somebody has two TravelPerk users: "
                    + $"{string.Join(", ", anchors.GroupBy(anchor => anchor).Where(same => same.Count() > 1).Select(same => same.Key))}."
            );
        }
    }
}
