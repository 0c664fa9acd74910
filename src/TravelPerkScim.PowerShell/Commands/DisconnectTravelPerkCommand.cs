using System.Management.Automation;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Ends a connection to TravelPerk and forgets its secret.</summary>
/// <remarks>
/// <para>Ends the default connection of this runspace, or the one given. Nothing is sent to the service. Without a connection it does nothing.</para>
/// </remarks>
/// <example>
/// <para>Disconnect</para>
/// <code>Disconnect-TravelPerk</code>
/// <para>Ends the default connection of this runspace.</para>
/// </example>
/// <seealso>Connect-TravelPerk</seealso>
[Cmdlet(VerbsCommunications.Disconnect, "TravelPerk")]
public sealed class DisconnectTravelPerkCommand : PSCmdlet
{
    /// <summary>The connection to end. Without it, the default connection of this runspace.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public TravelPerkConnection? Connection { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SessionHoldings held = SessionHoldings.Current;
        TravelPerkConnection? ending = Connection ?? held.Connection;
        if (ReferenceEquals(ending, held.Connection))
        {
            held.Connection = null;
        }

        ending?.Dispose();
    }
}
