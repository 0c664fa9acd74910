using System.Collections;
using TravelPerkScim.PowerShell.Users;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Offers the start of a filter for each attribute that has one plain value.</summary>
public sealed class FilterCompleter : ValueCompleter
{
    private static readonly UserAttribute[] s_filterable =
    [
        UserAttribute.UserName,
        UserAttribute.ExternalId,
        UserAttribute.Active,
        UserAttribute.Title,
    ];

    private protected override IEnumerable<string> Values(string parameter, IDictionary bound) =>
        s_filterable.Select(attribute => attribute == UserAttribute.Active ? "active eq true" : $"{attribute.Path} eq \"\"");
}
