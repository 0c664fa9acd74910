using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that set up an enterprise application.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class EntraCommand : AsyncCmdlet
{
    private EntraDirectoryConnection? _connection;

    private protected EntraCommand() { }

    /// <summary>The connection to use, as Connect-EntraDirectory -PassThru gives it. Without it, the default connection of this
    /// runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public EntraDirectoryConnection? EntraConnection { get; set; }

    private protected EntraDirectoryConnection Entra => RunspaceSession.Require(_connection);

    private protected override void Prepare() => _connection = RunspaceSession.Require(RunspaceSession.Choose(EntraConnection));
}
