using TravelPerkScim.Provisioning.Disk;

namespace TravelPerkScim.Provisioning.State;

/// <summary>The state as a file in the job's folder.</summary>
/// <param name="Path">The file, absolute.</param>
/// <param name="Volume">The kind of its file system. SQLite's write-ahead log needs memory that all processes with the file open
/// share.</param>
internal sealed record StateFile(string Path, Volume Volume) : IStateStore
{
    /// <summary>Ends of the names of the files that SQLite makes beside the state.</summary>
    private static readonly string[] s_beside = ["-wal", "-shm", "-journal"];

    public string Name => Path;

    public bool Exists => File.Exists(Path);

    public StateDatabase Open() => SqliteStateDatabase.Open(this, create: true);

    public StateDatabase? OpenToLook()
    {
        JobFolder.RefuseLinkedState(System.IO.Path.GetDirectoryName(Path)!);
        return Exists ? SqliteStateDatabase.OpenToLook(this) : null;
    }

    /// <summary>The state's file and the files beside it.</summary>
    public IEnumerable<string> Files => s_beside.Select(end => Path + end).Prepend(Path);

    /// <summary>A file beside the state holds a part of it that is to be merged or rolled back.</summary>
    public bool HasUnfinished =>
        Files.Skip(1).Any(file => !file.EndsWith("-shm", StringComparison.Ordinal) && new FileInfo(file) is { Exists: true, Length: > 0 });

    /// <summary>Other accounts of this machine may read or write the state.</summary>
    public bool IsOpenToOthers => !Files.All(WholeFile.IsPrivate);

    /// <summary>Makes the file if there is none, and lets only its owner read and write it. SQLite gives the files beside it the same
    /// permissions.</summary>
    public void MakePrivate(bool create)
    {
        if (create && !Exists)
        {
            try
            {
                WholeFile.OpenPrivate(Path, FileMode.CreateNew, FileShare.ReadWrite, FileOptions.None).Dispose();
            }
            catch (IOException) when (Exists)
            {
                // Another process was faster.
            }
        }
        foreach (string file in Files)
            WholeFile.MakePrivate(file);
    }
}
