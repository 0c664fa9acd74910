using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>A source group and its TravelPerk group. The members are those that the job put in, so that the job can take a member out
/// although the target shows no members.</summary>
/// <param name="TargetId">The target's id of the group.</param>
/// <param name="Hash">Hash of the group's name.</param>
/// <param name="Members">Target ids of the members.</param>
internal sealed record GroupLink(string TargetId, ulong Hash, HashSet<string> Members);

/// <summary>What the state remembers of a job's groups when a cycle starts.</summary>
internal sealed class GroupMemory
{
    /// <summary>Named value: whether the target publishes groups, with the target's address.</summary>
    public const string PublishedName = "groups";

    public IReadOnlyDictionary<string, GroupLink> Links { get; init; } = new Dictionary<string, GroupLink>();

    /// <summary>Groups that failed, by anchor.</summary>
    public IReadOnlyDictionary<string, Escrow> Escrows { get; init; } = new Dictionary<string, Escrow>();

    /// <summary>The text of <see cref="Published"/>; null before the target was asked.</summary>
    public string? Discovered { get; init; }

    public static GroupMemory Read(JobState state) =>
        new()
        {
            Links = state.ReadGroupLinks(),
            Escrows = state.ReadGroupEscrows(),
            Discovered = state.Named(PublishedName),
        };

    // The text has the target's address, because a job whose target changes must ask again.
    public static string Published(bool published, Uri target) => $"{(published ? "yes" : "no")} {target.AbsoluteUri}";

    /// <summary>Hash of a text, keyed by the job's salt. The state holds no names of groups.</summary>
    public static ulong Hash(byte[] salt, string text) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(text)]));
}
