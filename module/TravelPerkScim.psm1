# Imports the compiled commands from a load context of their own.
$bin = [System.IO.Path]::Combine($PSScriptRoot, 'bin')
$loader = 'TravelPerkScim.Loader.ModuleLoadContext' -as [type]
if (-not $loader) {
    $null = [System.Reflection.Assembly]::LoadFrom([System.IO.Path]::Combine($bin, 'TravelPerkScim.Loader.dll'))
    $loader = 'TravelPerkScim.Loader.ModuleLoadContext' -as [type]
}
elseif ([System.IO.Path]::GetDirectoryName($loader.Assembly.Location) -ne $bin) {
    # .NET keeps what it has loaded: the commands would be those of the other copy, under this one's help and views.
    $root = { param($Folder) [System.IO.Path]::GetDirectoryName([System.IO.Path]::GetDirectoryName($Folder)) }
    $version = { param($Folder) [System.Reflection.AssemblyName]::GetAssemblyName([System.IO.Path]::Combine($Folder, 'TravelPerkScim.Loader.dll')).Version.ToString(3) }
    $theirs = [System.IO.Path]::GetDirectoryName($loader.Assembly.Location)
    $manifest = [System.IO.Path]::Combine((& $root $bin), 'TravelPerkScim.psd1')
    $message = "This session has loaded TravelPerkScim $(& $version $theirs) from '$(& $root $theirs)', and a session keeps the copy that it loaded first. " +
        "To use TravelPerkScim $(& $version $bin) from '$(& $root $bin)', start a new PowerShell session and run: Import-Module '$manifest'"
    throw [System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($message), 'AnotherCopyLoaded', 'ResourceExists', $manifest)
}

# Not TypesToProcess of the main manifest: those are read before the check above.
Import-Module ([System.IO.Path]::Combine($PSScriptRoot, 'TravelPerkScim.Types.psd1'))

$assembly = $loader::Initialize([System.IO.Path]::Combine($bin, 'TravelPerkScim.PowerShell.dll'))
$commands = Import-Module -Assembly $assembly -PassThru

# The second import of an assembly in a session gives this module none of its commands (https://github.com/PowerShell/PowerShell/issues/20710),
# and Export-ModuleMember cannot see them either; only these two methods can hand them over.
$members = [System.Reflection.BindingFlags] 'Instance, NonPublic'
$addCmdlet = [psmoduleinfo].GetMethod('AddExportedCmdlet', $members)
$addAlias = [psmoduleinfo].GetMethod('AddExportedAlias', $members)
$self = $ExecutionContext.SessionState.Module
foreach ($cmdlet in $commands.ExportedCmdlets.Values) { $null = $addCmdlet.Invoke($self, @(, $cmdlet)) }
foreach ($alias in $commands.ExportedAliases.Values) { $null = $addAlias.Invoke($self, @(, $alias)) }
