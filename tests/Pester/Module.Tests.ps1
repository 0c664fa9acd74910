BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $commands = (Get-Module TravelPerkScim).ExportedCmdlets.Keys
}

BeforeAll {
    # Discovery runs for all files first, and another file may have removed the module since.
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-Module TravelPerkScim
}

Describe 'The module' {
    It 'imports by force, again and again' {
        $before = (Get-Module TravelPerkScim).ExportedCmdlets.Count
        Import-Module $manifest -Force
        Import-Module $manifest -Force
        (Get-Command -Module TravelPerkScim).Count | Should -Be $before
    }

    It 'has a manifest that Test-ModuleManifest accepts' {
        Test-ModuleManifest $manifest | Should -Not -BeNullOrEmpty
    }
}

Describe '<_>' -ForEach $commands {
    It 'has help with an example' {
        $help = Get-Help $_ -Full
        $help.Synopsis | Should -Not -BeLike "*$_ ``[*"
        $help.examples.example | Should -Not -BeNullOrEmpty
    }
}
