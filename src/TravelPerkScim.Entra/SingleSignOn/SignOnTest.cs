using System.Globalization;
using System.Runtime.CompilerServices;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.SingleSignOn;

/// <summary>What a check came to.</summary>
public enum SignOnCheckStatus
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>People can sign in now, and may not later; or it could not be checked.</summary>
    Warning,

    /// <summary>People cannot sign in.</summary>
    Failed,
}

/// <summary>One check of single sign-on.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Status">What it came to.</param>
/// <param name="Message">What was seen.</param>
/// <param name="Advice">What to do; null when there is nothing to be done.</param>
public sealed record SignOnCheck(string Name, SignOnCheckStatus Status, string Message, string? Advice = null);

/// <summary>Checks whether people can sign in to TravelPerk, and whether that will last.</summary>
/// <param name="directory">The tenant.</param>
/// <param name="warnDays">A certificate that ends within so many days is warned of.</param>
public sealed class SignOnTest(EntraDirectory directory, int warnDays)
{
    private DateTimeOffset Now => directory.Options.TimeProvider.GetUtcNow();

    /// <summary>The checks, each as soon as it is done. What cannot be read is a check that failed, not the end of the others.</summary>
    /// <exception cref="SourceException">The application itself cannot be read.</exception>
    public async IAsyncEnumerable<SignOnCheck> RunAsync(
        EntraApplication application,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        SignOnState state = await new SingleSignOnSetup(directory).ReadAsync(application, cancellationToken).ConfigureAwait(false);
        yield return state.Mode == "saml"
            ? Passed("Mode", "Single sign-on is SAML.")
            : Failed("Mode", $"Single sign-on is {state.Mode ?? "not set"}.", "Run Set-EntraSingleSignOn.");
        yield return Addresses(state);
        yield return SignOnUrl(state);
        yield return Certificate(state);
        yield return Successor(state);
        yield return state.NotificationAddresses.Count > 0
            ? Passed(
                "Notification",
                $"{string.Join(", ", state.NotificationAddresses)} is told 60, 30 and 7 days before the certificate ends."
            )
            : Warning(
                "Notification",
                "No one is told that the certificate ends.",
                "Give addresses with Set-EntraSingleSignOn -NotificationEmail."
            );
        yield return Claims(state);
        foreach (SignOnCheck check in await MetadataAsync(state, cancellationToken).ConfigureAwait(false))
            yield return check;
        yield return await AssignmentsAsync(state.Application, cancellationToken).ConfigureAwait(false);
    }

    private static SignOnCheck Addresses(SignOnState state)
    {
        const string Name = "Addresses";
        if (state.Identifiers.Count == 0)
            return Failed(Name, "There is no identifier.", "Run Set-EntraSingleSignOn.");
        if (TravelPerkAddresses.From(state.Identifiers[0]) is not { } addresses)
            return Failed(
                Name,
                $"The first identifier, {state.Identifiers[0]}, is not TravelPerk's.",
                "Run Set-EntraSingleSignOn with the company and application id that TravelPerk's settings show."
            );
        return state.ReplyUrls.Contains(addresses.ReplyUrl, StringComparer.Ordinal)
            ? Passed(Name, $"Identifier and reply URL are those of {new Uri(addresses.SignOnUrl).Host}.")
            : Failed(Name, $"The reply URL {addresses.ReplyUrl} is missing, which goes with the identifier.", "Run Set-EntraSingleSignOn.");
    }

    private static SignOnCheck SignOnUrl(SignOnState state)
    {
        const string Name = "SignOnUrl";
        string? wanted = state.Identifiers.Count > 0 ? TravelPerkAddresses.From(state.Identifiers[0])?.SignOnUrl : null;
        return state.SignOnUrl is not { Length: > 0 } url
                ? Warning(
                    Name,
                    "There is no sign-on URL: the tile in My Apps leads nowhere, since TravelPerk wants the sign-in to begin there.",
                    "Run Set-EntraSingleSignOn."
                )
            : wanted is not null && !url.TrimEnd('/').Equals(wanted.TrimEnd('/'), StringComparison.OrdinalIgnoreCase)
                ? Warning(Name, $"The sign-on URL is {url}, and the identifier is that of {wanted}.", "Run Set-EntraSingleSignOn.")
            : Passed(Name, $"People begin at {url}.");
    }

    private SignOnCheck Certificate(SignOnState state)
    {
        const string Name = "Certificate";
        if (state.Active is not { } active)
            return Failed(
                Name,
                "No signing certificate is active.",
                "Run Set-EntraSingleSignOn, and paste the certificate into TravelPerk."
            );
        double days = (active.NotAfter - Now).TotalDays;
        string until = $"{active.Thumbprint} {(days < 0 ? "ended" : "ends")} at {ShownTime.Text(active.NotAfter)}";
        const string Advice =
            "Run Update-EntraSigningCertificate -Step Create, paste the new certificate into TravelPerk, then -Step Activate.";
        return days < 0 ? Failed(Name, $"The active certificate {until}.", Advice)
            : days <= warnDays
                ? Warning(
                    Name,
                    string.Create(CultureInfo.InvariantCulture, $"The active certificate {until}, in {Math.Floor(days)} days."),
                    Advice
                )
            : Passed(Name, string.Create(CultureInfo.InvariantCulture, $"The active certificate {until}, in {Math.Floor(days)} days."));
    }

    private SignOnCheck Successor(SignOnState state)
    {
        const string Name = "OtherCertificates";
        SigningCertificate[] others = [.. state.Certificates.Where(one => !one.IsActive)];
        if (others.FirstOrDefault(one => one.IsValid(Now)) is { } next)
        {
            // "Tutorial: Manage federation certificates": Entra then signs with the inactive one.
            return state.Active?.IsValid(Now) is not true
                ? Failed(
                    Name,
                    $"No valid certificate is active, so that Entra signs with the "
                        + $"inactive {next.Thumbprint}, which TravelPerk may not know.",
                    "Paste it into TravelPerk, then run Update-EntraSigningCertificate -Step Activate."
                )
                : Warning(
                    Name,
                    $"An inactive certificate, {next.Thumbprint}, is valid: Entra would sign with it when the active one ends.",
                    "Finish the change with -Step Activate of Update-EntraSigningCertificate once "
                        + "TravelPerk has the certificate, or take it away with -Step RemoveOld when it is older."
                );
        }
        return others.Length == 0
            ? Passed(Name, "There is no other certificate.")
            : Passed(
                Name,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{others.Length} that ended are left; Update-EntraSigningCertificate -Step RemoveOld takes them away."
                )
            );
    }

    private static SignOnCheck Claims(SignOnState state)
    {
        const string Name = "Claims";
        if (state.MappingPolicies is { Count: > 0 } policies)
            return Warning(
                Name,
                $"The claims mapping policy {string.Join(", ", policies.Select(policy => $"'{policy}'"))} "
                    + $"decides on the claims, and is not looked into.",
                "See that its emailaddress is the userPrincipalName, or take it off and run Set-EntraSingleSignOn."
            );
        if (state.Claims is null)
            return Warning(
                Name,
                "The claims cannot be read.",
                "Grant Policy.Read.All. In national clouds, look in the Entra admin center: emailaddress must be user.userprincipalname."
            );
        IReadOnlyList<SignOnClaim> different = SignOnClaims.Different(state.Policy);
        return different.Count == 0
            ? Passed(Name, "The claims are those that TravelPerk reads.")
            : Failed(
                Name,
                $"Claims differ from what TravelPerk reads: "
                    + $"{string.Join(", ", different.Select(claim => $"{claim.Name} should be {claim.Source}"))}.",
                "Run Set-EntraSingleSignOn."
            );
    }

    private async Task<IReadOnlyList<SignOnCheck>> MetadataAsync(SignOnState state, CancellationToken cancellationToken)
    {
        const string Name = "Metadata";
        if (SingleSignOnProvider.TenantOf(directory, state) is not { } tenant)
            return
            [
                Warning(
                    Name,
                    "The tenant's id is not known, so that its metadata cannot be read.",
                    "Run Connect-EntraDirectory with -TenantId and the id of the tenant."
                ),
            ];
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
        bool same =
            metadata.EntityId.Equals(entityId, StringComparison.OrdinalIgnoreCase)
            && loginUrl.Equals(metadata.LoginUrl?.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
        SignOnCheck service = same
            ? Passed(Name, $"The sign-in service is {metadata.EntityId}.")
            : Warning(
                Name,
                $"The sign-in service calls itself {metadata.EntityId} at {metadata.LoginUrl ?? "no address"}; "
                    + $"{entityId} at {loginUrl} was expected.",
                "Paste into TravelPerk what the service calls itself."
            );
        SignOnCheck certificate =
            state.Active is not { } active
                ? Failed("MetadataCertificate", "No signing certificate is active.", "Run Set-EntraSingleSignOn.")
            : metadata.Thumbprints.Contains(active.Thumbprint, StringComparer.OrdinalIgnoreCase)
                ? Passed("MetadataCertificate", "The sign-in service signs with the active certificate.")
            : Failed(
                "MetadataCertificate",
                $"The sign-in service signs with "
                    + $"{(metadata.Thumbprints.Count > 0 ? string.Join(", ", metadata.Thumbprints) : "no certificate")}, "
                    + $"not with the active {active.Thumbprint}.",
                "A change takes some minutes to arrive there; test again then. "
                    + "If it stays so, activate the certificate again with Update-EntraSigningCertificate -Step Activate."
            );
        return [service, certificate];
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
                    return application.AssignmentRequired
                        ? Passed(Name, "Users or groups are assigned, and only they may sign in.")
                        : Passed(Name, "Everyone in the tenant may sign in; users or groups are assigned.");
            }
            return application.AssignmentRequired
                ? Failed(Name, "No one is assigned, and only who is assigned may sign in.", "Run Add-EntraApplicationAssignment.")
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
