using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>
/// Says whether the user at a linked id is still the one that the link means. Ids are not unique across companies, and a service may give
/// one again: a link is used only while
/// the target user shows a value that tells users apart (externalId, a matching attribute, userName) of the source user, as it should be or
/// as it was last reached.
/// </summary>
internal sealed class LinkCheck(BoundMapping bound, StateSnapshot snapshot)
{
    private readonly int _objectId = bound.Mapping.Layout.SlotOf("objectId");
    private readonly TargetAttribute? _externalId = bound.Attributes.FirstOrDefault(a => a.IsCore("externalId"));

    /// <summary>The job has no link, or a read of everybody has not come to its end since its links were forgotten.</summary>
    public bool LinksAreLost => snapshot.Links.Count == 0 || snapshot.LastFingerprint is null;

    public IdentityKeys Keys { get; } = new(bound, snapshot.Salt);

    /// <summary>For a user whose desired values are known.</summary>
    public bool IsOurs(DesiredUser user, object?[] current)
    {
        byte[] seen = Keys.Of(current);
        if (StoredKeys.Share(Keys.Of(user.Values), seen))
            return true;
        byte[] reached = snapshot.KeysOf(user.Anchor);
        // A link of an earlier version has no keys. Where the mapping gives no externalId either, a changed userName leaves nothing to
        // compare.
        bool comparable =
            StoredKeys.Any(reached) || (_externalId is { } attribute && MatchKey.Text(user.Values[attribute.Slot]) is not null);
        return !comparable || StoredKeys.Share(reached, seen);
    }

    /// <summary>For a user of whom the source says no more than that they left.</summary>
    public bool IsOurs(string anchor, byte[] seen) =>
        KnownOf(anchor) is var known && (!StoredKeys.Any(known) || StoredKeys.Share(known, seen));

    public bool IsOurs(string anchor, ScimUser user) => IsOurs(anchor, Keys.Of(bound.Extract(user)));

    public byte[] KeysOf(ScimUser user) => Keys.Of(bound.Extract(user));

    /// <summary>The linked source users that have a matching value which this one is to get, or may have it, as they were last written,
    /// each with the attribute.</summary>
    public IEnumerable<(string Anchor, TargetAttribute Attribute)> HoldersOf(DesiredUser user)
    {
        byte[]? keys = null;
        for (int place = 0; place < bound.Matching.Count; place++)
        {
            TargetAttribute attribute = bound.Matching[place];
            if (
                MatchKey.Of(attribute, user.Values[attribute.Slot]) is not { } key
                || key == MatchKey.Of(attribute, user.Current![attribute.Slot])
            )
                continue;
            keys ??= Keys.Of(user.Values);
            foreach (string holder in snapshot.HoldersOf(StoredKeys.At(keys, place)))
            {
                if (holder != user.Anchor)
                    yield return (holder, attribute);
            }
        }
    }

    /// <summary>The linked source users whose target users were last written with a matching value of this one, which has no match, each
    /// with the attribute.</summary>
    public IEnumerable<(string Anchor, TargetAttribute Attribute)> KeysHeld(DesiredUser user)
    {
        byte[] keys = Keys.Of(user.Values);
        for (int place = 0; place < bound.Matching.Count; place++)
        {
            foreach (string holder in snapshot.HoldersOf(StoredKeys.At(keys, place)))
            {
                if (holder != user.Anchor)
                    yield return (holder, bound.Matching[place]);
            }
        }
    }

    /// <summary>A linked user who was not found is to have other names than those last written: under these it may still be
    /// there.</summary>
    public bool IsRenamed(DesiredUser user) =>
        user is { Link: not null, LinkIsAnothers: false } && !StoredKeys.ContainsAll(snapshot.KeysOf(user.Anchor), Keys.Of(user.Values));

    /// <summary>An answer to a create may show next to nothing; where it shows who it is, it is this user.</summary>
    public bool MayBe(DesiredUser user, object?[] created) => Keys.MayAgree(user.Values, created);

    /// <summary>What tells the source user apart, as far as the state and the source id tell it.</summary>
    public byte[] KnownOf(string anchor)
    {
        byte[] reached = snapshot.KeysOf(anchor);
        return StoredKeys.Any(reached) ? reached : Keys.Of(FromAnchor(anchor));
    }

    // Nearly every mapping gives the source id as externalId.
    private object?[] FromAnchor(string anchor)
    {
        object?[] values = new object?[bound.Attributes.Count];
        if (_externalId is not { } attribute)
            return values;
        var user = new SourceObject(anchor, bound.Mapping.Layout);
        user.Values[_objectId] = anchor;
        try
        {
            values[attribute.Slot] = bound.Mapping.Map(attribute.Slot, user) is string text && text == anchor ? text : null;
        }
        catch (MappingException)
        {
            // It needs more than the source id.
        }
        return values;
    }
}
