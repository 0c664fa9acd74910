using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Ends a connection to Entra and forgets its token and secret.</summary>
/// <remarks>
/// <para>Ends the default connection of this runspace, or the given connection. Nothing is sent to Entra. Without a connection the command
/// does nothing.</para>
/// </remarks>
/// <example>
/// <para>Disconnect</para>
/// <code>Disconnect-EntraDirectory</code>
/// <para>Ends the default connection of this runspace.</para>
/// </example>
/// <seealso>Connect-EntraDirectory</seealso>
[Cmdlet(VerbsCommunications.Disconnect, "EntraDirectory", HelpUri = HelpPages.Tutorial)]
public sealed class DisconnectEntraDirectoryCommand : PSCmdlet
{
    /// <summary>The connection to end. Without it, the default connection of this runspace.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public EntraDirectoryConnection? EntraConnection { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        RunspaceSession session = RunspaceSession.Current;
        EntraDirectoryConnection? ending = RunspaceSession.Choose(EntraConnection);
        if (ReferenceEquals(ending, session.EntraConnection))
            session.EntraConnection = null;

        ending?.Dispose();
    }
}
