using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Connection;
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
    private const int LooksAfterLostAnswer = 9;
    private const int Attempts = 3;

    private static readonly GraphNeed s_read = new(EntraPermissions.Applications, "the enterprise application")
    {
        Action = "reading the signing certificates of the enterprise application",
    };
    private static readonly GraphNeed s_make = new(EntraPermissions.ApplicationsWrite, "the enterprise application")
    {
        Action = "making a signing certificate",
    };
    private static readonly GraphNeed s_write = new(EntraPermissions.ApplicationsWrite, "the enterprise application")
    {
        Action = "changing the signing certificates of the enterprise application",
    };

    private readonly GraphRequests _requests = new(directory);
    private readonly Settling _settling = new(directory.Options.TimeProvider, progress);
    private readonly SingleSignOnSetup _setup = new(directory, progress);

    private DateTimeOffset Now => directory.Options.TimeProvider.GetUtcNow();

    /// <summary>The certificates, the one that lasts longest first.</summary>
    /// <exception cref="SourceException">Graph cannot be read.</exception>
    public async Task<IReadOnlyList<SigningCertificate>> ReadAsync(EntraApplication application, CancellationToken cancellationToken) =>
        (await _setup.ReadObjectsAsync(application, cancellationToken).ConfigureAwait(false)).Certificates;

    /// <summary>
    /// The certificate that comes next: valid, inactive and lasting longer than the active one; null when one has to be made.
    /// </summary>
    public SigningCertificate? Next(IReadOnlyList<SigningCertificate> certificates)
    {
        SigningCertificate? active = certificates.FirstOrDefault(one => one.IsActive);
        return certificates.FirstOrDefault(one => !one.IsActive && one.IsValid(Now) && (active is null || one.NotAfter > active.NotAfter));
    }

    /// <summary>
    /// Those that nothing needs any more: ended, or ending before the active one. None while no valid certificate is active.
    /// </summary>
    public IReadOnlyList<SigningCertificate> Old(IReadOnlyList<SigningCertificate> certificates) =>
        certificates.FirstOrDefault(one => one.IsActive && one.IsValid(Now)) is { } active
            ? [.. certificates.Where(one => !one.IsActive && (!one.IsValid(Now) || one.NotAfter < active.NotAfter))]
            : [];

    /// <summary>
    /// Makes a certificate, valid for three years and not active. One that is there to come next is given instead, so that an interrupted
    /// command does not leave a second one.
    /// </summary>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>; or Graph refused it.</exception>
    public async Task<SigningCertificate> CreateAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        const string What = "the signing certificate";
        SigningCertificate? made = await _settling.LookAsync(What, Settling.GoodInARow, LookAsync, cancellationToken).ConfigureAwait(false);
        string? thumbprint = made?.Thumbprint;
        for (int attempt = 1; thumbprint is null; attempt++)
        {
            try
            {
                thumbprint = await AddAsync(application, cancellationToken).ConfigureAwait(false);
            }
            catch (SourceException e) when (e.ErrorId is "EntraUnreachable" or "EntraResponseInvalid")
            {
                thumbprint = (
                    await _settling.LookAsync(What, LooksAfterLostAnswer, LookAsync, cancellationToken).ConfigureAwait(false)
                )?.Thumbprint;
                if (thumbprint is null && attempt == Attempts)
                    throw;
            }
        }
        return await _settling
            .UntilAsync(
                What,
                async token =>
                    (await ReadAsync(application, token).ConfigureAwait(false)).FirstOrDefault(one =>
                        one.Thumbprint.Equals(thumbprint, StringComparison.OrdinalIgnoreCase)
                    ),
                cancellationToken
            )
            .ConfigureAwait(false);

        async Task<SigningCertificate?> LookAsync(CancellationToken token) =>
            Next(await ReadAsync(application, token).ConfigureAwait(false));
    }

    /// <summary>Has Entra sign with a certificate from now on. Returns when that is seen.</summary>
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
        (
            await _settling
                .RetryAsync(
                    "the enterprise application",
                    token => _requests.SendAsync(Method.PATCH, $"servicePrincipals/{application.ObjectId}", body, s_write, token),
                    cancellationToken
                )
                .ConfigureAwait(false)
        )?.Dispose();
        return await _settling
            .UntilAsync(
                "the active signing certificate",
                async token =>
                    (await ReadAsync(application, token).ConfigureAwait(false)).FirstOrDefault(one =>
                        one.IsActive && one.Thumbprint == certificate.Thumbprint
                    ),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Removes certificates with their private keys and passwords; all others are sent back as they were read.</summary>
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
        // The whole list is replaced: one read from a copy that is behind would remove a certificate that was made a moment ago.
        HashSet<string>? before = null;
        JsonObject keys = await _settling
            .UntilAsync(
                "the same certificates",
                async token =>
                {
                    using JsonDocument? answer = await _requests
                        .SendAsync(
                            Method.GET,
                            $"servicePrincipals/{application.ObjectId}?$select=id,keyCredentials,passwordCredentials",
                            null,
                            s_read,
                            token
                        )
                        .ConfigureAwait(false);
                    JsonObject read =
                        answer is not null
                        && JsonText.Property(answer.RootElement, "keyCredentials") is { ValueKind: JsonValueKind.Array }
                        && JsonText.Property(answer.RootElement, "passwordCredentials") is { ValueKind: JsonValueKind.Array }
                            ? JsonObject.Create(answer.RootElement.Clone())!
                            : throw GraphFailure.Invalid("has no list of certificates");
                    HashSet<string> ids = [.. read["keyCredentials"]!.AsArray().Select(key => $"{key?["keyId"]}")];
                    bool same = before is null || ids.SetEquals(before);
                    before = ids;
                    return same ? read : null;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        var body = new JsonObject { ["keyCredentials"] = Left("keyCredentials"), ["passwordCredentials"] = Left("passwordCredentials") };
        (
            await _settling
                .RetryAsync(
                    "the enterprise application",
                    token => _requests.SendAsync(Method.PATCH, $"servicePrincipals/{application.ObjectId}", body, s_write, token),
                    cancellationToken
                )
                .ConfigureAwait(false)
        )?.Dispose();
        await _settling
            .UntilAsync(
                "that the old certificates are gone",
                async token =>
                    (await ReadAsync(application, token).ConfigureAwait(false)).Any(one =>
                        one.Identifier is { } identifier && gone.Contains(identifier)
                    )
                        ? null
                        : application,
                cancellationToken
            )
            .ConfigureAwait(false);

        JsonArray Left(string list) =>
            [
                .. keys[list]!
                    .AsArray()
                    .Where(key => $"{key?["customKeyIdentifier"]}" is var identifier && !gone.Contains(identifier))
                    .Select(key => key?.DeepClone()),
            ];
    }

    private async Task<string> AddAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        // Without a date it is three years, which is the longest.
        using JsonDocument? answer = await _requests
            .SendOnceAsync(
                Method.POST,
                $"servicePrincipals/{application.ObjectId}/addTokenSigningCertificate",
                new JsonObject { ["displayName"] = Subject },
                s_make,
                cancellationToken
            )
            .ConfigureAwait(false);
        return answer is not null && JsonText.Of(answer.RootElement, "thumbprint") is { Length: > 0 } thumbprint
            ? thumbprint
            : throw GraphFailure.Invalid("names no certificate");
    }
}
