using System.Management.Automation;
namespace TravelPerkScim.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "ScimUser")]
[Alias("gsu")]
public sealed class ProbeCommand : PSCmdlet
{
    protected override void ProcessRecord() => WriteObject(typeof(ProbeCommand).Assembly.Location);
}
