using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the default connection to Entra of this runspace.</summary>
/// <remarks>
/// <para>Writes the connection that jobs with an Entra source use by default, or nothing when Connect-EntraDirectory has not been run. It
/// shows tenant, account and permissions; token and secret are not part of it.</para>
/// </remarks>
/// <example>
/// <para>See the signed-in account and its permissions</para>
/// <code>Get-EntraDirectoryConnection | Format-List</code>
/// <para>Shows tenant, account, application, cloud and the permissions of the access token.</para>
/// </example>
/// <seealso>Connect-EntraDirectory</seealso>
[Cmdlet(VerbsCommon.Get, "EntraDirectoryConnection", HelpUri = HelpPages.Tutorial)]
[OutputType(typeof(EntraDirectoryConnection))]
public sealed class GetEntraDirectoryConnectionCommand : PSCmdlet
{
    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (RunspaceSession.Current.EntraConnection is { } connection)
            WriteObject(connection);
    }
}
