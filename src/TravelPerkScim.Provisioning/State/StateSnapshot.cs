using System.Security.Cryptography;
using System.Text.Json;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.Provisioning.State;

/// <summary>A job's state in memory, as it is when a cycle starts. Changes here are not written back; the recorder writes the
/// state.</summary>
internal sealed class StateSnapshot
{
    private const string DialectName = "dialect ";

    private static readonly TimeSpan s_dialectAge = TimeSpan.FromDays(30);

    private readonly Dictionary<string, Link> _links;
    private readonly Dictionary<string, Escrow> _escrows;
    private readonly Dictionary<string, Intent> _intents;
    private readonly IReadOnlyDictionary<string, string> _awaited;
    private readonly ILookup<string, string> _waiting;
    private readonly IStateStore _store;
    private readonly Lazy<Dictionary<string, byte[]>> _keys;
    private readonly Lazy<KeyHolders> _holders;
    private readonly Lazy<Dictionary<string, byte[]>> _unkept;

    private StateSnapshot(
        IStateStore store,
        Dictionary<string, Link> links,
        Dictionary<string, Escrow> escrows,
        IReadOnlyDictionary<string, string> waiting,
        Dictionary<string, Intent> intents,
        byte[] salt
    )
    {
        _intents = intents;
        // An open intent of a linked user may have been carried out. The user's state is not known, not even whether the user is enabled.
        foreach (string anchor in intents.Keys.Where(links.ContainsKey))
            links[anchor] = new Link(links[anchor].TargetId, default, Enabled: true);
        _waiting = waiting.ToLookup(w => w.Value, w => w.Key, StringComparer.Ordinal);
        _awaited = waiting;
        _store = store;
        _keys = new Lazy<Dictionary<string, byte[]>>(() => ReadLater(state => state.ReadKeys()));
        _unkept = new Lazy<Dictionary<string, byte[]>>(() => ReadLater(state => state.ReadUnkept()));
        _holders = new Lazy<KeyHolders>(() => new KeyHolders(_keys.Value));
        _links = links;
        _escrows = escrows;
        Salt = salt;
    }

    /// <summary>Keys the hashes of this job.</summary>
    public byte[] Salt { get; }

    /// <summary>Keys the proofs of reviewed plans.</summary>
    public ReviewKeys Keys => new(Salt, RedactedKey);

    private byte[] RedactedKey { get; init; } = ReviewKeys.NewKey();

    /// <summary>Fingerprint of mapping and scope in the last completed cycle; null before the first.</summary>
    public string? LastFingerprint { get; private init; }

    /// <summary>Fingerprint of the present mapping and scope.</summary>
    public required string CurrentFingerprint { get; init; }

    public string? Watermark { get; private init; }

    /// <summary>How often the state had been written when it was read. A plan is valid while this number stays the same.</summary>
    public long Changes { get; private init; }

    /// <summary>Attributes that the source gave, and how many entries had a value; empty before the first cycle, and when the source does
    /// not count them.</summary>
    public IReadOnlyDictionary<string, long> Given => SourceBefore?.Counts ?? new Dictionary<string, long>();

    /// <summary>Entries of the source in the last cycle that read the whole source.</summary>
    public long LinesBefore => SourceBefore?.Lines ?? 0;

    /// <summary>Whether the source gave accountEnabled for any entry. Where it did not, every listed user counts as enabled.</summary>
    public bool SourceSaysEnabled => SourceBefore is null || SourceBefore.Counts.ContainsKey("accountEnabled");

    private GivenAttributes? SourceBefore { get; init; }

    /// <summary>The job's groups, where the target has groups.</summary>
    public GroupMemory Groups { get; private init; } = new();

    public IReadOnlyDictionary<string, Link> Links => _links;

    public IReadOnlyDictionary<string, Escrow> Escrows => _escrows;

    /// <summary>Writes that may have been sent and whose outcome is not known.</summary>
    public IReadOnlyDictionary<string, Intent> Intents => _intents;

    /// <summary>Operations that were held back, and that are due when they are approved.</summary>
    public IReadOnlyDictionary<string, StagedOperation> Staged { get; private init; } = new Dictionary<string, StagedOperation>();

    /// <summary>The earlier cycle that staged exactly this operation; null when none did.</summary>
    public Guid? StagedBy(ProvisioningOperation operation) =>
        Staged.TryGetValue(operation.SourceId, out StagedOperation? staged) && staged == StagedOperation.Of(operation, staged.CycleId)
            ? staged.CycleId
            : null;

    /// <summary>The approved cycle staged the operation.</summary>
    public bool IsApproved(ProvisioningOperation operation, Guid? approved) => approved is not null && StagedBy(operation) == approved;

    /// <summary>The job's quarantine; null when the job runs by itself.</summary>
    public Quarantine? Quarantine { get; private init; }

    public int EnabledLinks => _links.Values.Count(l => l.Enabled);

    /// <summary>The linked users and groups of which a share may depart in one cycle: the users who are enabled, and the groups.</summary>
    public int MayDepart => EnabledLinks + Groups.Links.Count;

    /// <summary>Links a user that a write with an unknown outcome had created.</summary>
    public void Adopt(string anchor, string targetId) => _links[anchor] = new Link(targetId, default, Enabled: true);

    public Link? LinkOf(string anchor) => _links.GetValueOrDefault(anchor);

    public Escrow? EscrowOf(string anchor) => _escrows.GetValueOrDefault(anchor);

    /// <summary>The manager that had no TravelPerk user when the user was written; null when the user waits for no manager.</summary>
    public string? AwaitedManagerOf(string anchor) => _awaited.GetValueOrDefault(anchor);

    /// <summary>Managers that reports wait for and that have a TravelPerk user by now.</summary>
    public IEnumerable<string> ManagersNowPresent => _waiting.Select(group => group.Key).Where(manager => TargetIdOf(manager) is not null);

    /// <summary>The users who wait for this manager.</summary>
    public IEnumerable<string> ReportsAwaiting(string manager) => _waiting[manager];

    public string? TargetIdOf(string anchor) => _links.GetValueOrDefault(anchor)?.TargetId;

    /// <summary>Target id to the anchor that is linked to it.</summary>
    public Dictionary<string, string> OwnersByTarget()
    {
        var owners = new Dictionary<string, string>(_links.Count, StringComparer.Ordinal);
        foreach ((string anchor, Link link) in _links)
            owners[link.TargetId] = anchor;
        return owners;
    }

    /// <summary>Identity keys of the linked target user, as it was last written or as an open intent would have written it; empty when they
    /// are not known. Few plans need the keys, so they are read when a plan does.</summary>
    public byte[] KeysOf(string anchor) =>
        [.. _keys.Value.GetValueOrDefault(anchor) ?? [], .. _intents.TryGetValue(anchor, out Intent? begun) ? begun.Keys : []];

    /// <summary>Values of the linked user that TravelPerk accepted and did not keep (<see cref="UnkeptValue"/>); empty when there are none.
    /// They are read when the first plan or write needs them.</summary>
    public byte[] UnkeptOf(string anchor) => _unkept.Value.GetValueOrDefault(anchor) ?? [];

    /// <summary>The anchors whose target users were last written with a key, or may have been. A key is a hint. Only the target can say
    /// which user holds the value.</summary>
    public IEnumerable<string> HoldersOf(ulong key) => _holders.Value.Of(key);

    private Dictionary<string, byte[]> ReadLater(Func<JobState, Dictionary<string, byte[]>> read)
    {
        using var state = JobState.OpenReadOnly(_store);
        return state is null ? [] : read(state);
    }

    /// <summary>The last identity of each anchor in the log. The rest of the state keeps no names.</summary>
    public Dictionary<string, string> IdentitiesOf(IReadOnlyCollection<string> anchors)
    {
        if (anchors.Count == 0)
            return [];
        using var state = JobState.OpenReadOnly(_store);
        return state?.Log.IdentitiesOf(anchors) ?? [];
    }

    /// <summary>Attribute to the value that was last written to the user, as far as the log still knows. The rest of the state keeps no
    /// values.</summary>
    public IReadOnlyDictionary<string, string> LastWritten(string anchor)
    {
        using var state = JobState.OpenReadOnly(_store);
        return state?.Log.LastWritten(anchor) ?? new Dictionary<string, string>();
    }

    /// <summary>The dialect that cycles learned of this target; null when none is known, or when it was learned so long ago that it should
    /// be learned again.</summary>
    public static ScimDialect? DialectOf(IStateStore store, Uri target, DateTimeOffset now)
    {
        using var state = JobState.OpenReadOnly(store);
        if (state?.Named(DialectName + target) is not { } json)
            return null;
        try
        {
            return JsonSerializer.Deserialize<ScimDialect>(json) is { } dialect && now - dialect.Learned < s_dialectAge ? dialect : null;
        }
        catch (JsonException)
        {
            // Another version of the module wrote the dialect. A request or two learn it again.
            return null;
        }
    }

    /// <summary>Keeps the dialect that a cycle learned.</summary>
    public static void Keep(JobState state, Uri target, ScimDialect dialect) =>
        state.SetNamed(DialectName + target, JsonSerializer.Serialize(dialect));

    /// <summary>Reads the state; a job without one starts empty.</summary>
    /// <param name="store">The state.</param>
    /// <param name="fingerprint">Fingerprint of the present mapping and scope.</param>
    /// <param name="withLinks">False for an empty plan, which asks for no link: a job may have a million.</param>
    public static StateSnapshot Load(IStateStore store, string fingerprint, bool withLinks = true)
    {
        using var state = JobState.OpenReadOnly(store);
        // The number is read before the rest. A write in between then makes the plan outdated.
        long changes = state?.Changes ?? 0;
        return state is null
            ? new StateSnapshot(store, [], [], new Dictionary<string, string>(), [], RandomNumberGenerator.GetBytes(16))
            {
                CurrentFingerprint = fingerprint,
            }
            : new StateSnapshot(
                store,
                withLinks ? state.ReadLinks() : [],
                state.ReadEscrows(),
                state.ReadWaiting(),
                state.ReadIntents(),
                state.NamedBytes(JobState.SaltName) ?? RandomNumberGenerator.GetBytes(16)
            )
            {
                CurrentFingerprint = fingerprint,
                RedactedKey = state.NamedBytes(ReviewKeys.RedactedName) ?? ReviewKeys.NewKey(),
                LastFingerprint = state.Named(JobState.FingerprintName),
                Watermark = state.Named(JobState.WatermarkName),
                Changes = changes,
                Groups = GroupMemory.Read(state),
                Staged = state.ReadStaged(),
                Quarantine = Quarantine.Read(state),
                SourceBefore = GivenAttributes.Read(state),
            };
    }
}
