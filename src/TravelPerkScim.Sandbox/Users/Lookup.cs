using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>How a GET looks for users.</summary>
/// <param name="Filter">Null without one.</param>
/// <param name="ById">A single user by its id, not a list.</param>
internal readonly record struct Lookup(ScimFilter? Filter, bool ById);
