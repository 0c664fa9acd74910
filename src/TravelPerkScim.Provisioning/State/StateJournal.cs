using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>
/// How a commit reaches the disk. The write-ahead log is fast, and needs memory that everybody who has the file open shares: a share has
/// none between machines,
/// so there a commit is written to the file itself, in full.
/// </summary>
internal static class StateJournal
{
    private const string Log = "wal";

    /// <summary>Where SQLite's file format says that a write-ahead log is used, and what it has there.</summary>
    private const int FormatOffset = 18;
    private const byte LogFormat = 2;

    public static void Choose(StateDatabase database, StateFile file)
    {
        // On a local disk a commit survives the end of the process. Losing power may take the last commits back, whole: the matching
        // attributes find again what they knew.
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

    // The file was on a local disk before. Alone with it, SQLite needs no shared memory to take the log in.
    private static void LeaveTheLog(StateDatabase database, StateFile file)
    {
        bool alone = UsesLog(file);
        if (alone)
            database.Execute("PRAGMA locking_mode = EXCLUSIVE");
        if (Set(database, "DELETE") == Log)
            throw new ProvisioningException(
                "StateUnreadable",
                $"The job's state '{file.Path}' is on a network share and still in the form for a local disk, because "
                    + $"another process has it open. Stop that one, or put the job's folder on a disk of this machine."
            );
        if (!alone)
            return;
        database.Execute("PRAGMA locking_mode = NORMAL");
        // The lock is given back with the next read.
        database.Scalar("SELECT count(*) FROM sqlite_master");
    }

    private static string? Set(StateDatabase database, string mode) => database.Scalar($"PRAGMA journal_mode = {mode}") as string;

    private static bool UsesLog(StateFile file)
    {
        using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = FormatOffset;
        return stream.ReadByte() == LogFormat;
    }
}
