using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>A matching value that a user is to get, and that the target user of another account was last written with.</summary>
/// <param name="User">The user.</param>
/// <param name="Attribute">The matching attribute.</param>
/// <param name="Holder">Anchor of the other account.</param>
internal sealed record HeldValue(DesiredUser User, TargetAttribute Attribute, string Holder)
{
    /// <summary>The value, as it is compared.</summary>
    public string Key => MatchKey.In(User.Values, Attribute)!;

    /// <summary>The target user has the value now.</summary>
    public bool IsHeldBy(ScimUser seen) => MatchKey.Holds(seen, Attribute, Key);
}
