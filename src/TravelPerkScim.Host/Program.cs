using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;
using TravelPerkScim.Host;

#pragma warning disable RS0030 // A program: the console is its own.

// PowerShell leaves this to its reader; colours in a file or a pipe are noise.
if (Console.IsOutputRedirected)
    Environment.SetEnvironmentVariable("NO_COLOR", "1");

var state = InitialSessionState.CreateDefault();
if (OperatingSystem.IsWindows())
    state.ExecutionPolicy = ExecutionPolicy.Bypass;
state.ImportPSModule([ModuleFiles.Manifest]);
return ConsoleShell.Start(state, bannerText: null, helpText: null, HostArguments.ForPowerShell(args, ModuleFiles.Demonstration));
