using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Xml.Linq;
using TravelPerkScim.Help;

#pragma warning disable RS0030 // A program: its output is the console.

if (args is ["members", string assemblies])
{
    RecordMembers.HideIn(assemblies);
    return 0;
}
if (args is not ["help", string manifest, string documentation, string output])
{
    await Console
        .Error.WriteLineAsync(
            """
            Usage: TravelPerkScim.Help members <folder of the module's assemblies>
                   TravelPerkScim.Help help <module manifest> <folder of XML documentation> <help file to write>
            """
        )
        .ConfigureAwait(false);
    return 64;
}

// The engine knows the syntax of a cmdlet best, so the module is imported, not read.
using Runspace runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
runspace.Open();
using var shell = PowerShell.Create(runspace);
shell
    .AddCommand("Import-Module")
    .AddParameter("Name", manifest)
    .AddParameter("PassThru")
    .AddParameter("ErrorAction", ActionPreference.Stop);
var module = (PSModuleInfo)shell.Invoke().Single().BaseObject;

XmlDocumentation texts = new(
    Directory.EnumerateFiles(documentation, "TravelPerkScim.*.xml").Select(file => XDocument.Load(file, LoadOptions.PreserveWhitespace))
);
XDocument help = MamlWriter.Write(module.ExportedCmdlets.Values.OrderBy(cmdlet => cmdlet.Name, StringComparer.Ordinal), texts);
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);

// A program reads it; indentation would be a fifth of it.
help.Save(output, SaveOptions.DisableFormatting);
return 0;
