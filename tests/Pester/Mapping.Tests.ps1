BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'An expression' {
    It 'Is evaluated for each object of the pipeline: <Name>' -ForEach @(
        @{ Name = 'CSV'; Rows = { "givenName,surname`nAnna,Berg`nBo,Ek" | ConvertFrom-Csv } }
        @{ Name = 'JSON'; Rows = { '[{"givenName":"Anna","surname":"Berg"},{"givenName":"Bo","surname":"Ek"}]' | ConvertFrom-Json } }
        @{ Name = 'hashtables'; Rows = { @{ givenName = 'Anna'; surname = 'Berg' }, [ordered]@{ GivenName = 'Bo'; Surname = 'Ek' } } }
    ) {
        & $Rows | Resolve-ScimExpression 'Append(Left([givenName], 1), [surname])' | Should -Be 'ABerg', 'BEk'
    }

    It 'Stops early when the pipeline needs no more' {
        1..100000 | Resolve-ScimExpression '"x"' | Select-Object -First 2 | Should -Be 'x', 'x'
    }

    It 'Reads dates that ConvertFrom-Json made' {
        '{"employeeHireDate":"2024-05-31T00:00:00Z"}' | ConvertFrom-Json | Resolve-ScimExpression 'FormatDateTime([employeeHireDate], , "yyyy-MM-ddTHH:mm:ssZ", "yyyy/MM/dd")' | Should -Be '2024/05/31'
    }

    It 'Names the column of a fault' {
        { Resolve-ScimExpression 'Append([a], )' } | Should -Throw -ErrorId 'MissingArgument*'
        { Resolve-ScimExpression 'Append([a], )' } | Should -Throw '*column*'
    }

    It 'Is the same under <_>' -ForEach 'tr-TR', 'de-DE', '' {
        $before = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = $_
            @{ title = 'TITLE'; n = 1.5 } | Resolve-ScimExpression 'Join("|", ToLower([title]), [n])' | Should -BeExactly 'title|1.5'
        }
        finally {
            [cultureinfo]::CurrentCulture = $before
        }
    }
}

Describe 'People of a directory' {
    BeforeAll {
        $people = (Get-Content "$sample/users.json" -Raw | ConvertFrom-Json).value
    }

    It 'Become TravelPerk users' {
        $users = $people | ConvertTo-ScimUser -ErrorAction SilentlyContinue -ErrorVariable refused

        $users.Count | Should -BeGreaterThan 50
        $refused | Should -HaveCount 1
        $refused[0].FullyQualifiedErrorId | Should -BeLike 'InvalidValue,*'
        $users.UserName | Should -Contain 'helena.marques@example.com'
    }

    It 'Bind to New-ScimUser by property name' {
        $sandbox = Start-ScimSandbox
        $connection = $sandbox | Connect-TravelPerk -PassThru
        $people | Where-Object userPrincipalName -EQ 'helena.marques@example.com' | ConvertTo-ScimUser |
            Select-Object UserName, GivenName, FamilyName, Title, PreferredLanguage | New-ScimUser -Connection $connection
        (Get-ScimUser helena.marques@example.com -Connection $connection).FamilyName | Should -Be 'Marquès Vidal'
        $sandbox | Stop-ScimSandbox
    }

    It 'Are explained attribute by attribute' {
        $explained = $people[0] | ConvertTo-ScimUser -Explain

        $explained | Should -HaveCount 19
        ($explained | Where-Object TargetAttribute -EQ 'userName').Value | Should -Be $people[0].userPrincipalName
        $explained | Format-Table | Out-String | Should -Match 'TargetAttribute\s+Value\s+Expression, or problem'
        ($explained | Where-Object TargetAttribute -EQ preferredLanguage | Format-List | Out-String) | Should -Match 'Steps'
    }
}

Describe 'The output of ConvertTo-ScimUser' {
    It 'Equals the user that a cycle would create' {
        $sandbox = Start-ScimSandbox
        $sandbox | Connect-TravelPerk
        $job = New-ProvisioningJob (Join-Path $TestDrive same) -Source "$sample/users.json"
        $people = (Get-Content "$sample/users.json" -Raw | ConvertFrom-Json).value | Group-Object id -AsHashTable

        $plan = Get-ProvisioningPlan $job | Where-Object { -not $_.Problem }
        $plan.Count | Should -BeGreaterThan 50
        foreach ($operation in $plan) {
            $shown = @{}
            $people[$operation.SourceId] | ConvertTo-ScimUser -Job $job -Explain | Where-Object Value -NE $null | ForEach-Object { $shown[$_.TargetAttribute] = $_.Value -join '; ' }
            $planned = @{}
            $operation.Changes | ForEach-Object { $planned[$_.Attribute] = $_.NewValue }
            $shown.Keys | Sort-Object | Should -Be ($planned.Keys | Sort-Object)
            foreach ($name in $planned.Keys | Where-Object { $planned[$_] -ne '[Redact]' }) {
                $shown[$name] | Should -BeExactly $planned[$name] -Because "$name of $($operation.Identity)"
            }
        }

        Disconnect-TravelPerk
        $sandbox | Stop-ScimSandbox
    }
}

Describe 'A mapping' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid())
        $null = New-Item $folder -ItemType Directory
        $sandbox = Start-ScimSandbox
        $sandbox | Connect-TravelPerk
        $job = New-ProvisioningJob "$folder/contoso" -Source "$sample/users.json"
        $file = Export-ScimMapping $job "$folder/new.json" -PassThru
    }

    AfterEach {
        Disconnect-TravelPerk
        $sandbox | Stop-ScimSandbox
    }

    It 'Is exported as JSON that PowerShell reads' {
        $schema = Get-Content $file -Raw | ConvertFrom-Json

        $schema.synchronizationRules[0].objectMappings[0].attributeMappings | Should -HaveCount 19
        Get-FileHash $file | ForEach-Object Hash | Should -Be (Get-FileHash "$folder/contoso/mapping.json").Hash
    }

    It 'Is changed in a file, planned with, and imported' {
        Set-ScimScope $file 'userPrincipalName EQUALS "helena.marques@example.com"'

        (Get-ProvisioningPlan $job -Mapping $file).Identity | Should -Be 'helena.marques@example.com'
        $job | Get-ScimScope | Should -BeNullOrEmpty
        $file | Import-ScimMapping -Job $job
        (Get-ScimScope $job).Clause.Operator | Should -Be 'EQUALS'
    }

    It 'Is found on a PowerShell drive' {
        Push-Location TestDrive:
        try {
            Export-ScimMapping -Default -Path driven.json
            Test-ScimMapping driven.json | Where-Object Severity -NE Information | Should -BeNullOrEmpty
        }
        finally {
            Pop-Location
        }
    }

    It 'Is tested as a whole' {
        (Get-Content $file -Raw).Replace('[jobTitle]', '[shoeSize]').Replace('[givenName]', 'Shave([givenName])') | Set-Content $file

        $findings = Test-ScimMapping $file | Where-Object Severity -NE Information
        $findings.FindingId | Sort-Object | Should -Be 'UnknownFunction', 'UnknownSourceAttribute'
        { Import-ScimMapping $file $job -ErrorAction Stop } | Should -Throw '*Test-ScimMapping*'
    }

    It 'Loses an attribute only after a confirmation' {
        Remove-ScimMapping $job title -WhatIf
        Get-ScimMapping $job | Should -HaveCount 19
        $job | Remove-ScimMapping -TargetAttribute title -Confirm:$false
        Get-ScimMapping $job | Should -HaveCount 18
    }
}

Describe 'A scope' {
    It 'Is written and shown in the same form: <_>' -ForEach @(
        'department EQUALS "Sales", "Buying" AND country NOT EQUALS "US"'
        'mail REGEX MATCH "^\w+@contoso\.com$" OR employeeId IS NOT NULL'
        '"Sales people": department EQUALS "Sales"'
    ) {
        $file = "$TestDrive/$([guid]::NewGuid()).json"
        Export-ScimMapping -Default -Path $file

        Set-ScimScope $file $_

        (Get-ScimScope $file).Filter -join ' OR ' | Should -BeExactly $_
    }
}
