BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'A job' {
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

    It 'Shows its plan with -WhatIf and writes nothing' {
        $operations = $job | Invoke-Provisioning -WhatIf

        $operations.Count | Should -BeGreaterThan 50
        $operations | ForEach-Object Action | Should -Be (@('Create') * $operations.Count)
        $sandbox.WriteCount | Should -Be 0
    }

    It 'Applies the initial cycle, the changes, and then nothing' {
        $first = $job | Invoke-Provisioning -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'InvalidValue,*'
        $sandbox.UserCount | Should -Be ($first.Count - 1)

        Copy-Item "$sample/users-next.json" "$folder/users.json"
        $changes = $job | Invoke-Provisioning
        $changes.Status | Should -Not -Contain 'Failure'
        $changes.Action | Should -Contain 'Disable'

        $job | Invoke-Provisioning | Should -BeNullOrEmpty
    }

    It 'Is found on a PowerShell drive' {
        Push-Location TestDrive:
        try {
            Copy-Item "$sample/users.csv" here.csv
            $null = New-ProvisioningJob driven -Source here.csv
            (Get-ProvisioningJob driven).SourcePath | Should -Exist
        }
        finally {
            Pop-Location
        }
    }

    It 'Exports its log as CSV' {
        $null = $job | Invoke-Provisioning -ErrorAction SilentlyContinue

        $rows = $job | Get-ProvisioningLog -Status Success | Select-Object Time, Action, Identity, Reason | ConvertTo-Csv | ConvertFrom-Csv

        $rows.Identity | Should -Contain 'helena.marques@example.com'
    }
}

Describe 'A mapping' {
    It 'Has 19 attributes by default and one that matches' {
        $mapping = Get-ScimMapping -Default

        $mapping | Should -HaveCount 19
        ($mapping | Where-Object MatchingPriority -GT 0).TargetAttribute | Should -Be 'userName'
    }
}
