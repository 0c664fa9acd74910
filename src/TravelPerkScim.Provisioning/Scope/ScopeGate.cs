using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Provisioning.Scope;

/// <summary>Says which entries are in scope: the account is enabled, it is entitled, and the scoping filters take it in.</summary>
internal sealed class ScopeGate(SourceLayout layout, CompiledScope scope)
{
    private readonly int _softDeleted = layout.SlotOf("IsSoftDeleted");
    private readonly int _accountEnabled = layout.SlotOf("accountEnabled");

    /// <summary>In or out, and by which assignment, group or clause.</summary>
    /// <exception cref="MappingException">A clause cannot be evaluated for the entry, so whether it is in scope is not known.</exception>
    public ScopeVerdict Evaluate(SourceEntry entry)
    {
        SourceObject user = entry.Object;
        GuestName.Apply(user);
        user.Values[_softDeleted] = false;
        // A disabled user is out of scope before any filter is asked.
        if (entry.SoftDeleted)
            return new ScopeVerdict(Departure.SoftDeleted, "", new OperationReason(ReasonKind.SoftDeleted));
        if (IsDisabled(entry))
            return new ScopeVerdict(Departure.Disabled, "", new OperationReason(ReasonKind.AccountDisabled));
        if (entry.NotEntitled is { } unassigned)
            return new ScopeVerdict(Departure.NotEntitled, unassigned, Unentitled(unassigned, entry.LostGroup));
        ScopeDecision decision = scope.Evaluate(user);
        if (decision.InScope)
            return new ScopeVerdict(Departure.None, decision.Reason);
        var reason = new OperationReason(ReasonKind.OutOfScope, decision.Reason);
        return new ScopeVerdict(Departure.OutOfScope, decision.Reason, reason) { KeepsUser = !decision.Deprovision };
    }

    public bool IsDisabled(SourceEntry entry) => entry.SoftDeleted || BoundMapping.IsFalse(entry.Object.Values[_accountEnabled]);

    /// <summary>The entry does not say whether its account is enabled.</summary>
    public bool IsUnsaid(SourceEntry entry) => !entry.SoftDeleted && entry.Object.Values[_accountEnabled] is null or IgnoredFlow;

    private static OperationReason Unentitled(string why, string? lostGroup) =>
        lostGroup is null ? new OperationReason(ReasonKind.NotEntitled, why) : new OperationReason(ReasonKind.GroupLost, lostGroup);
}
