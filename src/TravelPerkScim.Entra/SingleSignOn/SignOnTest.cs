using System.Globalization;
using System.Runtime.CompilerServices;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.SingleSignOn;

/// <summary>The result of a check.</summary>
public enum SignOnCheckStatus
{
    /// <summary>The setting is right.</summary>
    Passed,

    /// <summary>People can sign in now and may not be able to later, or the setting could not be checked.</summary>
    Warning,

    /// <summary>People cannot sign in.</summary>
    Failed,
}

/// <summary>One check of single sign-on.</summary>
/// <param name="Name">The name of the check.</param>
/// <param name="Status">Its result.</param>
/// <param name="Message">What the check saw.</param>
/// <param name="Advice">What to do; null when there is nothing to do.</param>
public sealed record SignOnCheck(string Name, SignOnCheckStatus Status, string Message, string? Advice = null);

/// <summary>Checks whether people can sign in to TravelPerk, and whether that will last.</summary>
/// <param name="directory">The tenant.</param>
/// <param name="warnDays">A certificate that ends within so many days gives a warning.</param>
public sealed class SignOnTest(EntraDirectory directory, int warnDays)
{
    private const string RunSetup = "Run Set-EntraSingleSignOn.";

    private DateTimeOffset Now => directory.Options.TimeProvider.GetUtcNow();

    /// <summary>The checks, each as soon as it is done. A setting that cannot be read fails its own check and no other.</summary>
    /// <exception cref="SourceException">The application itself cannot be read.</exception>
    public async IAsyncEnumerable<SignOnCheck> RunAsync(
        EntraApplication application,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        SignOnState state = await new SingleSignOnSetup(directory).ReadAsync(application, cancellationToken).ConfigureAwait(false);
        yield return Mode(state);
        yield return Addresses(state);
        yield return SignOnUrl(state);
        yield return Certificate(state);
        yield return Successor(state);
        yield return Notification(state);
        yield return Claims(state);
        foreach (SignOnCheck check in await MetadataAsync(state, cancellationToken).ConfigureAwait(false))
            yield return check;
        yield return await AssignmentsAsync(state.Application, cancellationToken).ConfigureAwait(false);
    }

    private static SignOnCheck Mode(SignOnState state)
    {
        const string Name = "Mode";
        return state.Mode == "saml"
            ? Passed(Name, "Single sign-on is SAML.")
            : Failed(Name, $"Single sign-on is {state.Mode ?? "not set"}.", RunSetup);
    }

    private static SignOnCheck Notification(SignOnState state)
    {
        const string Name = "Notification";
        string addresses = string.Join(", ", state.NotificationAddresses);
        return addresses.Length > 0
            ? Passed(Name, $"{addresses} is told 60, 30 and 7 days before the certificate ends.")
            : Warning(Name, "No one is told that the certificate ends.", "Give addresses with Set-EntraSingleSignOn -NotificationEmail.");
    }

    private static SignOnCheck Addresses(SignOnState state)
    {
        const string Name = "Addresses";
        if (state.Identifiers.Count == 0)
            return Failed(Name, "There is no identifier.", RunSetup);
        if (TravelPerkAddresses.From(state.Identifiers[0]) is not { } addresses)
        {
            return Failed(
                Name,
                $"The first identifier, {state.Identifiers[0]}, is not TravelPerk's.",
                "Run Set-EntraSingleSignOn with the company and application id that TravelPerk's settings show."
            );
        }
        return state.ReplyUrls.Contains(addresses.ReplyUrl, StringComparer.Ordinal)
            ? Passed(Name, $"Identifier and reply URL are those of {new Uri(addresses.SignOnUrl).Host}.")
            : Failed(Name, $"The reply URL {addresses.ReplyUrl} is missing, which goes with the identifier.", RunSetup);
    }

    private static SignOnCheck SignOnUrl(SignOnState state)
    {
        const string Name = "SignOnUrl";
        if (state.SignOnUrl is not { Length: > 0 } url)
        {
            return Warning(
                Name,
                "There is no sign-on URL. TravelPerk wants the sign-in to begin there, so the tile in My Apps leads nowhere.",
                RunSetup
            );
        }
        string? wanted = state.Identifiers.Count > 0 ? TravelPerkAddresses.From(state.Identifiers[0])?.SignOnUrl : null;
        bool isOther = wanted is not null && !url.TrimEnd('/').Equals(wanted.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
        return isOther
            ? Warning(Name, $"The sign-on URL is {url}, and the identifier is that of {wanted}.", RunSetup)
            : Passed(Name, $"People begin at {url}.");
    }

    private SignOnCheck Certificate(SignOnState state)
    {
        const string Name = "Certificate";
        const string Advice =
            "Run Update-EntraSigningCertificate -Step Create, paste the new certificate into TravelPerk, then -Step Activate.";
        if (state.Active is not { } active)
        {
            return Failed(
                Name,
                "No signing certificate is active.",
                "Run Set-EntraSingleSignOn, and paste the certificate into TravelPerk."
            );
        }
        string end = ShownTime.Text(active.NotAfter);
        double days = (active.NotAfter - Now).TotalDays;
        if (days < 0)
            return Failed(Name, $"The active certificate {active.Thumbprint} ended at {end}.", Advice);
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"The active certificate {active.Thumbprint} ends at {end}, in {Math.Floor(days)} days."
        );
        return days <= warnDays ? Warning(Name, message, Advice) : Passed(Name, message);
    }

    private SignOnCheck Successor(SignOnState state)
    {
        const string Name = "OtherCertificates";
        SigningCertificate[] others = [.. state.Certificates.Where(one => !one.IsActive)];
        if (others.Length == 0)
            return Passed(Name, "There is no other certificate.");
        if (others.FirstOrDefault(one => one.IsValid(Now)) is not { } next)
        {
            return Passed(
                Name,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{others.Length} that ended are left; Update-EntraSigningCertificate -Step RemoveOld takes them away."
                )
            );
        }
        // "Tutorial: Manage federation certificates": Entra then signs with the inactive certificate.
        return state.Active?.IsValid(Now) is true
            ? Warning(
                Name,
                $"An inactive certificate, {next.Thumbprint}, is valid: Entra would sign with it when the active one ends.",
                "Finish the change with -Step Activate of Update-EntraSigningCertificate once TravelPerk has the certificate, "
                    + "or take it away with -Step RemoveOld when it is older."
            )
            : Failed(
                Name,
                $"No valid certificate is active, so Entra signs with the inactive {next.Thumbprint}, which TravelPerk may not know.",
                "Paste it into TravelPerk, then run Update-EntraSigningCertificate -Step Activate."
            );
    }

    private static SignOnCheck Claims(SignOnState state)
    {
        const string Name = "Claims";
        if (state.MappingPolicies is { Count: > 0 } policies)
        {
            string names = string.Join(", ", policies.Select(policy => $"'{policy}'"));
            return Warning(
                Name,
                $"The claims mapping policy {names} decides on the claims, and is not looked into.",
                "See that its emailaddress is the userPrincipalName, or take it off and run Set-EntraSingleSignOn."
            );
        }
        if (state.Claims is null)
        {
            return Warning(
                Name,
                "The claims cannot be read.",
                "Grant Policy.Read.All. In national clouds, look in the Entra admin center: emailaddress must be user.userprincipalname."
            );
        }
        IReadOnlyList<SignOnClaim> different = SignOnClaims.Different(state.Policy);
        if (different.Count == 0)
            return Passed(Name, "The claims are those that TravelPerk reads.");
        string wanted = string.Join(", ", different.Select(claim => $"{claim.Name} should be {claim.Source}"));
        return Failed(Name, $"Claims differ from what TravelPerk reads: {wanted}.", RunSetup);
    }

    private async Task<IReadOnlyList<SignOnCheck>> MetadataAsync(SignOnState state, CancellationToken cancellationToken)
    {
        const string Name = "Metadata";
        if (SingleSignOnProvider.TenantOf(directory, state) is not { } tenant)
        {
            return
            [
                Warning(
                    Name,
                    "The tenant's id is not known, so its metadata cannot be read.",
                    "Run Connect-EntraDirectory with -TenantId and the id of the tenant."
                ),
            ];
        }
        FederationMetadata metadata;
        try
        {
            metadata = await FederationMetadata
                .ReadAsync(directory, tenant, state.Application.AppId, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SourceException e)
        {
            return [Failed(Name, e.Message, "People cannot sign in while the sign-in service does not know the application.")];
        }
        (string entityId, string loginUrl) = FederationMetadata.Expected(directory.Options.AuthorityHost, tenant);
        return [Service(metadata, entityId, loginUrl), MetadataCertificate(metadata, state)];
    }

    private static SignOnCheck Service(FederationMetadata metadata, string entityId, string loginUrl)
    {
        const string Name = "Metadata";
        bool isExpected =
            metadata.EntityId.Equals(entityId, StringComparison.OrdinalIgnoreCase)
            && loginUrl.Equals(metadata.LoginUrl?.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
        return isExpected
            ? Passed(Name, $"The sign-in service is {metadata.EntityId}.")
            : Warning(
                Name,
                $"The sign-in service calls itself {metadata.EntityId} at {metadata.LoginUrl ?? "no address"}; "
                    + $"{entityId} at {loginUrl} was expected.",
                "Paste into TravelPerk what the service calls itself."
            );
    }

    private static SignOnCheck MetadataCertificate(FederationMetadata metadata, SignOnState state)
    {
        const string Name = "MetadataCertificate";
        if (state.Active is not { } active)
            return Failed(Name, "No signing certificate is active.", RunSetup);
        if (metadata.Thumbprints.Contains(active.Thumbprint, StringComparer.OrdinalIgnoreCase))
            return Passed(Name, "The sign-in service signs with the active certificate.");
        string others = metadata.Thumbprints.Count > 0 ? string.Join(", ", metadata.Thumbprints) : "no certificate";
        return Failed(
            Name,
            $"The sign-in service signs with {others}, not with the active {active.Thumbprint}.",
            "A change takes some minutes to arrive there; test again then. "
                + "If it stays so, activate the certificate again with Update-EntraSigningCertificate -Step Activate."
        );
    }

    private async Task<SignOnCheck> AssignmentsAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        const string Name = "Assignments";
        try
        {
            await foreach (
                ApplicationAssignment one in new ApplicationAssignments(directory)
                    .ListAsync(application, cancellationToken)
                    .ConfigureAwait(false)
            )
            {
                if (one.PrincipalType is "User" or "Group")
                {
                    return application.AssignmentRequired
                        ? Passed(Name, "Users or groups are assigned, and only they may sign in.")
                        : Passed(Name, "Everyone in the tenant may sign in; users or groups are assigned.");
                }
            }
            return application.AssignmentRequired
                ? Failed(Name, "No one is assigned, and only assigned users may sign in.", "Run Add-EntraApplicationAssignment.")
                : Warning(
                    Name,
                    "No one is assigned. Everyone in the tenant may sign in, and provisioning of assigned users finds no one.",
                    "Run Add-EntraApplicationAssignment."
                );
        }
        catch (SourceException e)
        {
            return Failed(Name, e.Message, null);
        }
    }

    private static SignOnCheck Passed(string name, string message) => new(name, SignOnCheckStatus.Passed, message);

    private static SignOnCheck Warning(string name, string message, string advice) => new(name, SignOnCheckStatus.Warning, message, advice);

    private static SignOnCheck Failed(string name, string message, string? advice) => new(name, SignOnCheckStatus.Failed, message, advice);
}
