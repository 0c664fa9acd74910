using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TravelPerkScim.Provisioning.Model;
using static TravelPerkScim.Provisioning.State.StateValue;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Cycles and the provisioning log, in a form that stays small: repeated texts (attribute names, reasons) are written
/// once.</summary>
internal sealed class StateLog(StateDatabase database)
{
    /// <summary>Marks the words that are attribute names. Numbers in the changes refer to them.</summary>
    private const string NameMark = "@";

    // A sequence number tells entries of one millisecond apart.
    private const int PerMillisecond = 1000;

    private const string Columns =
        "id, cycle, action, status, identity, anchor, target, changes, error, reason, duration, type, scope, match, note";

    private readonly Dictionary<string, long> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, long> _cycles = [];
    private long _last;

    public void SetCycle(CycleSummary cycle) =>
        database.Execute(
            """
            INSERT INTO cycle (job, id, began, summary) VALUES (@job, @p0, @p1, @p2)
            ON CONFLICT (job, id) DO UPDATE SET summary = excluded.summary
            """,
            cycle.Id.ToString("D"),
            cycle.Began.ToUnixTimeMilliseconds(),
            JsonSerializer.Serialize(cycle)
        );

    /// <summary>Cycles, newest first.</summary>
    public IEnumerable<CycleSummary> ReadCycles(int most) =>
        database.Rows(
            "SELECT summary FROM cycle WHERE job = @job ORDER BY began DESC, number DESC LIMIT @p0",
            row => Cycle(row.GetString(0))!,
            most
        );

    /// <summary>A cycle as the state has it; null for none.</summary>
    /// <exception cref="JsonException">The text is no cycle.</exception>
    public static CycleSummary? Cycle(string? summary) => summary is null ? null : JsonSerializer.Deserialize<CycleSummary>(summary);

    public void Add(ProvisioningOutcome entry)
    {
        if (_last == 0)
            _last = database.Scalar("SELECT max(id) FROM log WHERE job = @job") as long? ?? 0;
        _last = Math.Max(_last + 1, entry.Time.ToUnixTimeMilliseconds() * PerMillisecond);
        database.Execute(
            $"""
            INSERT INTO log (job, {Columns})
            VALUES (@job, @p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14)
            """,
            _last,
            CycleNumber(entry.CycleId),
            (int)entry.Action,
            (int)entry.Status,
            entry.Identity,
            Anchor(entry.SourceId),
            OrNull(entry.TargetId),
            OrNull(ChangeCoder.Write(entry, NameNumber)),
            OrNull(entry.ErrorCode),
            WordNumber(entry.Reason),
            (long)entry.Duration.TotalMilliseconds,
            (int)entry.ObjectType,
            OrNull(OptionalWord(entry.ScopeText)),
            OrNull(OptionalWord(entry.MatchText)),
            OrNull(OptionalWord(entry.Note))
        );
    }

    /// <summary>Attribute to the value that was last written to a user, without redacted values and values that were cleared.</summary>
    public Dictionary<string, string> LastWritten(string anchor)
    {
        Dictionary<long, string> words = ReadWords();
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (
            ProvisioningOutcome written in database.Rows(
                $"SELECT {Columns} FROM log WHERE job = @job AND anchor = @p0 AND type = @p1 AND status = @p2 ORDER BY id",
                row => Entry(row, words, []),
                Anchor(anchor),
                (int)ProvisioningObjectType.User,
                (int)OutcomeStatus.Success
            )
        )
        {
            foreach (AttributeChange change in written.ModifiedProperties)
            {
                if (change.NewValue is { } value and not AttributeChange.RedactedText)
                    values[change.Attribute] = value;
                else
                    values.Remove(change.Attribute);
            }
        }
        return values;
    }

    /// <summary>Log entries since a time, oldest first. The entries are read one by one.</summary>
    public IEnumerable<ProvisioningOutcome> Read(DateTimeOffset since, Guid? cycle)
    {
        Dictionary<long, string> words = ReadWords();
        var cycles = database
            .Rows("SELECT number, id FROM cycle WHERE job = @job", row => (row.GetInt64(0), Guid.Parse(row.GetString(1))))
            .ToDictionary(c => c.Item1, c => c.Item2);
        long number = cycle is null ? 0 : cycles.FirstOrDefault(c => c.Value == cycle, new(-1, default)).Key;
        return database.Rows(
            $"SELECT {Columns} FROM log WHERE job = @job AND id >= @p0 AND (@p1 = 0 OR cycle = @p1) ORDER BY id",
            row => Entry(row, words, cycles),
            since.ToUnixTimeMilliseconds() * PerMillisecond,
            number
        );
    }

    /// <summary>The last identity of each anchor in the log, for anchors that the log still knows.</summary>
    public Dictionary<string, string> IdentitiesOf(IEnumerable<string> anchors)
    {
        var identities = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string[] some in anchors.Chunk(500))
        {
            string list = string.Join(", ", some.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"@p{i}")));
            foreach (
                (string anchor, string identity) in database.Rows(
                    $"SELECT anchor, identity FROM log WHERE job = @job AND anchor IN ({list}) ORDER BY id",
                    row => (Anchor(row, 0), row.GetString(1)),
                    [.. some.Select(Anchor)]
                )
            )
            {
                identities[anchor] = identity;
            }
        }
        return identities;
    }

    /// <summary>For each anchor whose operations failed, the last failure.</summary>
    public Dictionary<(ProvisioningObjectType Type, string Anchor), (string Identity, string? Code, string Reason)> LastFailures()
    {
        var failures = new Dictionary<(ProvisioningObjectType, string), (string, string?, string)>();
        foreach (
            (ProvisioningObjectType type, string anchor, string identity, string? code, string reason) in database.Rows(
                """
                SELECT log.type, log.anchor, log.identity, log.error, word.text
                FROM log LEFT JOIN word ON word.job = log.job AND word.id = log.reason
                WHERE log.job = @job AND log.status = @p0 ORDER BY log.id
                """,
                row =>
                    (
                        (ProvisioningObjectType)row.GetInt32(0),
                        Anchor(row, 1),
                        row.GetString(2),
                        row.IsDBNull(3) ? null : row.GetString(3),
                        row.IsDBNull(4) ? "" : row.GetString(4)
                    ),
                (int)OutcomeStatus.Failure
            )
        )
        {
            failures[(type, anchor)] = (identity, code, reason);
        }

        return failures;
    }

    /// <summary>Forgets log entries and cycles from before a time.</summary>
    public void Prune(DateTimeOffset before)
    {
        long time = before.ToUnixTimeMilliseconds();
        if (database.Scalar("SELECT 1 FROM log WHERE job = @job AND id < @p0 LIMIT 1", time * PerMillisecond) is not null)
        {
            database.Execute("DELETE FROM log WHERE job = @job AND id < @p0", time * PerMillisecond);
            // Reasons may name people.
            database.Execute(
                $"""
                DELETE FROM word WHERE job = @job AND text NOT LIKE '{NameMark}%'
                    AND id NOT IN (SELECT reason FROM log WHERE job = @job)
                    AND id NOT IN (SELECT scope FROM log WHERE job = @job AND scope IS NOT NULL)
                    AND id NOT IN (SELECT match FROM log WHERE job = @job AND match IS NOT NULL)
                    AND id NOT IN (SELECT note FROM log WHERE job = @job AND note IS NOT NULL)
                """
            );
            _words.Clear();
        }
        database.Execute(
            "DELETE FROM cycle WHERE job = @job AND began < @p0 AND number NOT IN (SELECT cycle FROM log WHERE job = @job)",
            time
        );
    }

    private ProvisioningOutcome Entry(DbDataReader row, Dictionary<long, string> words, Dictionary<long, Guid> cycles)
    {
        var entry = new ProvisioningOutcome
        {
            Time = Time(row.GetInt64(0) / PerMillisecond),
            CycleId = cycles.GetValueOrDefault(row.GetInt64(1)),
            Action = (ProvisioningAction)row.GetInt32(2),
            Status = (OutcomeStatus)row.GetInt32(3),
            Identity = row.GetString(4),
            SourceId = Anchor(row, 5),
            TargetId = row.IsDBNull(6) ? null : row.GetString(6),
            ErrorCode = row.IsDBNull(8) ? null : row.GetString(8),
            Reason = words.GetValueOrDefault(row.GetInt64(9), ""),
            Duration = TimeSpan.FromMilliseconds(row.GetInt64(10)),
            ObjectType = (ProvisioningObjectType)row.GetInt32(11),
            ScopeText = row.IsDBNull(12) ? null : words.GetValueOrDefault(row.GetInt64(12)),
            MatchText = row.IsDBNull(13) ? null : words.GetValueOrDefault(row.GetInt64(13)),
            Note = row.IsDBNull(14) ? null : words.GetValueOrDefault(row.GetInt64(14)),
        };
        return row.IsDBNull(7) ? entry : entry with { ModifiedProperties = ChangeCoder.Read(row.GetFieldValue<byte[]>(7), entry, words) };
    }

    private Dictionary<long, string> ReadWords() =>
        database
            .Rows("SELECT id, text FROM word WHERE job = @job", row => (row.GetInt64(0), row.GetString(1)))
            .ToDictionary(w => w.Item1, w => w.Item2);

    private long CycleNumber(Guid cycle)
    {
        if (!_cycles.TryGetValue(cycle, out long number))
        {
            number = database.Scalar("SELECT number FROM cycle WHERE job = @job AND id = @p0", cycle.ToString("D")) as long? ?? 0;
            _cycles[cycle] = number;
        }
        return number;
    }

    /// <summary>The number by which a word is found. A word may be too long for a key.</summary>
    public static long Digest(string text) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private object Anchor(string anchor) => database.Anchor(anchor);

    private string Anchor(DbDataReader row, int column) => database.Anchor(row, column);

    private long? OptionalWord(string? text) => text is null ? null : WordNumber(text);

    private long NameNumber(string attribute) =>
        _names.TryGetValue(attribute, out long number) ? number : _names[attribute] = WordNumber(NameMark + attribute);

    private long WordNumber(string text)
    {
        if (_words.TryGetValue(text, out long number))
            return number;
        long digest = Digest(text);
        number =
            database.Scalar("SELECT id FROM word WHERE job = @job AND digest = @p0 AND text = @p1", digest, text) as long?
            ?? (long)database.Scalar("INSERT INTO word (job, digest, text) VALUES (@job, @p0, @p1) RETURNING id", digest, text)!;
        // There are many reasons that name people, and few others.
        if (_words.Count > 1000)
            _words.Clear();
        return _words[text] = number;
    }
}
