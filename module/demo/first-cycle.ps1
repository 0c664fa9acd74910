# Starts a TravelPerk inside this process, connects to it, creates users and lists them. Leaves nothing behind.
# Each command ends in Out-Default, so that its result gets a table of its own.
$ErrorActionPreference = 'Stop'

'Start an embedded TravelPerk and connect to it'
$sandbox = Start-ScimSandbox
$sandbox | Connect-TravelPerk
$sandbox | Out-Default

'Try the connection'
Test-ScimConnection -Detailed | Out-Default

'Create a manager and a report'
New-ScimUser -UserName lars.holm@contoso.com -GivenName Lars -FamilyName Holm -Title 'Head of Engineering' | Out-Default
New-ScimUser -UserName anna.berg@contoso.com -GivenName Anna -FamilyName Berg -Title Engineer -Manager lars.holm@contoso.com | Out-Default

'Change one of them'
Set-ScimUser anna.berg@contoso.com -Title 'Lead Engineer' -WorkPhone '+34 931234567' -PassThru | Out-Default

'Everybody'
Get-ScimUser | Out-Default

Disconnect-TravelPerk
Stop-ScimSandbox
