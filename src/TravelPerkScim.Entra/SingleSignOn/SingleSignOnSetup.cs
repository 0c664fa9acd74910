using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.SingleSignOn;

/// <summary>
/// Reads and sets up SAML single sign-on of an enterprise application. Source: "Configure SAML-based single sign-on by using the Microsoft
/// Graph API".
/// </summary>
/// <param name="directory">The tenant.</param>
/// <param name="progress">Told what is waited for.</param>
public sealed class SingleSignOnSetup(EntraDirectory directory, IProgress<string>? progress = null)
{
    private static readonly GraphNeed s_read = new(EntraPermissions.Applications, "the enterprise application")
    {
        Action = "reading the single sign-on of the enterprise application",
    };
    private static readonly GraphNeed s_policies = new(EntraPermissions.Policies, "the claims of the enterprise application")
    {
        Action = "reading the claims of the enterprise application",
    };
    private static readonly GraphNeed s_claims = new(EntraPermissions.PoliciesWrite, "the enterprise application")
    {
        Action = "changing the claims of the enterprise application",
    };
    private static readonly GraphNeed s_write = new(EntraPermissions.ApplicationsWrite, "the enterprise application")
    {
        Action = "changing the single sign-on of the enterprise application",
    };

    private readonly GraphRequests _requests = new(directory);
    private readonly Settling _settling = new(directory.Options.TimeProvider, progress);

    /// <summary>How the application signs in now. Claims that may not be read are left out.</summary>
    /// <exception cref="SourceException">Graph cannot be read.</exception>
    public async Task<SignOnState> ReadAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        SignOnState state = await ReadObjectsAsync(application, cancellationToken).ConfigureAwait(false);
        try
        {
            JsonObject? policy = await PolicyAsync(application, cancellationToken).ConfigureAwait(false);
            state = state with { Policy = policy, Claims = SignOnClaims.Read(policy) };
            return state with { MappingPolicies = await MappingPoliciesAsync(application, cancellationToken).ConfigureAwait(false) };
        }
        catch (SourceException e) when (e.ErrorId is GraphFailure.PermissionMissing or "EntraRequestRefused")
        {
            return state;
        }
    }

    /// <summary>
    /// Changes what differs, step by step. An interrupted run leaves some steps done, and the next one does the others.
    /// </summary>
    /// <param name="application">Which.</param>
    /// <param name="wanted">What it should be.</param>
    /// <param name="confirm">Asked before each change; false leaves it out.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What is there afterwards.</returns>
    /// <exception cref="SourceException"><c>EntraClaimsMappingAssigned</c>, <c>EntraApplicationForeign</c>, <c>EntraNotSettled</c>; or
    /// Graph refused it.</exception>
    public async Task<SignOnState> ApplyAsync(
        EntraApplication application,
        SignOnSettings wanted,
        Func<SignOnChange, Task<bool>> confirm,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(confirm);
        SignOnState state = await ReadObjectsAsync(application, cancellationToken).ConfigureAwait(false);
        if (wanted.SetsClaims)
        {
            // Before the first change: a set-up that is half done signs no user in.
            RefuseMappingPolicies(await MappingPoliciesAsync(application, cancellationToken).ConfigureAwait(false));
            JsonObject? policy = await PolicyAsync(application, cancellationToken).ConfigureAwait(false);
            state = state with { Policy = policy };
        }
        if (state.RegistrationId is null)
            throw new SourceException(
                "EntraApplicationForeign",
                $"The application '{application.DisplayName}' has no application object in this tenant, so "
                    + $"that its addresses cannot be set. Make one of this tenant's own with New-EntraApplication."
            );
        var done = new List<Predicate<SignOnState>>();

        await StepAsync(
                "single sign-on mode",
                "saml",
                state.Mode == "saml",
                now => now.Mode == "saml",
                () => PatchPrincipalAsync(application, "preferredSingleSignOnMode", "saml", cancellationToken)
            )
            .ConfigureAwait(false);

        (IReadOnlyList<string> identifiers, IReadOnlyList<string> replyUrls) = (
            With(state.Identifiers, wanted.Addresses.Identifier),
            With(state.ReplyUrls, wanted.Addresses.ReplyUrl)
        );
        bool Addressed(SignOnState now) => now.Identifiers.SequenceEqual(identifiers) && now.ReplyUrls.SequenceEqual(replyUrls);
        if (
            await StepAsync(
                    "identifier and reply URL",
                    $"{wanted.Addresses.Identifier}, {wanted.Addresses.ReplyUrl}",
                    Addressed(state),
                    Addressed,
                    () =>
                        PatchAsync(
                            $"applications/{state.RegistrationId}",
                            new JsonObject
                            {
                                ["identifierUris"] = List(identifiers),
                                ["web"] = new JsonObject { ["redirectUris"] = List(replyUrls) },
                            },
                            s_write,
                            cancellationToken
                        )
                )
                .ConfigureAwait(false)
        )
            await UntilAsync("the identifier and the reply URL", [Addressed]).ConfigureAwait(false);

        await StepAsync(
                "sign-on URL",
                wanted.Addresses.SignOnUrl,
                state.SignOnUrl == wanted.Addresses.SignOnUrl,
                now => now.SignOnUrl == wanted.Addresses.SignOnUrl,
                () => PatchPrincipalAsync(application, "loginUrl", wanted.Addresses.SignOnUrl, cancellationToken)
            )
            .ConfigureAwait(false);

        if (wanted.SetsClaims && SignOnClaims.Different(state.Policy) is { Count: > 0 } different)
        {
            await StepAsync(
                    "claims",
                    string.Join(", ", different.Select(claim => $"{claim.Name} from {claim.Source}")),
                    false,
                    _ => true,
                    () => SetClaimsAsync(application, state.Policy, cancellationToken)
                )
                .ConfigureAwait(false);
        }

        if (wanted.NotificationAddresses is { } addresses)
        {
            bool Told(SignOnState now) => now.NotificationAddresses.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(addresses);
            await StepAsync(
                    "notification addresses",
                    string.Join(", ", addresses),
                    Told(state),
                    Told,
                    () => PatchPrincipalAsync(application, "notificationEmailAddresses", List(addresses), cancellationToken)
                )
                .ConfigureAwait(false);
        }

        DateTimeOffset now = directory.Options.TimeProvider.GetUtcNow();
        if (state.Active?.IsValid(now) is not true)
        {
            var certificates = new SigningCertificates(directory, progress);
            SigningCertificate? next = state.Certificates.FirstOrDefault(one => one.IsValid(now));
            if (
                next is null
                && await confirm(new SignOnChange("signing certificate", "a new one, valid for three years, and active"))
                    .ConfigureAwait(false)
            )
                await certificates
                    .ActivateAsync(
                        application,
                        await certificates.CreateAsync(application, cancellationToken).ConfigureAwait(false),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            else if (
                next is not null
                && await confirm(
                        new SignOnChange("active signing certificate", $"{next.Thumbprint}, valid until {ShownTime.Text(next.NotAfter)}")
                    )
                    .ConfigureAwait(false)
            )
                await certificates.ActivateAsync(application, next, cancellationToken).ConfigureAwait(false);
        }
        if (done.Count > 0)
            await UntilAsync("what was changed", done).ConfigureAwait(false);
        return await ReadAsync(application, cancellationToken).ConfigureAwait(false);

        async Task<bool> StepAsync(string name, string to, bool isDone, Predicate<SignOnState> shows, Func<Task> change)
        {
            if (isDone || !await confirm(new SignOnChange(name, to)).ConfigureAwait(false))
                return false;
            await change().ConfigureAwait(false);
            done.Add(shows);
            return true;
        }

        Task<SignOnState> UntilAsync(string what, IReadOnlyList<Predicate<SignOnState>> shows) =>
            _settling.UntilAsync(
                what,
                async token =>
                {
                    SignOnState now = await ReadObjectsAsync(application, token).ConfigureAwait(false);
                    return shows.All(one => one(now)) ? now : null;
                },
                cancellationToken
            );
    }

    internal async Task<SignOnState> ReadObjectsAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        using JsonDocument principal =
            await _requests
                .SendAsync(
                    Method.GET,
                    $"servicePrincipals/{application.ObjectId}?$select=id,appId,displayName,appRoleAssignmentRequired,applicationTemplateId,"
                        + "preferredSingleSignOnMode,loginUrl,notificationEmailAddresses,preferredTokenSigningKeyThumbprint,keyCredentials,appOwnerOrganizationId",
                    null,
                    s_read,
                    cancellationToken
                )
                .ConfigureAwait(false)
            ?? throw GraphFailure.Invalid("is empty");
        using JsonDocument? registration = await UnlessMissingAsync(
                $"applications(appId='{application.AppId}')?$select=id,identifierUris,web",
                s_read,
                cancellationToken
            )
            .ConfigureAwait(false);
        JsonElement item = principal.RootElement,
            own = registration?.RootElement ?? default;
        return new SignOnState
        {
            Application = EntraApplications.Read(item),
            Mode = JsonText.Of(item, "preferredSingleSignOnMode"),
            SignOnUrl = JsonText.Of(item, "loginUrl"),
            NotificationAddresses = Texts(JsonText.Property(item, "notificationEmailAddresses")),
            Certificates = SigningCertificate.Read(
                JsonText.Property(item, "keyCredentials") ?? default,
                JsonText.Of(item, "preferredTokenSigningKeyThumbprint")
            ),
            TenantId = JsonText.Of(item, "appOwnerOrganizationId"),
            RegistrationId = JsonText.Of(own, "id"),
            Identifiers = Texts(JsonText.Property(own, "identifierUris")),
            ReplyUrls = Texts(JsonText.Property(own, "web") is { } web ? JsonText.Property(web, "redirectUris") : null),
        };
    }

    private static void RefuseMappingPolicies(IReadOnlyList<string> policies)
    {
        if (policies.Count > 0)
        {
            throw new SourceException(
                "EntraClaimsMappingAssigned",
                $"A claims mapping policy is assigned to the application "
                    + $"({string.Join(", ", policies.Select(name => $"'{name}'"))}), and puts the claims of the portal out of force. "
                    + $"Take it off with Remove-MgServicePrincipalClaimMappingPolicyByRef, or set its claims by hand; "
                    + $"then run the command again. Nothing was changed."
            );
        }
    }

    private async Task<JsonObject?> PolicyAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        using JsonDocument? answer = await UnlessMissingAsync(
                GraphRequests.Beta($"servicePrincipals/{application.ObjectId}/claimsPolicy"),
                s_policies,
                cancellationToken
            )
            .ConfigureAwait(false);
        return SignOnClaims.PolicyOf(answer);
    }

    private async Task<IReadOnlyList<string>> MappingPoliciesAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (
            JsonElement policy in _requests
                .ListAsync(
                    $"servicePrincipals/{application.ObjectId}/claimsMappingPolicies?$select=id,displayName",
                    s_policies,
                    cancellationToken
                )
                .ConfigureAwait(false)
        )
            names.Add(JsonText.Of(policy, "displayName") ?? JsonText.Of(policy, "id") ?? "without a name");
        return names;
    }

    private async Task SetClaimsAsync(EntraApplication application, JsonObject? policy, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["claims"] = SignOnClaims.Merge(policy) };
        // PUT replaces whatever else a policy says.
        if (policy is null)
            body["includeBasicClaimSet"] = true;
        string path = GraphRequests.Beta($"servicePrincipals/{application.ObjectId}/claimsPolicy");
        Method method = policy is null ? Method.PUT : Method.PATCH;
        (
            await _settling
                .RetryAsync(
                    "the enterprise application",
                    token => _requests.SendAsync(method, path, body, s_claims, token),
                    cancellationToken
                )
                .ConfigureAwait(false)
        )?.Dispose();
        await _settling
            .UntilAsync(
                "the claims",
                async token =>
                    SignOnClaims.Different(await PolicyAsync(application, token).ConfigureAwait(false)).Count == 0 ? application : null,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private Task PatchPrincipalAsync(EntraApplication application, string property, JsonNode value, CancellationToken cancellationToken) =>
        PatchAsync($"servicePrincipals/{application.ObjectId}", new JsonObject { [property] = value }, s_write, cancellationToken);

    private async Task PatchAsync(string path, JsonObject body, GraphNeed need, CancellationToken cancellationToken) =>
        (
            await _settling
                .RetryAsync(
                    "the enterprise application",
                    token => _requests.SendAsync(Method.PATCH, path, body, need, token),
                    cancellationToken
                )
                .ConfigureAwait(false)
        )?.Dispose();

    private async Task<JsonDocument?> UnlessMissingAsync(string path, GraphNeed need, CancellationToken cancellationToken)
    {
        try
        {
            return await _requests.SendAsync(Method.GET, path, null, need, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceException e) when (e.ErrorId == GraphFailure.ObjectNotFound)
        {
            return null;
        }
    }

    // The first identifier is the one that is sent. Addresses of another integration with TravelPerk would be answered by a company that no
    // longer knows it; all others belong to a person.
    private static string[] With(IReadOnlyList<string> there, string wanted) =>
        there.Count > 0 && there[0] == wanted && !there.Skip(1).Any(TravelPerkAddresses.IsTravelPerks)
            ? [.. there]
            : [wanted, .. there.Where(one => one != wanted && !TravelPerkAddresses.IsTravelPerks(one))];

    private static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    private static IReadOnlyList<string> Texts(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } texts ? [.. texts.EnumerateArray().Select(JsonText.Of).OfType<string>()] : [];
}
