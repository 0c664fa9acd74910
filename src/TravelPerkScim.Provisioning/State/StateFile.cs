using TravelPerkScim.Provisioning.Disk;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Where a job's state is.</summary>
/// <param name="Path">The file, absolute.</param>
/// <param name="Volume">What kind of file system it is on: SQLite's write-ahead log needs memory that all who have the file open
/// share.</param>
internal readonly record struct StateFile(string Path, Volume Volume)
{
    /// <summary>What SQLite puts beside the file.</summary>
    private static readonly string[] s_beside = ["-wal", "-shm", "-journal"];

    public static implicit operator StateFile(string path) => new(path, Volumes.Of(System.IO.Path.GetDirectoryName(path)!));

    public bool Exists => File.Exists(Path);

    /// <summary>The file with what belongs to it.</summary>
    public IEnumerable<string> Files
    {
        get
        {
            string path = Path;
            return s_beside.Select(end => path + end).Prepend(path);
        }
    }

    /// <summary>Part of the state is not in the file itself yet, or has to be taken back from it.</summary>
    public bool HasUnfinished =>
        Files.Skip(1).Any(file => !file.EndsWith("-shm", StringComparison.Ordinal) && new FileInfo(file) is { Exists: true, Length: > 0 });

    /// <summary>Other accounts of this machine may read or write it.</summary>
    public bool IsOpenToOthers => !Files.All(WholeFile.IsPrivate);

    /// <summary>Makes the file if there is none, and closes it to everybody but its owner. What SQLite makes beside it gets the same
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
