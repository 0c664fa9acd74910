#Requires -Version 7.4
# Makes the Automation account's runtime environment, runbook and hourly schedule for the job {{name}}. Run it again to change them.
# Run Connect-AzAccount first. Made by Export-ProvisioningSchedule.
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)][string] $ResourceGroup,
    [Parameter(Mandatory)][string] $AutomationAccount,
    [Parameter(Mandatory)][string] $Location,
    # Where the package of the module is: an address that Azure can read, such as that of a blob with a shared access signature.
{{shared}}
    [Parameter(Mandatory)][uri] $ModulePackage,
    # For a database in a private network: a group of Hybrid Runbook Workers there. They need the modules TravelPerkScim and Az themselves.
    [string] $WorkerGroup
{{own}}
    [Parameter(Mandatory)][uri] $ModulePackage
{{end}}
)

$ErrorActionPreference = 'Stop'
$root = "/subscriptions/$((Get-AzContext).Subscription.Id)/resourceGroups/$ResourceGroup/providers/Microsoft.Automation/automationAccounts/$AutomationAccount"
$environment = 'TravelPerkScim-7.4'

function Send([string] $Method, [string] $Path, $Body, [string] $Version = '2024-10-23') {
    if (-not $PSCmdlet.ShouldProcess("$root/$Path", $Method)) { return }
    $answer = Invoke-AzRestMethod -Method $Method -Path "$root/$Path`?api-version=$Version" -Payload ($Body | ConvertTo-Json -Depth 10)
    if ($answer.StatusCode -ge 300) { throw "Azure answered $($answer.StatusCode) to $Method $Path`: $($answer.Content)" }
}

Send PUT "runtimeEnvironments/$environment" @{ location = $Location; properties = @{ runtime = @{ language = 'PowerShell'; version = '7.4' }; defaultPackages = @{ Az = '12.3.0' } } }
Send PUT "runtimeEnvironments/$environment/packages/TravelPerkScim" @{ properties = @{ contentLink = @{ uri = "$ModulePackage" } } }
Send PUT 'runbooks/{{name}}' @{ location = $Location; properties = @{ runbookType = 'PowerShell'; runtimeEnvironment = $environment; draft = @{} } }
if ($PSCmdlet.ShouldProcess('{{name}}', 'Publish the runbook')) {
    $null = Import-AzAutomationRunbook -ResourceGroupName $ResourceGroup -AutomationAccountName $AutomationAccount -Name '{{name}}' -Type PowerShell -Path (Join-Path $PSScriptRoot 'runbook.ps1') -Published -Force
    # An hour is the shortest interval of Automation's own schedules. For a shorter one, let a Logic App or a Function start the runbook.
    $null = New-AzAutomationSchedule -ResourceGroupName $ResourceGroup -AutomationAccountName $AutomationAccount -Name '{{name}}-hourly' -StartTime ([DateTimeOffset]::Now.AddMinutes(10)) -HourInterval 1
{{shared}}
    $where = if ($WorkerGroup) { @{ RunOn = $WorkerGroup } } else { @{} }
    $null = Register-AzAutomationScheduledRunbook -ResourceGroupName $ResourceGroup -AutomationAccountName $AutomationAccount -RunbookName '{{name}}' -ScheduleName '{{name}}-hourly' @where
{{own}}
    $null = Register-AzAutomationScheduledRunbook -ResourceGroupName $ResourceGroup -AutomationAccountName $AutomationAccount -RunbookName '{{name}}' -ScheduleName '{{name}}-hourly'
{{end}}
}
