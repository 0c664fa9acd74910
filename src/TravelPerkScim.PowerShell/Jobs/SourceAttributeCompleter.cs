using System.Collections;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Completion;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Completes Entra's attributes of users from the built-in schema.</summary>
public sealed class SourceAttributeCompleter : ValueCompleter
{
    private protected override IEnumerable<string> Values(string parameter, IDictionary bound) =>
        SynchronizationSchema.Default.SourceAttributes;
}
