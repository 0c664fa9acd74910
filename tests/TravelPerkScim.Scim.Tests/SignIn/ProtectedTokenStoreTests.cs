using System.Security;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Scim.Tests.SignIn;

public class ProtectedTokenStoreTests
{
    // Where there is a protected store it keeps tokens; where there is none it says so, and nothing is on the disk.
    [Fact]
    public async Task Tokens_are_kept_protected_or_not_at_all()
    {
        var store = new ProtectedTokenStore();
        string name = "TravelPerkScim-test-" + Guid.NewGuid().ToString("N");
        string token = "canary-" + Guid.NewGuid().ToString("N");
        try
        {
            await store.WriteAsync(name, ScriptedServer.Secret(token), CancellationToken.None);
            using SecureString? read = await store.ReadAsync(name, CancellationToken.None);
            Assert.Equal(token, SecretText.Reveal(read!));
            await store.RemoveAsync(name, CancellationToken.None);
            Assert.Null(await store.ReadAsync(name, CancellationToken.None));
        }
        catch (ScimException e)
        {
            Assert.False(OperatingSystem.IsWindows());
            Assert.Equal("TokenStoreUnavailable", e.ErrorId);
            Assert.Contains("-TokenVault", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(token, e.ToString(), StringComparison.Ordinal);
        }

        string folder = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "TravelPerkScim"
        );
        foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [])
            Assert.DoesNotContain(token, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }
}
