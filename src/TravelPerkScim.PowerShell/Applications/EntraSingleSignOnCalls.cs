using System.Runtime.CompilerServices;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.SingleSignOn;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>Asks on the pipeline thread whether one setting may be changed.</summary>
/// <param name="name">The setting.</param>
/// <param name="to">Its new value.</param>
internal delegate Task<bool> ConfirmChange(string name, string to);

/// <summary>
/// Single sign-on, for the cmdlets. A call here loads the Entra room; see <see cref="EntraConnector"/>.
/// </summary>
internal static class EntraSingleSignOnCalls
{
    private static readonly string[] s_inTravelPerk =
    [
        "Open Settings, Integrations, SSO, SAML. It takes a Premium or Pro plan.",
        "Paste the entity id, the login URL and the X.509 certificate of the identity provider.",
        "Turn on SSO, and sign in as one assigned user in a private window.",
        "Keep Admin override on: admins then still sign in with a password when Entra or the certificate fails.",
        "Turn Allow user creation (JIT) off when users are provisioned over SCIM: users made at sign-in lack cost objects and approvers.",
        "Turn Allow user updates off then too: SCIM keeps the users.",
        "Turn SSO only on last, when everyone has signed in that way.",
    ];

    /// <exception cref="CommandException"><c>EntraApplicationAmbiguous</c>, <c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraApplicationNotFound</c>, or Graph cannot be read.</exception>
    public static async Task<EntraSingleSignOn> ReadAsync(
        EntraDirectoryConnection connection,
        EntraApplicationIdentity identity,
        CancellationToken cancellationToken
    )
    {
        RequireRead(connection);
        EntraEnterpriseApplication application = await EntraApplicationCalls
            .FindAsync(connection, identity, writes: false, cancellationToken)
            .ConfigureAwait(false);
        return Shown(
            connection,
            await new SingleSignOnSetup(connection.Directory).ReadAsync(application.ToEntra(), cancellationToken).ConfigureAwait(false)
        );
    }

    /// <summary>Changes the settings that differ and are confirmed.</summary>
    /// <exception cref="CommandException"><c>EntraApplicationAmbiguous</c>, <c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>TravelPerkAddressInvalid</c>, <c>EntraClaimsMappingAssigned</c>,
    /// <c>EntraApplicationForeign</c>, <c>EntraNotSettled</c>, or Graph refused it.</exception>
    public static async Task<EntraSingleSignOn> SetAsync(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        SignOnSettings settings,
        ConfirmChange confirm,
        IProgress<string> progress,
        CancellationToken cancellationToken
    )
    {
        return Shown(
            connection,
            await new SingleSignOnSetup(connection.Directory, progress)
                .ApplyAsync(application.ToEntra(), settings, change => confirm(change.Name, change.To), cancellationToken)
                .ConfigureAwait(false)
        );
    }

    /// <summary>Whether claims can be set in this cloud: Graph's interface for them is in the global cloud only.</summary>
    private static bool SetsClaims(EntraDirectoryConnection connection) => connection.Environment == EntraEnvironment.Global;

    /// <summary>The settings that a command's parameters give.</summary>
    /// <exception cref="SourceException"><c>TravelPerkAddressInvalid</c>.</exception>
    public static SignOnSettings SettingsOf(
        EntraDirectoryConnection connection,
        string company,
        string applicationId,
        string[]? notificationEmail
    ) =>
        new(TravelPerkAddresses.Of(company, applicationId))
        {
            NotificationAddresses = notificationEmail,
            SetsClaims = SetsClaims(connection),
        };

    /// <summary>The application, if the connection has the permissions to change its single sign-on.</summary>
    /// <exception cref="CommandException"><c>EntraApplicationAmbiguous</c>, <c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraApplicationNotFound</c>, or Graph cannot be read.</exception>
    public static Task<EntraEnterpriseApplication> FindForChangeAsync(
        EntraDirectoryConnection connection,
        EntraApplicationIdentity identity,
        CancellationToken cancellationToken
    )
    {
        if (SetsClaims(connection))
        {
            EntraConnector.Require(
                connection,
                EntraPermissions.Applications,
                EntraPermissions.ApplicationsWrite,
                EntraPermissions.Policies,
                EntraPermissions.PoliciesWrite
            );
        }

        return EntraApplicationCalls.FindAsync(connection, identity, writes: true, cancellationToken);
    }

    /// <summary>The checks, each as soon as it is done.</summary>
    /// <exception cref="CommandException"><c>EntraApplicationAmbiguous</c>, <c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraApplicationNotFound</c>, or Graph cannot be read.</exception>
    public static async IAsyncEnumerable<EntraSingleSignOnCheck> TestAsync(
        EntraDirectoryConnection connection,
        EntraApplicationIdentity identity,
        int warnDays,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        RequireRead(connection);
        EntraEnterpriseApplication application = await EntraApplicationCalls
            .FindAsync(connection, identity, writes: false, cancellationToken)
            .ConfigureAwait(false);
        IAsyncEnumerable<SignOnCheck> checks = new SignOnTest(connection.Directory, warnDays).RunAsync(
            application.ToEntra(),
            cancellationToken
        );
        await foreach (SignOnCheck check in checks.ConfigureAwait(false))
        {
            yield return new EntraSingleSignOnCheck(
                application.DisplayName,
                check.Name,
                (EntraCheckStatus)check.Status,
                check.Message,
                check.Advice
            );
        }
    }

    /// <summary>One step of a change of certificates.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="application">The application of the certificate.</param>
    /// <param name="step">The step.</param>
    /// <param name="confirm">Asked before a change.</param>
    /// <param name="progress">Gets the reason of each wait.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    /// <returns>The certificate that the step is about; null when a change was not confirmed.</returns>
    /// <exception cref="CommandException"><c>EntraCertificateMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>, or Graph refused it.</exception>
    public static async Task<EntraSigningCertificate?> StepAsync(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        EntraCertificateStep step,
        Func<string, Task<bool>> confirm,
        IProgress<string> progress,
        CancellationToken cancellationToken
    )
    {
        var change = new CertificateChange(application, new SigningCertificates(connection.Directory, progress), confirm);
        await change.ReadAsync(cancellationToken).ConfigureAwait(false);
        return step switch
        {
            EntraCertificateStep.Create => await change.CreateAsync(cancellationToken).ConfigureAwait(false),
            EntraCertificateStep.Activate => await change.ActivateAsync(cancellationToken).ConfigureAwait(false),
            _ => await change.RemoveOldAsync(cancellationToken).ConfigureAwait(false),
        };
    }

    private static void RequireRead(EntraDirectoryConnection connection) =>
        EntraConnector.Require(
            connection,
            SetsClaims(connection) ? [EntraPermissions.Applications, EntraPermissions.Policies] : [EntraPermissions.Applications]
        );

    private static EntraSingleSignOn Shown(EntraDirectoryConnection connection, SignOnState state)
    {
        var provider = SingleSignOnProvider.Of(connection.Directory, state);
        return new EntraSingleSignOn(state.Application.DisplayName, state.Application.ObjectId)
        {
            Mode = state.Mode,
            IdentityProviderEntityId = provider?.EntityId,
            IdentityProviderLoginUrl = provider?.LoginUrl,
            IdentityProviderCertificate = state.Active?.Pem,
            InTravelPerk = s_inTravelPerk,
            Identifier = state.Identifiers,
            ReplyUrl = state.ReplyUrls,
            SignOnUrl = state.SignOnUrl,
            Claim = state.Claims is null ? null : [.. state.Claims.Select(claim => $"{claim.Name}: {claim.Source}")],
            ClaimsMappingPolicy = state.MappingPolicies,
            NotificationEmail = state.NotificationAddresses,
            Certificate = [.. state.Certificates.Select(one => CertificateChange.Shown(one))],
        };
    }
}
