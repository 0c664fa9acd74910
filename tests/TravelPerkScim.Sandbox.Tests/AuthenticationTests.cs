using System.Net;
using System.Security;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class AuthenticationTests
{
    [Theory]
    [InlineData("ApiKey the-key", "1", true)]
    [InlineData("apikey the-key", "1", true)]
    [InlineData("Bearer first-token", null, true)]
    [InlineData("bearer second-token", null, true)]
    [InlineData("ApiKey the-key", null, false)]
    [InlineData("ApiKey the-key", "2", false)]
    [InlineData("ApiKey the-kez", "1", false)]
    [InlineData("ApiKey first-token", "1", false)]
    [InlineData("Bearer the-key", "1", false)]
    [InlineData("Bearer third-token", null, false)]
    [InlineData("Bearer", null, false)]
    [InlineData("Basic dXNlcjpwdw==", "1", false)]
    [InlineData(null, "1", false)]
    public async Task Only_a_known_credential_opens_the_door(string? authorization, string? apiVersion, bool accepted)
    {
        await using var sandbox = TravelPerkSandbox.Start(
            new SandboxOptions { ApiKey = Server.Hide("the-key"), BearerTokens = [Server.Hide("first-token"), Server.Hide("second-token")] }
        );
        using HttpClient http = new() { BaseAddress = sandbox.BaseUri };
        if (authorization is not null)
            _ = http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        if (apiVersion is not null)
            http.DefaultRequestHeaders.Add("Api-Version", apiVersion);

        using HttpResponseMessage response = await http.GetAsync("Users");

        Answer answer = await Answer.ReadAsync(response);
        if (accepted)
        {
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            return;
        }
        answer.AssertError(HttpStatusCode.Unauthorized, null);
        Assert.Equal(["ApiKey", "Bearer"], answer.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));
        Assert.DoesNotContain("the-ke", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("token\"", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_given_key_each_sandbox_has_its_own()
    {
        await using Server one = Server.Start(),
            other = Server.Start();
        using SecureString key = one.Sandbox.GetApiKey(),
            otherKey = other.Sandbox.GetApiKey();

        Assert.NotEqual(Server.Reveal(key), Server.Reveal(otherKey));
        Assert.Equal(48, key.Length);
        Assert.Equal(HttpStatusCode.OK, (await one.GetAsync("Users")).Status);
    }

    [Fact]
    public async Task A_refused_write_writes_nothing()
    {
        await using var server = Server.Start();
        server.Http.DefaultRequestHeaders.Remove("Api-Version");

        (await server.PostAsync(Server.User("a@x.com"))).AssertError(HttpStatusCode.Unauthorized, null);

        Assert.Equal(0, server.Sandbox.UserCount);
    }
}
