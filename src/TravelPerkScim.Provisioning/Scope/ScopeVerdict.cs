using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Scope;

/// <summary>Whether an entry is in scope, and what says so.</summary>
/// <param name="Departure">Why the entry is out; <see cref="Departure.None"/> for an entry in scope.</param>
/// <param name="By">The assignment, filter or clause that decided, in words; empty for a disabled account.</param>
/// <param name="Reason">For an entry that is out: the reason of an operation.</param>
internal readonly record struct ScopeVerdict(Departure Departure, string By, OperationReason Reason = default)
{
    public bool InScope => Departure == Departure.None;

    /// <summary>The account is disabled or soft-deleted, so no assignment and no filter was asked.</summary>
    public bool IsDisabled => Departure is Departure.Disabled or Departure.SoftDeleted;

    /// <summary>The user is left as it is in the target, because it only left a filter that keeps users.</summary>
    public bool KeepsUser { get; init; }
}
