@{
    RootModule           = 'module/TravelPerkScim.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '4c1e1e0b-6a56-4a3f-9f0b-2c1b8d7f5e21'
    Author               = 'TravelPerkScim contributors'
    CompanyName          = 'TravelPerkScim'
    Copyright            = '(c) TravelPerkScim contributors. MIT licence.'
    Description          = 'Keeps a company''s TravelPerk (Perk) users in step with Microsoft Entra ID over SCIM 2.0: previewed, run, tested and audited from PowerShell.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('module/TravelPerkScim.Format.ps1xml', 'module/TravelPerkScim.Provisioning.Format.ps1xml', 'module/TravelPerkScim.Mapping.Format.ps1xml', 'module/TravelPerkScim.Entra.Format.ps1xml', 'module/TravelPerkScim.EntraJob.Format.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Connect-EntraDirectory'
        'Connect-TravelPerk'
        'ConvertTo-ScimUser'
        'Disconnect-EntraDirectory'
        'Disconnect-TravelPerk'
        'Export-ProvisioningPlan'
        'Export-ScimMapping'
        'Get-EntraApplication'
        'Get-EntraDirectoryConnection'
        'Get-EntraProvisioningJob'
        'Get-ProvisioningJob'
        'Get-ProvisioningLog'
        'Get-ProvisioningPlan'
        'Get-ProvisioningStatus'
        'Get-ScimMapping'
        'Get-ScimSandbox'
        'Get-ScimSchema'
        'Get-ScimScope'
        'Get-ScimServiceProviderConfig'
        'Get-ScimUser'
        'Get-TravelPerkConnection'
        'Import-ProvisioningPlan'
        'Import-ScimMapping'
        'Invoke-Provisioning'
        'New-EntraProvisioningJob'
        'New-ProvisioningJob'
        'New-ScimUser'
        'Remove-EntraProvisioningJob'
        'Remove-ProvisioningJob'
        'Reset-ProvisioningJob'
        'Remove-ScimMapping'
        'Remove-ScimUser'
        'Resolve-ScimExpression'
        'Restart-EntraProvisioningJob'
        'Set-EntraProvisioningJob'
        'Set-ProvisioningJob'
        'Set-ScimMapping'
        'Set-ScimScope'
        'Set-ScimUser'
        'Start-EntraProvisioningJob'
        'Start-ScimSandbox'
        'Stop-EntraProvisioningJob'
        'Stop-ScimSandbox'
        'Test-EntraProvisioningJob'
        'Test-ScimConnection'
        'Test-ScimMapping'
    )
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('TravelPerk', 'Perk', 'SCIM', 'Entra', 'Provisioning', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            Prerelease   = 'preview'
            LicenseUri   = 'https://opensource.org/license/mit'
            ProjectUri   = 'https://learn.microsoft.com/entra/identity/saas-apps/travelperk-provisioning-tutorial'
            ReleaseNotes = 'The first release. CHANGELOG.md beside the manifest lists what is in it.'
        }
    }
}
