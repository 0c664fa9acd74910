using System.Globalization;
using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Makes the hosted provisioning job of an enterprise application, with its credentials and settings.</summary>
/// <remarks>
/// <para>Settings and credentials are saved first, then the job is made, in the order that Entra needs. An existing job is used, so the
/// command can be run again after an interruption. The job does not start by itself; see Start-EntraProvisioningJob.</para>
/// <para>TravelPerk's gallery application signs in with OAuth, which needs a person. -Authorize names the page of the admin center and the
/// buttons, and waits for the authorization. Give the settings to this command then: later, only the admin center can change them without
/// losing the authorization. With -SecretToken, the token is tried before anything is saved.</para>
/// <para>Least permission: Synchronization.ReadWrite.All, and Application.Read.All to find the application.</para>
/// </remarks>
/// <example>
/// <para>Make the job and wait for its authorization</para>
/// <code>New-EntraProvisioningJob TravelPerk -NotificationEmail it@contoso.com -DeleteThreshold 20 -Authorize
/// Start-EntraProvisioningJob TravelPerk</code>
/// <para>Names the page on which an administrator signs in to TravelPerk, waits for that, and then starts the job.</para>
/// </example>
/// <example>
/// <para>Make the job with a token</para>
/// <code>New-EntraProvisioningJob TravelPerk -SecretToken (Read-Host 'Token' -AsSecureString)</code>
/// <para>Tries the token, saves it, and makes the job. Entra sends a Bearer token, so an API key of TravelPerk does not work.</para>
/// </example>
/// <seealso>Start-EntraProvisioningJob</seealso>
/// <seealso>Test-EntraProvisioningJob</seealso>
/// <seealso>Get-EntraApplication</seealso>
[Cmdlet(VerbsCommon.New, "EntraProvisioningJob", SupportsShouldProcess = true, HelpUri = HelpPages.HostedJobs)]
[OutputType(typeof(EntraProvisioningJob))]
public sealed class NewEntraProvisioningJobCommand : EntraJobCommand
{
    /// <summary>Address of TravelPerk's SCIM service. With a token the default is https://app.travelperk.com/api/v2/scim; an authorized
    /// application knows its own.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? BaseAddress { get; set; }

    /// <summary>The token that Entra signs in to TravelPerk with.</summary>
    [Parameter]
    [ValidateNotNull]
    [Secret]
    public SecureString? SecretToken { get; set; }

    /// <summary>The address to which Entra mails a quarantine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NotificationEmail { get; set; }

    /// <summary>The most disables and deletes of one cycle. More put the job in quarantine instead; 0 means no threshold. Entra's default
    /// is 500.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int? DeleteThreshold { get; set; }

    /// <summary>Assigned (the default) or All.</summary>
    [Parameter]
    public EntraJobScope? Scope { get; set; }

    /// <summary>Leaves users who go out of scope as they are, instead of disabling them.</summary>
    [Parameter]
    public SwitchParameter SkipOutOfScopeDeletions { get; set; }

    /// <summary>Names the page on which an administrator authorizes the application, and waits for the authorization.</summary>
    [Parameter]
    public SwitchParameter Authorize { get; set; }

    /// <summary>How long -Authorize waits. Default: 15 minutes.</summary>
    [Parameter]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(15);

    private protected override async Task ProcessApplicationAsync(EntraApplicationIdentity identity, CancellationToken cancellationToken)
    {
        EntraEnterpriseApplication application = await EntraHostedJobs
            .ApplicationAsync(Entra, identity, cancellationToken)
            .ConfigureAwait(false);
        if (
            !await ShouldProcessAsync(application.DisplayName, "Save the settings and make the hosted provisioning job")
                .ConfigureAwait(false)
        )
            return;
        EntraProvisioningJob job = await EntraHostedJobs
            .MakeAsync(
                Entra,
                application,
                BaseAddress,
                SecretToken,
                EntraHostedJobs.Change(
                    NotificationEmail,
                    false,
                    DeleteThreshold,
                    Scope,
                    MyInvocation.BoundParameters.ContainsKey(nameof(SkipOutOfScopeDeletions)) ? SkipOutOfScopeDeletions : null,
                    null
                ),
                WaitProgress("Make the hosted provisioning job"),
                cancellationToken
            )
            .ConfigureAwait(false);
        if (Authorize)
        {
            string page = EntraHostedJobs.AuthorizationPage(Entra.Environment, job.ApplicationId);
            await WriteWarningAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The application '{job.Application}' waits for the authorization by a person. "
                            + $"Open {page}, then Provisioning, Admin Credentials, Authorize. "
                            + $"Sign in to TravelPerk as an administrator, choose Test Connection, then Save. "
                            + $"The command continues after that, and gives up after {Timeout.TotalMinutes:0.#} minutes."
                    )
                )
                .ConfigureAwait(false);
            await EntraHostedJobs
                .WaitForAuthorizationAsync(Entra, job, Timeout, WaitProgress("Authorize the application"), cancellationToken)
                .ConfigureAwait(false);
            job = await EntraHostedJobs.RefreshAsync(Entra, job, cancellationToken).ConfigureAwait(false);
        }
        await WriteObjectAsync(job).ConfigureAwait(false);
    }
}
