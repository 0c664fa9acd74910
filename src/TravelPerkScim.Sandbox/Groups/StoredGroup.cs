using System.Collections.Immutable;

namespace TravelPerkScim.Sandbox.Groups;

/// <summary>A group as kept. Never changed, only replaced.</summary>
internal sealed record StoredGroup(
    string Id,
    string DisplayName,
    string? ExternalId,
    ImmutableSortedSet<long> Members,
    DateTimeOffset Created,
    DateTimeOffset Modified
);
