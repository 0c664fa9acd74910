using System.Collections;
using TravelPerkScim.PowerShell.Connection;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Offers the userNames that the connection has seen. It sends no request: a Tab must not wait for a network.</summary>
public sealed class UserNameCompleter : ValueCompleter
{
    private protected override IEnumerable<string> Values(string parameter, IDictionary bound)
    {
        TravelPerkConnection? connection = RunspaceSession.Choose(bound["Connection"] as TravelPerkConnection);
        return connection?.RecentUsers.Names ?? [];
    }
}
