#Requires -Version 7.4
<#
.SYNOPSIS
Runs a cycle of a job when it is due, and ends with the exit code of the run.

.DESCRIPTION
What Register-ProvisioningSchedule has a scheduler run. It writes only when something needs a person: a mail of cron, a line in the journal.
The exit codes are in about_TravelPerkScim_Unattended.

.PARAMETER Job
The job's folder.

.PARAMETER StoreFile
For a job whose state is shared: the file with the connection string of the database. job.json never names the database.

.PARAMETER AllowTarget
A SCIM address beside TravelPerk's own to which the job's API key may be sent. job.json alone never chooses such an address.
#>
param([Parameter(Mandatory)][string] $Job, [string] $StoreFile, [uri] $AllowTarget)

# A script that cannot load the module would go on to its end and exit with 0.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module ([System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($PSScriptRoot), 'TravelPerkScim.psd1'))

if ($StoreFile) { $env:TRAVELPERKSCIM_STORE = $StoreFile }
$allowed = if ($AllowTarget) { @{ AllowTarget = $AllowTarget } } else { @{} }
$run = Invoke-Provisioning -Job $Job -Scheduled -PassThru @allowed
if ($run.ExitCode -ne 0) { "$($run.Job): $($run.State). $($run.Message)" }
exit $run.ExitCode
