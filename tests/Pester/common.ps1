# Shared by the suites: the built module, the sample directory, and a job over it.
$manifest = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'TravelPerkScim.psd1')
Import-Module $manifest -Force
$sample = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'module', 'sample')

# A job in a folder of its own, whose source is a copy of the sample directory.
function New-SampleJob {
    $folder = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
    Copy-Item "$sample/users.json" "$folder/users.json"
    New-ProvisioningJob "$folder/contoso" -Source "$folder/users.json"
}

# Made-up people as Microsoft Graph returns them; With changes some of their attributes.
function New-Person([int] $Number, [hashtable] $With = @{}) {
    $person = [ordered]@{
        id = '00000000-0000-4000-8000-{0:d12}' -f $Number; userPrincipalName = "user$Number@example.com"; givenName = "Given$Number"; surname = "Family$Number"
        jobTitle = 'Pilot'; accountEnabled = $true
    }
    foreach ($name in $With.Keys) { $person[$name] = $With[$name] }
    $person
}

function Set-People([string] $Path, [object[]] $People) { ConvertTo-Json $People -Depth 5 | Set-Content $Path }
