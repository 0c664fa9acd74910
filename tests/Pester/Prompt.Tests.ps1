BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-Module TravelPerkScim
}

Describe 'The output of a cycle' {
    BeforeEach {
        $sandbox = Start-ScimSandbox
        $sandbox | Connect-TravelPerk
        $folder = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        $people = 1..4 | ForEach-Object { New-Person $_ }
        Set-People "$folder/users.json" $people
        $job = New-ProvisioningJob "$folder/contoso" -Source "$folder/users.json"
    }

    AfterEach {
        Disconnect-TravelPerk
        $sandbox | Stop-ScimSandbox
    }

    It 'A plan lists disables and deletes first, then by name, and shows the values of new users' {
        $null = Invoke-Provisioning $job
        Set-People "$folder/users.json" ((New-Person 9), (New-Person 8), (New-Person 2 @{ jobTitle = 'Chief' }), (New-Person 1), (New-Person 4 @{ accountEnabled = $false }), (New-Person 3 @{ accountEnabled = $false }))

        $plan = Get-ProvisioningPlan $job

        $plan | ForEach-Object { "$($_.Action) $($_.Identity)" } |
            Should -Be 'Disable user3@example.com', 'Disable user4@example.com', 'Create user8@example.com', 'Create user9@example.com', 'Update user2@example.com'
        $plan[2].Detail | Should -BeLike 'givenName: Given8, familyName: Family8, title: Pilot*'
    }

    It 'Errors come after the table, which is not cut by them, and the failed row shows its whole error' {
        Set-People "$folder/users.json" ((New-Person 1 @{ businessPhones = @('call me') }), (New-Person 2))

        $all = @(Invoke-Provisioning $job 2>&1)

        $all[-1] | Should -BeOfType System.Management.Automation.ErrorRecord
        $all | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -HaveCount 1
        $shown = ($all[0..1] | Out-String -Width 80) -replace '\s+', ''
        $shown | Should -BeLike '*correctitatthesource*'
    }

    It 'A line has the counts of the cycle, also of a cycle with nothing to do' {
        $null = Invoke-Provisioning $job -InformationVariable first
        $null = Invoke-Provisioning $job -InformationVariable second

        "$first" | Should -BeLike 'contoso: Initial cycle, Succeeded after * s: 4 read, 4 created, *'
        "$second" | Should -BeLike 'contoso: Incremental cycle, Succeeded after * s: 4 read, 4 unchanged, 0 requests'
    }

    It 'Names skipped users with -Verbose, and waiting users in the status' {
        Set-People "$folder/users.json" ((New-Person 1 @{ businessPhones = @('call me') }), (New-Person 2 @{ accountEnabled = $false }))
        $null = Invoke-Provisioning $job -ErrorAction SilentlyContinue

        $told = @(Invoke-Provisioning $job -Verbose 4>&1) -join "`n"

        $told | Should -BeLike '*Skipped user1@example.com: Waits in escrow*'
        $told | Should -BeLike '*Skipped user2@example.com: Never provisioned*'
        Get-ProvisioningStatus $job | Out-String | Should -Match 'Escrowed +: 1: user1@example\.com, next attempt \d{4}-'
    }

    It 'A cycle with staged operations and no failure waits for approval' {
        1..9 | ForEach-Object { New-Person $_ } | Set-Variable people
        Set-People "$folder/users.json" $people
        $null = Invoke-Provisioning $job
        foreach ($person in $people[0..6]) { $person.accountEnabled = $false }
        Set-People "$folder/users.json" $people

        Invoke-Provisioning $job -WarningAction SilentlyContinue | Group-Object Status | ForEach-Object Name | Should -Be 'Staged'

        (Get-ProvisioningStatus $job).LastCycle.State | Should -Be 'WaitingForApproval'
    }

    It 'Is useful as JSON and CSV without a change' {
        $json = Invoke-Provisioning $job | Select-Object -First 1 | ConvertTo-Json -Depth 3 | ConvertFrom-Json
        $csv = Get-ProvisioningLog $job | ConvertTo-Csv | ConvertFrom-Csv

        $json.Action, $json.Status | Should -Be 'Create', 'Success'
        $csv[0].Action | Should -Be 'Create'
        $csv[0].ModifiedProperties | Should -BeLike '*name.givenName: (none) -> Given*; *'
    }

    It 'A user who was disabled by hand is shown as Enable' {
        $null = Invoke-Provisioning $job
        Set-ScimUser user2@example.com -Active $false

        $operation = Get-ProvisioningPlan $job -Reconcile

        $operation.Action, $operation.Drift | Should -Be 'Enable', 'DisabledByHand'
    }
}

Describe 'Commands that change a job' {
    BeforeAll {
        Start-ScimSandbox | Connect-TravelPerk
        $folder = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        Set-People "$folder/users.json" (New-Person 1)
        $job = New-ProvisioningJob "$folder/contoso" -Source "$folder/users.json"
        $null = Invoke-Provisioning $job
    }

    AfterAll {
        Disconnect-TravelPerk
        Stop-ScimSandbox
    }

    It 'Set-ProvisioningJob -WhatIf says which settings change' {
        Start-Transcript "$folder/transcript.txt" -UseMinimalHeader | Out-Null
        Set-ProvisioningJob $job -DeleteThreshold 20 -Concurrency 4 -WhatIf
        Stop-Transcript | Out-Null

        (Get-Content "$folder/transcript.txt" -Raw) -replace '\s+', ' ' | Should -BeLike '*DeleteThreshold: 500 -> 20, Concurrency: 64 -> 4*'
    }

    It 'Reset-ProvisioningJob asks before it deletes links, except with -Force' {
        { Reset-ProvisioningJob $job -Scope Links -ErrorAction Stop } | Should -Throw
        (Get-ProvisioningStatus $job).LinkedUsers | Should -Be 1
        Reset-ProvisioningJob $job -Scope Links -Force -WarningAction SilentlyContinue
        (Get-ProvisioningStatus $job).LinkedUsers | Should -Be 0
    }

    It 'Tab offers the users of the log and the parts of the state' {
        (TabExpansion2 "Get-ProvisioningLog '$($job.Path)' -Identity us").CompletionMatches.CompletionText | Should -Be 'user1@example.com'
        (TabExpansion2 "Reset-ProvisioningJob '$($job.Path)' -Scope ").CompletionMatches.CompletionText | Should -Not -Contain 'None'
    }

    It 'An API key as plain text is refused, and the error names the right way' {
        { Connect-TravelPerk -ApiKey abc } | Should -Throw '*SecureString*Read-Host*'
    }

    It 'The explanations of several users name their user' {
        $text = (New-Person 1), (New-Person 2) | ForEach-Object { [pscustomobject] $_ } | ConvertTo-ScimUser -Explain | Out-String
        $text | Should -BeLike '*User: user1@example.com*User: user2@example.com*'
    }
}

Describe 'Start-ScimSandbox' {
    It 'Listens at the given port with the given key, for other processes too' {
        $probe = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0); $probe.Start(); $port = $probe.LocalEndpoint.Port; $probe.Stop()
        $sandbox = Start-ScimSandbox -Port $port -ApiKey (ConvertTo-SecureString 'try-me' -AsPlainText) -UserCount 3
        try {
            (Invoke-RestMethod "http://127.0.0.1:$port/api/v2/scim/Users" -Headers @{ Authorization = 'ApiKey try-me'; 'Api-Version' = '1' }).totalResults | Should -Be 3
            { Start-ScimSandbox -Port $port } | Should -Throw -ErrorId 'SandboxPortInUse,*'
        }
        finally {
            $sandbox | Stop-ScimSandbox
        }
    }

    It 'Delays answers' {
        $sandbox = Start-ScimSandbox -Latency 0:0:0.3
        try {
            $sandbox | Connect-TravelPerk
            (Measure-Command { Get-ScimUser }).TotalMilliseconds | Should -BeGreaterThan 290
        }
        finally {
            Disconnect-TravelPerk
            $sandbox | Stop-ScimSandbox
        }
    }
}
