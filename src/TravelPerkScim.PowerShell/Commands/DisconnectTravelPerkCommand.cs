using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Ends a connection to TravelPerk and forgets its secret.</summary>
/// <remarks>
/// <para>Ends the default connection of this runspace, or the given connection. Nothing is sent to the service. Without a connection the
/// command does nothing.</para>
/// </remarks>
/// <example>
/// <para>Disconnect</para>
/// <code>Disconnect-TravelPerk</code>
/// <para>Ends the default connection of this runspace.</para>
/// </example>
/// <example>
/// <para>Forget a stored sign-in</para>
/// <code>Disconnect-TravelPerk -Forget</code>
/// <para>Ends the connection and removes its refresh token from the vault or the protected store.</para>
/// </example>
/// <seealso>Connect-TravelPerk</seealso>
[Cmdlet(VerbsCommunications.Disconnect, "TravelPerk", HelpUri = HelpPages.Scim)]
public sealed class DisconnectTravelPerkCommand : AsyncCmdlet
{
    /// <summary>The connection to end. Without it, the default connection of this runspace.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public TravelPerkConnection? Connection { get; set; }

    /// <summary>Also removes the sign-in that -TokenVault or -Remember keeps, so that no later session can use it.</summary>
    [Parameter]
    public SwitchParameter Forget { get; set; }

    /// <inheritdoc/>
    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        TravelPerkConnection? ending = await OnPipelineAsync(TakeConnection).ConfigureAwait(false);
        if (ending is null)
            return;

        if (Forget && ending.OAuth is { } signIn)
            await AttemptAsync(ending, () => signIn.ForgetAsync(cancellationToken)).ConfigureAwait(false);

        ending.Dispose();
    }

    private TravelPerkConnection? TakeConnection()
    {
        RunspaceSession session = RunspaceSession.Current;
        TravelPerkConnection? ending = RunspaceSession.Choose(Connection);
        if (ReferenceEquals(ending, session.Connection))
            session.Connection = null;

        return ending;
    }
}
