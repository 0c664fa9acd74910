using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>A source group and its counterpart. The members are those that were put in, so that one can be taken out although the target
/// shows none.</summary>
/// <param name="TargetId">The target's id of the group.</param>
/// <param name="Hash">Its name, reduced.</param>
/// <param name="Members">Target ids of the members.</param>
internal sealed record GroupLink(string TargetId, ulong Hash, HashSet<string> Members);

/// <summary>A job's groups as a cycle starts from them.</summary>
internal sealed class GroupMemory
{
    /// <summary>Named value: whether which target publishes groups.</summary>
    public const string PublishedName = "groups";

    public IReadOnlyDictionary<string, GroupLink> Links { get; init; } = new Dictionary<string, GroupLink>();

    /// <summary>Groups that failed, by anchor.</summary>
    public IReadOnlyDictionary<string, Escrow> Escrows { get; init; } = new Dictionary<string, Escrow>();

    /// <summary>What <see cref="Published"/> wrote; null before anybody asked.</summary>
    public string? Discovered { get; init; }

    public static GroupMemory Read(JobState state) =>
        new()
        {
            Links = state.ReadGroupLinks(),
            Escrows = state.ReadGroupEscrows(),
            Discovered = state.Named(PublishedName),
        };

    // With the target's address: a job whose target changes must ask again.
    public static string Published(bool published, Uri target) => $"{(published ? "yes" : "no")} {target.AbsoluteUri}";

    /// <summary>A text reduced to 16 bytes, keyed by the job's salt: state holds no names.</summary>
    public static ulong Hash(byte[] salt, string text) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(text)]));
}
