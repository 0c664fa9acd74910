using System.Globalization;
using System.Management.Automation;
using TravelPerkScim.Entra.Hosting;
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
public sealed class NewEntraProvisioningJobCommand : EntraJobSettingsCommand
{
    /// <summary>The address to which Entra mails a quarantine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NotificationEmail { get; set; }

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
        const string Action = "Save the settings and make the hosted provisioning job";
        if (!await ShouldProcessAsync(application.DisplayName, Action).ConfigureAwait(false))
            return;
        var request = new HostedJobRequest
        {
            BaseAddress = BaseAddress,
            Token = SecretToken,
            Settings = new HostedSettingsChange
            {
                NotificationEmail = NotificationEmail?.Trim(),
                DeleteThreshold = DeleteThreshold,
                Scope = EntraHostedJobs.HostedScopeOf(Scope),
                SkipOutOfScopeDeletions = SkipsOutOfScopeDeletions,
            },
        };
        EntraProvisioningJob job = await EntraHostedJobs
            .MakeAsync(Entra, application, request, WaitProgress("Make the hosted provisioning job"), cancellationToken)
            .ConfigureAwait(false);
        if (Authorize)
            job = await WaitForAuthorizationAsync(job, cancellationToken).ConfigureAwait(false);
        await WriteObjectAsync(job).ConfigureAwait(false);
    }

    private async Task<EntraProvisioningJob> WaitForAuthorizationAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        string page = EntraHostedJobs.AuthorizationPage(Entra.Environment, job.ApplicationId);
        string minutes = Timeout.TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture);
        await WriteWarningAsync(
                $"The application '{job.Application}' waits for the authorization by a person. "
                    + $"Open {page}, then Provisioning, Admin Credentials, Authorize. "
                    + "Sign in to TravelPerk as an administrator, choose Test Connection, then Save. "
                    + $"The command continues after that, and gives up after {minutes} minutes."
            )
            .ConfigureAwait(false);
        await EntraHostedJobs
            .WaitForAuthorizationAsync(Entra, job, Timeout, WaitProgress("Authorize the application"), cancellationToken)
            .ConfigureAwait(false);
        return await EntraHostedJobs.RefreshAsync(Entra, job, cancellationToken).ConfigureAwait(false);
    }
}
