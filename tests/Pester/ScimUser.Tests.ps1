BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-Module TravelPerkScim
}

Describe 'Users' {
    BeforeEach {
        $sandbox = Start-ScimSandbox
        $sandbox | Connect-TravelPerk
    }

    AfterEach {
        Stop-ScimSandbox
    }

    It 'creates the users of a CSV file' {
        $users = @'
UserName,GivenName,FamilyName,Active,Title
lars@contoso.com,Lars,Holm,true,Manager
anna@contoso.com,Anna,Berg,false,
'@ | ConvertFrom-Csv | New-ScimUser
        $users | Should -HaveCount 2
        $users[1].Active | Should -BeFalse
        $users[1].Title | Should -BeNullOrEmpty
    }

    It 'gives a manager by userName' {
        $manager = New-ScimUser lars@contoso.com Lars Holm
        (New-ScimUser anna@contoso.com Anna Berg -Manager lars@contoso.com).ManagerId | Should -Be $manager.Id
    }

    It 'changes and clears attributes' {
        $null = New-ScimUser anna@contoso.com Anna Berg -Title Engineer -MiddleName Maria
        $user = Set-ScimUser anna@contoso.com -Title Pilot -MiddleName $null -PassThru
        $user.Title | Should -Be 'Pilot'
        $user.MiddleName | Should -BeNullOrEmpty
    }

    It 'sends no more requests when Select-Object has enough' {
        $large = Start-ScimSandbox -UserCount 200 -PageCap 50
        $large | Connect-TravelPerk
        Get-ScimUser | Select-Object -First 3 | Should -HaveCount 3
        $large.RequestCount | Should -Be 1
    }

    It 'writes nothing with -WhatIf: <_>' -ForEach @(
        'New-ScimUser b@contoso.com B Two -WhatIf'
        'Set-ScimUser anna@contoso.com -Title Pilot -WhatIf'
        'Remove-ScimUser anna@contoso.com -WhatIf'
    ) {
        $null = New-ScimUser anna@contoso.com Anna Berg
        Invoke-Expression $_ | Should -BeNullOrEmpty
        $sandbox.WriteCount | Should -Be 1
    }

    It 'removes without a question with -Confirm:$false' {
        $null = New-ScimUser anna@contoso.com Anna Berg
        Get-ScimUser | Remove-ScimUser -Confirm:$false
        $sandbox.UserCount | Should -Be 0
    }

    It 'continues after a missing user' {
        $null = New-ScimUser anna@contoso.com Anna Berg
        $found = '99', 'anna@contoso.com' | Get-ScimUser -ErrorAction SilentlyContinue -ErrorVariable missing
        $found | Should -HaveCount 1
        $missing[0].FullyQualifiedErrorId | Should -BeLike 'UserNotFound,*'
    }

    It 'shows a table of users' {
        $null = New-ScimUser anna@contoso.com Anna Berg
        $PSStyle.OutputRendering = 'PlainText'
        Get-ScimUser | Out-String | Should -Match 'Id\s+UserName\s+Active\s+GivenName\s+FamilyName'
    }
}
