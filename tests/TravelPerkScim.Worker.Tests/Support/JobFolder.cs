using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Worker.Tests;

/// <summary>A folder of jobs, each with a directory file and a TravelPerk of its own, on loopback.</summary>
internal sealed class JobFolder : IAsyncDisposable
{
    internal const string Sources = ".sources";

    private readonly List<FixtureJob> _jobs = [];

    // Jobs of the folder that this one is a copy of.
    private readonly List<FixtureJob> _others = [];

    public string Path { get; } = Directory.CreateTempSubdirectory("worker-").FullName;

    public IReadOnlyList<FixtureJob> Jobs => _jobs;

    /// <summary>A folder for another machine, with a copy of the jobs as a git checkout has them.</summary>
    public JobFolder Copy()
    {
        var copy = new JobFolder();
        // The directory files are on a share.
        Directory.CreateSymbolicLink(System.IO.Path.Combine(copy.Path, Sources), System.IO.Path.Combine(Path, Sources));
        foreach (string file in _jobs.SelectMany(job => Directory.EnumerateFiles(job.Job.Path, "*.json")))
        {
            string to = System.IO.Path.Combine(copy.Path, System.IO.Path.GetRelativePath(Path, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        copy._others.AddRange(_jobs);
        return copy;
    }

    public FixtureJob Add(
        string name,
        int users = 3,
        bool on = true,
        SandboxOptions? options = null,
        Func<JobSettings, JobSettings>? settings = null
    )
    {
        var job = new FixtureJob(Path, name, users, on, options ?? new SandboxOptions(), settings);
        _jobs.Add(job);
        return job;
    }

    /// <summary>Settings and environment of a worker that may write to all these sandboxes.</summary>
    public WorkerProcess Start(
        bool allowTargets = true,
        IReadOnlyDictionary<string, string>? environment = null,
        IReadOnlyList<string>? host = null,
        params string[] more
    )
    {
        List<string> arguments = [Path, "--urls", "http://127.0.0.1:0", .. more];
        Dictionary<string, string> variables = new(environment ?? new Dictionary<string, string>());
        foreach (FixtureJob job in _jobs.Concat(_others))
        {
            if (allowTargets)
                arguments.AddRange(["--allow-target", job.Sandbox.BaseUri.AbsoluteUri]);
            using System.Security.SecureString key = job.Sandbox.GetApiKey();
            variables[job.Variable] = new NetworkCredential("", key).Password;
        }
        return WorkerProcess.Start(arguments, variables, host);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (FixtureJob job in _jobs)
            await job.Sandbox.DisposeAsync();
        Directory.Delete(Path, recursive: true);
    }
}

/// <summary>One job of the folder.</summary>
internal sealed class FixtureJob
{
    private readonly string _source;

    public FixtureJob(string root, string name, int users, bool on, SandboxOptions options, Func<JobSettings, JobSettings>? settings)
    {
        Sandbox = TravelPerkSandbox.Start(options);
        string sources = Directory.CreateDirectory(Path.Combine(root, JobFolder.Sources)).FullName;
        _source = Path.Combine(sources, $"{Guid.NewGuid():N}.json");
        Write(users);
        var defaults = new JobSettings
        {
            Source = new JobSource(JobSourceType.File, Path.Combine("..", JobFolder.Sources, Path.GetFileName(_source))),
            Target = Sandbox.BaseUri,
            Schedule = new JobSchedule
            {
                On = on,
                Interval = TimeSpan.FromMinutes(1),
                Jitter = TimeSpan.Zero,
            },
            Secrets = new JobSecrets(new SecretPlace(SecretFrom.Environment, Variable)),
        };
        Job = ProvisioningJob.Create(Path.Combine(root, name), settings?.Invoke(defaults) ?? defaults, SynchronizationSchema.Default);
    }

    public TravelPerkSandbox Sandbox { get; }

    public ProvisioningJob Job { get; }

    public string Variable { get; } = $"TRAVELPERK_TEST_{Guid.NewGuid():N}";

    public int Posts => Sandbox.RequestCounts.Where(c => c.Method == "POST").Sum(c => (int)c.Count);

    public HashSet<string> Names => [.. Sandbox.Users.Select(user => (string)user["userName"]!)];

    public static string NameOf(int number) => $"zoe.secret{number}@example.com";

    public static HashSet<string> NamesTo(int users) => [.. Enumerable.Range(1, users).Select(NameOf)];

    /// <summary>Whether TravelPerk has that user as the directory has it at that revision. A user who is disabled keeps the title of
    /// before.</summary>
    public static bool IsAt(JsonNode user, int revision) =>
        (string?)user["userName"] == NameOf(1) && !IsFirstEnabledAt(revision)
            ? (bool?)user["active"] == false
            : (string?)user["title"] == TitleAt(revision) && (bool?)user["active"] == true;

    private static string TitleAt(int revision) => FormattableString.Invariant($"Title {revision}");

    private static bool IsFirstEnabledAt(int revision) => revision % 3 != 2;

    /// <summary>The directory has users 1 to that number.</summary>
    /// <param name="users">How many.</param>
    /// <param name="revision">Each has another title for everybody; each third one has the first user disabled.</param>
    public void Write(int users, int revision = 0)
    {
        string next = _source + ".new";
        File.WriteAllText(
            next,
            new JsonArray([
                .. Enumerable
                    .Range(1, users)
                    .Select(n => new JsonObject
                    {
                        ["id"] = $"00000000-0000-4000-8000-{n:D12}",
                        ["userPrincipalName"] = NameOf(n),
                        ["displayName"] = $"Zoe Secret{n}",
                        ["givenName"] = "Zoe",
                        ["surname"] = $"Secret{n}",
                        ["jobTitle"] = TitleAt(revision),
                        ["accountEnabled"] = n > 1 || IsFirstEnabledAt(revision),
                        ["businessPhones"] = new JsonArray($"+34 93{n:D7}"),
                    }),
            ]).ToJsonString()
        );
        File.Move(next, _source, overwrite: true);
    }

    /// <summary>Makes the next cycle due: the last one began long ago.</summary>
    public void MakeDue()
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = Path.Combine(Job.Path, "state.db"), Pooling = false }.ToString()
        );
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            UPDATE cycle SET began = began - 7200000, summary = json_replace(summary,
                '$.Began', strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-2 hours'),
                '$.Ended', strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-2 hours'))
            """;
        command.ExecuteNonQuery();
    }

    public IReadOnlyList<CycleSummary> Cycles => ProvisioningStatus.Read(Job, 1000).Cycles;
}
