# The type data as a module of its own, which TravelPerkScim.psm1 imports once it knows that the session has no other copy: what the main
# manifest names in TypesToProcess is read before that, and each member that another copy has defined would be an error.
@{
    ModuleVersion        = '1.0.0'
    GUID                 = 'b0a6f6f0-6c0e-4f0b-9d4b-1f1d6a7c2e55'
    Author               = 'TravelPerkScim contributors'
    Description          = 'What TravelPerkScim''s objects show by default. Part of TravelPerkScim.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    TypesToProcess       = @('TravelPerkScim.Types.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
}
