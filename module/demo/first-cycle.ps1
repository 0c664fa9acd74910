# The tour: what the module does, on an embedded TravelPerk and a sample directory. Needs no account and leaves nothing behind.
param(
    # Leaves the embedded TravelPerk running and the job in place, for a prompt that follows; both go when that prompt ends.
    [switch] $Stay
)
$ErrorActionPreference = 'Stop'
$sample = Join-Path $PSScriptRoot '..' 'sample'
$folder = [IO.Directory]::CreateTempSubdirectory('TravelPerkScim-').FullName
$directory = Join-Path $folder 'users.json'
$jobFolder = Join-Path $folder 'contoso'
$finished = $false

function Show-Step($Number, $Title, $Command) {
    ''
    "$Number. $Title"
    if ($Command) { "   PS> $Command" }
}

function Assert-That($Condition, $Claim) {
    if (-not $Condition) { throw "The tour is not as it should be: $Claim" }
}

try {
    'TravelPerkScim keeps TravelPerk users in step with Microsoft Entra ID: it creates, updates, disables and'
    'removes them over SCIM, makes managers approvers, and shows every change before it is made.'

    Show-Step 1 'An embedded TravelPerk starts on this machine, and we connect to it.' 'Start-ScimSandbox | Connect-TravelPerk'
    $sandbox = Start-ScimSandbox -CreateApprovalProcesses
    $sandbox | Connect-TravelPerk
    Get-TravelPerkConnection | Out-Default
    Assert-That (Test-ScimConnection) 'the connection works'

    Show-Step 2 'A job: a directory as Microsoft Graph returns it goes in, this TravelPerk is the target.' 'New-ProvisioningJob ./contoso -Source ./users.json'
    Copy-Item (Join-Path $sample 'users.json') $directory
    New-ProvisioningJob $jobFolder -Source $directory | Out-Default

    Show-Step 3 'See before you write: the plan of the first cycle. Nothing is sent.' 'Invoke-Provisioning ./contoso -WhatIf'
    $plan = @(Get-ProvisioningPlan $jobFolder)
    $plan[0..7] | Out-Default
    "... and $($plan.Count - 8) more operations. Requests that write so far: $($sandbox.WriteCount)."
    ''
    'Each operation tells what it would send, and why:'
    $plan[0] | Format-List Identity, Action, Reason, Request | Out-Default
    Assert-That ($sandbox.WriteCount -eq 0) 'a plan writes nothing'

    Show-Step 4 'The initial cycle: managers before their reports, each user in one request.' 'Invoke-Provisioning ./contoso'
    $outcomes = @(Invoke-Provisioning $jobFolder -ErrorAction SilentlyContinue -ErrorVariable refused)
    $outcomes[0..4] | Out-Default
    "... and $($outcomes.Count - 5) more."
    ''
    'A value that TravelPerk would refuse is found before it is sent, and does not stop the other users:'
    $outcomes | Where-Object Status -EQ 'Failure' | ForEach-Object Reason
    Get-ProvisioningStatus $jobFolder | Out-Default
    $created = @($outcomes | Where-Object Status -EQ 'Success').Count
    Assert-That ($refused.Count -eq 1 -and $created -eq $sandbox.UserCount) 'all users but one are created'
    Assert-That ($sandbox.ApprovalProcesses.Count -gt 0) 'managers are approvers'

    Show-Step 5 'Some days later: a promotion, a new hire, people who left. The incremental cycle applies just that.' 'Invoke-Provisioning ./contoso'
    Copy-Item (Join-Path $sample 'users-next.json') $directory
    $changes = @(Invoke-Provisioning $jobFolder)
    $changes | Out-Default
    Assert-That ($changes.Count -gt 0 -and -not ($changes | Where-Object Status -NE 'Success')) 'every change is applied'

    Show-Step 6 'The same again: nothing to do, so nothing is sent.' 'Invoke-Provisioning ./contoso'
    $before = $sandbox.RequestCount
    $again = @(Invoke-Provisioning $jobFolder)
    Assert-That ($again.Count -eq 0 -and $sandbox.RequestCount -eq $before) 'an idle cycle sends nothing'
    (Get-ProvisioningStatus $jobFolder).Cycles | Out-Default

    Show-Step 7 'Why was it done? The log knows, for each user.' 'Get-ProvisioningLog ./contoso -Action Disable, Delete'
    Get-ProvisioningLog $jobFolder -Action Disable, Delete | ForEach-Object { "$($_.Action) $($_.Identity): $($_.Reason)" }

    ''
    if ($Stay) {
        Set-Location $folder
        'You are in a PowerShell with the module, connected to the embedded TravelPerk.'
        './contoso is the job, and ./users.json its directory. Try:'
        '  Get-ScimUser -Filter ''userName sw "h"'''
        '  Set-ScimMapping ./contoso title -Expression ''Coalesce([jobTitle], "Traveller")''; Invoke-Provisioning ./contoso -WhatIf'
        '  Get-Command -Module TravelPerkScim'
        '  Get-Help about_TravelPerkScim_Unattended       # schedule, notifications and worker: a job that is left running'
        'README.md takes you to the first -WhatIf cycle of your own company. exit ends PowerShell, and removes all this.'
    }
    else {
        'Next: README.md takes you to the first -WhatIf cycle of your own company. To go on here, with this TravelPerk and this job:'
        '  dotnet run --project src/TravelPerkScim.Host -- -NoExit'
        'To leave a job running: "Try it unattended with the sandbox" in README.md has schedule and notification in ten minutes, and'
        'docs/worker.md the worker, which runs every job of a folder.'
        'Any script or command runs too, with all of PowerShell:'
        '  dotnet run --project src/TravelPerkScim.Host -- -Command "Get-Command -Module TravelPerkScim"'
    }
    $finished = $true
}
finally {
    if ($Stay -and $finished) {
        # Remove-Item refuses the folder that the prompt stands in.
        $null = Register-EngineEvent PowerShell.Exiting -Action { [IO.Directory]::Delete($folder, $true) }.GetNewClosure()
    }
    else {
        if ($sandbox) { $sandbox | Stop-ScimSandbox }
        Remove-Item $folder -Recurse
    }
}
