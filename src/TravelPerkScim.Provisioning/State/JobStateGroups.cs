using TravelPerkScim.Provisioning.Model;
using static TravelPerkScim.Provisioning.State.StateValue;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Groups in the job's state: ids and hashes of names only.</summary>
internal sealed partial class JobState
{
    public Dictionary<string, GroupLink> ReadGroupLinks()
    {
        var links = _database
            .Rows(
                "SELECT anchor, target, hash FROM grouplink WHERE job = @job",
                row =>
                    (
                        Anchor: Anchor(row, 0),
                        Link: new GroupLink(row.GetString(1), Hash(row, 2), new HashSet<string>(StringComparer.Ordinal))
                    )
            )
            .ToDictionary(r => r.Anchor, r => r.Link, StringComparer.Ordinal);
        foreach (
            (string anchor, string member) in _database.Rows(
                "SELECT anchor, member FROM groupmember WHERE job = @job",
                row => (Anchor(row, 0), row.GetString(1))
            )
        )
        {
            if (links.TryGetValue(anchor, out GroupLink? link))
                link.Members.Add(member);
        }
        return links;
    }

    public Dictionary<string, Escrow> ReadGroupEscrows() =>
        _database
            .Rows(
                "SELECT anchor, attempts, next, hash FROM groupescrow WHERE job = @job",
                row => (Anchor: Anchor(row, 0), Escrow: new Escrow(row.GetInt32(1), Time(row.GetInt64(2)), Hash(row, 3)))
            )
            .ToDictionary(r => r.Anchor, r => r.Escrow, StringComparer.Ordinal);

    public void SetGroupLink(string anchor, string target, ulong hash) =>
        _database.Execute(
            """
            INSERT INTO grouplink (job, anchor, target, hash) VALUES (@job, @p0, @p1, @p2)
            ON CONFLICT (job, anchor) DO UPDATE SET target = excluded.target, hash = excluded.hash
            """,
            Anchor(anchor),
            target,
            Hash(hash)
        );

    public void AddGroupMembers(string anchor, IReadOnlyList<string> members)
    {
        foreach (string member in members)
        {
            _database.Execute(
                "INSERT INTO groupmember (job, anchor, member) VALUES (@job, @p0, @p1) ON CONFLICT (job, anchor, member) DO NOTHING",
                Anchor(anchor),
                member
            );
        }
    }

    public void RemoveGroupMembers(string anchor, IReadOnlyList<string> members)
    {
        foreach (string member in members)
            _database.Execute("DELETE FROM groupmember WHERE job = @job AND anchor = @p0 AND member = @p1", Anchor(anchor), member);
    }

    public void RemoveGroup(string anchor) =>
        _database.Execute(
            "DELETE FROM groupmember WHERE job = @job AND anchor = @p0; DELETE FROM grouplink WHERE job = @job AND anchor = @p0",
            Anchor(anchor)
        );

    public void SetGroupEscrow(string anchor, Escrow escrow) =>
        _database.Execute(
            """
            INSERT INTO groupescrow (job, anchor, attempts, next, hash) VALUES (@job, @p0, @p1, @p2, @p3)
            ON CONFLICT (job, anchor) DO UPDATE SET attempts = excluded.attempts, next = excluded.next, hash = excluded.hash
            """,
            Anchor(anchor),
            escrow.Attempts,
            escrow.NextAttempt.ToUnixTimeMilliseconds(),
            Hash(escrow.Hash)
        );

    public void RemoveGroupEscrow(string anchor) =>
        _database.Execute("DELETE FROM groupescrow WHERE job = @job AND anchor = @p0", Anchor(anchor));
}
