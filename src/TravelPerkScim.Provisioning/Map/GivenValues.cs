using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>Marks mapped values that come from source values that were not given. Such a value does not clear the attribute in
/// TravelPerk.</summary>
internal sealed class GivenValues(BoundMapping bound)
{
    private readonly int[][] _reads =
    [
        .. bound.Attributes.Select(attribute => attribute.Inputs.Select(bound.Mapping.Layout.SlotOf).Where(slot => slot >= 0).ToArray()),
    ];

    public void Mark(SourceObject user, object?[] values)
    {
        if (Array.IndexOf(user.Values, IgnoredFlow.NotGiven) < 0)
            return;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is null && Array.Exists(_reads[i], slot => IsNotGiven(user.Values[slot])))
                values[i] = IgnoredFlow.NotGiven;
        }
    }

    private static bool IsNotGiven(object? value) => ReferenceEquals(value, IgnoredFlow.NotGiven);
}
