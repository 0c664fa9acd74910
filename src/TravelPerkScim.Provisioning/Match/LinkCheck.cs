using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>
/// Says whether the user at a linked id is still the linked user. Ids are not unique across companies, and a service may give an id again.
/// A link is used only while the target user shows one of the values that tell users apart (externalId, a matching attribute, userName),
/// either the desired value or the one that was last written.
/// </summary>
internal sealed class LinkCheck(BoundMapping bound, StateSnapshot snapshot)
{
    private readonly int _objectId = bound.Mapping.Layout.SlotOf("objectId");
    private readonly TargetAttribute? _externalId = bound.Anchoring;

    /// <summary>The job has no link, or no complete read of the source has come to its end since the links were forgotten.</summary>
    public bool LinksAreLost => snapshot.Links.Count == 0 || snapshot.LastFingerprint is null;

    public IdentityKeys Keys { get; } = new(bound, snapshot.Salt);

    /// <summary>For a user whose desired values are known.</summary>
    public bool IsOurs(DesiredUser user, object?[] current)
    {
        byte[] seen = Keys.Of(current);
        if (StoredKeys.Share(Keys.Of(user.Values), seen))
            return true;
        byte[] reached = snapshot.KeysOf(user.Anchor);
        // A link of an earlier version has no keys. Where the mapping gives no externalId either, nothing is left to compare after a change
        // of userName.
        bool isComparable = bound.ExternalIdOf(user.Values) is not null || StoredKeys.Any(reached);
        return !isComparable || StoredKeys.Share(reached, seen);
    }

    /// <summary>For a user of whom the source only says that the user left.</summary>
    public bool IsOurs(string anchor, byte[] seen)
    {
        byte[] known = KnownOf(anchor);
        return !StoredKeys.Any(known) || StoredKeys.Share(known, seen);
    }

    public bool IsOurs(string anchor, ScimUser user) => IsOurs(anchor, Keys.Of(bound.Extract(user)));

    public byte[] KeysOf(ScimUser user) => Keys.Of(bound.Extract(user));

    /// <summary>The matching values that this user is to get and that the target users of other linked source users have, or may have: the
    /// values that were last written.</summary>
    public IEnumerable<HeldValue> HeldByOthers(DesiredUser user)
    {
        byte[]? keys = null;
        for (int place = 0; place < bound.Matching.Count; place++)
        {
            TargetAttribute attribute = bound.Matching[place];
            string? wanted = MatchKey.In(user.Values, attribute);
            if (wanted is null || wanted == MatchKey.Shown(user, attribute))
                continue;
            keys ??= Keys.Of(user.Values);
            foreach (string holder in snapshot.HoldersOf(StoredKeys.At(keys, place)))
            {
                if (holder != user.Anchor)
                    yield return new HeldValue(user, attribute, holder);
            }
        }
    }

    /// <summary>A linked user who was not found gets names that differ from those last written. TravelPerk may still have the user under
    /// the former names.</summary>
    public bool IsRenamed(DesiredUser user) =>
        user is { Link: not null, LinkIsAnothers: false } && !StoredKeys.ContainsAll(snapshot.KeysOf(user.Anchor), Keys.Of(user.Values));

    /// <summary>The answer to a create shows this user, or too little to tell the user.</summary>
    public bool MayBe(DesiredUser user, object?[] created) => Keys.MayAgree(user.Values, created);

    /// <summary>The source user's identity keys, from the state or else from the source id.</summary>
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
            // The mapping of externalId needs more than the source id.
        }
        return values;
    }
}
