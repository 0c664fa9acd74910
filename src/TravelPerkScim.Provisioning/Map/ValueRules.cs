using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>Finds values that TravelPerk would refuse, before anything is sent.</summary>
internal static class ValueRules
{
    /// <summary>The first rule that a desired user breaks, as Entra's error code and a sentence; null when the user breaks no
    /// rule.</summary>
    /// <param name="bound">The bound mapping.</param>
    /// <param name="values">The mapped values.</param>
    /// <param name="exists">The target has the user already. The user keeps values that the source does not give.</param>
    public static (string Code, string Message)? FirstBroken(BoundMapping bound, object?[] values, bool exists = false)
    {
        foreach (TargetAttribute attribute in bound.Attributes)
        {
            if (exists && ReferenceEquals(values[attribute.Slot], IgnoredFlow.NotGiven))
                continue;
            if (Broken(attribute, values[attribute.Slot]) is { } broken)
                return broken;
        }
        return null;
    }

    /// <summary>The rule that one value breaks, as Entra's error code and a sentence; null when it breaks no rule.</summary>
    public static (string Code, string Message)? Broken(TargetAttribute attribute, object? value)
    {
        if (attribute.Definition.Required && (value is null or "" or IgnoredFlow) && attribute.Flow.DefaultValue is null)
        {
            return (
                "MissingValues",
                $"'{attribute.Flow.TargetName}' is required by TravelPerk and the mapping gives no value. "
                    + "Complete the source attribute, or give the mapping a default value."
            );
        }

        return BrokenRule(attribute.Definition, value) is { } broken ? ("InvalidValue", $"'{attribute.Flow.TargetName}': {broken}") : null;
    }

    /// <summary>The attribute's rule that a value breaks, in words that follow the attribute's name; null when it breaks none.</summary>
    public static string? BrokenRule(ScimSchemaAttribute definition, object? value)
    {
        if (value is UnusableValue unusable)
            return unusable.Rule;
        if (value is null or IgnoredFlow or SourceReference || definition.Rule is not { } rule)
            return null;
        foreach (object item in value.Items())
        {
            if (rule(item) is { } broken)
                return broken;
        }
        return null;
    }
}
