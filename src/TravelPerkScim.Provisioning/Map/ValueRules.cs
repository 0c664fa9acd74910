using System.Collections;
using TravelPerkScim.Mapping;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>Finds values that TravelPerk would refuse, before anything is sent.</summary>
internal static class ValueRules
{
    /// <summary>The first rule a desired user breaks, as Entra's error code and a sentence; null when there is none.</summary>
    public static (string Code, string Message)? FirstBroken(TargetShape shape, object?[] values)
    {
        foreach (TargetAttribute attribute in shape.Attributes)
        {
            object? value = values[attribute.Slot];
            if (attribute.Definition.Required && (value is null or "" or IgnoredFlow) && attribute.Flow.DefaultValue is null)
                return ("MissingValues", $"'{attribute.Flow.TargetName}' is required by TravelPerk and the mapping gives no value. Complete the source attribute, or give the mapping a default value.");
            if (value is null or IgnoredFlow or SourceReference || attribute.Definition.Rule is not { } rule)
                continue;
            foreach (object? item in value is IEnumerable list and not string ? list : new[] { value })
            {
                if (item is not null && rule(item) is { } broken)
                    return ("InvalidValue", $"'{attribute.Flow.TargetName}': {broken}");
            }
        }
        return null;
    }
}
