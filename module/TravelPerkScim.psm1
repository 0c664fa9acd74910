# Nothing here may need Microsoft.PowerShell.Utility or .Management: hosts built on System.Management.Automation alone don't have them.
$bin = [System.IO.Path]::Combine($PSScriptRoot, 'bin')
if (-not ('TravelPerkScim.Loader.ModuleLoadContext' -as [type])) {
    $null = [System.Reflection.Assembly]::LoadFrom([System.IO.Path]::Combine($bin, 'TravelPerkScim.Loader.dll'))
}

$assembly = ('TravelPerkScim.Loader.ModuleLoadContext' -as [type])::Initialize([System.IO.Path]::Combine($bin, 'TravelPerkScim.PowerShell.dll'))
$commands = Import-Module -Assembly $assembly -PassThru

# The second import of an assembly in a session gives this module none of its commands (https://github.com/PowerShell/PowerShell/issues/20710),
# and Export-ModuleMember cannot see them either; only these two methods can hand them over.
$members = [System.Reflection.BindingFlags] 'Instance, NonPublic'
$addCmdlet = [psmoduleinfo].GetMethod('AddExportedCmdlet', $members)
$addAlias = [psmoduleinfo].GetMethod('AddExportedAlias', $members)
$self = $ExecutionContext.SessionState.Module
foreach ($cmdlet in $commands.ExportedCmdlets.Values) { $null = $addCmdlet.Invoke($self, @(, $cmdlet)) }
foreach ($alias in $commands.ExportedAliases.Values) { $null = $addAlias.Invoke($self, @(, $alias)) }
