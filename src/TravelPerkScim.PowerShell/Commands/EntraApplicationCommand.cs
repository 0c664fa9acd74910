using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that work on one enterprise application, which may come through the pipeline.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class EntraApplicationCommand : EntraCommand
{
    private protected EntraApplicationCommand() { }

    /// <summary>The application: its name, application id or object id, or an object of Get-EntraApplication.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public EntraApplicationIdentity Application { get; set; } = null!;

    private protected sealed override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(Application, () => ProcessApplicationAsync(cancellationToken));

    private protected abstract Task ProcessApplicationAsync(CancellationToken cancellationToken);
}
