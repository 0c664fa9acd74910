using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>What one source user should be in the target, by the mapping, and what is known of its TravelPerk user.</summary>
internal sealed class DesiredUser(string anchor, object?[] values, Link? link)
{
    public string Anchor { get; } = anchor;

    /// <summary>One value for each attribute of the mapping. References are source anchors until they are sent.</summary>
    public object?[] Values { get; } = values;

    /// <summary>The stored link, or null when the user has none.</summary>
    public Link? Link { get; set; } = link;

    /// <summary>Target id, from the link or from a match.</summary>
    public string? TargetId { get; set; } = link?.TargetId;

    /// <summary>The user is written at its link.</summary>
    public bool IsAtLink => Link is { } linked && linked.TargetId == TargetId;

    /// <summary>A linked user who is not written at its link: the user at the linked id is gone, or is another person.</summary>
    public bool LostLink => Link is not null && !IsAtLink;

    /// <summary>The target's values, by the same slots, once they are read.</summary>
    public object?[]? Current { get; set; }

    /// <summary>The target user at the linked id is another person. That user is never written, and the source user's own target user is
    /// looked for.</summary>
    public bool LinkIsAnothers { get; set; }

    /// <summary>Anchors this user refers to (its manager).</summary>
    public IEnumerable<string> References => Values.OfType<SourceReference>().Select(r => r.Anchor);

    /// <summary>Anchors that some of the attributes refer to.</summary>
    public IReadOnlyList<string> ReferencesOf(IEnumerable<TargetAttribute> attributes) =>
        [.. attributes.Select(a => Values[a.Slot]).OfType<SourceReference>().Select(r => r.Anchor)];

    public required string Identity { get; init; }

    /// <summary>The clause or group that put the user in scope, in words.</summary>
    public string? ScopeReason { get; init; }

    /// <summary>The job brought the user to exactly this state before. A difference does not come from the source.</summary>
    public bool DesiredStateReached { get; init; }

    /// <summary>The matching attribute that found the TravelPerk user; null when the link found it, or when none was found.</summary>
    public TargetAttribute? MatchedBy { get; set; }

    /// <summary>Why no TravelPerk user can be used for the user; null when one can, or when a new one can be made.</summary>
    public MatchProblem? Problem { get; set; }

    /// <summary>No TravelPerk user was found, and nothing speaks against a new one.</summary>
    public bool IsUnmatched => TargetId is null && Problem is null;

    /// <summary>The identity keys of the values to write; null until the user is about to be written.</summary>
    public byte[]? Keys { get; set; }

    /// <summary>Values that TravelPerk accepted before and did not keep, and that are not sent again.</summary>
    public IReadOnlyList<UnkeptValue> Unkept { get; set; } = [];

    /// <summary>The same source user and TravelPerk user with other desired values.</summary>
    public DesiredUser WithValues(object?[] values) =>
        new(Anchor, values, Link)
        {
            Identity = Identity,
            ScopeReason = ScopeReason,
            DesiredStateReached = DesiredStateReached,
            TargetId = TargetId,
            Current = Current,
            MatchedBy = MatchedBy,
            LinkIsAnothers = LinkIsAnothers,
            Unkept = Unkept,
        };
}
