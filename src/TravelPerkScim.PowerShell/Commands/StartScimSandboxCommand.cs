using System.Management.Automation;
using System.Security;
using TravelPerkScim.Sandbox;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Starts an embedded TravelPerk in this process.</summary>
[Cmdlet(VerbsLifecycle.Start, "ScimSandbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ScimSandbox))]
public sealed class StartScimSandboxCommand : PSCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        SessionHoldings held = SessionHoldings.Current;
        ScimSandbox sandbox = new(TravelPerkSandbox.Start(new SandboxOptions()), held.NextSandboxId(), new SecureString());
        held.Add(sandbox);
        WriteObject(sandbox);
    }
}
