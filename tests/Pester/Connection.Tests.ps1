BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-Module TravelPerkScim
}

Describe 'Connect-TravelPerk' {
    AfterEach {
        Disconnect-TravelPerk
        Stop-ScimSandbox
    }

    It 'connects to a piped sandbox and writes nothing' {
        Start-ScimSandbox | Connect-TravelPerk | Should -BeNullOrEmpty
        (Get-TravelPerkConnection).Environment | Should -Be 'Custom'
    }

    It 'writes the connection with -PassThru' {
        $connection = Connect-TravelPerk -ApiKey (ConvertTo-SecureString 'key-1' -AsPlainText -Force) -PassThru
        $connection.BaseUri | Should -Be 'https://app.perk.com/api/v2/scim/'
        $connection | Out-String | Should -Not -Match 'key-1'
    }

    It 'takes a credential' {
        $credential = [pscredential]::new('scim', (ConvertTo-SecureString 'key-1' -AsPlainText -Force))
        (Connect-TravelPerk -Credential $credential -Environment Sandbox -PassThru).Environment | Should -Be 'Sandbox'
    }

    It 'refuses plain HTTP to another machine' {
        { Connect-TravelPerk -ApiKey (ConvertTo-SecureString 'key-1' -AsPlainText -Force) -BaseUri http://example.com } |
            Should -Throw -ErrorId 'InsecureUri,TravelPerkScim.PowerShell.Commands.ConnectTravelPerkCommand'
    }

    It 'belongs to its runspace, and is handed over with -Connection' {
        Start-ScimSandbox -UserCount 2 | Connect-TravelPerk
        $connection = Get-TravelPerkConnection
        $manifest = (Get-Module TravelPerkScim).ModuleBase + '/TravelPerkScim.psd1'
        $counts = 1..2 | ForEach-Object -Parallel {
            Import-Module $using:manifest
            @(Get-ScimUser -Connection $using:connection).Count
        }
        $counts | Should -Be 2, 2
    }
}

Describe 'Test-ScimConnection' {
    AfterAll {
        Stop-ScimSandbox
    }

    It 'is true for a connection that works' {
        Start-ScimSandbox | Connect-TravelPerk
        Test-ScimConnection | Should -BeTrue
        $checks = Test-ScimConnection -Detailed
        $checks.Outcome | Should -Not -Contain 'Failed'
        $checks.Check | Should -Contain 'Filter on userName'
    }

    It 'is false for a wrong key, with the reason as an error record' {
        Connect-TravelPerk -ApiKey (ConvertTo-SecureString 'wrong' -AsPlainText -Force) -BaseUri (Get-ScimSandbox).BaseUri
        Test-ScimConnection -ErrorAction SilentlyContinue -ErrorVariable reasons | Should -BeFalse
        $reasons | Should -HaveCount 1
        $reasons[0].CategoryInfo.Category | Should -Be 'AuthenticationError'
    }

    It 'fails without a connection, naming the way out' {
        Disconnect-TravelPerk
        { Test-ScimConnection } | Should -Throw '*Connect-TravelPerk*' -ErrorId 'NotConnected,*'
    }
}
