using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A sandbox, a directory file and a job in a temporary folder: everything real, on loopback.</summary>
internal sealed class CycleFixture : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cycle-").FullName;
    private readonly ScimCredential _credential;
    private readonly ScimClientOptions _connection;
    private LiveDirectory? _directory;

    public CycleFixture(
        SandboxOptions? options = null,
        Func<JobSettings, JobSettings>? settings = null,
        SynchronizationSchema? mapping = null,
        Func<ScimClientOptions, ScimClientOptions>? client = null
    )
    {
        Sandbox = TravelPerkSandbox.Start(options ?? new SandboxOptions());
        using System.Security.SecureString key = Sandbox.GetApiKey();
        _credential = ScimCredential.ApiKey(key);
        var connection = new ScimClientOptions { BaseUri = Sandbox.BaseUri };
        _connection = client?.Invoke(connection) ?? connection;
        Client = new ScimClient(_connection, _credential);
        File.WriteAllText(SourceFile, "[]");
        var defaults = new JobSettings { Source = new JobSource(JobSourceType.File, "../users.json"), Target = Sandbox.BaseUri };
        Job = ProvisioningJob.Create(
            Path.Combine(_folder, "job"),
            settings?.Invoke(defaults) ?? defaults,
            mapping ?? SynchronizationSchema.Default
        );
    }

    public TravelPerkSandbox Sandbox { get; }

    public ScimClient Client { get; private set; }

    public ProvisioningJob Job { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero));

    public List<JsonObject> People { get; } = [];

    public string SourceFile => Path.Combine(_folder, "users.json");

    public string StateFile => Path.Combine(Job.Path, "state.db");

    /// <summary>Changes the job's state behind the engine's back.</summary>
    /// <param name="sql">Literals of a test.</param>
    public void EditState(string sql)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = StateFile, Pooling = false }.ToString()
        );
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // literals of a test
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>userName to resource, as TravelPerk has them now.</summary>
    public Dictionary<string, JsonObject> Target => Sandbox.Users.ToDictionary(u => (string)u["userName"]!, StringComparer.Ordinal);

    public static string Id(int number) => $"00000000-0000-4000-8000-{number:D12}";

    /// <summary>Puts a directory that tells of changes in the place of the file.</summary>
    public LiveDirectory Live() => _directory ??= new LiveDirectory();

    /// <summary>Such a directory with users 1 to <paramref name="people"/>, whom a first cycle has provisioned.</summary>
    public async Task<LiveDirectory> LiveAsync(int people)
    {
        foreach (int number in Enumerable.Range(1, people))
            Live().Set(number);
        await RunAsync();
        return Live();
    }

    /// <summary>TravelPerk id of the user's manager.</summary>
    public string? ManagerOf(int number) =>
        (string?)Target[$"user{number}@example.com"][TravelPerkSchema.EnterpriseUser]?["manager"]?["value"];

    /// <summary>Adds a person to the directory, as Graph would return it.</summary>
    public JsonObject Add(int number, int? manager = null)
    {
        var person = new JsonObject
        {
            ["id"] = Id(number),
            ["userPrincipalName"] = $"user{number}@example.com",
            ["displayName"] = $"Given{number} Family{number}",
            ["givenName"] = $"Given{number}",
            ["surname"] = $"Family{number}",
            ["accountEnabled"] = true,
            ["jobTitle"] = $"Title {number % 7}",
            ["businessPhones"] = new JsonArray("+34 93" + number.ToString("D7", System.Globalization.CultureInfo.InvariantCulture)),
        };
        if (manager is { } m)
            person["manager"] = new JsonObject { ["id"] = Id(m) };
        People.Add(person);
        return person;
    }

    /// <summary>A user of TravelPerk that the job did not make. Its externalId may be that of an account.</summary>
    public static JsonObject TargetUser(
        string userName,
        bool active = true,
        string? externalId = null,
        string givenName = "Stranger",
        string familyName = "Else"
    )
    {
        var user = new JsonObject
        {
            ["userName"] = userName,
            ["active"] = active,
            ["name"] = new JsonObject { ["givenName"] = givenName, ["familyName"] = familyName },
        };
        if (externalId is not null)
            user["externalId"] = externalId;
        return user;
    }

    /// <summary>Makes such a user in TravelPerk.</summary>
    /// <returns>The user's TravelPerk id.</returns>
    public string AddStranger(
        string userName,
        bool active = true,
        string? externalId = null,
        string givenName = "Stranger",
        string familyName = "Else"
    ) => Sandbox.AddUser(TargetUser(userName, active, externalId, givenName, familyName));

    /// <summary>Another session: what the client knew is gone.</summary>
    public void Reconnect(Func<ScimClientOptions, ScimClientOptions>? change = null)
    {
        Client.Dispose();
        Client = new ScimClient(change?.Invoke(_connection) ?? _connection, _credential);
    }

    public async Task<ProvisioningPlan> PlanAsync(CycleOptions? options = null, CancellationToken cancellationToken = default)
    {
        await SaveAsync(cancellationToken);
        return await PlanFileAsync(options, cancellationToken);
    }

    /// <summary>Writes the people to the directory file.</summary>
    public Task SaveAsync(CancellationToken cancellationToken = default) =>
        File.WriteAllTextAsync(SourceFile, new JsonArray([.. People.Select(p => p.DeepClone())]).ToJsonString(), cancellationToken);

    public Task<ProvisioningPlan> PlanFileAsync(CycleOptions? options = null, CancellationToken cancellationToken = default) =>
        new ProvisioningEngine(Job, Client, _directory).PlanAsync(options ?? new CycleOptions { Time = Time }, cancellationToken);

    public async Task<List<ProvisioningOutcome>> ApplyAsync(ProvisioningPlan plan, CancellationToken cancellationToken = default)
    {
        var outcomes = new List<ProvisioningOutcome>();
        await foreach (
            ProvisioningOutcome outcome in new ProvisioningEngine(Job, Client, _directory).ApplyAsync(
                plan,
                new CycleOptions { Time = Time },
                cancellationToken
            )
        )
        {
            outcomes.Add(outcome);
        }
        return outcomes;
    }

    public async Task<List<ProvisioningOutcome>> RunAsync(CycleOptions? options = null) => await ApplyAsync(await PlanAsync(options));

    /// <summary>Edits a user in TravelPerk, as an admin does by hand.</summary>
    public Task PatchAsync(string userName, string attribute, object value) =>
        Client.PatchUserAsync(
            (string)Target[userName]["id"]!,
            [
                new PatchOperation(
                    PatchOperationKind.Replace,
                    AttributePath.Parse(attribute),
                    value,
                    TravelPerkSchema.Find(AttributePath.Parse(attribute))
                ),
            ],
            default
        );

    /// <summary>Deletes a user in TravelPerk, as an admin does by hand.</summary>
    public Task RemoveAsync(string userName) => Client.DeleteUserAsync((string)Target[userName]["id"]!, default);

    public CycleSummary LastCycle => ProvisioningStatus.Read(Job).LastCycle!;

    /// <summary>Compares the plan with a text in the form of <see cref="PlanText"/>. Sources have their number, and targets the name that
    /// they have in TravelPerk now.</summary>
    public void AssertPlan(string expected, ProvisioningPlan plan) => PlanText.AssertEqual(expected, Text().Of(plan));

    /// <summary>Compares operations as <see cref="AssertPlan"/> does.</summary>
    public void AssertOperations(string expected, IEnumerable<ProvisioningOperation> operations) =>
        PlanText.AssertEqual(expected, Text().Of(operations));

    /// <summary>Compares outcomes as <see cref="AssertPlan"/> compares operations.</summary>
    public void AssertOutcomes(string expected, IEnumerable<ProvisioningOutcome> outcomes) =>
        PlanText.AssertEqual(expected, Text().Of(outcomes));

    private PlanText Text()
    {
        var names = Sandbox
            .Users.Select(user => ((string)user["id"]!, (string)user["userName"]!))
            .Concat(Sandbox.Groups.Select(group => ((string)group["id"]!, (string)group["displayName"]!)))
            .ToDictionary(StringComparer.Ordinal);
        return new PlanText(NumberOf, names.GetValueOrDefault);
    }

    private static string NumberOf(string anchor) =>
        anchor.StartsWith(Id(0)[..24], StringComparison.Ordinal) ? anchor[24..].TrimStart('0') : anchor;

    /// <summary>Requests with a method that writes.</summary>
    public int Writes => Requests("POST") + Requests("PUT") + Requests("PATCH") + Requests("DELETE");

    public int Requests(string method) => Sandbox.RequestCounts.Where(c => c.Method == method).Sum(c => (int)c.Count);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _credential.Dispose();
        await Sandbox.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
