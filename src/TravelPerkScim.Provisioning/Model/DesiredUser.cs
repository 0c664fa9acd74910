using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>What the mapping says one source user should be in the target, and what is known of its counterpart.</summary>
internal sealed class DesiredUser(string anchor, object?[] values, Link? link)
{
    public string Anchor { get; } = anchor;

    /// <summary>One value per attribute of the shape; references are source anchors until they are sent.</summary>
    public object?[] Values { get; } = values;

    /// <summary>The stored link, or null when the user has none.</summary>
    public Link? Link { get; set; } = link;

    /// <summary>Target id, from the link or from a match.</summary>
    public string? TargetId { get; set; } = link?.TargetId;

    /// <summary>The target's values in the same shape, once read.</summary>
    public object?[]? Current { get; set; }

    /// <summary>The target user at the linked id is somebody else: it is never written, and another one is looked for.</summary>
    public bool LinkIsAnothers { get; set; }

    /// <summary>Anchors this user refers to (its manager).</summary>
    public IEnumerable<string> References => Values.OfType<SourceReference>().Select(r => r.Anchor);

    public required string Identity { get; init; }

    /// <summary>The clause or group that put the user in scope, in words.</summary>
    public string? ScopeReason { get; init; }

    /// <summary>The job brought the user to just this state before: a difference is not the source's doing.</summary>
    public bool Reached { get; init; }

    /// <summary>The matching attribute that found the counterpart; null when the link did, or nothing.</summary>
    public TargetAttribute? MatchedBy { get; set; }

    /// <summary>What tells the user apart, by the values to write; null until the user is about to be written.</summary>
    public byte[]? Keys { get; set; }

    /// <summary>Values that TravelPerk accepted before and did not keep, and that are not sent again.</summary>
    public IReadOnlyList<UnkeptValue> Unkept { get; set; } = [];

    /// <summary>The same user and counterpart with other desired values.</summary>
    public DesiredUser WithValues(object?[] values) =>
        new(Anchor, values, Link)
        {
            Identity = Identity,
            ScopeReason = ScopeReason,
            Reached = Reached,
            TargetId = TargetId,
            Current = Current,
            MatchedBy = MatchedBy,
            LinkIsAnothers = LinkIsAnothers,
            Unkept = Unkept,
        };
}
