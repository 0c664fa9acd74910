using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Changes the settings or the token of a hosted provisioning job.</summary>
/// <remarks>
/// <para>What is not named stays as it is. A setting that is so already is not written.</para>
/// <para>Entra keeps settings and credentials as one set, replaces the whole set on each change, and does not give back a credential. A
/// change that would lose one is refused before anything is sent; give the token again with -SecretToken. Where the application was
/// authorized (OAuth), change the settings in the admin center, or before the authorization.</para>
/// <para>A changed scope counts from the next Restart-EntraProvisioningJob. Least permission: Synchronization.ReadWrite.All, and
/// Application.Read.All to find the application.</para>
/// </remarks>
/// <example>
/// <para>Have a quarantine mailed, and hold back more than 20 deletes</para>
/// <code>$token = Read-Host 'Token' -AsSecureString
/// Set-EntraProvisioningJob TravelPerk -NotificationEmail it@contoso.com -DeleteThreshold 20 -SecretToken $token</code>
/// <para>The token is given again, because Entra would lose it otherwise.</para>
/// </example>
/// <example>
/// <para>Provision everyone</para>
/// <code>Set-EntraProvisioningJob TravelPerk -Scope All -SecretToken $token
/// Restart-EntraProvisioningJob TravelPerk</code>
/// <para>The scope counts after the restart.</para>
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

    /// <summary>Where Entra mails a quarantine to.</summary>
    [Parameter(ParameterSetName = MailSet)]
    [ValidateNotNullOrEmpty]
    public string? NotificationEmail { get; set; }

    /// <summary>Mails nothing.</summary>
    [Parameter(ParameterSetName = NoMailSet, Mandatory = true)]
    public SwitchParameter NoNotification { get; set; }

    /// <summary>How many disables and deletes of one cycle put the job in quarantine instead; 0 for no threshold.</summary>
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

    /// <summary>The token that Entra signs in to TravelPerk with: a new one, or the saved one again so that the change keeps it. It is
    /// tried before anything is saved.</summary>
    [Parameter]
    [ValidateNotNull]
    [Secret]
    public SecureString? SecretToken { get; set; }

    /// <summary>Writes the job as it is then.</summary>
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
