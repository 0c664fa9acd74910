using System.Management.Automation;
using System.Reflection;

namespace TravelPerkScim.Loader;

/// <summary>Exports the commands of the cmdlet assembly from the script module.</summary>
public static class ModuleExport
{
    /// <summary>Hands the commands over. The second import of an assembly in a session gives the script module none of its commands
    /// (https://github.com/PowerShell/PowerShell/issues/20710), and Export-ModuleMember cannot see them either. Only these two methods can
    /// export them. They are called from here, because each call in a script costs more at import.</summary>
    /// <param name="commands">The module of the cmdlet assembly.</param>
    /// <param name="module">The script module.</param>
    public static void HandOver(PSModuleInfo commands, PSModuleInfo module)
    {
        ArgumentNullException.ThrowIfNull(commands);
        ArgumentNullException.ThrowIfNull(module);
        MethodInfo addCmdlet = Method("AddExportedCmdlet");
        foreach (CmdletInfo cmdlet in commands.ExportedCmdlets.Values)
            addCmdlet.Invoke(module, [cmdlet]);
        MethodInfo addAlias = Method("AddExportedAlias");
        foreach (AliasInfo alias in commands.ExportedAliases.Values)
            addAlias.Invoke(module, [alias]);
    }

    private static MethodInfo Method(string name) =>
        typeof(PSModuleInfo).GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new MissingMethodException(nameof(PSModuleInfo), name);
}
