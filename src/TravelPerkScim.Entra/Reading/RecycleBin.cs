using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Users who were entitled when they were soft-deleted, or when they were not found. Only a round of changes tells that such a
/// user is deleted for good. So links follow the user until then, although a soft-deleted user is a member of no group.</summary>
internal sealed class RecycleBin
{
    // Entra deletes a user for good 30 days after the soft delete.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(45);

    /// <summary>When the read was that found the user soft-deleted.</summary>
    public Dictionary<Guid, DateTimeOffset> Since { get; init; } = [];

    public IEnumerable<Guid> Users => Since.Keys;

    /// <summary>Forgets users who must have been deleted for good.</summary>
    public void Empty(DateTimeOffset now)
    {
        foreach (Guid id in Since.Where(user => now - user.Value >= s_longest).Select(user => user.Key).ToList())
            Since.Remove(id);
    }

    /// <param name="item">What the read says about a user.</param>
    /// <param name="wasEntitled">Users who were entitled before the read, or are entitled now.</param>
    /// <param name="now">When the read is.</param>
    public void Take(SourceItem item, Func<Guid, bool> wasEntitled, DateTimeOffset now)
    {
        // A user who is not found may be soft-deleted, and the round that says so late.
        string? deleted = item switch
        {
            SourceEntry { SoftDeleted: true } entry => entry.Object.Anchor,
            SourceNotFound missing => missing.Anchor,
            SourceFault fault => fault.Anchor,
            _ => null,
        };
        string? settled = item switch
        {
            SourceEntry { SoftDeleted: false } entry => entry.Object.Anchor,
            SourceRemoval removal => removal.Anchor,
            _ => null,
        };
        if (deleted is not null && Guid.ParseExact(deleted, "D") is var id && wasEntitled(id))
            Since.TryAdd(id, now);
        if (settled is not null)
            Since.Remove(Guid.ParseExact(settled, "D"));
    }
}
