using TravelPerkScim.Provisioning.Diff;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>
/// Differences that are no edit by hand and that no write ends: TravelPerk accepted the value before, did not keep it, and shows what it
/// showed then. A value is written again when the source or TravelPerk changes it, in an initial cycle that was asked for, and after
/// 30 days: the service may keep it by then.
/// </summary>
/// <param name="snapshot">What was not kept.</param>
/// <param name="bound">The bound mapping. Whether a user is active is never left open: an access that should be open or closed is written
/// until it is.</param>
/// <param name="dialect">What the server is known to keep.</param>
/// <param name="now">UTC.</param>
/// <param name="forget">Everything is tried again.</param>
internal sealed class KnownUnkept(StateSnapshot snapshot, BoundMapping bound, ScimDialect dialect, DateTimeOffset now, bool forget)
{
    private const int MostDays = 30;

    private readonly UnkeptKeys _keys = new(snapshot.Salt);

    /// <summary>Takes such attributes out of those that differ, and notes them at the user.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="desired">The desired values, references resolved.</param>
    /// <param name="differs">Attributes whose values differ.</param>
    /// <returns>Attributes that an answer without a body left open, and that were not kept as it shows now.</returns>
    public List<TargetAttribute> TakeOut(DesiredUser user, object?[] desired, List<TargetAttribute> differs)
    {
        byte[] known = snapshot.UnkeptOf(user.Anchor);
        if (forget || known.Length == 0 || !user.IsAtLink)
            return [];
        int oldest = DateOnly.FromDateTime(now.UtcDateTime).DayNumber - MostDays;
        var values = new Dictionary<ulong, UnkeptValue>();
        foreach (UnkeptValue written in UnkeptValue.Read(known))
        {
            if (written.Written.DayNumber > oldest)
                values.TryAdd(written.Key, written);
        }
        var unkept = new List<UnkeptValue>();
        var open = new List<TargetAttribute>();
        foreach (TargetAttribute attribute in differs.ToList())
        {
            if (attribute == bound.Active && user.Current![attribute.Slot] is not null)
                continue;
            if (!values.TryGetValue(_keys.Of(attribute, desired[attribute.Slot], user.Current![attribute.Slot]), out UnkeptValue value))
                continue;
            if (!value.Sure && dialect.FormOf(attribute.Path) != AttributeForm.None)
            {
                open.Add(attribute);
                continue;
            }
            unkept.Add(value with { Sure = true });
            differs.Remove(attribute);
        }
        user.Unkept = unkept;
        return open;
    }
}
