using System.Collections;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Offers the kinds of places. A validated set would show the given value in its error, and that value may be the secret
/// itself.</summary>
public sealed class SecretFromCompleter : ValueCompleter
{
    private protected override IEnumerable<string> Values(string parameter, IDictionary bound) => Enum.GetNames<SecretFrom>();
}
