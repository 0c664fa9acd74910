#Requires -Version 7.4
# A cycle of the job {{name}} in an Azure Automation runbook (runtime environment PowerShell 7.4). Made by Export-ProvisioningSchedule.
#
# A runbook has no disk that stays. The job's folder is therefore kept in a storage container: it is fetched before the cycle and
# put back after it. A lease keeps two runs apart. A state that is lost is a danger: who left in the meantime would stay active.
#
# The managed identity of the Automation account needs: the Graph permissions of about_TravelPerkScim_Setup, Storage Blob Data Contributor
# on the container, and Key Vault Secrets User on the vault.
param(
    [string] $StorageAccount = {{storageAccount}},
    [string] $Container = {{container}},
    [string] $Vault = {{vault}},
    [string] $SecretName = {{secret}}
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module Az.Accounts, Az.Storage, Az.KeyVault, TravelPerkScim

$null = Connect-AzAccount -Identity
$storage = New-AzStorageContext -StorageAccountName $StorageAccount -UseConnectedAccount
$folder = Join-Path ([System.IO.Path]::GetTempPath()) {{folderName}}
$null = New-Item $folder -ItemType Directory -Force

# The lease has no end: a run that is cut off leaves it, and the next one fails here. Look at that run, then break the lease in the portal.
$lock = Get-AzStorageBlob -Container $Container -Blob 'job.json' -Context $storage
$lease = [Azure.Storage.Blobs.Specialized.BlobLeaseClient]::new($lock.BlobBaseClient)
$null = $lease.Acquire([timespan]::FromSeconds(-1))
try {
    Get-AzStorageBlob -Container $Container -Context $storage |
        ForEach-Object { $null = Get-AzStorageBlobContent -CloudBlob $_.ICloudBlob -Context $storage -Destination (Join-Path $folder $_.Name) -Force }

    $key = Get-AzKeyVaultSecret -VaultName $Vault -Name $SecretName
    Connect-TravelPerk -ApiKey $key.SecretValue
    Connect-EntraDirectory -Identity

    try {
        $run = Invoke-Provisioning -Job $folder -Scheduled -PassThru
    }
    finally {
        # Also after a cycle that failed or was stopped: what it wrote to TravelPerk has to be remembered.
        Get-ChildItem $folder -Filter 'state.db*' -File | Where-Object Name -NotLike '*.lock' |
            ForEach-Object { $null = Set-AzStorageBlobContent -Container $Container -Context $storage -File $_.FullName -Blob $_.Name -Force }
    }
    $run
}
finally {
    $null = $lease.Release()
}

# A runbook has no exit code. One that throws is a failed job, which an alert on TotalJob with Status Failed can watch.
if ($run.ExitCode -in 1, 2, 4) { throw $run.Message }
