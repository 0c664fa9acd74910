namespace TravelPerkScim.Mapping.Scope;

/// <summary>Result of a scope evaluation. Deprovision is false when the object only left an inputFilterGroups filter.</summary>
/// <param name="InScope">The object is to be provisioned.</param>
/// <param name="Deprovision">Out of scope, and to be disabled in the target when it is there.</param>
/// <param name="Reason">The filter or clause that decided, in words; never a value of the object.</param>
public readonly record struct ScopeDecision(bool InScope, bool Deprovision, string Reason);
