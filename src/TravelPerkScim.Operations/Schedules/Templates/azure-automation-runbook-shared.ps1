#Requires -Version 7.4
# A cycle of the job {{name}} in an Azure Automation runbook (runtime environment PowerShell 7.4). Made by Export-ProvisioningSchedule.
#
# The job's state is in a shared database, whose lease keeps two runs apart. The job's folder has settings only: job.json and mapping.json
# are fetched from a storage container, and nothing is put back. Upload them once, and again when they have changed.
#
# The vault has two secrets: the API key, and the connection string of the database. A sandbox of Azure reaches no database of a private
# network; deploy.ps1 -WorkerGroup has the schedule run on machines of your own.
#
# The managed identity needs: the Graph permissions of about_TravelPerkScim_Setup, Storage Blob Data Reader on the container, and
# Key Vault Secrets User on the vault.
param(
    [string] $StorageAccount = {{storageAccount}},
    [string] $Container = {{container}},
    [string] $Vault = {{vault}},
    [string] $SecretName = {{secret}},
    [string] $StoreSecretName = {{storeSecret}}
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module Az.Accounts, Az.Storage, Az.KeyVault, TravelPerkScim

$null = Connect-AzAccount -Identity
$storage = New-AzStorageContext -StorageAccountName $StorageAccount -UseConnectedAccount
# The database knows the job by this name of its folder.
$folder = Join-Path ([System.IO.Path]::GetTempPath()) {{folderName}}
$null = New-Item $folder -ItemType Directory -Force
# All files: a state.db that was not moved into the database stops the run, because the database would begin with an empty state.
foreach ($blob in Get-AzStorageBlob -Container $Container -Context $storage) {
    $file = Join-Path $folder $blob.Name
    $null = Get-AzStorageBlobContent -CloudBlob $blob.ICloudBlob -Context $storage -Destination $file -Force
}

$store = Get-AzKeyVaultSecret -VaultName $Vault -Name $StoreSecretName
Connect-ProvisioningStore -ConnectionString $store.SecretValue
$key = Get-AzKeyVaultSecret -VaultName $Vault -Name $SecretName
Connect-TravelPerk -ApiKey $key.SecretValue
Connect-EntraDirectory -Identity

$run = Invoke-Provisioning -Job $folder -Scheduled -PassThru
$run

# A runbook has no exit code. One that throws is a failed job, which an alert on TotalJob with Status Failed can watch.
if ($run.ExitCode -in 1, 2, 4) { throw $run.Message }
