using System.Management.Automation;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Changes the settings or the token of a hosted provisioning job.</summary>
/// <remarks>
/// <para>Settings that are not given stay as they are. A setting that already has the value is not written.</para>
/// <para>Entra keeps settings and credentials as one set, replaces the whole set on each change, and never returns a credential. A change
/// that would lose a credential is refused before anything is sent. Give the token again with -SecretToken. Where the application was
/// authorized (OAuth), change the settings in the admin center, or before the authorization.</para>
/// <para>A changed scope applies after Restart-EntraProvisioningJob. Least permission: Synchronization.ReadWrite.All, and
/// Application.Read.All to find the application.</para>
/// </remarks>
/// <example>
/// <para>Get mail of a quarantine, and hold back more than 20 deletes</para>
/// <code>$token = Read-Host 'Token' -AsSecureString
/// Set-EntraProvisioningJob TravelPerk -NotificationEmail it@contoso.com -DeleteThreshold 20 -SecretToken $token</code>
/// <para>The token is given again, because Entra would lose it otherwise.</para>
/// </example>
/// <example>
/// <para>Provision everyone</para>
/// <code>Set-EntraProvisioningJob TravelPerk -Scope All -SecretToken $token
/// Restart-EntraProvisioningJob TravelPerk</code>
/// <para>The scope applies after the restart.</para>
/// </example>
/// <seealso>Get-EntraProvisioningJob</seealso>
/// <seealso>Restart-EntraProvisioningJob</seealso>
[Cmdlet(
    VerbsCommon.Set,
    "EntraProvisioningJob",
    SupportsShouldProcess = true,
    DefaultParameterSetName = MailSet,
    HelpUri = HelpPages.HostedJobs
)]
[OutputType(typeof(EntraProvisioningJob))]
public sealed class SetEntraProvisioningJobCommand : EntraJobSettingsCommand
{
    private const string MailSet = "Mail";
    private const string NoMailSet = "NoMail";

    /// <summary>The address to which Entra mails a quarantine.</summary>
    [Parameter(ParameterSetName = MailSet)]
    [ValidateNotNullOrEmpty]
    public string? NotificationEmail { get; set; }

    /// <summary>Stops the mail.</summary>
    [Parameter(ParameterSetName = NoMailSet, Mandatory = true)]
    public SwitchParameter NoNotification { get; set; }

    /// <summary>Writes the job after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        var change = new HostedSettingsChange
        {
            NotificationEmail = NoNotification ? "" : NotificationEmail?.Trim(),
            DeleteThreshold = DeleteThreshold,
            Scope = EntraHostedJobs.HostedScopeOf(Scope),
            SkipOutOfScopeDeletions = SkipsOutOfScopeDeletions,
            BaseAddress = BaseAddress,
        };
        if (change.IsEmpty && SecretToken is null)
        {
            throw new CommandException(
                "NothingToSet",
                ErrorCategory.InvalidArgument,
                "Nothing was changed: no setting was given. Give one, such as -NotificationEmail, -DeleteThreshold or -Scope."
            );
        }

        await EntraHostedJobs.CheckChangeAsync(Entra, job, change, SecretToken is not null, cancellationToken).ConfigureAwait(false);
        if (await ShouldProcessAsync(Named(job), "Change the settings of the hosted provisioning job").ConfigureAwait(false))
        {
            HostedScope? before = job.Scope;
            bool written = await EntraHostedJobs.ChangeAsync(Entra, job, change, SecretToken, cancellationToken).ConfigureAwait(false);
            if (written && change.Scope is { } scope && scope != before)
            {
                await WriteWarningAsync($"The new scope of '{job.Application}' applies after a restart. Run Restart-EntraProvisioningJob.")
                    .ConfigureAwait(false);
            }
        }
        if (PassThru)
            await WriteRefreshedAsync(job, cancellationToken).ConfigureAwait(false);
    }
}
