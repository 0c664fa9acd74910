using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Ends the connection of this session to the shared database of jobs' states.</summary>
/// <remarks>
/// <para>Closes the connections and forgets the connection string. Without a connection the command does nothing. Where the environment
/// variable TRAVELPERKSCIM_STORE is set, the next command that needs the database connects again.</para>
/// </remarks>
/// <example>
/// <para>Disconnect</para>
/// <code>Disconnect-ProvisioningStore</code>
/// <para>Ends the connection. Commands on shared jobs fail from then on, with the error StateStoreMissing.</para>
/// </example>
/// <seealso>Connect-ProvisioningStore</seealso>
[Cmdlet(VerbsCommunications.Disconnect, "ProvisioningStore", HelpUri = HelpPages.Cycles)]
public sealed class DisconnectProvisioningStoreCommand : AsyncCmdlet
{
    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) => JobStores.UseAsync(null);
}
