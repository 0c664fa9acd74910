#!/usr/bin/env pwsh
#requires -Version 7.4

<#
.SYNOPSIS
    Builds, tests or packages the module.
.DESCRIPTION
    Build   makes module/bin and the help, so that Import-Module ./TravelPerkScim.psd1 works from the checkout.
    Test    runs the xunit projects, then the Pester suites in a process of their own.
    Package makes artifacts/TravelPerkScim/<version>, the publishable module folder, and its nupkg beside it.
.EXAMPLE
    ./build.ps1 -Task Test -Configuration Debug
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

$manifestPath = Join-Path $PSScriptRoot 'TravelPerkScim.psd1'
$manifest = Import-PowerShellDataFile $manifestPath
$artifacts = Join-Path $PSScriptRoot 'artifacts'
$mostMegabytes = 32

function Invoke-DotNet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $($args[0]) failed with exit code $LASTEXITCODE." }
}

function Invoke-Build([string[]] $With) {
    Invoke-DotNet build (Join-Path $PSScriptRoot 'src' 'TravelPerkScim.PowerShell') --configuration $Configuration --nologo @With
}

function Invoke-Test {
    Invoke-DotNet test (Join-Path $PSScriptRoot 'TravelPerkScim.sln') --configuration $Configuration --nologo

    # The Pester that the xunit tests use: they have restored it.
    $project = Join-Path $PSScriptRoot 'tests' 'TravelPerkScim.PowerShell.Tests'
    $pester = Join-Path (Invoke-DotNet msbuild $project '-getProperty:PkgPester') 'tools' 'Pester.psd1'

    # Its own process: what a session has loaded of a module cannot be replaced by the next build.
    $run = {
        param($Pester, $Tests)
        Import-Module $Pester
        $settings = New-PesterConfiguration
        $settings.Run.Path = $Tests
        $settings.Run.Exit = $true
        Invoke-Pester -Configuration $settings
    }
    # The PowerShell that runs this, wherever it is installed. The process of one that is a .NET tool is dotnet, and runs pwsh.dll.
    $program = [Environment]::ProcessPath
    $pwsh = [IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet' ? @(Join-Path $PSHOME 'pwsh.dll') : @()
    & $program @pwsh -NoProfile -NonInteractive -Command $run -args $pester, (Join-Path $PSScriptRoot 'tests' 'Pester')
    if ($LASTEXITCODE -ne 0) { throw "$LASTEXITCODE Pester tests failed." }
}

function Invoke-Package {
    $folder = Join-Path $artifacts $manifest.RootModule.Split('/')[-1].Replace('.psm1', '') $manifest.ModuleVersion
    if (Test-Path $folder) { Remove-Item $folder -Recurse -Force }
    $null = New-Item $folder -ItemType Directory -Force

    Copy-Item $manifestPath, (Join-Path $PSScriptRoot 'LICENSE'), (Join-Path $PSScriptRoot 'CHANGELOG.md'), (Join-Path $PSScriptRoot 'README.md') $folder
    Copy-Item (Join-Path $PSScriptRoot 'module'), (Join-Path $PSScriptRoot 'en-US') $folder -Recurse
    $bin = Join-Path $folder 'module' 'bin'
    Get-ChildItem $bin -File | Where-Object { $_.Extension -in '.pdb', '.xml' } | Remove-Item
    # SQLite also comes for platforms that PowerShell 7.4 does not run on (https://learn.microsoft.com/powershell/scripting/install/powershell-support-lifecycle).
    $platforms = 'win', 'win-x64', 'win-x86', 'win-arm64', 'linux-x64', 'linux-arm64', 'linux-arm', 'linux-musl-x64', 'osx-x64', 'osx-arm64'
    Get-ChildItem (Join-Path $bin 'runtimes') -Directory | Where-Object Name -NotIn $platforms | Remove-Item -Recurse

    $null = Test-ModuleManifest (Join-Path $folder 'TravelPerkScim.psd1')
    Add-BillOfMaterials $folder
    $megabytes = (Get-ChildItem $folder -Recurse -File | Measure-Object Length -Sum).Sum / 1MB
    # A dependency that is as large as the rest is a decision, and no accident.
    if ($megabytes -gt $mostMegabytes) { throw ('The package has {0:n0} MB unpacked, more than {1}.' -f $megabytes, $mostMegabytes) }
    New-ModuleNupkg $folder
    Get-Item $folder
}

# Which packages are inside, for a person who looks for vulnerable ones: read from the restored project, without a network.
function Add-BillOfMaterials([string] $Folder) {
    Invoke-DotNet tool restore
    $name = 'TravelPerkScim.cdx.json'
    Invoke-DotNet tool run dotnet-CycloneDX (Join-Path $PSScriptRoot 'src' 'TravelPerkScim.PowerShell' 'TravelPerkScim.PowerShell.csproj') `
        --disable-package-restore --exclude-dev --output $Folder --filename $name --output-format Json `
        --set-name TravelPerkScim --set-version $manifest.ModuleVersion
    # The one assembly that is a changed copy (src/TravelPerkScim.GraphClient). Its package names the licence in a file only.
    $file = Join-Path $Folder $name
    $bill = [System.Text.Json.Nodes.JsonNode]::Parse([IO.File]::ReadAllText($file))
    $graph = $bill['components'] | Where-Object { [string] $_['name'] -eq 'Microsoft.Graph' }
    $graph['licenses'] = [System.Text.Json.Nodes.JsonNode]::Parse('[{"license":{"id":"MIT"}}]')
    $graph['pedigree'] = [System.Text.Json.Nodes.JsonNode]::Parse('{"notes":"Members that the module does not use are left out."}')
    [IO.File]::WriteAllText($file, $bill.ToJsonString())
}

# A nupkg is a zip with a nuspec, and both can be made with what .NET itself has: no network, no repository to register.
function New-ModuleNupkg([string] $Folder) {
    $data = $manifest.PrivateData.PSData
    $name = 'TravelPerkScim'
    $version = $data.Prerelease ? "$($manifest.ModuleVersion)-$($data.Prerelease)" : $manifest.ModuleVersion
    $package = Join-Path $artifacts "$name.$version.nupkg"
    if (Test-Path $package) { Remove-Item $package }

    $nuspec = [xml] '<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata /></package>'
    $metadata = $nuspec.DocumentElement['metadata']
    $entries = [ordered]@{
        id          = $name
        version     = $version
        readme      = 'README.md'
        projectUrl  = $data.ProjectUri
        releaseNotes = $data.ReleaseNotes
        authors     = $manifest.Author
        owners      = $manifest.CompanyName
        license     = 'LICENSE'
        description = $manifest.Description
        copyright   = $manifest.Copyright
        tags        = (@($data.Tags) + 'PSModule' + 'PSIncludes_Cmdlet' + ($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" })) -join ' '
    }
    foreach ($entry in $entries.GetEnumerator() | Where-Object Value) {
        $element = $metadata.AppendChild($nuspec.CreateElement($entry.Key, $nuspec.DocumentElement.NamespaceURI))
        $element.InnerText = $entry.Value
        if ($entry.Key -eq 'license') { $element.SetAttribute('type', 'file') }
    }

    $types = Get-ChildItem $Folder -Recurse -File | ForEach-Object { $_.Extension.TrimStart('.') } | Where-Object { $_ } | Sort-Object -Unique
    $defaults = (@($types) + 'nuspec' + 'rels' | Sort-Object -Unique | ForEach-Object { "<Default Extension=`"$_`" ContentType=`"application/octet-stream`" />" }) -join ''
    $bare = (Get-ChildItem $Folder -Recurse -File | Where-Object { -not $_.Extension } | ForEach-Object {
            "<Override PartName=`"/$([IO.Path]::GetRelativePath($Folder, $_.FullName).Replace('\', '/'))`" ContentType=`"application/octet-stream`" />"
        }) -join ''

    $zip = [IO.Compression.ZipFile]::Open($package, 'Create')
    try {
        $texts = [ordered]@{
            "$name.nuspec"        = $nuspec.OuterXml
            '[Content_Types].xml' = "<?xml version=`"1.0`" encoding=`"utf-8`"?><Types xmlns=`"http://schemas.openxmlformats.org/package/2006/content-types`">$defaults$bare</Types>"
            '_rels/.rels'         = "<?xml version=`"1.0`" encoding=`"utf-8`"?><Relationships xmlns=`"http://schemas.openxmlformats.org/package/2006/relationships`"><Relationship Type=`"http://schemas.microsoft.com/packaging/2010/07/manifest`" Target=`"/$name.nuspec`" Id=`"R1`" /></Relationships>"
        }
        foreach ($text in $texts.GetEnumerator()) {
            $writer = [IO.StreamWriter]::new($zip.CreateEntry($text.Key).Open())
            try { $writer.Write($text.Value) } finally { $writer.Dispose() }
        }
        foreach ($file in Get-ChildItem $Folder -Recurse -File) {
            $entry = [IO.Path]::GetRelativePath($Folder, $file.FullName).Replace('\', '/')
            $null = [IO.Compression.ZipFileExtensions]::CreateEntryFromFile($zip, $file.FullName, $entry)
        }
    } finally {
        $zip.Dispose()
    }
    Get-Item $package
}

switch ($Task) {
    'Build' { Invoke-Build }
    'Test' { Invoke-Test }
    'Package' {
        # What an earlier build left behind must not be published.
        Remove-Item (Join-Path $PSScriptRoot 'module' 'bin') -Recurse -Force -ErrorAction Ignore
        # The lock files name what goes in, and no path of this machine does.
        Invoke-Build -p:ContinuousIntegrationBuild=true
        Invoke-Package
    }
}
