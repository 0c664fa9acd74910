using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>What a disable sends beside <c>active</c>: attributes whose mapping reads [IsSoftDeleted] and gives another value because of
/// it. None of them may keep access open.</summary>
internal static class LeaverValues
{
    /// <param name="disable">The disable so far, which sends <c>active</c>.</param>
    /// <param name="bound">The bound mapping.</param>
    /// <param name="user">The source user, already marked as soft-deleted.</param>
    /// <param name="softDeleted">The slot of IsSoftDeleted.</param>
    public static ProvisioningOperation Add(ProvisioningOperation disable, BoundMapping bound, SourceObject user, int softDeleted)
    {
        // Of a user who is gone from the source only the id may be known: what is computed from nothing would overwrite what TravelPerk
        // has.
        if (user["userPrincipalName"] is not string)
            return disable;
        object?[] values = disable.Desired!.Values;
        var changes = new List<AttributeChange>(disable.Changes);
        var send = new List<TargetAttribute>(disable.Send);
        foreach (TargetAttribute attribute in bound.Attributes.Where(a => a.FlowsOnUpdate && a != bound.Active && ReadsIsSoftDeleted(a)))
        {
            if (!TryCompute(attribute, bound, user, out object? after))
                continue;
            user.Values[softDeleted] = false;
            bool known = TryCompute(attribute, bound, user, out object? before);
            user.Values[softDeleted] = true;
            if (!AttributeDiff.Flows(attribute, after) || IsUnsaid(attribute, user, after) || (known && Equal(attribute, before, after)))
                continue;
            values[attribute.Slot] = after;
            changes.Add(new AttributeChange(attribute.Flow.TargetName, null, AttributeDiff.Display(attribute, after)));
            send.Add(attribute);
        }
        return disable with { Changes = changes, Send = send };
    }

    /// <summary>Given and family name of the leaver, by slot; null when the source says neither.</summary>
    public static object?[]? NamesOf(BoundMapping bound, SourceObject user)
    {
        object?[] names = new object?[bound.Attributes.Count];
        if (user["userPrincipalName"] is not string)
            return null;
        foreach (TargetAttribute attribute in bound.Attributes.Where(SamePerson.IsName))
        {
            if (TryCompute(attribute, bound, user, out object? value))
                names[attribute.Slot] = value;
        }
        return names.Any(name => name is string) ? names : null;
    }

    private static bool ReadsIsSoftDeleted(TargetAttribute attribute) =>
        attribute.Flow.Expression?.Attributes.Contains("IsSoftDeleted", StringComparer.OrdinalIgnoreCase) == true;

    // What the source does not say clears nothing.
    private static bool IsUnsaid(TargetAttribute attribute, SourceObject user, object? value) =>
        value is null && attribute.Flow.Expression!.Attributes.Any(name => user[name] is IgnoredFlow);

    /// <summary>False where there is no value that TravelPerk would take: the user is disabled without it.</summary>
    private static bool TryCompute(TargetAttribute attribute, BoundMapping bound, SourceObject user, out object? value)
    {
        var computed = new object?[1];
        try
        {
            computed[0] = bound.Mapping.Map(attribute.Slot, user);
        }
        catch (MappingException)
        {
            value = null;
            return false;
        }
        BoundMapping.Normalize(computed, user.Anchor);
        value = computed[0];
        return value is not UnusableValue && ValueRules.Broken(attribute, value) is null;
    }

    private static bool Equal(TargetAttribute attribute, object? before, object? after) =>
        before is SourceReference || after is SourceReference ? Equals(before, after) : AttributeDiff.Same(attribute, after, before);
}
