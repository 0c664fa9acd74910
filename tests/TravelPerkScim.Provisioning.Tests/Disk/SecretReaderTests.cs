using System.Net;
using System.Security;
using System.Text;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Provisioning.Tests.Disk;

/// <summary>The places that a job names for its secrets.</summary>
public sealed class SecretReaderTests : IDisposable
{
    private const string Canary = "canary-8d1e-secret";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("secret-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(Canary)]
    [InlineData(Canary + "\n")]
    [InlineData(Canary + "\r\n")]
    [InlineData("\uFEFF" + Canary + "\n")]
    public async Task A_file_holds_the_secret_and_one_line_end(string content)
    {
        Assert.Equal(Canary, await ReadAsync(Place(Written(content))));
    }

    [Fact]
    public async Task Only_one_line_end_is_taken_off() => Assert.Equal(Canary + "\n", await ReadAsync(Place(Written(Canary + "\n\n"))));

    [Fact]
    public async Task An_environment_variable_holds_the_secret()
    {
        string name = $"SECRET_{Guid.NewGuid():N}";
        SecretPlace place = new(SecretFrom.Environment, name);
        Assert.Contains(name, (await FailAsync(place, "SecretMissing")).Message, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(name, Canary + "\n");

        Assert.Equal(Canary, await ReadAsync(place));
        Environment.SetEnvironmentVariable(name, "\n");
        await FailAsync(place, "SecretInvalid");
        Environment.SetEnvironmentVariable(name, null);
    }

    [Fact]
    public async Task The_protected_store_keeps_the_secrets_of_jobs_apart_from_sign_ins()
    {
        var store = new MemoryStore();
        var secrets = new ProtectedSecrets(store);
        SecretPlace place = new(SecretFrom.Protected, "contoso");
        var reader = new SecretReader(protectedSecrets: secrets);
        Assert.Equal("SecretMissing", (await Assert.ThrowsAsync<ProvisioningException>(() => reader.ReadAsync(place, default))).ErrorId);
        using SecureString given = new NetworkCredential("", Canary).SecurePassword;

        await secrets.WriteAsync(place, given, default);

        using SecureString read = await reader.ReadAsync(place, default);
        Assert.Equal(Canary, new NetworkCredential("", read).Password);
        Assert.Equal(["secret-contoso"], store.Names);
    }

    [Fact]
    public async Task Where_there_is_no_protected_store_the_way_out_is_named()
    {
        var secrets = new ProtectedSecrets(new MemoryStore { Fails = true });

        ProvisioningException failed = await Assert.ThrowsAsync<ProvisioningException>(() =>
            secrets.ReadAsync(new SecretPlace(SecretFrom.Protected, "contoso"), default)
        );

        Assert.Equal("SecretUnreadable", failed.ErrorId);
        Assert.Contains("Name a file or a vault", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Systemd_and_Kubernetes_are_understood()
    {
        Written(Canary);
        // Kubernetes mounts secrets as links into a folder that it exchanges.
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "linked"), "key");
        SecretPlace credential = Place("%CREDENTIALS_DIRECTORY%/linked");
        Assert.Contains("LoadCredential", (await FailAsync(credential, "SecretMissing")).Message, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", _folder.FullName);
        try
        {
            Assert.Equal(Canary, await ReadAsync(credential));
            Assert.Contains(
                _folder.FullName,
                (await FailAsync(Place("%CREDENTIALS_DIRECTORY%/nothing"), "SecretMissing")).Message,
                StringComparison.Ordinal
            );
        }
        finally
        {
            Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", null);
        }
    }

    [Theory]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task A_file_that_every_account_can_read_is_refused_with_the_way_out(UnixFileMode others)
    {
        if (OperatingSystem.IsWindows())
            return;
        string path = Written(Canary);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        Assert.Contains($"chmod 600 '{path}'", (await FailAsync(Place(path), "SecretExposed")).Message, StringComparison.Ordinal);

        // A group that a service belongs to may read it.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Equal(Canary, await ReadAsync(Place(path)));
    }

    [Fact]
    public async Task Content_that_is_no_secret_is_refused_and_not_shown()
    {
        await FailAsync(Place(Path.Combine(_folder.FullName, "nothing")), "SecretMissing");
        await FailAsync(Place(Path.Combine(_folder.FullName, "nothing", "key")), "SecretMissing");
        await FailAsync(Place(Written("")), "SecretInvalid");
        await FailAsync(Place(Written("\n")), "SecretInvalid");
        await FailAsync(Place(Written(Canary + new string('x', 20_000))), "SecretInvalid");
        File.WriteAllBytes(Path.Combine(_folder.FullName, "key"), [.. Encoding.UTF8.GetBytes(Canary), 0xFF]);
        await FailAsync(Place(Path.Combine(_folder.FullName, "key")), "SecretInvalid");
        await FailAsync(Place(_folder.FullName), "SecretMissing", "SecretUnreadable");
        await FailAsync(Place("key"), "SecretPathRefused");
        await FailAsync(Place("//server/share/key"), "SecretPathRefused");
        await FailAsync(Place(@"\\server\share\key"), "SecretPathRefused");
        if (!OperatingSystem.IsWindows())
            await FailAsync(Place("/dev/zero"), "SecretInvalid");
    }

    [Fact]
    public async Task A_vault_is_asked_where_there_is_one()
    {
        SecretPlace place = new(SecretFrom.Vault, "TravelPerk", Vault: "Automation");
        await FailAsync(place, "SecretUnreadable");
        Assert.Contains(
            "'TravelPerk' of the vault 'Automation'",
            (await FailAsync(place, new SecretReader(new Vault(null)), "SecretMissing")).Message,
            StringComparison.Ordinal
        );

        using SecureString secret = await new SecretReader(new Vault(Canary)).ReadAsync(place, default);
        Assert.Equal(Canary, new NetworkCredential("", secret).Password);
    }

    private static async Task<string> ReadAsync(SecretPlace place)
    {
        using SecureString secret = await new SecretReader().ReadAsync(place, default);
        return new NetworkCredential("", secret).Password;
    }

    private static Task<ProvisioningException> FailAsync(SecretPlace place, params string[] errorIds) =>
        FailAsync(place, new SecretReader(), errorIds);

    private static async Task<ProvisioningException> FailAsync(SecretPlace place, SecretReader reader, params string[] errorIds)
    {
        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() => reader.ReadAsync(place, default));
        Assert.Contains(error.ErrorId, errorIds);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
        return error;
    }

    private static SecretPlace Place(string path) => new(SecretFrom.File, Path: path);

    private string Written(string content)
    {
        string path = Path.Combine(_folder.FullName, "key");
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private sealed class Vault(string? secret) : ISecretVault
    {
        public Task<SecureString?> ReadAsync(string? vault, string name, CancellationToken cancellationToken) =>
            Task.FromResult(secret is null ? null : new NetworkCredential("", secret).SecurePassword);
    }

    private sealed class MemoryStore : ITokenStore
    {
        private readonly Dictionary<string, string> _kept = new(StringComparer.Ordinal);

        public bool Fails { get; init; }

        public IEnumerable<string> Names => _kept.Keys;

        public Task<SecureString?> ReadAsync(string name, CancellationToken cancellationToken) =>
            Fails
                ? throw new ScimException(ScimFailure.SecretStore, "TokenStoreUnavailable", "There is no store.")
                : Task.FromResult(_kept.TryGetValue(name, out string? text) ? new NetworkCredential("", text).SecurePassword : null);

        public Task WriteAsync(string name, SecureString refreshToken, CancellationToken cancellationToken)
        {
            _kept[name] = new NetworkCredential("", refreshToken).Password;
            return Task.CompletedTask;
        }

        public Task RemoveAsync(string name, CancellationToken cancellationToken) => Task.FromResult(_kept.Remove(name));
    }
}
