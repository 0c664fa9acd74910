using System.ComponentModel;
using System.Management.Automation;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>Ends the connection and the sandboxes of a runspace from which the module is removed.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => RunspaceSession.Clear();
}
