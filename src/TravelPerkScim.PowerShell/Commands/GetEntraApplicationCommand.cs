using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Finds enterprise applications in Entra by name or id.</summary>
/// <remarks>
/// <para>A job with an Entra source needs the enterprise application whose assigned users and groups it provisions. Names are compared
/// without case. Several applications can have the same name; each is written.</para>
/// </remarks>
/// <example>
/// <para>Find the application by name and make a job for it</para>
/// <code>Get-EntraApplication TravelPerk | New-ProvisioningJob ./contoso</code>
/// <para>The job reads the users who are assigned to the enterprise application called TravelPerk.</para>
/// </example>
/// <example>
/// <para>Find the application by its application id</para>
/// <code>Get-EntraApplication 5b2c1d6e-7f3a-4a52-8f0e-1c9d4b7a6e35</code>
/// <para>An application (client) id or an object id does as well as a name.</para>
/// </example>
/// <seealso>Connect-EntraDirectory</seealso>
/// <seealso>New-ProvisioningJob</seealso>
[Cmdlet(VerbsCommon.Get, "EntraApplication", HelpUri = HelpPages.Tutorial)]
[OutputType(typeof(EntraEnterpriseApplication))]
public sealed class GetEntraApplicationCommand : EntraCommand
{
    /// <summary>Display name, application (client) id or object id.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "DisplayName", "AppId", "Id")]
    [ValidateNotNullOrEmpty]
    public EntraApplicationIdentity[] Identity { get; set; } = [];

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (EntraApplicationIdentity identity in Identity)
            await AttemptAsync(identity, () => FindAsync(identity, cancellationToken)).ConfigureAwait(false);
    }

    private async Task FindAsync(EntraApplicationIdentity identity, CancellationToken cancellationToken)
    {
        IReadOnlyList<EntraEnterpriseApplication> found = await EntraJobSource
            .FindApplicationsAsync(Entra, identity.Text, cancellationToken)
            .ConfigureAwait(false);
        foreach (EntraEnterpriseApplication application in found)
            await WriteObjectAsync(application).ConfigureAwait(false);
    }
}
