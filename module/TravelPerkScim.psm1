# Imports the compiled commands from a load context of their own. Each kind of statement costs time at import, so there are few.
$bin = [System.IO.Path]::Combine($PSScriptRoot, 'bin')
$loader = 'TravelPerkScim.Loader.ModuleLoadContext' -as [type]
if (-not $loader) {
    $null = [System.Reflection.Assembly]::LoadFrom([System.IO.Path]::Combine($bin, 'TravelPerkScim.Loader.dll'))
    $loader = 'TravelPerkScim.Loader.ModuleLoadContext' -as [type]
}
elseif ([System.IO.Path]::GetDirectoryName($loader.Assembly.Location) -ne $bin) {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'AnotherCopy.ps1'))
}

# Not TypesToProcess of the main manifest: those are read before the check above.
Import-Module ([System.IO.Path]::Combine($PSScriptRoot, 'TravelPerkScim.Types.psd1'))

$assembly = $loader::Initialize([System.IO.Path]::Combine($bin, 'TravelPerkScim.PowerShell.dll'))
$commands = Import-Module -Assembly $assembly -PassThru
[TravelPerkScim.Loader.ModuleExport]::HandOver($commands, $ExecutionContext.SessionState.Module)
