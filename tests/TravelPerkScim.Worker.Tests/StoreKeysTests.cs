using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Operations.Notifications;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Provisioning.Tests.State;

namespace TravelPerkScim.Worker.Tests;

/// <summary>The keys in a folder, and the notifications that they encrypt in the database.</summary>
public sealed class StoreKeysTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>, IDisposable
{
    private const string Content =
        """{"Id":"n1","Job":"contoso","Change":"Begun","Time":"2026-03-02T08:00:00Z","Title":"t","Text":"zoe"}""";

    private readonly SharedDatabase _database = new(cluster);

    [Fact]
    public void A_value_decrypts_for_its_kind_and_job_alone_and_with_a_copy_of_the_folder()
    {
        var keys = KeyRing.Open(_database.Keys, null);
        byte[] value = keys.Protect("token", "contoso", "refresh"u8.ToArray());

        Assert.Equal("refresh"u8.ToArray(), KeyRing.Open(_database.Keys, null).Unprotect("token", "contoso", value));
        Assert.ThrowsAny<CryptographicException>(() => keys.Unprotect("token", "fabrikam", value));
        Assert.ThrowsAny<CryptographicException>(() => keys.Unprotect("notification", "contoso", value));
        Assert.DoesNotContain("refresh", Encoding.Latin1.GetString(value), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_another_worker_made_since_is_found()
    {
        var one = KeyRing.Open(_database.Keys, null);
        byte[] first = one.Protect("token", "contoso", [1]);
        string key = Assert.Single(Directory.GetFiles(_database.Keys));
        string aside = key + ".aside";
        File.Move(key, aside);
        byte[] second = KeyRing.Open(_database.Keys, null).Protect("token", "contoso", [2]);
        File.Move(aside, key);

        Assert.Equal([2], one.Unprotect("token", "contoso", second));
        Assert.Equal([1], one.Unprotect("token", "contoso", first));
    }

    [Fact]
    public void Keys_that_other_accounts_can_read_and_a_folder_that_is_not_there_are_refused()
    {
        if (OperatingSystem.IsWindows())
            return;
        KeyRing.Open(_database.Keys, null).Protect("token", "contoso", [1]);
        string key = Assert.Single(Directory.GetFiles(_database.Keys));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Assert.Contains("chmod 600", Refused(_database.Keys), StringComparison.Ordinal);
        Assert.Contains("mkdir", Refused(_database.Keys + "2"), StringComparison.Ordinal);

        static string Refused(string folder) => Assert.Throws<ArgumentException>(() => KeyRing.Open(folder, null)).Message;
    }

    [Fact]
    public void A_certificate_encrypts_the_keys()
    {
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=keys", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string file = _database.Secret("keys.pem", $"{made.ExportCertificatePem()}\n{rsa.ExportPkcs8PrivateKeyPem()}");

        byte[] value = KeyRing.Open(_database.Keys, file).Protect("token", "contoso", [1]);

        string key = File.ReadAllText(Assert.Single(Directory.GetFiles(_database.Keys)));
        Assert.Contains("EncryptedData", key, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", key, StringComparison.Ordinal);
        Assert.Equal([1], KeyRing.Open(_database.Keys, file).Unprotect("token", "contoso", value));
        Assert.ThrowsAny<CryptographicException>(() => KeyRing.Open(_database.Keys, null).Unprotect("token", "contoso", value));
        string refused = Assert.Throws<ArgumentException>(() => KeyRing.Open(_database.Keys, _database.Store)).Message;
        Assert.Contains("PEM", refused, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Notifications_are_encrypted_and_those_of_before_and_those_of_a_lost_key_hold_up_no_other()
    {
        await using var folder = new JobFolder();
        ProvisioningJob job = JobWithChannel(folder);
        Add(job, "before", null);
        Add(job, "lost", KeyRing.Open(Directory.CreateDirectory(Path.Combine(_database.Keys, "lost")).FullName, null));
        var keys = KeyRing.Open(_database.Keys, null);
        Add(job, "now", keys);
        Assert.Equal(1L, _database.Sql("SELECT count(*) FROM travelperkscim.outbox WHERE content LIKE '%zoe%'"));
        Assert.Equal(2L, _database.Sql("SELECT count(*) FROM travelperkscim.outbox WHERE content LIKE 'sealed:%'"));
        using var states = SharedStates.At(_database.Connection, keys: keys);
        states.Attach(job);
        var other = new OtherSide();
        var notifier = new JobNotifier(job, other, TimeProvider.System);

        await notifier.SendDueAsync(default);

        Assert.Equal(["before", "now"], other.Received.Select(notification => notification.Id));
        Assert.Contains(notifier.TakeWarnings(), warning => warning.Contains("--keys", StringComparison.Ordinal));
        Assert.Equal("lost", _database.Sql("SELECT string_agg(id, ' ') FROM travelperkscim.outbox"));
    }

    [PostgresFact]
    public async Task A_process_without_keys_leaves_an_encrypted_notification_to_a_worker()
    {
        await using var folder = new JobFolder();
        ProvisioningJob job = JobWithChannel(folder);
        var keys = KeyRing.Open(_database.Keys, null);
        Add(job, "waiting", keys);
        var other = new OtherSide();

        (IReadOnlyList<string> warnings, NotificationChannelStatus left) = await SendAsync(null, TimeProvider.System);

        Assert.Contains("started with --keys", Assert.Single(warnings), StringComparison.Ordinal);
        // No attempt counts against the channel, and a worker sends it.
        Assert.Equal((1, null), (left.Waiting, left.FailingSince));
        (warnings, left) = await SendAsync(keys, TimeProvider.System);
        Assert.Empty(warnings);
        Assert.Equal(0, left.Waiting);
        Assert.Equal("waiting", Assert.Single(other.Received).Id);

        async Task<(IReadOnlyList<string> Warnings, NotificationChannelStatus Left)> SendAsync(IStoreKeys? with, TimeProvider clock)
        {
            using var states = SharedStates.At(_database.Connection, keys: with);
            states.Attach(job);
            var notifier = new JobNotifier(job, other, clock);
            await notifier.SendDueAsync(default);
            return (notifier.TakeWarnings(), Assert.Single(ProvisioningStatus.Read(job).Channels));
        }
    }

    [PostgresFact]
    public async Task A_process_without_keys_sends_its_own_notification_behind_two_that_are_encrypted()
    {
        await using var folder = new JobFolder();
        ProvisioningJob job = JobWithChannel(folder);
        var keys = KeyRing.Open(_database.Keys, null);
        Add(job, "sealed one", keys);
        Add(job, "sealed two", keys);
        Add(job, "own", null);
        var other = new OtherSide();
        using var states = SharedStates.At(_database.Connection);
        states.Attach(job);

        // A worker without keys looks every half minute, for a day and two hours.
        for (int look = 0; look < 26 * 120 && other.Received.Count == 0; look++)
            await new JobNotifier(job, other, new ShiftedTime(TimeSpan.FromSeconds(30 * look))).SendDueAsync(default);

        Assert.Equal("own", Assert.Single(other.Received).Id);
    }

    private static ProvisioningJob JobWithChannel(JobFolder folder)
    {
        var channel = new NotificationChannel("ops", NotificationChannelType.Webhook)
        {
            Address = new SecretPlace(SecretFrom.Environment, "UNUSED"),
        };
        return folder
            .Add(
                "contoso",
                settings: s =>
                    s with
                    {
                        StateKey = "contoso",
                        Notifications = new JobNotifications { Channels = [channel] },
                    }
            )
            .Job;
    }

    private void Add(ProvisioningJob job, string id, IStoreKeys? with)
    {
        using var states = SharedStates.At(_database.Connection, keys: with);
        states.Attach(job);
        using var store = NotificationStore.Open(job);
        string content = Content.Replace("n1", id, StringComparison.Ordinal);
        store.InTransaction(() => store.Add(new OutboxEntry(id, "ops", DateTimeOffset.UtcNow.AddMinutes(-1), 0, content)));
    }

    public void Dispose() => _database.Dispose();

    private sealed class OtherSide : IChannelOpener, INotificationChannel
    {
        public List<Notification> Received { get; } = [];

        public Task<INotificationChannel> OpenAsync(NotificationChannel channel, CancellationToken cancellationToken) =>
            Task.FromResult<INotificationChannel>(this);

        public Task<ChannelAnswer> SendAsync(Notification notification, CancellationToken cancellationToken)
        {
            Received.Add(notification);
            return Task.FromResult(new ChannelAnswer(ChannelResult.Sent));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
