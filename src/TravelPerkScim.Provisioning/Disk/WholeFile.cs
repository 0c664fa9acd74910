using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Disk;

/// <summary>
/// Every file that the module writes, and the small ones that it reads. A file is written whole or not at all, beside its place under a
/// name that nobody can foresee,
/// and never through a link: a repository must not choose which file of its reader is overwritten.
/// </summary>
public static class WholeFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Puts a content in the place of a file. A file that was there keeps its permissions.</summary>
    /// <param name="path">The file, absolute.</param>
    /// <param name="content">All of it.</param>
    /// <exception cref="ProvisioningException"><c>FileIsLink</c>.</exception>
    /// <exception cref="IOException">It cannot be written; the former file is unchanged.</exception>
    public static void Write(string path, byte[] content) => Replace(path, ModeOf(path), stream => stream.Write(content));

    /// <summary>The same for a file with personal data: only its owner can read it, whatever the former file allowed.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WritePrivate(string path, Action<Stream> write) => Replace(path, OwnerOnly, write);

    /// <summary>The same for a file with personal data that its owner may hand on: a new file is the owner's alone, one that was there
    /// keeps its permissions.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteKeeping(string path, Action<Stream> write) =>
        Replace(path, ModeOf(path) ?? (OperatingSystem.IsWindows() ? null : OwnerOnly), write);

    /// <summary>Reads a file of limited size. Gives nothing for an empty one, and for a device, a pipe or a socket, which have no size:
    /// opening one may block, and reading it may never end.</summary>
    /// <exception cref="IOException">It cannot be read, or is larger.</exception>
    public static byte[] Read(string path, long limit)
    {
        long size = SizeOf(path);
        if (size == 0)
            return [];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] content = new byte[size <= limit ? size : throw TooLarge(limit)];
        int read = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return stream.ReadByte() < 0 ? content[..read] : throw new IOException("It was written to while it was read. Try again.");
    }

    /// <exception cref="ProvisioningException"><c>PathInvalid</c>.</exception>
    public static string Check(string path) =>
        !path.Contains('\0', StringComparison.Ordinal)
            ? path
            : throw new ProvisioningException(
                "PathInvalid",
                $"The path '{path.Replace("\0", "\\0", StringComparison.Ordinal)}' "
                    + $"has a NUL character in it, which no path can have. Correct it."
            );

    /// <summary>A link is the way to a file that somebody else chose.</summary>
    /// <exception cref="ProvisioningException"><c>FileIsLink</c>.</exception>
    internal static void RefuseLink(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
            throw new ProvisioningException(
                "FileIsLink",
                $"'{path}' is a link to '{target}', and the module follows no link there: "
                    + $"whoever made it would choose the file that is written. "
                    + $"Put a file in the place of the link, or give another path."
            );
    }

    /// <summary>Takes reading and writing from everybody but the owner, where that is possible.</summary>
    internal static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows() || IsPrivate(path))
            return;
        try
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file is another account's, or cannot be changed at all: the plan warns of it.
        }
    }

    /// <summary>False when other accounts of this machine may read or write the file. On Windows it inherits the rights of its
    /// folder.</summary>
    internal static bool IsPrivate(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
            return true;
        try
        {
            return (File.GetUnixFileMode(path) & ~(OwnerOnly | UnixFileMode.UserExecute)) == 0;
        }
        catch (FileNotFoundException)
        {
            // Its last user took it away just now.
            return true;
        }
    }

    /// <summary>How to make or open a file that only its owner can read.</summary>
    internal static FileStream OpenPrivate(string path, FileMode mode, FileShare share, FileOptions options)
    {
        var how = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = share,
            Options = options,
            BufferSize = 1,
        };
        if (!OperatingSystem.IsWindows())
            how.UnixCreateMode = OwnerOnly;
        return new FileStream(path, how);
    }

    private static void Replace(string path, UnixFileMode? mode, Action<Stream> write)
    {
        RefuseLink(path);
        string temporary = $"{path}.{Path.GetRandomFileName()}.new";
        try
        {
            // CreateNew opens nothing that is there already, neither a file nor a link.
            using (FileStream stream = Create(temporary, mode))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            // What the umask took away.
            if (mode is { } wanted && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(temporary, wanted);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static FileStream Create(string path, UnixFileMode? mode) =>
        mode is null
            ? new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None)
            : OpenPrivate(path, FileMode.CreateNew, FileShare.None, FileOptions.None);

    private static UnixFileMode? ModeOf(string path) =>
        OperatingSystem.IsWindows() || !File.Exists(path) ? null : File.GetUnixFileMode(path);

    private static long SizeOf(string path)
    {
        FileSystemInfo file = new FileInfo(path);
        // The size of a link is that of its text.
        if (file.LinkTarget is not null)
            file = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        return ((FileInfo)file).Length;
    }

    private static IOException TooLarge(long limit) => new(FormattableString.Invariant($"It is larger than {limit >> 20} MiB."));
}
