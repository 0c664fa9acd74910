BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'A plan' {
    BeforeEach {
        $sandbox = Start-ScimSandbox
        $sandbox | Connect-TravelPerk
        $job = New-SampleJob
        $folder = Split-Path $job.Path
    }

    AfterEach {
        Disconnect-TravelPerk
        $sandbox | Stop-ScimSandbox
    }

    It 'Is applied as far as its operations passed the filter' {
        $some = Get-ProvisioningPlan $job | Where-Object { -not $_.Problem } | Select-Object -First 5

        $outcomes = $some | Invoke-Provisioning $job

        $outcomes.Identity | Sort-Object | Should -Be ($some.Identity | Sort-Object)
        $sandbox.UserCount | Should -Be 5
    }

    It 'Goes through a file, and a changed operation is refused as stale' {
        Get-ProvisioningPlan $job | Where-Object { -not $_.Problem } | Export-ProvisioningPlan "$folder/plan.json"
        $users = Get-Content "$folder/users.json" -Raw | ConvertFrom-Json
        $people = if ($users.value) { $users.value } else { $users }
        $changed = $people | Where-Object { $_.accountEnabled -and $_.userPrincipalName -eq 'helena.marques@example.com' }
        $changed.jobTitle = 'Another title'
        $users | ConvertTo-Json -Depth 10 | Set-Content "$folder/users.json"

        $outcomes = Import-ProvisioningPlan "$folder/plan.json" | Invoke-Provisioning $job -WarningAction SilentlyContinue

        ($outcomes | Where-Object ErrorCode -EQ Stale).Identity | Should -Be 'helena.marques@example.com'
        ($outcomes | Where-Object Status -EQ Success).Count | Should -Be ($outcomes.Count - 1)
    }

    It 'Explains one user, down to the request' {
        $steps = (Get-ProvisioningPlan $job -Identity helena.marques@example.com).Steps

        $steps.Type | Should -Be 'Import', 'Scoping', 'Matching', 'Export'
        $steps[3].Description | Should -BeLike 'POST Users {*"userName":"helena.marques@example.com"*'
    }

    It 'Takes users by property name for on-demand' {
        $user = [pscustomobject]@{ DisplayName = 'Helena'; UserPrincipalName = 'helena.marques@example.com' }

        ($user | Invoke-Provisioning $job).Identity | Should -Be 'helena.marques@example.com'

        $sandbox.UserCount | Should -Be 1
    }

    It 'Names and repairs changes by hand' {
        $null = $job | Invoke-Provisioning -ErrorAction SilentlyContinue
        Set-ScimUser helena.marques@example.com -Title 'By hand'

        $drift = Get-ProvisioningPlan $job -Reconcile | Where-Object Drift -EQ EditedByHand
        $drift.Identity | Should -Be 'helena.marques@example.com'
        $null = Invoke-Provisioning $job -Reconcile -ErrorAction SilentlyContinue

        (Get-ScimUser helena.marques@example.com).Title | Should -Not -Be 'By hand'
    }

    It 'Stages many departures until the cycle that staged them is approved' {
        $null = $job | Invoke-Provisioning -ErrorAction SilentlyContinue
        $users = Get-Content "$folder/users.json" -Raw | ConvertFrom-Json
        $people = @(if ($users.value) { $users.value } else { $users })
        ConvertTo-Json @($people | Select-Object -First 20) -Depth 10 | Set-Content "$folder/users.json"

        $null = $job | Invoke-Provisioning -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $cycle = ($job | Get-ProvisioningStatus).Quarantine.CycleId
        $job | Get-ProvisioningStatus | Out-String -Width 200 | Should -Match "Staged +: -ApproveCycle $cycle approves"
        @(Get-ScimUser | Where-Object { -not $_.Active }) | Should -HaveCount 0
        { Invoke-Provisioning $job -ApproveCycle ([guid]::NewGuid()) -ErrorAction Stop } | Should -Throw -ErrorId 'ApprovalUnknown*'
        $released = Invoke-Provisioning $job -ApproveCycle $cycle -ErrorAction SilentlyContinue | Where-Object Action -EQ Disable

        $released.Status | Sort-Object -Unique | Should -Be 'Success'
        ($job | Get-ProvisioningStatus).Quarantine | Should -BeNullOrEmpty
    }

    It 'Resets the given parts of the state' {
        $null = $job | Invoke-Provisioning -ErrorAction SilentlyContinue
        Reset-ProvisioningJob $job -Scope Links, Watermark -WhatIf
        ($job | Get-ProvisioningStatus).LinkedUsers | Should -BeGreaterThan 0

        Reset-ProvisioningJob $job -Scope Links, Watermark -Force

        ($job | Get-ProvisioningStatus).LinkedUsers | Should -Be 0
        ($job | Invoke-Provisioning -ErrorAction SilentlyContinue).Action | Should -Contain 'Link'
    }
}
