using System.Net;
using System.Text;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Tests.State;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Worker.Tests;

/// <summary>Jobs that sign in with OAuth and run on several machines: the sign-in is in the database, encrypted.</summary>
public sealed class SharedSignInTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>, IDisposable
{
    private const int Done = 6,
        Failed = 8,
        NotEncrypted = 17;
    private const string ClientSecret = "client-secret-of-the-sandbox";

    private static readonly HttpClient s_browser = new(new SocketsHttpHandler { UseProxy = false });

    private readonly SharedDatabase _database = new(cluster);

    [PostgresFact]
    public async Task Workers_that_are_killed_while_they_renew_a_sign_in_are_never_locked_out_and_no_token_is_in_plain_text()
    {
        const int Rounds = 3;
        await using var folder = new JobFolder();
        FixtureJob job = WithOAuth(folder, "contoso");
        string told = await SignInAsync(folder, "contoso");
        await using JobFolder other = folder.Copy();
        List<WorkerProcess> workers = [folder.Start(more: _database.Settings), other.Start(more: _database.Settings)];
        try
        {
            await EventuallyAsync(() => job.Names.SetEquals(FixtureJob.NamesTo(3)));
            for (int round = 1; round <= Rounds; round++)
            {
                // A cycle that is under way would write when it began.
                await EventuallyAsync(() => _database.IsIdle);
                int renewals = Renewals(job).Count;
                job.Write(3, revision: round);
                _database.MakeDue("contoso");
                // The service has answered, and the new token may be in the database or not yet.
                await EventuallyAsync(() => Renewals(job).Count > renewals);
                workers.TakeLast(2).ToList().ForEach(worker => worker.Kill());
                _database.EndLeases();
                workers.AddRange([folder.Start(more: _database.Settings), other.Start(more: _database.Settings)]);
                await EventuallyAsync(() => job.Sandbox.Users.All(user => FixtureJob.IsAt(user, round)));
            }

            Assert.All(Renewals(job), status => Assert.Equal(HttpStatusCode.OK, status));
            Assert.InRange(Renewals(job).Count, Rounds + 2, 1000);
            Assert.Equal(3, job.Sandbox.UserCount);
            Assert.Equal(1L, _database.Sql("SELECT count(*) FROM travelperkscim.token"));
            string dump = _database.Dump();
            Assert.Contains("\\x", dump, StringComparison.Ordinal);
            foreach (string text in workers.Select(worker => worker.Logged).Append(told).Append(dump))
                AssertNoToken(text);
        }
        finally
        {
            foreach (WorkerProcess worker in workers)
                await worker.DisposeAsync();
        }
    }

    [PostgresFact]
    public async Task Lost_keys_are_one_clear_error_that_overwrites_nothing_and_a_new_sign_in_puts_it_right()
    {
        await using var folder = new JobFolder();
        FixtureJob job = WithOAuth(folder, "contoso");
        await SignInAsync(folder, "contoso");
        object? before = _database.Sql("SELECT bytes FROM travelperkscim.token");
        Directory.Delete(_database.Keys, recursive: true);
        Directory.CreateDirectory(_database.Keys);

        await using (WorkerProcess worker = folder.Start(more: _database.Settings))
        {
            await worker.LoggedAsync(Failed, "contoso");
            Assert.Contains("TokenKeyMissing", worker.Logged, StringComparison.Ordinal);
            Assert.Contains("--sign-in", worker.Logged, StringComparison.Ordinal);
            AssertNoToken(worker.Logged);
        }
        Assert.Equal(before, _database.Sql("SELECT bytes FROM travelperkscim.token"));
        Assert.Equal(0, job.Sandbox.UserCount);

        _database.EndLeases();
        await SignInAsync(folder, "contoso");
        await using WorkerProcess again = folder.Start(more: _database.Settings);
        await again.LoggedAsync(Done, "contoso");
        Assert.Equal(FixtureJob.NamesTo(3), job.Names);
    }

    [PostgresFact]
    public async Task A_token_that_was_copied_to_another_job_signs_nothing_in()
    {
        await using var folder = new JobFolder();
        FixtureJob thief = WithOAuth(folder, "fabrikam");
        FixtureJob job = WithOAuth(folder, "contoso");
        foreach (string name in (string[])["contoso", "fabrikam"])
            await SignInAsync(folder, name);
        _database.Sql("UPDATE travelperkscim.token SET bytes = (SELECT bytes FROM travelperkscim.token ORDER BY job LIMIT 1)");
        int before = Renewals(thief).Count;
        await using WorkerProcess worker = folder.Start(more: _database.Settings);

        await worker.LoggedAsync(Failed, "fabrikam");
        await worker.LoggedAsync(Done, "contoso");

        Assert.Contains("TokenKeyMissing", worker.Logged, StringComparison.Ordinal);
        Assert.Equal((before, 0), (Renewals(thief).Count, thief.Sandbox.UserCount));
        Assert.Equal(FixtureJob.NamesTo(3), job.Names);
    }

    [PostgresFact]
    public async Task A_worker_without_keys_says_what_is_not_encrypted_and_runs_no_job_that_signs_in()
    {
        await using var folder = new JobFolder();
        FixtureJob job = WithOAuth(folder, "contoso");
        FixtureJob plain = folder.Add("plain", settings: s => s with { StateKey = "plain" });
        await using WorkerProcess worker = folder.Start(more: ["--store", _database.Store]);

        await worker.LoggedAsync(Failed, "contoso");
        await worker.LoggedAsync(Done, "plain");

        Assert.Contains("TokenKeysNotGiven", worker.Logged, StringComparison.Ordinal);
        Assert.Equal(1, worker.Count(NotEncrypted));
        Assert.Empty(job.Sandbox.RequestCounts);
        Assert.Equal(FixtureJob.NamesTo(3), plain.Names);
    }

    [PostgresFact]
    public async Task A_job_that_connects_with_a_key_is_not_signed_in()
    {
        await using var folder = new JobFolder();
        folder.Add("plain", settings: s => s with { StateKey = "plain" });
        await using WorkerProcess worker = folder.Start(more: [.. _database.Settings, "--sign-in", "plain"]);

        (int code, string error) = await worker.ExitAsync();

        Assert.Equal(1, code);
        Assert.Contains("clientId", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--keys", "/tmp")]
    [InlineData("--sign-in", "contoso")]
    public async Task Settings_that_need_others_are_refused_without_them(string setting, string value)
    {
        await using var folder = new JobFolder();
        await using WorkerProcess worker = folder.Start(more: [setting, value]);

        (int code, string error) = await worker.ExitAsync();

        Assert.Equal(1, code);
        Assert.Contains("--store", error, StringComparison.Ordinal);
    }

    public void Dispose() => _database.Dispose();

    private static void AssertNoToken(string text)
    {
        foreach (string secret in (string[])["sandbox-refresh-", "sandbox-access-", ClientSecret])
        {
            Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), text, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static string? Address(WorkerProcess worker) =>
        worker.Logged.Split('\n').FirstOrDefault(line => line.StartsWith("http", StringComparison.Ordinal));

    private static List<HttpStatusCode> Renewals(FixtureJob job) =>
        [.. job.Sandbox.RequestLog.Where(entry => entry.Path == job.Sandbox.TokenUri.AbsolutePath && !entry.Aborted).Select(e => e.Status)];

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!holds())
            Assert.True(await timer.WaitForNextTickAsync(patience.Token));
    }

    private FixtureJob WithOAuth(JobFolder folder, string name)
    {
        string secret = _database.Secret($"client-{name}", ClientSecret);
        var options = new SandboxOptions { ClientSecret = new NetworkCredential("", ClientSecret).SecurePassword };
        return folder.Add(
            name,
            options: options,
            settings: s =>
                s with
                {
                    StateKey = name,
                    Secrets = new JobSecrets(new SecretPlace(SecretFrom.File, Path: secret, ClientId: options.ClientId)),
                }
        );
    }

    // The administrator's browser follows the redirect to the loopback.
    private async Task<string> SignInAsync(JobFolder folder, string job)
    {
        await using WorkerProcess worker = folder.Start(more: [.. _database.Settings, "--sign-in", job]);
        await EventuallyAsync(() => Address(worker) is not null);
        (await s_browser.GetAsync(Address(worker))).Dispose();
        Assert.Equal((0, ""), await worker.ExitAsync());
        return worker.Logged;
    }
}
