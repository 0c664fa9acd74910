<#
.SYNOPSIS
    Sets up TravelPerk in Microsoft Entra ID from nothing, with the step numbers of Microsoft's tutorial.
.DESCRIPTION
    Needs a connection to Entra (Connect-EntraDirectory) with the permissions of about_TravelPerkScim_Setup. Run again, it goes on where it ended: what is there is found and left as it is.
.EXAMPLE
    ./entra-setup.ps1 -Principal Travellers -NotificationEmail it@contoso.com -WhatIf
    Shows what would be made.
.EXAMPLE
    ./entra-setup.ps1 -Principal Travellers -Own ./contoso
    Makes a job of this module in ./contoso in place of starting the hosted one.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # The application's name in the tenant. Microsoft recommends a separate one for a test.
    [string] $Name = 'TravelPerk',
    # Users (userPrincipalName) and groups (displayName) to be provisioned.
    [string[]] $Principal = @(),
    # Who is mailed to when the hosted job fails.
    [string] $NotificationEmail,
    # Disables and deletes of one cycle that are too many.
    [int] $DeleteThreshold = 50,
    # A token for the SCIM service. Without it the script waits until a person has clicked Authorize in the admin center.
    [securestring] $SecretToken,
    # Address of the SCIM service, where the gallery application does not know it.
    [uri] $BaseAddress,
    # The company's name in TravelPerk's addresses, and TravelPerk's application id: sets up single sign-on too.
    [string] $Company,
    [string] $SingleSignOnId,
    # A folder: makes a job of this module there, after the hosted one, which stays off.
    [string] $Own
)
$ErrorActionPreference = 'Stop'

function Show-Step($Number, $Title) {
    ''
    "Step $Number. $Title"
}

Show-Step 2 'In TravelPerk: Company settings, Integrations, SCIM, Enable SCIM API. For approvers: Through an Identity Provider.'
if (Get-TravelPerkConnection) { Test-ScimConnection -Detailed | Out-Default }
else { 'Not connected to TravelPerk, so this step is not checked. Connect-TravelPerk connects.' }

Show-Step 3 "Add TravelPerk from the gallery, as '$Name'."
$application = New-EntraApplication TravelPerk -Name $Name
if (-not $application) {
    "'$Name' is not in the tenant yet. Without -WhatIf, the steps after this one would assign $($Principal -join ', '), make the hosted job and start it."
    return
}
$application | Out-Default

Show-Step 4 'Define who is in scope.'
if ($Principal) { $Principal | Add-EntraApplicationAssignment $application | Out-Default }
Get-EntraApplicationAssignment $application | Out-Default

Show-Step '5.1 to 5.7' 'The hosted job: credentials, notification e-mail, limits.'
$job = @{ Application = $application; Scope = 'Assigned'; DeleteThreshold = $DeleteThreshold }
if ($NotificationEmail) { $job.NotificationEmail = $NotificationEmail }
if ($BaseAddress) { $job.BaseAddress = $BaseAddress }
if ($SecretToken) { $job.SecretToken = $SecretToken } else { $job.Authorize = $true }
New-EntraProvisioningJob @job | Out-Default
Test-EntraProvisioningJob $application | Out-Default

Show-Step '5.8 to 5.10' 'Review the mapping and the scope: what differs from the default of the template.'
Compare-ScimMapping (Get-EntraProvisioningJob $application) -EntraDefault $application | Out-Default

if ($Own) {
    Show-Step '5.11 to 5.13' "A job of this module in $Own, after the hosted one, which stays off."
    Get-EntraProvisioningJob $application | New-ProvisioningJob $Own | Out-Default
    "Look at its first cycle with: Invoke-Provisioning $Own -WhatIf"
}
else {
    Show-Step '5.11 to 5.13' 'Provisioning status On: the initial cycle starts.'
    Start-EntraProvisioningJob $application
    Show-Step 6 'Watch it.'
    Get-EntraProvisioningJob $application | Out-Default
    "Entries of its log: Get-EntraProvisioningLog '$Name'"
}

if ($Company -and $SingleSignOnId) {
    Show-Step 'Single sign-on' 'Identifier, addresses, claims, certificate, and what remains to be done in TravelPerk.'
    Set-EntraSingleSignOn $application -Company $Company -ApplicationId $SingleSignOnId | Format-List | Out-Default
    Test-EntraSingleSignOn $application | Out-Default
}
