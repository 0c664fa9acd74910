using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that talk to TravelPerk.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class TargetCommand : AsyncCmdlet
{
    private TravelPerkConnection? _target;

    private protected TargetCommand() { }

    /// <summary>The connection to use, as Connect-TravelPerk -PassThru gives it. Without it, the default connection of this runspace.
    /// Runspaces of ForEach-Object -Parallel have no default: give them -Connection $using:connection.</summary>
    [Parameter]
    [ValidateNotNull]
    public TravelPerkConnection? Connection { get; set; }

    private protected TravelPerkConnection Target => RunspaceSession.Require(_target);

    private protected override void Prepare() => _target = RunspaceSession.Require(RunspaceSession.Choose(Connection));
}
