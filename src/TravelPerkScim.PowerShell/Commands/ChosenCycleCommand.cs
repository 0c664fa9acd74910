using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.Provisioning.Cycle;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that let the admin choose the kind of cycle.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ChosenCycleCommand : CycleCommand
{
    private protected ChosenCycleCommand() { }

    /// <summary>Reads the whole source and compares every linked user with TravelPerk itself, as a restart of Entra's provisioning does.
    /// The cycle retries users in escrow, repairs values that were changed in TravelPerk, and disables again the users that were enabled
    /// there by hand. A changed mapping causes an initial cycle by itself. Such a cycle reads the whole source too, and compares with
    /// TravelPerk only the users for whom the new mapping gives or compares a value differently.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    public SwitchParameter Initial { get; set; }

    /// <summary>Compares every user with the values that TravelPerk really holds, not with the values that the job last wrote. The cycle
    /// finds and repairs users that were changed, disabled, enabled, deleted or made again by hand, and names users without an account in
    /// the source. It reads the whole source and every page of TravelPerk.</summary>
    [Parameter(ParameterSetName = CycleSet)]
    public SwitchParameter Reconcile { get; set; }

    private protected override CycleOptions Options => base.Options with { Initial = Initial, Reconcile = Reconcile };
}
