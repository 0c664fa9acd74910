using System.Net;
using System.Net.Http.Headers;
using System.Security;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Core;
using Azure.Identity;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Connection;

/// <summary>Reads secrets of Azure Key Vault with the identity of the machine or pod: a managed identity, or a workload identity where the
/// cluster gives one.</summary>
/// <remarks>One request of the vault's REST interface is enough, so the module needs no library for it.</remarks>
public sealed class KeyVaultReader : ISecretVault, IDisposable
{
    private const string Version = "7.4";

    private readonly TokenCredential _credential;
    private readonly HttpClient _http;

    /// <summary>Signs in with the identity of the machine; <c>AZURE_CLIENT_ID</c> names a user-assigned one.</summary>
    public KeyVaultReader()
        : this(
            OwnIdentity(),
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(15),
            }
        ) { }

    internal KeyVaultReader(TokenCredential credential, HttpMessageHandler handler)
    {
        _credential = credential;
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = 256 << 10 };
    }

    /// <inheritdoc/>
    public async Task<SecureString?> ReadAsync(string? vault, string name, CancellationToken cancellationToken)
    {
        if (!KeyVaultAddress.TryParse(vault, out Uri? address, out string? scope) || !KeyVaultAddress.IsSecretName(name))
        {
            throw new ProvisioningException(
                "SecretPathRefused",
                $"'{vault}' is no address of a key vault, or '{name}' no name of a secret in one."
            );
        }
        try
        {
            AccessToken token = await _credential.GetTokenAsync(new TokenRequestContext([scope]), cancellationToken).ConfigureAwait(false);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"secrets/{name}?api-version={Version}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
            using HttpResponseMessage answer = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.NotFound)
                return null;
            if (answer.StatusCode != HttpStatusCode.OK)
                throw Refused(address, name, answer.StatusCode);
            return Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false), address, name);
        }
        catch (AuthenticationFailedException e)
        {
            throw Unreadable(
                address,
                name,
                "could not be asked, because this machine has no managed or workload identity that signs in. "
                    + "Give it one, and set AZURE_CLIENT_ID for one that is user-assigned.",
                e
            );
        }
        catch (HttpRequestException e)
        {
            throw Unreadable(address, name, "cannot be reached. Check the vault's name and the network.", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreadable(address, name, "did not answer in time. Try again later.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static ChainedTokenCredential OwnIdentity()
    {
        string? client = Environment.GetEnvironmentVariable("AZURE_CLIENT_ID");
        ManagedIdentityId identity = string.IsNullOrEmpty(client)
            ? ManagedIdentityId.SystemAssigned
            : ManagedIdentityId.FromUserAssignedClientId(client);
        return new ChainedTokenCredential(
            new WorkloadIdentityCredential(),
            new ManagedIdentityCredential(new ManagedIdentityCredentialOptions(identity))
        );
    }

    private static SecureString Parse(byte[] content, Uri vault, string name)
    {
        char[] text = [];
        try
        {
            var reader = new Utf8JsonReader(content);
            while (reader.Read())
            {
                if (
                    reader is not { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName }
                    || !reader.ValueTextEquals("value"u8)
                    || !reader.Read()
                    || reader.TokenType != JsonTokenType.String
                )
                {
                    continue;
                }
                text = new char[reader.ValueSpan.Length];
                int length = reader.CopyString(text);
                var secret = new SecureString();
                for (int i = 0; i < length; i++)
                    secret.AppendChar(text[i]);
                secret.MakeReadOnly();
                return secret;
            }
        }
        catch (JsonException)
        {
            // Its message might hold a part of the secret.
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            Array.Clear(text);
        }
        throw Unreadable(vault, name, "answered with something else than a secret.");
    }

    private static ProvisioningException Refused(Uri vault, string name, HttpStatusCode status)
    {
        string advice = status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? "Give the identity of this machine the role Key Vault Secrets User, and let the vault's network rules admit the machine; "
                + "a secret that is disabled or expired is refused too."
            : "Try again later.";
        return Unreadable(vault, name, FormattableString.Invariant($"answered {(int)status}. {advice}"));
    }

    private static ProvisioningException Unreadable(Uri vault, string name, string what, Exception? inner = null) =>
        new("SecretUnreadable", $"The secret of the job is the secret '{name}' of the key vault {vault.Host}, which {what}", inner);
}
