using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.Sandbox;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the embedded TravelPerks that this runspace started and has not stopped.</summary>
/// <remarks>
/// <para>Each object shows the users and the requests of its service: UserCount, RequestCount, RequestLog, ApprovalProcesses and
/// more.</para>
/// </remarks>
/// <example>
/// <para>See the requests of a command</para>
/// <code>(Get-ScimSandbox).RequestLog | Where-Object Method -EQ PATCH</code>
/// <para>The log holds the last 1,000 requests with method, path and status.</para>
/// </example>
/// <seealso>Start-ScimSandbox</seealso>
[Cmdlet(VerbsCommon.Get, "ScimSandbox", HelpUri = HelpPages.Scim)]
[OutputType(typeof(TravelPerkSandbox))]
public sealed class GetScimSandboxCommand : PSCmdlet
{
    /// <inheritdoc/>
    protected override void BeginProcessing() => WriteObject(RunspaceSession.Current.Sandboxes, enumerateCollection: true);
}
