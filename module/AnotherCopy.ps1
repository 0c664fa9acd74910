# Runs in TravelPerkScim.psm1 when the session has loaded another copy of the module. .NET keeps what it has loaded: the commands would be
# those of the other copy, under this copy's help and views.
$root = { param($Folder) [System.IO.Path]::GetDirectoryName([System.IO.Path]::GetDirectoryName($Folder)) }
$version = { param($Folder) [System.Reflection.AssemblyName]::GetAssemblyName([System.IO.Path]::Combine($Folder, 'TravelPerkScim.Loader.dll')).Version.ToString(3) }
$theirs = [System.IO.Path]::GetDirectoryName($loader.Assembly.Location)
$manifest = [System.IO.Path]::Combine((& $root $bin), 'TravelPerkScim.psd1')
$message = "This session has loaded TravelPerkScim $(& $version $theirs) from '$(& $root $theirs)', and a session keeps the copy that it loaded first. " +
    "To use TravelPerkScim $(& $version $bin) from '$(& $root $bin)', start a new PowerShell session and run: Import-Module '$manifest'"
throw [System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($message), 'AnotherCopyLoaded', 'ResourceExists', $manifest)
