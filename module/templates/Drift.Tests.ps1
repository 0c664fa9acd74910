<#
.SYNOPSIS
    Shows what was changed in TravelPerk behind a job's back as failed tests: one for each drifted user.
.DESCRIPTION
    Compares every user with TravelPerk, and writes nothing. A user who is as the job left it has no test; the first test says that the comparison was made, so that a run without drift is a passed one.
    A test is called by its user and nothing else, so that its history can be followed from run to run.
    The job finds its credentials where Set-ProvisioningJob -SecretFrom says, or in the connection of the session.
.PARAMETER Job
    The job's folder.
.EXAMPLE
    $drift = New-PesterContainer -Path ./Drift.Tests.ps1 -Data @{ Job = './contoso' }
    Invoke-Pester -Configuration @{ Run = @{ Container = $drift; Exit = $true }; TestResult = @{ Enabled = $true; OutputFormat = 'JUnitXml'; OutputPath = './drift.xml' } }

    Runs it in a pipeline; the exit code is the number of failed tests. NUnitXml and NUnit3 are the other formats.
#>
param(
    [Parameter(Mandatory)]
    [string] $Job
)

BeforeDiscovery {
    if (-not (Get-Module TravelPerkScim)) { Import-Module TravelPerkScim }
    $users = Get-ProvisioningPlan $Job -Reconcile -ErrorAction Stop | Where-Object Drift -NE None | Group-Object Identity | ForEach-Object {
        @{
            User  = $_.Name
            Drift = @($_.Group | ForEach-Object { "$($_.Drift): $($_.Reason)"; $_.Changes | ForEach-Object { "    $_" } })
        }
    }
}

Describe 'TravelPerk is as the job left it' {
    It 'Was compared with the source' {
        Test-Path $Job | Should -BeTrue
    }

    It '<User>' -ForEach @($users) {
        throw ($Drift -join [Environment]::NewLine)
    }
}
