using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Operations.Notifications;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Operations.Tests;

/// <summary>A sandbox, a directory file and a job that tells, in a temporary folder and in virtual time. Only the other side of the
/// channels is a test's.</summary>
internal sealed class NotificationFixture : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("told-").FullName;
    private readonly ScimCredential _credential;

    public NotificationFixture(JobNotifications? notifications = null, Func<JobSettings, JobSettings>? settings = null)
    {
        Sandbox = TravelPerkSandbox.Start(new SandboxOptions());
        using System.Security.SecureString key = Sandbox.GetApiKey();
        _credential = ScimCredential.ApiKey(key);
        Client = new ScimClient(new ScimClientOptions { BaseUri = Sandbox.BaseUri }, _credential);
        var defaults = new JobSettings
        {
            Source = new JobSource(JobSourceType.File, "../users.json"),
            Target = Sandbox.BaseUri,
            DeleteThreshold = 2,
            Schedule = new JobSchedule
            {
                On = true,
                Interval = TimeSpan.FromHours(1),
                Jitter = TimeSpan.Zero,
            },
            Notifications = notifications ?? new JobNotifications { Channels = [Teams] },
        };
        Job = ProvisioningJob.Create(
            Path.Combine(_folder, "contoso"),
            settings?.Invoke(defaults) ?? defaults,
            SynchronizationSchema.Default
        );
        Touch();
        for (int number = 1; number <= 20; number++)
            Add(number);
    }

    public static NotificationChannel Teams { get; } =
        new("teams", NotificationChannelType.Teams) { Address = new SecretPlace(SecretFrom.Environment, "TEAMS_URL") };

    public static NotificationChannel Slack { get; } =
        new("slack", NotificationChannelType.Slack) { Address = new SecretPlace(SecretFrom.Environment, "SLACK_URL") };

    public TravelPerkSandbox Sandbox { get; }

    public ScimClient Client { get; }

    public ProvisioningJob Job { get; private set; }

    public FakeTimeProvider Time { get; } = new(Start);

    public List<JsonObject> People { get; } = [];

    public RecordingChannels Channels { get; } = new();

    public List<string> Warnings { get; } = [];

    public ProvisioningStatus Status => ProvisioningStatus.Read(Job, 5, Time);

    /// <summary>What was told since this was asked for last: rule and change.</summary>
    public string[] Told()
    {
        string[] told = [.. Channels.Delivered.Select(d => $"{d.Notification.Rule} {d.Notification.Change}")];
        Channels.Delivered.Clear();
        return told;
    }

    public void Add(int number) =>
        People.Add(
            new JsonObject
            {
                ["id"] = $"00000000-0000-4000-8000-{number:D12}",
                ["userPrincipalName"] = $"user{number}@example.com",
                ["displayName"] = $"Given{number} Family{number}",
                ["givenName"] = $"Given{number}",
                ["surname"] = $"Family{number}",
                ["accountEnabled"] = true,
                ["businessPhones"] = new JsonArray($"+34 93{number:D7}"),
            }
        );

    public void SetPhone(int number, string phone) => People[number - 1]["businessPhones"]![0] = phone;

    /// <summary>Other settings, as a person would write them now.</summary>
    public void Change(Func<JobSettings, JobSettings> change)
    {
        Job.Save(change(Job.Settings));
        Touch();
        Job = ProvisioningJob.Open(Job.Path);
    }

    public JobNotifier Notifier() => new(Job, Channels, Time);

    /// <summary>A process that runs a cycle and tells, as Invoke-Provisioning does.</summary>
    public async Task RunAsync(Exception? failure = null, Guid? approve = null, IReadOnlyList<string>? identities = null)
    {
        JobNotifier notifier = Notifier();
        var options = new CycleOptions
        {
            Time = Time,
            Observer = notifier,
            ApproveCycle = approve,
            Identities = identities ?? [],
        };
        var engine = new ProvisioningEngine(Job, Client);
        if (failure is not null)
        {
            Assert.Null(engine.RecordFailure(options, failure));
        }
        else
        {
            await SaveAsync();
            await foreach (ProvisioningOutcome _ in engine.ApplyAsync(await engine.PlanAsync(options, default), options, default)) { }
        }
        await TellAsync(notifier);
    }

    /// <summary>A process that finds no cycle due.</summary>
    public Task CheckAsync() => TellAsync(Notifier());

    public async Task RunAfterAsync(TimeSpan time, Exception? failure = null)
    {
        Time.Advance(time);
        await RunAsync(failure);
    }

    public string SourcePath => Path.Combine(_folder, "users.json");

    public async Task SaveAsync()
    {
        await File.WriteAllTextAsync(SourcePath, new JsonArray([.. People.Select(p => p.DeepClone())]).ToJsonString());
        File.SetLastWriteTimeUtc(SourcePath, Time.GetUtcNow().UtcDateTime);
    }

    /// <summary>Looks into the state, or changes it behind the module's back.</summary>
    /// <param name="sql">Literals of a test.</param>
    public List<string> Sql(string sql)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = Path.Combine(Job.Path, "state.db"), Pooling = false }.ToString()
        );
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // literals of a test
        command.CommandText = sql;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        List<string> rows = [];
        while (reader.Read())
            rows.Add($"{reader.GetValue(0)}");
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _credential.Dispose();
        await Sandbox.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task TellAsync(JobNotifier notifier)
    {
        await notifier.CheckAsync(default);
        await notifier.SendDueAsync(default);
        Warnings.AddRange(notifier.TakeWarnings());
    }

    // The file was written in real time, which is not the fixture's.
    private void Touch() => File.SetLastWriteTimeUtc(Path.Combine(Job.Path, "job.json"), Time.GetUtcNow().UtcDateTime);
}

/// <summary>The other side of channels: it takes everything, unless a test says otherwise.</summary>
internal sealed class RecordingChannels : IChannelOpener
{
    public List<(string Channel, Notification Notification)> Delivered { get; } = [];

    public Func<NotificationChannel, Notification, CancellationToken, Task<ChannelAnswer>>? Answer { get; set; }

    public Action<NotificationChannel>? Opening { get; set; }

    public int Attempts { get; private set; }

    public Task<INotificationChannel> OpenAsync(NotificationChannel channel, CancellationToken cancellationToken)
    {
        Opening?.Invoke(channel);
        return Task.FromResult<INotificationChannel>(new Opened(this, channel));
    }

    public void Deliver(NotificationChannel channel, Notification notification)
    {
        // Over a wire it is text.
        string sent = JsonSerializer.Serialize(notification);
        Delivered.Add((channel.Name, JsonSerializer.Deserialize<Notification>(sent)!));
    }

    private sealed class Opened(RecordingChannels channels, NotificationChannel channel) : INotificationChannel
    {
        public async Task<ChannelAnswer> SendAsync(Notification notification, CancellationToken cancellationToken)
        {
            channels.Attempts++;
            ChannelAnswer answer = channels.Answer is { } answers
                ? await answers(channel, notification, cancellationToken)
                : new ChannelAnswer(ChannelResult.Sent);
            if (answer.Result == ChannelResult.Sent)
                channels.Deliver(channel, notification);
            return answer;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
