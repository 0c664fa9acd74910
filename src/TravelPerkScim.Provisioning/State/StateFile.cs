using TravelPerkScim.Provisioning.Disk;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Where a job's state is.</summary>
/// <param name="Path">The file, absolute.</param>
/// <param name="Volume">The kind of its file system. SQLite's write-ahead log needs memory that all processes with the file open
/// share.</param>
internal readonly record struct StateFile(string Path, Volume Volume)
{
    /// <summary>Ends of the names of the files that SQLite makes beside the state.</summary>
    private static readonly string[] s_beside = ["-wal", "-shm", "-journal"];

    public static implicit operator StateFile(string path) => new(path, Volumes.Of(System.IO.Path.GetDirectoryName(path)!));

    public bool Exists => File.Exists(Path);

    /// <summary>The state's file and the files beside it.</summary>
    public IEnumerable<string> Files
    {
        get
        {
            string path = Path;
            return s_beside.Select(end => path + end).Prepend(path);
        }
    }

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
