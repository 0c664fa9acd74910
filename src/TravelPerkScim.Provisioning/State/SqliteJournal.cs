using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>
/// How a commit reaches the disk. The write-ahead log is fast, and needs memory that all processes with the file open share. Two machines
/// share no memory, so on a network share a commit is written to the file itself, in full.
/// </summary>
internal static class SqliteJournal
{
    private const string Log = "wal";

    /// <summary>The byte of SQLite's file format that says whether a write-ahead log is used.</summary>
    private const int FormatOffset = 18;
    private const byte LogFormat = 2;

    public static void Choose(SqliteStateDatabase database, StateFile file)
    {
        // On a local disk a commit survives the end of the process. A loss of power may undo the last commits, each of them whole. The
        // matching attributes then find the users again.
        bool logged = file.Volume == Volume.Local && Set(database, Log) == Log;
        if (logged)
        {
            database.Execute("PRAGMA synchronous = NORMAL");
            return;
        }
        if (file.Volume == Volume.Network)
            LeaveTheLog(database, file);
        database.Execute("PRAGMA synchronous = FULL");
    }

    // The file was on a local disk before. Where no other process has the file open, SQLite merges the log without shared memory.
    private static void LeaveTheLog(SqliteStateDatabase database, StateFile file)
    {
        bool alone = UsesLog(file);
        if (alone)
            database.Execute("PRAGMA locking_mode = EXCLUSIVE");
        if (Set(database, "DELETE") == Log)
        {
            throw new ProvisioningException(
                "StateUnreadable",
                $"The job's state '{file.Path}' is on a network share and still in the form for a local disk, "
                    + "because another process has the state open. "
                    + "Stop that process, or put the job's folder on a disk of this machine."
            );
        }

        if (!alone)
            return;
        database.Execute("PRAGMA locking_mode = NORMAL");
        // The next read releases the lock.
        database.Scalar("SELECT count(*) FROM sqlite_master");
    }

    private static string? Set(SqliteStateDatabase database, string mode) => database.Scalar($"PRAGMA journal_mode = {mode}") as string;

    private static bool UsesLog(StateFile file)
    {
        using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = FormatOffset;
        return stream.ReadByte() == LogFormat;
    }
}
