using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Simulation;

/// <summary>
/// One random history: people come, change and go; source, network and server fail; the process is killed. In the end everything works
/// again,
/// and the target must be what the directory says.
/// </summary>
internal sealed class Scenario : IHistory
{
    /// <summary>Logarithm of the steps of a long cycle.</summary>
    private const double MostSteps = 6;

    private const int FewestLinks = 4;

    private static readonly SandboxBehavior[] s_behaviors =
    [
        .. Enum.GetValues<SandboxBehavior>().Where(b => b != SandboxBehavior.EnormousBody),
    ];

    private readonly int _seed;
    private readonly Random _random;
    private readonly string _folder;
    private readonly IStatePlace _place;
    private readonly SimulatedTime _time = new();
    private readonly SimulatedDirectory _directory;
    private readonly TravelPerkSandbox _sandbox;
    private readonly HttpMessageHandler _server;
    private readonly SimulatedNetwork _network;
    private readonly ScimCredential _credential;
    private readonly ScimCredential? _foreignKey;
    private readonly SandboxCompany? _company;
    private readonly Truth _truth;
    private readonly List<string> _story = [];
    private readonly int _lag;
    private ProvisioningJob _job;
    private int _numbers;
    private int _jobs;
    private bool _overlooked;
    private bool _unkept;

    /// <param name="seed">What the history follows from.</param>
    /// <param name="root">The folder of the histories.</param>
    /// <param name="store">Connection string of the database that keeps the states; null where files do.</param>
    public Scenario(int seed, string root, string? store)
    {
        _seed = seed;
        _random = new Random(seed);
        _folder = Directory.CreateDirectory(Path.Combine(root, $"seed-{seed}")).FullName;
        _place = StatePlace.At(store, $"seed-{seed}", seed, _time, Tell);
        _directory = new SimulatedDirectory(_random, Tell);
        _sandbox = TravelPerkSandbox.Start(new SandboxOptions { PageCap = _random.Next(2, 12), TimeProvider = _time });
        _server = _sandbox.CreateHandler();
        _truth = new Truth(_directory, _sandbox);
        _network = new SimulatedNetwork(_server, Look);
        using System.Security.SecureString key = _sandbox.GetApiKey();
        _credential = ScimCredential.ApiKey(key);
        if (_random.Next(3) == 0)
        {
            _company = _sandbox.AddCompany();
            using System.Security.SecureString foreign = _company.GetApiKey();
            _foreignKey = ScimCredential.ApiKey(foreign);
        }
        // In every other history some of what is named is found a cycle later only.
        _lag = _random.Next(2) * _random.Next(1, 4);
        bool cautious = _random.Next(5) == 0;
        _job = ProvisioningJob.Create(
            Path.Combine(_folder, "job-0"),
            new JobSettings
            {
                Source = new JobSource(JobSourceType.File, "unused"),
                Target = _sandbox.BaseUri,
                Concurrency = _random.Next(5) == 0 ? 64 : _random.Next(1, 6),
                DeleteThreshold = cautious ? 2 : 100_000,
                DeleteThresholdShare = 1,
                StateKey = _place.KeyOf("job-0"),
            },
            SynchronizationSchema.Default
        );
        _place.Attach(_job);
    }

    public string Name => $"Seed {_seed}";

    /// <summary>What happened, for whoever looks into a failure.</summary>
    public IReadOnlyList<string> Story => _story;

    public long Requests => _network.Requests;

    public int Cycles { get; private set; }

    public int Kills { get; private set; }

    public int StoreFaults => _place.Faults;

    /// <exception cref="InvariantBrokenException">Something happened that must not.</exception>
    public async Task RunAsync()
    {
        Populate();
        for (int rounds = _random.Next(2, 7); rounds > 0; rounds--)
        {
            Change(_random.Next(6));
            await TroubledCycleAsync().ConfigureAwait(false);
            _time.Advance(TimeSpan.FromMinutes(_random.Next(1, 900)));
        }
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

    private void Populate()
    {
        for (int i = _random.Next(2, 16); i > 0; i--)
            Hire();
        foreach (Person person in _directory.People.Values.Where(_ => _random.Next(4) == 0).ToList())
        {
            AddToTarget(
                _random.Next(2) == 0 ? person.UserPrincipalName : person.UserPrincipalName.ToUpperInvariant(),
                active: _random.Next(3) > 0
            );
        }
        for (int i = _random.Next(3); i > 0; i--)
            _truth.Stranger(AddToTarget($"stranger{i}@example.com", active: true));
        // As many as the first cycle makes, so that each id of ours is somebody else's there.
        for (int i = _company is null ? 0 : _random.Next(1, 20); i > 0; i--)
            _truth.Foreigner(_company!, _company!.AddUser(NewUser($"foreigner{i}@example.com", active: true)));
    }

    private void Look(HttpRequestMessage request, string body)
    {
        Tell($"  {request.Method} {request.RequestUri!.PathAndQuery} {body}");
        _truth.Look(request, body);
    }

    private void Tell(string line) => _story.Add(line);

    private string AddToTarget(string userName, bool active) => _sandbox.AddUser(NewUser(userName, active));

    private static JsonObject NewUser(string userName, bool active) =>
        new()
        {
            ["userName"] = userName,
            ["active"] = active,
            ["title"] = "Before",
            ["name"] = new JsonObject { ["givenName"] = "Given", ["familyName"] = "Family" },
        };

    private void Hire(string? userPrincipalName = null, string familyName = "Family")
    {
        int number = ++_numbers;
        string? manager = _random.Next(3) == 0 || _directory.People.Count == 0 ? null : Anyone().Anchor;
        _directory.Set(
            new Person(
                $"00000000-0000-4000-8000-{number:D12}",
                userPrincipalName ?? $"user{number}@example.com",
                $"Title {number}",
                manager,
                Enabled: _random.Next(8) > 0,
                Assigned: _random.Next(8) > 0,
                FamilyName: familyName
            )
        );
    }

    // The same person with a new account, or another one who gets the address.
    private void HireAgain(string userPrincipalName) => Hire(userPrincipalName, _random.Next(2) == 0 ? "Family" : $"Family {_numbers}");

    private Person Anyone() => _directory.People.Values.ElementAt(_random.Next(_directory.People.Count));

    private void Change(int changes)
    {
        for (; changes > 0; changes--)
        {
            if (_directory.People.Count < 2)
            {
                Hire();
                continue;
            }
            Person person = Anyone();
            switch (_random.Next(13))
            {
                case 0 or 1:
                    Hire();
                    break;
                case 2:
                    _directory.Set(person with { Title = $"Title {_random.Next(1000)}" });
                    break;
                case 3:
                    _directory.Set(person with { Enabled = !person.Enabled });
                    break;
                case 4:
                    _directory.Set(person with { Assigned = !person.Assigned });
                    break;
                case 5:
                    _directory.Set(person with { SoftDeleted = !person.SoftDeleted });
                    break;
                case 6:
                    _directory.Set(person with { UserPrincipalName = $"renamed{++_numbers}@example.com" });
                    break;
                case 7 or 8:
                    _directory.Set(person with { Manager = Anyone().Anchor is var manager && manager != person.Anchor ? manager : null });
                    break;
                case 9:
                    Exchange(person, Anyone());
                    break;
                case 10:
                    HandOn(person);
                    break;
                default:
                    _directory.Delete(person.Anchor);
                    if (_random.Next(3) == 0)
                        HireAgain(person.UserPrincipalName);
                    break;
            }
        }
    }

    // A job with one link or two cannot tell another company from one whose users were deleted by hand.
    private bool HasAnchorage() =>
        ProvisioningStatus.Read(_job).LinkedUsers >= FewestLinks
        && _sandbox.Users.Count(u => (bool)u["active"]! && u["externalId"] is not null) >= FewestLinks;

    private void Exchange(Person one, Person other)
    {
        if (one.Anchor == other.Anchor)
            return;
        _directory.Set(one with { UserPrincipalName = other.UserPrincipalName });
        _directory.Set(other with { UserPrincipalName = one.UserPrincipalName });
    }

    // A userPrincipalName is free again when its owner was renamed, or was soft-deleted, which renames too.
    private void HandOn(Person owner)
    {
        string name = owner.UserPrincipalName;
        string renamed = $"former{++_numbers}@example.com";
        bool left = _random.Next(2) == 0;
        _directory.Set(owner with { UserPrincipalName = renamed, SoftDeleted = owner.SoftDeleted || left });
        if (_random.Next(2) == 0)
            HireAgain(name);
        else if (Anyone() is var heir && heir.Anchor != owner.Anchor)
            _directory.Set(heir with { UserPrincipalName = name });
    }

    private async Task TroubledCycleAsync()
    {
        bool foreign = _foreignKey is not null && _random.Next(3) == 0 && HasAnchorage();
        foreach (SandboxBehavior behavior in s_behaviors)
            _sandbox.SetBehavior(behavior, on: _random.Next(12) == 0);
        _directory.Hiccup = _random.Next(2) == 0 ? SourceHiccup.None : (SourceHiccup)_random.Next(Enum.GetValues<SourceHiccup>().Length);
        _unkept |= _sandbox.Behaviors.Any(HostilePair.Unkept.Contains);
        _overlooked |= _directory.Hiccup is SourceHiccup.Overlooks or SourceHiccup.Empty;
        _directory.BeginCycle(_lag);
        using var stop = new CancellationTokenSource();
        bool killed = false;
        // A request is where the outside world can tell; a step is anywhere, between two commits too.
        (bool kill, bool atRequest, bool carriedOut) = (_random.Next(2) == 0, _random.Next(2) == 0, _random.Next(2) == 0);
        int at =
            _random.Next(3) == 0 ? 0
            : atRequest ? _random.Next(1, 2 * _directory.People.Count + 4)
            : (int)Math.Exp(_random.NextDouble() * MostSteps);
        string next = Path.Combine(_folder, $"job-{_jobs + 1}");
        Action interrupt = !kill ? stop.Cancel : Kill;
        if (at > 0 && atRequest)
            _network.KillAt(at, carriedOut, interrupt);
        int step = at;
        Tell(
            $"{_time.GetUtcNow():u} hiccup {_directory.Hiccup}, {(at == 0 ? "no stop" : kill ? "kill" : "stop")} at "
                + $"{(atRequest ? "request" : "step")} {at} {(carriedOut ? "carried out" : "not sent")}, behaviours "
                + $"{string.Join(", ", _sandbox.Behaviors)}, people "
                + $"{_directory.People.Count}{(foreign ? ", another company's key" : "")}"
        );
        Exception? error = null;
        _place.BeginTrouble(_job, KillAtOnce);
        try
        {
            await CycleAsync(stop.Token, between: () => Change(_random.Next(3) == 0 ? 1 : 0), step: Step, foreign: foreign)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is ScimException or SourceException or ProvisioningException or OperationCanceledException)
        {
            Tell($"  ended with {e.GetType().Name}: {e.Message}");
            error = e;
        }
        _network.Revive();
        _place.EndTrouble(error);
        if (killed)
        {
            Kills++;
            _jobs++;
            _job = ProvisioningJob.Open(next);
            _place.Attach(_job);
        }

        // A process dies once.
        void Kill()
        {
            if (killed)
                return;
            Survive(next);
            killed = true;
        }

        void KillAtOnce()
        {
            _network.Cut();
            Kill();
        }

        void Step()
        {
            _place.Step();
            if (at == 0 || atRequest || --step != 0)
                return;
            Tell(kill ? "  killed" : "  stopped");
            if (kill)
                _network.Cut();
            interrupt();
        }
    }

    private void Survive(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(_job.Path, "*.json"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        _place.Survive(_job, folder);
    }

    private async Task<IReadOnlyList<ProvisioningOutcome>> CycleAsync(
        CancellationToken stop,
        Action? between = null,
        Action? step = null,
        bool initial = false,
        Guid? approve = null,
        bool foreign = false
    )
    {
        Cycles++;
        using var client = new ScimClient(
            new ScimClientOptions
            {
                BaseUri = _sandbox.BaseUri,
                Handler = _network,
                TimeProvider = _time,
                Random = _random,
                MaxRetries = 2,
                PageSize = 20,
            },
            foreign ? _foreignKey! : _credential
        );
        var engine = new ProvisioningEngine(_job, client, _directory);
        var options = new CycleOptions
        {
            Time = _time,
            Initial = initial,
            ApproveCycle = approve,
        };
        if (between is not null && _random.Next(10) == 0)
        {
            options = options with
            {
                Identities = [.. _directory.People.Keys.Where(_ => _random.Next(3) == 0).DefaultIfEmpty(Anyone().Anchor)],
            };
        }
        _truth.BeginRead(foreign);
        Task<List<ProvisioningOutcome>> cycle = Task.Run(
            async () =>
            {
                ProvisioningPlan plan = await engine.PlanAsync(options, stop).ConfigureAwait(false);
                between?.Invoke();
                List<ProvisioningOutcome> outcomes = [];
                await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, options, stop).ConfigureAwait(false))
                {
                    outcomes.Add(outcome);
                    Tell($"  {outcome.Action} {outcome.Status} {outcome.Identity} -> {outcome.TargetId}: {outcome.Reason}");
                }
                return outcomes;
            },
            CancellationToken.None
        );
        await _time.DriveAsync(cycle, step ?? (() => { })).ConfigureAwait(false);
        List<ProvisioningOutcome> all = await cycle.ConfigureAwait(false);
        _truth.EndCycle(_job.Settings.DeleteThreshold);
        return all;
    }

    private async Task SettleAsync()
    {
        foreach (SandboxBehavior behavior in s_behaviors)
            _sandbox.SetBehavior(behavior, on: false);
        _directory.Hiccup = SourceHiccup.None;
        _job.Save(_job.Settings with { DeleteThreshold = 100_000 });
        Tell($"{_time.GetUtcNow():u} everything works again");
        Guid? approve = null;
        int idle = 0;
        for (int i = 0; i < 12; i++)
        {
            _directory.BeginCycle(0);
            _time.Advance(TimeSpan.FromHours(25));
            long writes = _sandbox.WriteCount,
                requests = _network.Requests;
            // Whom a list passed over before anybody linked them, nothing but another list can show.
            // What a service accepted without keeping it is not written for ever: who starts over writes it again.
            IReadOnlyList<ProvisioningOutcome> outcomes = await CycleAsync(default, initial: _overlooked || _unkept, approve: approve)
                .ConfigureAwait(false);
            // Whose update failed did not get to it.
            _unkept &= outcomes.Any(o => o.Status == OutcomeStatus.Failure);
            _overlooked = false;
            // Somebody looks at what a cycle would not do by itself.
            approve = ProvisioningStatus.Read(_job).Quarantine
                is { Reason: QuarantineReason.TooManyDeletes or QuarantineReason.TakeoversStaged } held
                ? held.CycleId
                : null;
            idle = outcomes.Count == 0 && _sandbox.WriteCount == writes && _network.Requests == requests ? idle + 1 : 0;
            // Who is not found for the first time is left alone until a later cycle does not find them either.
            if (idle == 2)
                return;
            foreach (Person blocked in _truth.BlockedByAnAccount(outcomes))
                _directory.Set(blocked with { UserPrincipalName = $"corrected{++_numbers}@example.com" });
        }
        throw new InvariantBrokenException("It never comes to rest: after twelve days without trouble, cycles still find something to do.");
    }
}
