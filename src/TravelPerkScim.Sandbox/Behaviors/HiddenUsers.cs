using TravelPerkScim.Sandbox.Users;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Sandbox.Behaviors;

/// <summary>Users exist, conflict and can be written, yet GET does not show them.</summary>
internal abstract class HidingBehavior : Behavior
{
    public override IReadOnlyList<StoredUser> Found(IReadOnlyList<StoredUser> users, Lookup lookup)
    {
        StoredUser[] shown = [.. users.Where(user => !Hides(user, lookup))];
        HitIf(shown.Length < users.Count);
        return shown;
    }

    protected abstract bool Hides(StoredUser user, Lookup lookup);
}

internal sealed class FilterMisses : HidingBehavior
{
    protected override bool Hides(StoredUser user, Lookup lookup) => lookup.Filter is not null;
}

internal sealed class FilterCaseSensitive : HidingBehavior
{
    protected override bool Hides(StoredUser user, Lookup lookup) =>
        lookup.Filter
            is ComparisonFilter
            {
                Comparison: ScimComparison.Equal,
                Value: string asked,
                Path: { SchemaUrn: null, SubAttribute: null } path
            }
        && string.Equals(path.Attribute, "userName", StringComparison.OrdinalIgnoreCase)
        && asked != user.UserName;
}

internal sealed class InactiveHidden : HidingBehavior
{
    protected override bool Hides(StoredUser user, Lookup lookup) => !user.Active && !lookup.ById;
}

internal sealed class CreatedInvisible(TimeSpan delay, TimeProvider timeProvider) : HidingBehavior
{
    protected override bool Hides(StoredUser user, Lookup lookup) => timeProvider.GetUtcNow() - user.Created < delay;
}
