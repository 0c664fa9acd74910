using System.ComponentModel;
using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of New-EntraProvisioningJob and Set-EntraProvisioningJob: the settings and credentials of a hosted job.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class EntraJobSettingsCommand : EntraJobCommand
{
    private protected EntraJobSettingsCommand() { }

    /// <summary>Address of TravelPerk's SCIM service. For a new job with a token the default is https://app.travelperk.com/api/v2/scim; an
    /// authorized application knows its own address.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? BaseAddress { get; set; }

    /// <summary>The token that Entra signs in to TravelPerk with. Entra loses the saved token with every change, so give it again to keep
    /// it. The token is tried before anything is saved.</summary>
    [Parameter]
    [ValidateNotNull]
    [Secret]
    public SecureString? SecretToken { get; set; }

    /// <summary>The most disables and deletes of one cycle. More put the job in quarantine instead; 0 means no threshold. Entra's default
    /// is 500.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int? DeleteThreshold { get; set; }

    /// <summary>Assigned or All. The default of a new job is Assigned.</summary>
    [Parameter]
    public EntraJobScope? Scope { get; set; }

    /// <summary>Leaves users who go out of scope as they are, instead of disabling them. -SkipOutOfScopeDeletions:$false disables them
    /// again.</summary>
    [Parameter]
    public SwitchParameter SkipOutOfScopeDeletions { get; set; }

    private protected bool? SkipsOutOfScopeDeletions =>
        MyInvocation.BoundParameters.ContainsKey(nameof(SkipOutOfScopeDeletions)) ? SkipOutOfScopeDeletions : null;
}
