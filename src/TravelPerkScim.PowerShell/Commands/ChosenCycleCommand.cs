using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.Provisioning.Cycle;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that let the admin choose the kind of cycle.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ChosenCycleCommand : CycleCommand
{
    private protected ChosenCycleCommand() { }

    /// <summary>Reads the whole source and compares every linked user with TravelPerk itself, as a restart of Entra's provisioning does:
    /// retries what is in escrow, repairs what was changed there, and disables again whoever was disabled before and enabled by hand. A
    /// changed mapping causes an initial cycle by itself; that one reads the whole source too, and compares with TravelPerk the users for
    /// whom the new mapping gives another value or compares it in another way.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    public SwitchParameter Initial { get; set; }

    /// <summary>Compares every user with what TravelPerk really holds, not with what the job last wrote there: finds and repairs what was
    /// changed, disabled, enabled, deleted or made again by hand, and names users whom nothing in the source accounts for. Reads the whole
    /// source and every page of TravelPerk.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    public SwitchParameter Reconcile { get; set; }

    private protected override CycleOptions Options => base.Options with { Initial = Initial, Reconcile = Reconcile };
}
