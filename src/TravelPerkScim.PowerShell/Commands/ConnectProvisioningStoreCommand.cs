using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Connects this session to the shared database that keeps the states of jobs.</summary>
/// <remarks>
/// <para>A job with a stateKey in job.json keeps its state in a PostgreSQL database that several machines share. The commands of this
/// runspace then find such states there. The database is a property of the session and not of the job: a job folder from another person
/// must not choose where states are written.</para>
/// <para>Where no store was connected, the environment variable TRAVELPERKSCIM_STORE may name the file with the connection string. That is
/// for runbooks and for ForEach-Object -Parallel, whose runspaces have no connections of their own.</para>
/// <para>The connection is tried here. The first connection makes the tables, when the account may do so.</para>
/// </remarks>
/// <example>
/// <para>Use the database of the workers</para>
/// <code>Connect-ProvisioningStore /etc/travelperkscim/store
/// Get-ProvisioningStatus ./contoso</code>
/// <para>Reads the connection string from the file that the worker's --store names, and shows how the shared job stands.</para>
/// </example>
/// <example>
/// <para>Take the connection string from a vault</para>
/// <code>Connect-ProvisioningStore -ConnectionString (Get-Secret ProvisioningStore)</code>
/// <para>Takes the connection string from a SecretManagement vault.</para>
/// </example>
/// <seealso>Disconnect-ProvisioningStore</seealso>
/// <seealso>Move-ProvisioningJobState</seealso>
/// <seealso>Get-ProvisioningStatus</seealso>
[Cmdlet(VerbsCommunications.Connect, "ProvisioningStore", DefaultParameterSetName = FileSet, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningStore))]
public sealed class ConnectProvisioningStoreCommand : AsyncCmdlet
{
    private const string FileSet = "File";
    private const string TextSet = "ConnectionString";

    /// <summary>The file that holds the connection string and nothing else, such as Host=db.contoso.com;Database=perk;Username=worker;
    /// Password=... A file that every account of the machine can read is refused.</summary>
    [Parameter(ParameterSetName = FileSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The connection string itself.</summary>
    [Parameter(ParameterSetName = TextSet, Mandatory = true)]
    [ValidateNotNull]
    [Secret]
    public SecureString? ConnectionString { get; set; }

    /// <summary>Writes the store. Without it, nothing is written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        ProvisioningStore store = ConnectionString is { } secret
            ? await JobStores
                .ConnectAsync(() => Task.FromResult(ProvisioningStore.At(SecretText.Reveal(secret))), "-ConnectionString")
                .ConfigureAwait(false)
            : await OpenFileAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            store.Test();
        }
        catch
        {
            store.Dispose();
            throw;
        }
        await JobStores.UseAsync(store).ConfigureAwait(false);
        if (PassThru)
            await WriteObjectAsync(store).ConfigureAwait(false);
    }

    private async Task<ProvisioningStore> OpenFileAsync(CancellationToken cancellationToken)
    {
        string file = await ResolvePathAsync(Path).ConfigureAwait(false);
        return await JobStores.ConnectAsync(() => ProvisioningStore.AtFileAsync(file, cancellationToken), "-Path").ConfigureAwait(false);
    }
}
