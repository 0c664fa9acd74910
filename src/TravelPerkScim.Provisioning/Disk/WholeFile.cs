using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Disk;

/// <summary>
/// Writes every file of the module, and reads the small ones. A file is written whole or not at all: the content goes into a file beside
/// it, under a random name, which then takes its place. A file is never written through a link, because a repository must not choose which
/// file of its reader is overwritten.
/// </summary>
public static class WholeFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Puts a content in the place of a file. A file that was there keeps its permissions.</summary>
    /// <param name="path">The file, absolute.</param>
    /// <param name="content">All of it.</param>
    /// <exception cref="ProvisioningException"><c>FileIsLink</c>.</exception>
    /// <exception cref="IOException">The file cannot be written. The former file is unchanged.</exception>
    public static void Write(string path, byte[] content) => Replace(path, ModeOf(path), stream => stream.Write(content));

    /// <summary>Puts a content in the place of a file with personal data. Only the owner can read the new file, whatever the former file
    /// allowed.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WritePrivate(string path, Action<Stream> write) => Replace(path, OwnerOnly, write);

    /// <summary>Puts a content in the place of a file with personal data that the owner may hand on. Only the owner can read a new file; a
    /// file that was there keeps its permissions.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteKeeping(string path, Action<Stream> write) =>
        Replace(path, ModeOf(path) ?? (OperatingSystem.IsWindows() ? null : OwnerOnly), write);

    /// <summary>Reads a file of limited size. An empty file gives nothing. A device, a pipe or a socket gives nothing either: it has no
    /// size, opening it may block, and reading it may never end.</summary>
    /// <exception cref="IOException">The file cannot be read, or is larger than the limit.</exception>
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
                $"The path '{Shown(path)}' has a NUL character in it, which no path can have. Correct the path."
            );

    /// <summary>Refuses to write through a link: the person who made the link would choose the file that is written.</summary>
    /// <exception cref="ProvisioningException"><c>FileIsLink</c>.</exception>
    internal static void RefuseLink(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            throw new ProvisioningException(
                "FileIsLink",
                $"'{path}' is a link to '{target}', and the module follows no link there. "
                    + "The person who made the link would choose the file that is written. "
                    + "Put a file in the place of the link, or give another path."
            );
        }
    }

    /// <summary>Lets only the owner read and write the file, where that is possible.</summary>
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
            // The file belongs to another account, or cannot be changed at all. The plan warns of that.
        }
    }

    /// <summary>False when other accounts of this machine may read or write the file. On Windows the file inherits the rights of its
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
            // SQLite removes a file beside the state when the last process closes the state.
            return true;
        }
    }

    /// <summary>Makes or opens a file that only its owner can read.</summary>
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
            // CreateNew does not open an existing file or link.
            using (FileStream stream = Create(temporary, mode))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            // The umask may have taken permissions away.
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

    // A console would not show a NUL character.
    private static string Shown(string path) => path.Replace("\0", "\\0", StringComparison.Ordinal);

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
