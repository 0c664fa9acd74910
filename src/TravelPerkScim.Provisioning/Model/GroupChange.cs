using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>One member of a group.</summary>
/// <param name="Anchor">The source user; null when the target user belongs to no known source user.</param>
/// <param name="TargetId">The TravelPerk user; null while a create of the same cycle has yet to make it.</param>
internal sealed record GroupMember(string? Anchor, string? TargetId);

/// <summary>What an operation does to a group.</summary>
internal sealed record GroupChange
{
    /// <summary>Most members in a request; many services refuse more.</summary>
    public const int BatchSize = 100;

    public required string DisplayName { get; init; }

    /// <summary>Name and members as one text, which an escrow holds a hash of. Empty for a delete.</summary>
    public string State { get; init; } = "";

    /// <summary>The name, or the external id of a group just found, has to be written.</summary>
    public bool Rename { get; init; }

    /// <summary>All members that the group should have.</summary>
    public IReadOnlyList<GroupMember> Members { get; init; } = [];

    public IReadOnlyList<GroupMember> Add { get; init; } = [];

    public IReadOnlyList<GroupMember> Remove { get; init; } = [];

    /// <summary>For a group that matching found: the members of this job that the group has already. Null for a linked group.</summary>
    public IReadOnlyCollection<string>? Found { get; init; }

    /// <summary>The target group differs from the desired one.</summary>
    public bool Differs => Rename || Add.Count > 0 || Remove.Count > 0;

    /// <summary>The changes as the log shows them.</summary>
    public IReadOnlyList<AttributeChange> Changes(bool created)
    {
        var changes = new List<AttributeChange>();
        if (created || Rename)
            changes.Add(new AttributeChange("displayName", null, DisplayName));
        if (Add.Count > 0 || Remove.Count > 0)
            changes.Add(new AttributeChange("members", Count(Remove, "removed"), Count(Add, "added")));
        return changes;
    }

    /// <summary>Writes the name and the external id.</summary>
    public IReadOnlyList<PatchOperation> Naming(string anchor) =>
        [
            new(PatchOperationKind.Replace, AttributePath.Parse("displayName"), DisplayName),
            new(PatchOperationKind.Replace, AttributePath.Parse("externalId"), anchor),
        ];

    private static string? Count(IReadOnlyList<GroupMember> members, string what) =>
        members.Count == 0 ? null : FormattableString.Invariant($"{members.Count} {what}");
}
