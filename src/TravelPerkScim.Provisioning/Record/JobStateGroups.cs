using TravelPerkScim.Provisioning.Groups;

namespace TravelPerkScim.Provisioning.Record;

/// <summary>Groups in the job's state: ids and reduced names only.</summary>
internal sealed partial class JobState
{
    private const string GroupSchema = """
        CREATE TABLE grouplink (anchor BLOB PRIMARY KEY, target TEXT NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE groupmember (anchor BLOB NOT NULL, member TEXT NOT NULL, PRIMARY KEY (anchor, member)) WITHOUT ROWID;
        CREATE TABLE groupescrow (anchor BLOB PRIMARY KEY, attempts INTEGER NOT NULL, next INTEGER NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;

        """;

    public Dictionary<string, GroupLink> ReadGroupLinks()
    {
        var links = Rows("SELECT anchor, target, hash FROM grouplink", row => (Anchor: AnchorText(row.GetValue(0)), Link: new GroupLink(row.GetString(1), HashOf(row, 2), new HashSet<string>(StringComparer.Ordinal))))
            .ToDictionary(r => r.Anchor, r => r.Link, StringComparer.Ordinal);
        foreach ((string anchor, string member) in Rows("SELECT anchor, member FROM groupmember", row => (AnchorText(row.GetValue(0)), row.GetString(1))))
        {
            if (links.TryGetValue(anchor, out GroupLink? link))
                link.Members.Add(member);
        }
        return links;
    }

    public Dictionary<string, Escrow> ReadGroupEscrows() =>
        Rows("SELECT anchor, attempts, next, hash FROM groupescrow", row => (Anchor: AnchorText(row.GetValue(0)), Escrow: new Escrow(row.GetInt32(1), Time(row.GetInt64(2)), HashOf(row, 3))))
            .ToDictionary(r => r.Anchor, r => r.Escrow, StringComparer.Ordinal);

    public void SetGroupLink(string anchor, string target, UInt128 hash) =>
        Execute(_connection, "INSERT INTO grouplink VALUES ($p0, $p1, $p2) ON CONFLICT (anchor) DO UPDATE SET target = excluded.target, hash = excluded.hash", AnchorBlob(anchor), target, HashBlob(hash));

    public void AddGroupMembers(string anchor, IReadOnlyList<string> members)
    {
        foreach (string member in members)
            Execute(_connection, "INSERT OR IGNORE INTO groupmember VALUES ($p0, $p1)", AnchorBlob(anchor), member);
    }

    public void RemoveGroupMembers(string anchor, IReadOnlyList<string> members)
    {
        foreach (string member in members)
            Execute(_connection, "DELETE FROM groupmember WHERE anchor = $p0 AND member = $p1", AnchorBlob(anchor), member);
    }

    public void RemoveGroup(string anchor) =>
        Execute(_connection, "DELETE FROM groupmember WHERE anchor = $p0; DELETE FROM grouplink WHERE anchor = $p0", AnchorBlob(anchor));

    public void SetGroupEscrow(string anchor, Escrow escrow) =>
        Execute(_connection, "INSERT INTO groupescrow VALUES ($p0, $p1, $p2, $p3) ON CONFLICT (anchor) DO UPDATE SET attempts = excluded.attempts, next = excluded.next, hash = excluded.hash",
            AnchorBlob(anchor), escrow.Attempts, escrow.NextAttempt.ToUnixTimeMilliseconds(), HashBlob(escrow.Hash));

    public void RemoveGroupEscrow(string anchor) => Execute(_connection, "DELETE FROM groupescrow WHERE anchor = $p0", AnchorBlob(anchor));
}
