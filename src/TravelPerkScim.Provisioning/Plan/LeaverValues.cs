using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>What a disable writes: <c>active</c>, and attributes whose mapping reads [IsSoftDeleted] and gives another value because of it.
/// Nothing else is written, so that a phone number that became unusable cannot keep access open.</summary>
internal sealed class LeaverValues(BoundMapping bound)
{
    private readonly int _softDeleted = bound.Mapping.Layout.SlotOf("IsSoftDeleted");
    private readonly int _accountEnabled = bound.Mapping.Layout.SlotOf("accountEnabled");

    /// <summary>The disable of a linked user; null when the mapping does not disable users.</summary>
    /// <param name="user">The source user.</param>
    /// <param name="link">Its link.</param>
    /// <param name="identity">What to call the user.</param>
    /// <param name="reason">Why the user leaves.</param>
    /// <param name="releases">The user left the scope or the assignment: the job no longer manages it.</param>
    public Assessment.Leaves? Of(SourceObject user, Link link, string identity, OperationReason reason, bool releases = false)
    {
        // Every mapping that asks whether the account is soft-deleted or enabled sees a user who left, whatever the way the user left.
        user.Values[_softDeleted] = true;
        user.Values[_accountEnabled] = false;
        object?[] values = new object?[bound.Attributes.Count];
        var leaver = new DesiredUser(user.Anchor, values, link) { Identity = identity };
        var leaves = new Assessment.Leaves(leaver, reason) { Releases = releases };
        if (bound.Active is not { } active || !bound.Mapping.AllowsUpdate)
            return null;
        try
        {
            values[active.Slot] = ActiveOf(active, user);
            if (!BoundMapping.IsFalse(values[active.Slot]))
                return null;
        }
        catch (MappingException e)
        {
            return leaves with { Problem = (e.ErrorId, e.Message) };
        }
        // Only the id may be known of a user who is gone from the source. Values that are computed from nothing would overwrite those that
        // TravelPerk has.
        if (user["userPrincipalName"] is not string)
            return leaves with { Send = [active] };
        return leaves with { Send = [active, .. Beside(active, user, values)], Names = NamesOf(user) };
    }

    // IgnoreObjectFlow keeps updates away from a user, never the disable of one who left.
    private object? ActiveOf(TargetAttribute active, SourceObject user)
    {
        try
        {
            return bound.Mapping.Map(active.Slot, user);
        }
        catch (MappingException e) when (e.Failure == MappingFailure.UserIgnored)
        {
            return false;
        }
    }

    private List<TargetAttribute> Beside(TargetAttribute active, SourceObject user, object?[] values)
    {
        var send = new List<TargetAttribute>();
        foreach (TargetAttribute attribute in bound.Attributes.Where(a => a.FlowsOnUpdate && a != active && ReadsIsSoftDeleted(a)))
        {
            if (!TryCompute(attribute, user, out object? after) || !IsOfLeaver(attribute, user, after))
                continue;
            values[attribute.Slot] = after;
            send.Add(attribute);
        }
        return send;
    }

    // The value is written, and is another one than that of a user who stays.
    private bool IsOfLeaver(TargetAttribute attribute, SourceObject user, object? after)
    {
        user.Values[_softDeleted] = false;
        bool known = TryCompute(attribute, user, out object? before);
        user.Values[_softDeleted] = true;
        if (!AttributeDiff.Flows(attribute, after) || IsUnsaid(attribute, user, after))
            return false;
        return !known || !Equal(attribute, before, after);
    }

    // Given and family name, by slot; null when the source says neither.
    private object?[]? NamesOf(SourceObject user)
    {
        object?[] names = new object?[bound.Attributes.Count];
        foreach (TargetAttribute attribute in bound.Attributes.Where(SamePerson.IsName))
        {
            if (TryCompute(attribute, user, out object? value))
                names[attribute.Slot] = value;
        }
        return names.OfType<string>().Any() ? names : null;
    }

    private static bool ReadsIsSoftDeleted(TargetAttribute attribute) =>
        attribute.Inputs.Contains("IsSoftDeleted", StringComparer.OrdinalIgnoreCase);

    // A value that the source does not give clears nothing.
    private static bool IsUnsaid(TargetAttribute attribute, SourceObject user, object? value) =>
        value is null && attribute.Inputs.Any(name => user[name] is IgnoredFlow);

    /// <summary>False where there is no value that TravelPerk would take: the user is disabled without it.</summary>
    private bool TryCompute(TargetAttribute attribute, SourceObject user, out object? value)
    {
        try
        {
            value = bound.ValueOf(attribute, user);
        }
        catch (MappingException)
        {
            value = null;
            return false;
        }
        return value is not UnusableValue && ValueRules.Broken(attribute, value) is null;
    }

    private static bool Equal(TargetAttribute attribute, object? before, object? after) =>
        before is SourceReference || after is SourceReference ? Equals(before, after) : AttributeDiff.Same(attribute, after, before);
}
