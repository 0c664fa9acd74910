using Microsoft.Data.Sqlite;

namespace TravelPerkScim.Provisioning.State;

/// <summary>What SQLite's errors mean, and what to do about them.</summary>
internal static class SqliteFailure
{
    // SQLite's result codes.
    private const int Permission = 3,
        Busy = 5,
        Locked = 6,
        ReadOnly = 8,
        Failed = 10,
        Full = 13,
        CannotOpen = 14,
        Protocol = 15,
        NoLargeFiles = 22;
    private const int ShortRead = 522;
    private static readonly int[] s_locking = [2058, 2314, 3594, 3850, 2570];

    /// <summary>The file cannot be opened for writing. Reading may still be possible.</summary>
    public static bool IsDenied(Exception? e) => e is SqliteException { SqliteErrorCode: Permission or ReadOnly or Failed or CannotOpen };

    public static string Advice(Exception e) =>
        e is not SqliteException sqlite
            ? Damaged
            : sqlite.SqliteErrorCode switch
            {
                _ when s_locking.Contains(sqlite.SqliteExtendedErrorCode) => NoLocks,
                Protocol or NoLargeFiles => NoLocks,
                Busy or Locked => "Another process has the state open. Wait for that process, or stop it.",
                Full => "Make space on the disk.",
                Permission or ReadOnly or CannotOpen => "This account cannot open or write the file or its folder. "
                    + "Check who owns them, their permissions, and whether the file system is mounted read-only.",
                Failed when sqlite.SqliteExtendedErrorCode != ShortRead =>
                    "The disk or share failed. The state itself may be sound. Check the disk, and try again.",
                _ => Damaged,
            };

    private const string Damaged =
        "If the state is damaged, move it away. The next cycle finds the users in TravelPerk by their matching attributes.";
    private const string NoLocks =
        "The file system does not lock files as SQLite needs it. Put the job's folder on a disk of this machine.";
}
