using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Where the next incremental read begins, as text: delta links and the entitled users. It holds ids and names of groups, and only
/// the id of a user.</summary>
/// <param name="UserLinks">Where the users' changes begin: one link without a filter, or links with filters. None when no user is entitled
/// where filters are used.</param>
/// <param name="Fingerprint">Hash of the settings and attributes. When it differs, a full read is necessary.</param>
/// <param name="Membership">The assignments and groups of the last read.</param>
internal sealed record EntraWatermark(IReadOnlyList<TrackedLink> UserLinks, string Fingerprint, Membership Membership)
{
    private const int Version = 1;

    /// <summary>U and G are the links without a filter, L and H those with filters. A watermark without L, H, T and B is one of the time
    /// before filters.</summary>
    private sealed record Stored(
        int V,
        string F,
        string? U,
        string? G,
        string A,
        Dictionary<Guid, string> R,
        byte[] D,
        List<StoredGroup> M,
        List<StoredLink>? L = null,
        List<StoredLink>? H = null,
        TenantSize? T = null,
        Dictionary<Guid, DateTimeOffset>? B = null
    );

    private sealed record StoredLink(string L, byte[] I);

    private sealed record StoredGroup(
        Guid I,
        string N,
        byte[] U,
        byte[] G,
        bool X,
        bool P = false,
        DateTimeOffset? S = null,
        bool K = true
    );

    /// <summary>The links follow the entitled users only.</summary>
    public bool HasFilters => UserLinks.All(link => link.HasFilter);

    /// <summary>The watermark, or null when it is not one of this version; the source is then read in full.</summary>
    public static EntraWatermark? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        try
        {
            using var packed = new MemoryStream(Convert.FromBase64String(text));
            using var unpacked = new DeflateStream(packed, CompressionMode.Decompress);
            if (JsonSerializer.Deserialize<Stored>(unpacked) is not { V: Version } stored)
                return null;
            if (stored is { U: null or "", L: null })
                return null;
            var membership = new Membership
            {
                ApplicationName = stored.A,
                Roles = stored.R,
                Assignments = [.. MemoryMarshal.Cast<byte, Assignment>(stored.D)],
                Groups = stored.M.ToDictionary(group => group.I, Kept),
                GroupLinks = Links(stored.G, stored.H),
                Size = stored.T,
                Bin = new RecycleBin { Since = stored.B ?? [] },
            };
            return new EntraWatermark(Links(stored.U, stored.L), stored.F, membership);
        }
        catch (Exception e)
            when (e is FormatException or InvalidDataException or JsonException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }

    public override string ToString()
    {
        var stored = new Stored(
            Version,
            Fingerprint,
            WithoutFilter(UserLinks),
            WithoutFilter(Membership.GroupLinks),
            Membership.ApplicationName,
            Membership.Roles,
            MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(Membership.Assignments)).ToArray(),
            [.. Membership.Groups.OrderBy(pair => pair.Key).Select(pair => Packed(pair.Key, pair.Value))],
            WithFilters(UserLinks),
            WithFilters(Membership.GroupLinks),
            Membership.Size,
            Membership.Bin.Since
        );
        using var packed = new MemoryStream();
        using (var packing = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            JsonSerializer.Serialize(packing, stored);
        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }

    private static string? WithoutFilter(IEnumerable<TrackedLink> links) => links.SingleOrDefault(link => !link.HasFilter)?.Link;

    private static List<StoredLink>? WithFilters(IReadOnlyList<TrackedLink> links) =>
        links.Any(link => !link.HasFilter) ? null : [.. links.Select(link => new StoredLink(link.Link, Bytes(link.Ids!)))];

    private static List<TrackedLink> Links(string? withoutFilter, List<StoredLink>? withFilters) =>
        withoutFilter is { Length: > 0 }
            ? [new TrackedLink(withoutFilter, null)]
            : [.. (withFilters ?? []).Select(link => new TrackedLink(link.L, Ids(link.I)))];

    private static StoredGroup Packed(Guid id, KeptGroup group) =>
        new(id, group.DisplayName, Bytes(group.Users), Bytes(group.Groups), group.Missing, group.Pending, group.NotFoundSince, group.Known);

    private static KeptGroup Kept(StoredGroup group) =>
        new(group.N)
        {
            Users = Ids(group.U),
            Groups = Ids(group.G),
            Missing = group.X,
            Pending = group.P,
            NotFoundSince = group.S,
            Known = group.K,
        };

    private static HashSet<Guid> Ids(byte[] bytes) => [.. MemoryMarshal.Cast<byte, Guid>(bytes)];

    private static byte[] Bytes(HashSet<Guid> ids) => MemoryMarshal.AsBytes<Guid>(ids.Order().ToArray()).ToArray();
}
