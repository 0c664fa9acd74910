using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Completion;
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
public sealed class SetEntraProvisioningJobCommand : EntraJobCommand
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

    /// <summary>The most disables and deletes of one cycle. More put the job in quarantine instead; 0 means no threshold.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int? DeleteThreshold { get; set; }

    /// <summary>Assigned or All.</summary>
    [Parameter]
    public EntraJobScope? Scope { get; set; }

    /// <summary>Leaves users who go out of scope as they are, instead of disabling them. -SkipOutOfScopeDeletions:$false disables them
    /// again.</summary>
    [Parameter]
    public SwitchParameter SkipOutOfScopeDeletions { get; set; }

    /// <summary>Address of TravelPerk's SCIM service.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? BaseAddress { get; set; }

    /// <summary>The token that Entra signs in to TravelPerk with: a new token, or the saved token again so that the change keeps it. The
    /// token is tried before anything is saved.</summary>
    [Parameter]
    [ValidateNotNull]
    [Secret]
    public SecureString? SecretToken { get; set; }

    /// <summary>Writes the job after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        bool? skip = MyInvocation.BoundParameters.ContainsKey(nameof(SkipOutOfScopeDeletions)) ? SkipOutOfScopeDeletions : null;
        var change = EntraHostedJobs.Change(NotificationEmail, NoNotification, DeleteThreshold, Scope, skip, BaseAddress);
        if (change.IsEmpty && SecretToken is null)
            throw new CommandException(
                "NothingToSet",
                ErrorCategory.InvalidArgument,
                "Nothing was changed: no setting was given. Give one, such as -NotificationEmail, -DeleteThreshold or -Scope."
            );
        await EntraHostedJobs.CheckChangeAsync(Entra, job, change, SecretToken is not null, cancellationToken).ConfigureAwait(false);
        if (await ShouldProcessAsync(Named(job), "Change the settings of the hosted provisioning job").ConfigureAwait(false))
        {
            EntraJobScope? before = job.Scope is { } old ? (EntraJobScope)(long)old : null;
            bool written = await EntraHostedJobs.ChangeAsync(Entra, job, change, SecretToken, cancellationToken).ConfigureAwait(false);
            if (written && Scope is { } scope && scope != before)
                await WriteWarningAsync($"The new scope of '{job.Application}' applies after a restart. Run Restart-EntraProvisioningJob.")
                    .ConfigureAwait(false);
        }
        if (PassThru)
            await WriteRefreshedAsync(job, cancellationToken).ConfigureAwait(false);
    }
}
