using System.Net;
using System.Security;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>Refresh tokens in PostgreSQL: which process may spend one, and whose new token stays.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresTokenTests(PostgresCluster postgres)
{
    private const string Key = "contoso";
    private const string Name = "the client";

    [PostgresFact]
    public async Task A_process_that_read_an_older_token_does_not_overwrite_the_newer_one()
    {
        string database = postgres.NewDatabase();
        using var server = new PostgresServer(database);
        using var state = JobState.Open(server.StoreOf(Key), "test");
        PostgresTokenStore one = Store(server),
            two = Store(server);
        await WriteAsync(one, "first");
        Assert.Equal("first", await ReadAsync(two));
        await WriteAsync(one, "second");

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => WriteAsync(two, "third"));

        Assert.Equal("TokenStoreUnavailable", error.ErrorId);
        Assert.Equal("second", await ReadAsync(one));
        // What another process wrote is known now.
        await WriteAsync(two, "third");
        Assert.Equal("third", await ReadAsync(one));
    }

    [PostgresFact]
    public async Task A_write_whose_answer_was_lost_can_be_repeated()
    {
        using var server = new PostgresServer(postgres.NewDatabase());
        using var state = JobState.Open(server.StoreOf(Key), "test");
        PostgresTokenStore store = Store(server);
        await WriteAsync(store, "first");
        await WriteAsync(Store(server), "first");

        await WriteAsync(store, "first");

        Assert.Equal("first", await ReadAsync(store));
        await store.RemoveAsync(Name, default);
        Assert.Null(await ReadAsync(store));
    }

    [PostgresFact]
    public async Task Without_a_lease_that_lasts_no_token_is_spent()
    {
        string database = postgres.NewDatabase();
        using var server = new PostgresServer(database, new FakeTimeProvider());
        await using var sandbox = TravelPerkSandbox.Start(new SandboxOptions());
        using SecureString secret = sandbox.GetClientSecret();
        var options = new OAuthOptions
        {
            Endpoints = OAuthEndpoints.For(sandbox.BaseUri),
            ClientId = sandbox.ClientId,
            ClientSecret = secret,
            Store = Store(server),
        };
        using var browser = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var state = JobState.Open(server.StoreOf(Key), "test");
        (await OAuthSignIn.AuthorizeAsync(options, Open, default)).Dispose();
        SetLease("36 seconds");
        (await OAuthSignIn.ResumeAsync(options, default)).Dispose();
        long before = sandbox.RequestCount;
        SetLease("34 seconds");

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => OAuthSignIn.ResumeAsync(options, default));

        Assert.Equal("TokenStoreUnavailable", error.ErrorId);
        Assert.Equal(before, sandbox.RequestCount);

        Task Open(Uri address)
        {
            _ = browser.GetAsync(address);
            return Task.CompletedTask;
        }

        void SetLease(string left) =>
            PostgresCluster.Sql(database, $"UPDATE travelperkscim.job SET expires = clock_timestamp() + interval '{left}'");
    }

    [PostgresFact]
    public async Task A_database_that_is_gone_is_one_clear_error()
    {
        using var nowhere = new PostgresServer("Host=127.0.0.1;Port=1;Username=sync;Password=hunter2;Database=states");

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => ReadAsync(Store(nowhere)));

        Assert.Equal("TokenStoreUnavailable", error.ErrorId);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    private static PostgresTokenStore Store(PostgresServer server) => new(server, Key, new TurnedKeys());

    private static Task WriteAsync(PostgresTokenStore store, string token) =>
        store.WriteAsync(Name, new NetworkCredential("", token).SecurePassword, default);

    private static async Task<string?> ReadAsync(PostgresTokenStore store)
    {
        using SecureString? token = await store.ReadAsync(Name, default);
        return token is null ? null : new NetworkCredential("", token).Password;
    }
}
