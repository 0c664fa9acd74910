using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>Takes values that TravelPerk would refuse out of desired users, where the mapping says so, and counts them by attribute. Not
/// thread-safe.</summary>
internal sealed class DroppedValues(BoundMapping bound)
{
    private readonly TargetAttribute[] _attributes = [.. bound.Attributes.Where(a => a.Flow.OnInvalid == InvalidValueAction.Drop)];
    private readonly Dictionary<TargetAttribute, (int Count, string Rule)> _dropped = [];

    /// <summary>One sentence for each attribute, without a user's value.</summary>
    public IEnumerable<string> Warnings =>
        _dropped
            .OrderBy(dropped => dropped.Key.Slot)
            .Select(dropped =>
                $"'{dropped.Key.Flow.TargetName}' was left out for {Counted.Of(dropped.Value.Count, "user", "users")}, "
                + $"as the mapping says: it {dropped.Value.Rule}"
            );

    /// <summary>Leaves out each value that breaks a rule. No other value flows in its place.</summary>
    public void Drop(object?[] values)
    {
        foreach (TargetAttribute attribute in _attributes)
        {
            if (ValueRules.BrokenRule(attribute.Definition, values[attribute.Slot]) is not { } broken)
                continue;
            values[attribute.Slot] = IgnoredFlow.Instance;
            _dropped[attribute] = (_dropped.GetValueOrDefault(attribute).Count + 1, broken);
        }
    }
}
