using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Hosting;
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
    private static readonly GraphNeed s_read = ApplicationNeeds.Read("reading the single sign-on of the enterprise application");
    private static readonly GraphNeed s_write = ApplicationNeeds.Write("changing the single sign-on of the enterprise application");
    private static readonly GraphNeed s_policies = new(EntraPermissions.Policies, "the claims of the enterprise application")
    {
        Action = "reading the claims of the enterprise application",
    };
    private static readonly GraphNeed s_claims = new(EntraPermissions.PoliciesWrite, "the enterprise application")
    {
        Action = "changing the claims of the enterprise application",
    };

    private const string Select =
        "$select=id,appId,displayName,appRoleAssignmentRequired,applicationTemplateId,preferredSingleSignOnMode,loginUrl,"
        + "notificationEmailAddresses,preferredTokenSigningKeyThumbprint,keyCredentials,appOwnerOrganizationId";

    private readonly GraphRequests _requests = new(directory);
    private readonly Settling _settling = new(directory.Options.TimeProvider, progress);

    private DateTimeOffset Now => directory.Options.TimeProvider.GetUtcNow();

    /// <summary>How users sign in to the application now. Claims that the sign-in may not read are left out.</summary>
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
        catch (SourceException e) when (e.Failure is SourceFailure.PermissionMissing or SourceFailure.Refused)
        {
            return state;
        }
    }

    /// <summary>
    /// Changes the settings that differ, step by step. An interrupted run leaves some steps done, and the next run does the others.
    /// </summary>
    /// <param name="application">The application.</param>
    /// <param name="wanted">The settings that it should have.</param>
    /// <param name="confirm">Asked before each change; false leaves the change out.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The state afterwards.</returns>
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
        {
            throw new SourceException(
                "EntraApplicationForeign",
                $"The application '{application.DisplayName}' has no application object in this tenant, so its addresses cannot be set. "
                    + "Make an application of this tenant's own with New-EntraApplication."
            );
        }
        var steps = new Steps(this, application, state, confirm, cancellationToken);
        await steps.SetModeAsync().ConfigureAwait(false);
        await steps.SetAddressesAsync(wanted.Addresses).ConfigureAwait(false);
        await steps.SetSignOnUrlAsync(wanted.Addresses.SignOnUrl).ConfigureAwait(false);
        if (wanted.SetsClaims)
            await steps.SetClaimsAsync().ConfigureAwait(false);
        if (wanted.NotificationAddresses is { } addresses)
            await steps.SetNotificationAddressesAsync(addresses).ConfigureAwait(false);
        await steps.ActivateCertificateAsync(new SigningCertificates(directory, progress)).ConfigureAwait(false);
        await steps.WaitAsync().ConfigureAwait(false);
        return await ReadAsync(application, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The changes of one run: each is confirmed, made, and waited for.</summary>
    private sealed class Steps(
        SingleSignOnSetup setup,
        EntraApplication application,
        SignOnState state,
        Func<SignOnChange, Task<bool>> confirm,
        CancellationToken cancellationToken
    )
    {
        private readonly List<Predicate<SignOnState>> _expected = [];

        public Task<bool> SetModeAsync() =>
            SetPropertyAsync("single sign-on mode", "preferredSingleSignOnMode", "saml", now => now.Mode == "saml");

        public Task<bool> SetSignOnUrlAsync(string url) => SetPropertyAsync("sign-on URL", "loginUrl", url, now => now.SignOnUrl == url);

        public async Task SetAddressesAsync(TravelPerkAddresses wanted)
        {
            string[] identifiers = With(state.Identifiers, wanted.Identifier);
            string[] replyUrls = With(state.ReplyUrls, wanted.ReplyUrl);
            var body = new JsonObject
            {
                ["identifierUris"] = List(identifiers),
                ["web"] = new JsonObject { ["redirectUris"] = List(replyUrls) },
            };
            bool HasAddresses(SignOnState now) => now.Identifiers.SequenceEqual(identifiers) && now.ReplyUrls.SequenceEqual(replyUrls);
            bool isChanged = await ChangeAsync(
                    new SignOnChange("identifier and reply URL", $"{wanted.Identifier}, {wanted.ReplyUrl}"),
                    HasAddresses,
                    () => setup.PatchAsync($"applications/{state.RegistrationId}", body, cancellationToken)
                )
                .ConfigureAwait(false);
            if (isChanged)
                await UntilAsync("the identifier and the reply URL", [HasAddresses]).ConfigureAwait(false);
        }

        public async Task SetClaimsAsync()
        {
            IReadOnlyList<SignOnClaim> different = SignOnClaims.Different(state.Policy);
            if (different.Count == 0)
                return;
            string claims = string.Join(", ", different.Select(claim => $"{claim.Name} from {claim.Source}"));
            // The claims are waited for in their own place.
            if (await confirm(new SignOnChange("claims", claims)).ConfigureAwait(false))
            {
                await setup.SetClaimsAsync(application, state.Policy, cancellationToken).ConfigureAwait(false);
                _expected.Add(_ => true);
            }
        }

        public Task<bool> SetNotificationAddressesAsync(IReadOnlyList<string> addresses) =>
            SetPropertyAsync(
                "notification addresses",
                "notificationEmailAddresses",
                List(addresses),
                now => now.NotificationAddresses.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(addresses),
                string.Join(", ", addresses)
            );

        public async Task ActivateCertificateAsync(SigningCertificates certificates)
        {
            DateTimeOffset now = setup.Now;
            if (state.Active?.IsValid(now) is true)
                return;
            SigningCertificate? next = state.Certificates.FirstOrDefault(one => one.IsValid(now));
            SignOnChange change = next is null
                ? new SignOnChange("signing certificate", "a new one, valid for three years, and active")
                : new SignOnChange("active signing certificate", $"{next.Thumbprint}, valid until {ShownTime.Text(next.NotAfter)}");
            if (!await confirm(change).ConfigureAwait(false))
                return;
            next ??= await certificates.CreateAsync(application, cancellationToken).ConfigureAwait(false);
            await certificates.ActivateAsync(application, next, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Waits until Graph shows every change.</summary>
        public Task WaitAsync() => _expected.Count > 0 ? UntilAsync("what was changed", _expected) : Task.CompletedTask;

        private Task<bool> SetPropertyAsync(
            string name,
            string property,
            JsonNode value,
            Predicate<SignOnState> isDone,
            string? shown = null
        ) =>
            ChangeAsync(
                new SignOnChange(name, shown ?? value.ToString()),
                isDone,
                () =>
                    setup.PatchAsync($"servicePrincipals/{application.ObjectId}", new JsonObject { [property] = value }, cancellationToken)
            );

        private async Task<bool> ChangeAsync(SignOnChange change, Predicate<SignOnState> isDone, Func<Task> make)
        {
            if (isDone(state) || !await confirm(change).ConfigureAwait(false))
                return false;
            await make().ConfigureAwait(false);
            _expected.Add(isDone);
            return true;
        }

        private Task<SignOnState> UntilAsync(string what, IReadOnlyList<Predicate<SignOnState>> expected) =>
            setup._settling.UntilAsync(
                what,
                async token =>
                {
                    SignOnState now = await setup.ReadObjectsAsync(application, token).ConfigureAwait(false);
                    return expected.All(one => one(now)) ? now : null;
                },
                cancellationToken
            );
    }

    internal async Task<SignOnState> ReadObjectsAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        using JsonDocument principal = await _requests
            .GetAsync($"servicePrincipals/{application.ObjectId}?{Select}", s_read, cancellationToken)
            .ConfigureAwait(false);
        using JsonDocument? registration = await _requests
            .FindAsync($"applications(appId='{application.AppId}')?$select=id,identifierUris,web", s_read, cancellationToken)
            .ConfigureAwait(false);
        JsonElement item = principal.RootElement,
            own = JsonText.Root(registration);
        return new SignOnState
        {
            Application = EntraApplications.Read(item),
            Mode = JsonText.Of(item, "preferredSingleSignOnMode"),
            SignOnUrl = JsonText.Of(item, "loginUrl"),
            NotificationAddresses = Texts(item, "notificationEmailAddresses"),
            Certificates = SigningCertificate.Read(item),
            TenantId = JsonText.Of(item, "appOwnerOrganizationId"),
            RegistrationId = JsonText.Of(own, "id"),
            Identifiers = Texts(own, "identifierUris"),
            ReplyUrls = Texts(JsonText.Property(own, "web"), "redirectUris"),
        };
    }

    private static void RefuseMappingPolicies(IReadOnlyList<string> policies)
    {
        if (policies.Count == 0)
            return;
        string names = string.Join(", ", policies.Select(name => $"'{name}'"));
        throw new SourceException(
            "EntraClaimsMappingAssigned",
            $"A claims mapping policy is assigned to the application ({names}), and puts the claims of the portal out of force. "
                + "Take it off with Remove-MgServicePrincipalClaimMappingPolicyByRef, or set its claims by hand; "
                + "then run the command again. Nothing was changed."
        );
    }

    private async Task<JsonObject?> PolicyAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        string path = GraphRequests.Beta($"servicePrincipals/{application.ObjectId}/claimsPolicy");
        using JsonDocument? answer = await _requests.FindAsync(path, s_policies, cancellationToken).ConfigureAwait(false);
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
        {
            names.Add(JsonText.Of(policy, "displayName") ?? JsonText.Of(policy, "id") ?? "without a name");
        }
        return names;
    }

    private async Task SetClaimsAsync(EntraApplication application, JsonObject? policy, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["claims"] = SignOnClaims.Merge(policy) };
        // A PUT replaces the other settings of a policy.
        if (policy is null)
            body["includeBasicClaimSet"] = true;
        string path = GraphRequests.Beta($"servicePrincipals/{application.ObjectId}/claimsPolicy");
        Method method = policy is null ? Method.PUT : Method.PATCH;
        await _settling
            .RetryAsync(
                "the enterprise application",
                token => _requests.ChangeAsync(method, path, body, s_claims, token),
                cancellationToken
            )
            .ConfigureAwait(false);
        await _settling
            .UntilAsync(
                "the claims",
                async token =>
                    SignOnClaims.Different(await PolicyAsync(application, token).ConfigureAwait(false)).Count == 0 ? application : null,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private Task PatchAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        _settling.RetryAsync(
            "the enterprise application",
            token => _requests.ChangeAsync(Method.PATCH, path, body, s_write, token),
            cancellationToken
        );

    // The first identifier is sent. An address of another integration with TravelPerk leads to a company that does not know this one any
    // more, so it goes. All other addresses belong to a person and stay.
    private static string[] With(IReadOnlyList<string> there, string wanted) =>
        there.Count > 0 && there[0] == wanted && !there.Skip(1).Any(TravelPerkAddresses.IsTravelPerks)
            ? [.. there]
            : [wanted, .. there.Where(one => one != wanted && !TravelPerkAddresses.IsTravelPerks(one))];

    private static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    private static IReadOnlyList<string> Texts(JsonElement item, string name) =>
        [.. JsonText.Items(item, name).Select(JsonText.Of).OfType<string>()];
}
