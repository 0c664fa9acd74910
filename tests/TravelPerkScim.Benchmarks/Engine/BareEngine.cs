using System.Management.Automation.Runspaces;
using PowerShellEngine = System.Management.Automation.PowerShell;

namespace TravelPerkScim.Benchmarks;

/// <summary>A PowerShell engine in this process, as a host without pwsh starts it.</summary>
internal static class BareEngine
{
    /// <summary>In a child: starts an engine, imports a module when one is named, and ends.</summary>
    /// <param name="manifest">Path of the module's manifest, or <c>none</c>.</param>
    public static void Run(string manifest)
    {
        using Runspace runspace = Open();
        using var shell = PowerShellEngine.Create(runspace);
        // What every session does first; it is no part of an import.
        _ = shell.AddScript("Get-Module | ForEach-Object { $_.Name }").Invoke();
        if (manifest == "none")
            return;
        shell.Commands.Clear();
        _ = shell
            .AddCommand("Import-Module")
            .AddParameter("Name", manifest)
            .AddParameter("ErrorAction", System.Management.Automation.ActionPreference.Stop)
            .Invoke();
    }

    /// <summary>In a child: runs a script.</summary>
    /// <exception cref="System.Management.Automation.RuntimeException">The script threw.</exception>
    public static void RunScript(string script)
    {
        using Runspace runspace = Open();
        using var shell = PowerShellEngine.Create(runspace);
        _ = shell.AddScript(script).Invoke();
    }

    public static Runspace Open(params SessionStateCmdletEntry[] commands)
    {
        // CreateDefault would load the shell's own assembly, which comes with pwsh and not with System.Management.Automation.
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        state.Commands.Add(commands);
        Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        return runspace;
    }
}
