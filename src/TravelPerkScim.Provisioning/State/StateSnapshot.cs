using System.Security.Cryptography;
using System.Text.Json;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.Provisioning.State;

/// <summary>A job's state as a cycle starts from it, in memory. Nothing here is written back; the recorder does that.</summary>
internal sealed class StateSnapshot
{
    private const string DialectName = "dialect ";

    private static readonly TimeSpan s_dialectAge = TimeSpan.FromDays(30);

    private readonly Dictionary<string, Link> _links;
    private readonly Dictionary<string, Escrow> _escrows;
    private readonly Dictionary<string, Intent> _intents;
    private readonly IReadOnlyDictionary<string, string> _awaited;
    private readonly ILookup<string, string> _waiting;
    private readonly StateFile _file;
    private readonly Lazy<Dictionary<string, byte[]>> _keys;
    private readonly Lazy<KeyHolders> _holders;
    private readonly Lazy<Dictionary<string, byte[]>> _unkept;

    private StateSnapshot(
        StateFile file,
        Dictionary<string, Link> links,
        Dictionary<string, Escrow> escrows,
        IReadOnlyDictionary<string, string> waiting,
        Dictionary<string, Intent> intents,
        byte[] salt
    )
    {
        _intents = intents;
        // What was begun with a linked user may have been done: its state is not known, not even whether it is enabled.
        foreach (string anchor in intents.Keys.Where(links.ContainsKey))
            links[anchor] = new Link(links[anchor].TargetId, default, Enabled: true);
        _waiting = waiting.ToLookup(w => w.Value, w => w.Key, StringComparer.Ordinal);
        _awaited = waiting;
        _file = file;
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

    /// <summary>Mapping and scope of the last completed cycle, reduced; null before the first.</summary>
    public string? LastFingerprint { get; private init; }

    /// <summary>Mapping and scope now, reduced.</summary>
    public required string CurrentFingerprint { get; init; }

    public string? Watermark { get; private init; }

    /// <summary>How often the state had been written when it was read: a plan made of it holds while that is so.</summary>
    public long Changes { get; private init; }

    /// <summary>Attributes the source has given, and how many entries had a value; empty before the first cycle, and when the source does
    /// not tell.</summary>
    public IReadOnlyDictionary<string, long> Given => SourceBefore?.Counts ?? new Dictionary<string, long>();

    /// <summary>Entries the source had in the last cycle that read all of it.</summary>
    public long LinesBefore => SourceBefore?.Lines ?? 0;

    /// <summary>Whether the source has ever said who is enabled. Where it never has, being listed is what counts.</summary>
    public bool SourceSaysEnabled => SourceBefore is null || SourceBefore.Counts.ContainsKey("accountEnabled");

    private GivenAttributes? SourceBefore { get; init; }

    /// <summary>Groups, where the target has them.</summary>
    public GroupMemory Groups { get; private init; } = new();

    public IReadOnlyDictionary<string, Link> Links => _links;

    public IReadOnlyDictionary<string, Escrow> Escrows => _escrows;

    /// <summary>Writes that were begun and whose outcome is not known.</summary>
    public IReadOnlyDictionary<string, Intent> Intents => _intents;

    /// <summary>Disables and deletes that were held back, and are due when they are approved.</summary>
    public IReadOnlyDictionary<string, StagedOperation> Staged { get; private init; } = new Dictionary<string, StagedOperation>();

    /// <summary>The earlier cycle that held the operation back, just as it is; null when none did.</summary>
    public Guid? StagedBy(ProvisioningOperation operation) =>
        Staged.TryGetValue(operation.SourceId, out StagedOperation? staged) && staged == StagedOperation.Of(operation, staged.CycleId)
            ? staged.CycleId
            : null;

    /// <summary>The operation was held back by the cycle that is approved.</summary>
    public bool IsApproved(ProvisioningOperation operation, Guid? approved) => approved is not null && StagedBy(operation) == approved;

    /// <summary>What keeps the job from running by itself; null when nothing does.</summary>
    public Quarantine? Quarantine { get; private init; }

    public int EnabledLinks => _links.Values.Count(l => l.Enabled);

    /// <summary>A user that was created by a write whose outcome was not known.</summary>
    public void Adopt(string anchor, string targetId) => _links[anchor] = new Link(targetId, default, Enabled: true);

    public Link? LinkOf(string anchor) => _links.GetValueOrDefault(anchor);

    public Escrow? EscrowOf(string anchor) => _escrows.GetValueOrDefault(anchor);

    /// <summary>The manager that had no TravelPerk user when the user was written; null when there was none such.</summary>
    public string? AwaitedManagerOf(string anchor) => _awaited.GetValueOrDefault(anchor);

    /// <summary>Managers that somebody waits for and that have a TravelPerk user by now.</summary>
    public IEnumerable<string> ManagersNowPresent => _waiting.Select(group => group.Key).Where(manager => TargetIdOf(manager) is not null);

    /// <summary>Of those who wait, the users who wait for this one.</summary>
    public IEnumerable<string> ReportsAwaiting(string manager) => _waiting[manager];

    public string? TargetIdOf(string anchor) => _links.GetValueOrDefault(anchor)?.TargetId;

    /// <summary>Target id to the anchor that holds it.</summary>
    public Dictionary<string, string> OwnersByTarget()
    {
        var owners = new Dictionary<string, string>(_links.Count, StringComparer.Ordinal);
        foreach ((string anchor, Link link) in _links)
            owners[link.TargetId] = anchor;
        return owners;
    }

    /// <summary>What tells the linked target user apart, as it was last reached or was about to be; empty when it is not known. Few plans
    /// need it, so it is read when one does.</summary>
    public byte[] KeysOf(string anchor) =>
        [.. _keys.Value.GetValueOrDefault(anchor) ?? [], .. _intents.TryGetValue(anchor, out Intent? begun) ? begun.Keys : []];

    /// <summary>What TravelPerk accepted of the linked user and did not keep (<see cref="UnkeptValue"/>); empty when nothing. Read when the
    /// first plan or write needs it.</summary>
    public byte[] UnkeptOf(string anchor) => _unkept.Value.GetValueOrDefault(anchor) ?? [];

    /// <summary>The anchors whose target users were last written with a key, or may have been. A key is a hint: who holds the value is to
    /// be asked of the target.</summary>
    public IEnumerable<string> HoldersOf(ulong key) => _holders.Value.Of(key);

    private Dictionary<string, byte[]> ReadLater(Func<JobState, Dictionary<string, byte[]>> read)
    {
        using JobState? state = JobState.OpenReadOnly(_file);
        return state is null ? [] : read(state);
    }

    /// <summary>Who the log last called these anchors: the state itself keeps no names.</summary>
    public Dictionary<string, string> IdentitiesOf(IReadOnlyCollection<string> anchors)
    {
        if (anchors.Count == 0)
            return [];
        using JobState? state = JobState.OpenReadOnly(_file);
        return state?.Log.IdentitiesOf(anchors) ?? [];
    }

    /// <summary>Attribute to the value that the log says was last written to the user, for those it still knows: the state itself keeps no
    /// values.</summary>
    public IReadOnlyDictionary<string, string> LastWritten(string anchor)
    {
        using JobState? state = JobState.OpenReadOnly(_file);
        return state?.Log.LastWritten(anchor) ?? new Dictionary<string, string>();
    }

    /// <summary>What cycles learned of this target, unless so long ago that it is better learned anew; null when nothing is
    /// known.</summary>
    public static ScimDialect? DialectOf(StateFile file, Uri target, DateTimeOffset now)
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
    public static void Keep(JobState state, Uri target, ScimDialect dialect) =>
        state.SetNamed(DialectName + target, JsonSerializer.Serialize(dialect));

    /// <summary>Reads the state; a job without one starts empty.</summary>
    public static StateSnapshot Load(StateFile file, string fingerprint)
    {
        using JobState? state = JobState.OpenReadOnly(file);
        // Before the rest: what is written in between makes the plan outdated.
        long changes = state?.Changes ?? 0;
        return state is null
            ? new StateSnapshot(file, [], [], new Dictionary<string, string>(), [], RandomNumberGenerator.GetBytes(16))
            {
                CurrentFingerprint = fingerprint,
            }
            : new StateSnapshot(
                file,
                state.ReadLinks(),
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
