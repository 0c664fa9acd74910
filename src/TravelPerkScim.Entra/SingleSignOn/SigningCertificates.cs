using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.SingleSignOn;

/// <summary>
/// Makes, activates and removes the certificates that Entra signs with. Private keys are made in Entra and stay there. Source: "Tutorial:
/// Manage federation certificates in Microsoft Entra ID".
/// </summary>
/// <param name="directory">The tenant.</param>
/// <param name="progress">Told what is waited for.</param>
public sealed class SigningCertificates(EntraDirectory directory, IProgress<string>? progress = null)
{
    private const string Subject = "CN=TravelPerk SSO";

    private static readonly GraphNeed s_read = ApplicationNeeds.Read("reading the signing certificates of the enterprise application");
    private static readonly GraphNeed s_make = ApplicationNeeds.Write("making a signing certificate");
    private static readonly GraphNeed s_write = ApplicationNeeds.Write("changing the signing certificates of the enterprise application");

    private readonly GraphRequests _requests = new(directory);
    private readonly Settling _settling = new(directory.Options.TimeProvider, progress);
    private readonly SingleSignOnSetup _setup = new(directory, progress);

    private DateTimeOffset Now => directory.Options.TimeProvider.GetUtcNow();

    /// <summary>The certificates, the one that lasts longest first.</summary>
    /// <exception cref="SourceException">Graph cannot be read.</exception>
    public async Task<IReadOnlyList<SigningCertificate>> ReadAsync(EntraApplication application, CancellationToken cancellationToken) =>
        (await _setup.ReadObjectsAsync(application, cancellationToken).ConfigureAwait(false)).Certificates;

    /// <summary>
    /// The certificate that follows the active one: valid, inactive and valid for longer. Null when a certificate has to be made.
    /// </summary>
    public SigningCertificate? Next(IReadOnlyList<SigningCertificate> certificates)
    {
        SigningCertificate? active = certificates.FirstOrDefault(one => one.IsActive);
        IEnumerable<SigningCertificate> ready = certificates.Where(one => !one.IsActive && one.IsValid(Now));
        return ready.FirstOrDefault(one => active is null || one.NotAfter > active.NotAfter);
    }

    /// <summary>
    /// The certificates that are of no more use, because they end before the active one or have ended. None while no valid certificate is
    /// active.
    /// </summary>
    public IReadOnlyList<SigningCertificate> Old(IReadOnlyList<SigningCertificate> certificates)
    {
        SigningCertificate? active = certificates.FirstOrDefault(one => one.IsActive && one.IsValid(Now));
        if (active is null)
            return [];
        return [.. certificates.Where(one => !one.IsActive && one.NotAfter < active.NotAfter)];
    }

    /// <summary>
    /// Makes a certificate, valid for three years and not active. If there is a certificate already that follows the active one, the method
    /// gives that one, so that an interrupted command does not leave a second one.
    /// </summary>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>; or Graph refused it.</exception>
    public async Task<SigningCertificate> CreateAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        const string What = "the signing certificate";
        string thumbprint = await _settling
            .MakeOnceAsync(What, NextThumbprintAsync, token => AddAsync(application, token), cancellationToken)
            .ConfigureAwait(false);
        return await UntilSeenAsync(
                What,
                application,
                one => one.Thumbprint.Equals(thumbprint, StringComparison.OrdinalIgnoreCase),
                cancellationToken
            )
            .ConfigureAwait(false);

        async Task<string?> NextThumbprintAsync(CancellationToken token) =>
            Next(await ReadAsync(application, token).ConfigureAwait(false))?.Thumbprint;
    }

    /// <summary>Has Entra sign with a certificate from now on. Returns when Graph shows it as active.</summary>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>; or Graph refused it.</exception>
    public async Task<SigningCertificate> ActivateAsync(
        EntraApplication application,
        SigningCertificate certificate,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(certificate);
        var body = new JsonObject { ["preferredTokenSigningKeyThumbprint"] = certificate.Thumbprint };
        await PatchAsync(application, body, cancellationToken).ConfigureAwait(false);
        return await UntilSeenAsync(
                "the active signing certificate",
                application,
                one => one.IsActive && one.Thumbprint == certificate.Thumbprint,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Removes certificates with their private keys and passwords. All other certificates are sent back as they were
    /// read.</summary>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>; or Graph refused it.</exception>
    public async Task RemoveAsync(
        EntraApplication application,
        IReadOnlyList<SigningCertificate> certificates,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(application);
        HashSet<string> gone = [.. certificates.Select(one => one.Identifier).OfType<string>()];
        if (gone.Count == 0)
            return;
        JsonObject keys = await _settling
            .AgreedAsync("the same certificates", token => ReadKeysAsync(application, token), HaveSameKeys, cancellationToken)
            .ConfigureAwait(false);
        var body = new JsonObject
        {
            ["keyCredentials"] = Without(gone, keys["keyCredentials"]!.AsArray()),
            ["passwordCredentials"] = Without(gone, keys["passwordCredentials"]!.AsArray()),
        };
        await PatchAsync(application, body, cancellationToken).ConfigureAwait(false);
        await _settling
            .UntilAsync(
                "that the old certificates are gone",
                async token => await HasAnyAsync(token).ConfigureAwait(false) ? null : application,
                cancellationToken
            )
            .ConfigureAwait(false);

        async Task<bool> HasAnyAsync(CancellationToken token) =>
            (await ReadAsync(application, token).ConfigureAwait(false)).Any(one => gone.Contains(one.Identifier ?? ""));
    }

    private static JsonArray Without(HashSet<string> gone, JsonArray keys) =>
        [.. keys.Where(key => !gone.Contains($"{key?["customKeyIdentifier"]}")).Select(key => key?.DeepClone())];

    private async Task<JsonObject> ReadKeysAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        string path = $"servicePrincipals/{application.ObjectId}?$select=id,keyCredentials,passwordCredentials";
        using JsonDocument? answer = await _requests.SendAsync(Method.GET, path, null, s_read, cancellationToken).ConfigureAwait(false);
        JsonElement keys = JsonText.Root(answer);
        const string NoList = "has no list of certificates";
        JsonText.RequiredList(keys, "keyCredentials", NoList);
        JsonText.RequiredList(keys, "passwordCredentials", NoList);
        return JsonObject.Create(keys.Clone())!;
    }

    private static bool HaveSameKeys(JsonObject one, JsonObject other) => KeyIds(one).SetEquals(KeyIds(other));

    private static HashSet<string> KeyIds(JsonObject keys) => [.. keys["keyCredentials"]!.AsArray().Select(key => $"{key?["keyId"]}")];

    private Task PatchAsync(EntraApplication application, JsonObject body, CancellationToken cancellationToken) =>
        _settling.RetryAsync(
            "the enterprise application",
            token => _requests.ChangeAsync(Method.PATCH, $"servicePrincipals/{application.ObjectId}", body, s_write, token),
            cancellationToken
        );

    private Task<SigningCertificate> UntilSeenAsync(
        string what,
        EntraApplication application,
        Func<SigningCertificate, bool> isWanted,
        CancellationToken cancellationToken
    ) =>
        _settling.UntilAsync(
            what,
            async token => (await ReadAsync(application, token).ConfigureAwait(false)).FirstOrDefault(isWanted),
            cancellationToken
        );

    private async Task<string> AddAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        // Without a date the certificate is valid for three years, which is the longest time.
        using JsonDocument? answer = await _requests
            .SendOnceAsync(
                Method.POST,
                $"servicePrincipals/{application.ObjectId}/addTokenSigningCertificate",
                new JsonObject { ["displayName"] = Subject },
                s_make,
                cancellationToken
            )
            .ConfigureAwait(false);
        return JsonText.NotEmpty(JsonText.Root(answer), "thumbprint") ?? throw GraphFailure.Invalid("names no certificate");
    }
}
