using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Sandbox;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Stops an embedded TravelPerk and forgets its users.</summary>
/// <remarks>
/// <para>Stops the given sandbox, or every sandbox that this runspace started. Connections to a stopped sandbox fail.</para>
/// </remarks>
/// <example>
/// <para>Stop all sandboxes of this runspace</para>
/// <code>Stop-ScimSandbox</code>
/// <para>Without a given sandbox, all are stopped.</para>
/// </example>
/// <seealso>Start-ScimSandbox</seealso>
[Cmdlet(VerbsLifecycle.Stop, "ScimSandbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, HelpUri = HelpPages.Scim)]
public sealed class StopScimSandboxCommand : AsyncCmdlet
{
    private RunspaceSession _session = null!;

    /// <summary>The sandbox to stop, as Start-ScimSandbox and Get-ScimSandbox give it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public TravelPerkSandbox? Sandbox { get; set; }

    private protected override void Prepare() => _session = RunspaceSession.Current;

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        TravelPerkSandbox[] stopping = Sandbox is null ? [.. _session.Sandboxes] : [Sandbox];
        foreach (TravelPerkSandbox sandbox in stopping)
        {
            if (await ShouldProcessAsync(sandbox.BaseUri.ToString(), "Stop the embedded TravelPerk").ConfigureAwait(false))
            {
                _session.Remove(sandbox);
                await sandbox.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
