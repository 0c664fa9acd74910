using System.Net;
using System.Security;
using System.Text;
using Azure.Core;
using Azure.Identity;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Tests;

/// <summary>Secrets of Azure Key Vault: the request that is sent, each answer, and where no token goes.</summary>
public sealed class KeyVaultTests
{
    private static readonly SecretPlace s_place = new(SecretFrom.KeyVault, "travelperk", Vault: "https://contoso.vault.azure.net");

    [Fact]
    public async Task The_secret_is_read_with_a_token_for_key_vaults()
    {
        using var azure = new Azure(
            HttpStatusCode.OK,
            """{"value":"k\u00e9y\"1","id":"https://contoso.vault.azure.net/secrets/travelperk/1","attributes":{"value":"no"}}"""
        );

        using SecureString secret = await new SecretReader(keyVault: azure.Reader).ReadAsync(s_place, default);

        Assert.Equal("kéy\"1", new NetworkCredential("", secret).Password);
        Assert.Equal("https://contoso.vault.azure.net/secrets/travelperk?api-version=7.4", azure.Asked!.RequestUri!.AbsoluteUri);
        Assert.Equal("Bearer token-of-this-machine", azure.Asked.Headers.Authorization!.ToString());
        Assert.Equal(["https://vault.azure.net/.default"], azure.Scopes);
    }

    [Theory]
    [InlineData(404, "", "SecretMissing", "is not there")]
    [InlineData(403, "", "SecretUnreadable", "Key Vault Secrets User")]
    [InlineData(401, "", "SecretUnreadable", "Key Vault Secrets User")]
    [InlineData(302, "", "SecretUnreadable", "answered 302")]
    [InlineData(500, "", "SecretUnreadable", "Try again later")]
    [InlineData(200, "{\"value\":1,\"x\":\"s3cret", "SecretUnreadable", "something else")]
    [InlineData(200, "{\"value\":\"\"}", "SecretInvalid", "empty")]
    public async Task Each_answer_that_is_no_secret_says_what_to_do(int status, string body, string errorId, string told)
    {
        using var azure = new Azure((HttpStatusCode)status, body);

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() =>
            new SecretReader(keyVault: azure.Reader).ReadAsync(s_place, default)
        );

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.Contains("travelperk", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_identity_it_says_so()
    {
        using var azure = new Azure(HttpStatusCode.OK, "{}", signsIn: false);

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(() =>
            new SecretReader(keyVault: azure.Reader).ReadAsync(s_place, default)
        );

        Assert.Equal("SecretUnreadable", error.ErrorId);
        Assert.Contains("managed or workload identity", error.Message, StringComparison.Ordinal);
        Assert.Null(azure.Asked);
    }

    [Theory]
    [InlineData("https://contoso.vault.azure.net", true)]
    [InlineData("https://contoso.vault.azure.net/", true)]
    [InlineData("https://contoso.vault.usgovcloudapi.net", true)]
    [InlineData("https://contoso.vault.azure.cn", true)]
    [InlineData("http://contoso.vault.azure.net", false)]
    [InlineData("https://contoso.vault.azure.net:8443", false)]
    [InlineData("https://contoso.vault.azure.net.example.com", false)]
    [InlineData("https://vault.azure.net", false)]
    [InlineData("https://a.contoso.vault.azure.net", false)]
    [InlineData("https://user@contoso.vault.azure.net", false)]
    [InlineData("https://contoso.vault.azure.net/secrets/x", false)]
    [InlineData("https://contoso.vault.azure.net?x=1", false)]
    [InlineData("https://attacker.example/contoso.vault.azure.net", false)]
    [InlineData("contoso", false)]
    [InlineData(null, false)]
    public void Only_the_address_of_a_key_vault_is_accepted_as_one(string? address, bool isOne) =>
        Assert.Equal(isOne, KeyVaultAddress.TryParse(address, out _, out _));

    /// <summary>Stands in for the identity of the machine and the vault.</summary>
    private sealed class Azure : HttpMessageHandler
    {
        private readonly HttpStatusCode _status;
        private readonly string _body;

        public Azure(HttpStatusCode status, string body, bool signsIn = true)
        {
            (_status, _body) = (status, body);
            Reader = new KeyVaultReader(new Identity(this, signsIn), this);
        }

        public KeyVaultReader Reader { get; }

        public HttpRequestMessage? Asked { get; private set; }

        public string[] Scopes { get; private set; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = request;
            return Task.FromResult(
                new HttpResponseMessage(_status) { Content = new StringContent(_body, Encoding.UTF8, "application/json") }
            );
        }

        private sealed class Identity(Azure azure, bool signsIn) : TokenCredential
        {
            public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
                throw new NotSupportedException();

            public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
            {
                azure.Scopes = requestContext.Scopes;
                return signsIn
                    ? ValueTask.FromResult(new AccessToken("token-of-this-machine", DateTimeOffset.MaxValue))
                    : throw new CredentialUnavailableException("No identity.");
            }
        }
    }
}
