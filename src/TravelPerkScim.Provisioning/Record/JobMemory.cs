using System.Security.Cryptography;
using System.Text.Json;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Record;

/// <summary>A job's state as a cycle starts from it, in memory. Nothing here is written back; the recorder does that.</summary>
internal sealed class JobMemory
{
    public const string SaltName = "salt";
    public const string FingerprintName = "mapping";
    public const string WatermarkName = "watermark";
    private const string DialectName = "dialect ";

    private static readonly TimeSpan s_dialectAge = TimeSpan.FromDays(30);

    private readonly Dictionary<string, Link> _links;
    private readonly Dictionary<string, Escrow> _escrows;
    private readonly string _file;

    private JobMemory(string file, Dictionary<string, Link> links, Dictionary<string, Escrow> escrows, byte[] salt)
    {
        _file = file;
        _links = links;
        _escrows = escrows;
        Salt = salt;
    }

    /// <summary>Keys the hashes of this job.</summary>
    public byte[] Salt { get; }

    /// <summary>Mapping and scope of the last completed cycle, reduced; null before the first.</summary>
    public string? LastFingerprint { get; private init; }

    /// <summary>Mapping and scope now, reduced.</summary>
    public required string CurrentFingerprint { get; init; }

    public string? Watermark { get; private init; }

    public IReadOnlyDictionary<string, Link> Links => _links;

    public IReadOnlyDictionary<string, Escrow> Escrows => _escrows;

    public int EnabledLinks => _links.Values.Count(l => l.Enabled);

    public Link? LinkOf(string anchor) => _links.GetValueOrDefault(anchor);

    public Escrow? EscrowOf(string anchor) => _escrows.GetValueOrDefault(anchor);

    public string? TargetIdOf(string anchor) => _links.GetValueOrDefault(anchor)?.TargetId;

    /// <summary>Target id to the anchor that holds it.</summary>
    public Dictionary<string, string> OwnersByTarget()
    {
        var owners = new Dictionary<string, string>(_links.Count, StringComparer.Ordinal);
        foreach ((string anchor, Link link) in _links)
            owners[link.TargetId] = anchor;
        return owners;
    }

    /// <summary>Who the log last called these anchors: the state itself keeps no names.</summary>
    public Dictionary<string, string> IdentitiesOf(IReadOnlyCollection<string> anchors)
    {
        if (anchors.Count == 0)
            return [];
        using JobState? state = JobState.OpenReadOnly(_file);
        return state?.IdentitiesOf(anchors) ?? [];
    }

    /// <summary>What cycles learned of this target, unless so long ago that it is better learned anew; null when nothing is known.</summary>
    public static ScimDialect? DialectOf(string file, Uri target, DateTimeOffset now)
    {
        using JobState? state = JobState.OpenReadOnly(file);
        if (state?.Named(DialectName + target) is not { } json)
            return null;
        try
        {
            return JsonSerializer.Deserialize<ScimDialect>(json) is { } dialect && now - dialect.Learned < s_dialectAge ? dialect : null;
        }
        catch (JsonException)
        {
            // Another version's form: what is in it is learned again with a request or two.
            return null;
        }
    }

    /// <summary>Keeps what a cycle learned.</summary>
    public static void Keep(JobState state, Uri target, ScimDialect dialect) => state.SetNamed(DialectName + target, JsonSerializer.Serialize(dialect));

    /// <summary>Reads the state; a job without one starts empty.</summary>
    public static JobMemory Load(string file, string fingerprint)
    {
        using JobState? state = JobState.OpenReadOnly(file);
        return state is null
            ? new JobMemory(file, [], [], RandomNumberGenerator.GetBytes(16)) { CurrentFingerprint = fingerprint }
            : new JobMemory(file, state.ReadLinks(), state.ReadEscrows(), state.NamedBytes(SaltName) ?? RandomNumberGenerator.GetBytes(16))
            {
                CurrentFingerprint = fingerprint,
                LastFingerprint = state.Named(FingerprintName),
                Watermark = state.Named(WatermarkName),
            };
    }
}
