using System.Collections.Concurrent;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>Where a source file may be. A job folder may come from another person. Opening a path that it names must neither block nor send
/// this machine's credentials to another machine.</summary>
public static class SourcePath
{
    private static readonly ConcurrentDictionary<string, bool> s_given = new(StringComparer.Ordinal);

    /// <summary>Allows a path that the person at the prompt named, wherever the file is.</summary>
    public static void Allow(string path) => s_given[path] = true;

    /// <summary>Refuses a path that a job.json must not make this process open: on another machine, or a device.</summary>
    /// <param name="path">The path as job.json has it.</param>
    /// <exception cref="SourceException">SourcePathRefused.</exception>
    internal static void CheckStored(string path)
    {
        if (s_given.ContainsKey(path))
            return;

        if (path is ['/' or '\\', '/' or '\\', ..])
        {
            throw new SourceException(
                "SourcePathRefused",
                "The source of the job is on another machine (its path begins with two separators). "
                    + "Opening it would sign in there, so job.json alone is no reason to open it. "
                    + "Copy the file to this machine, or map the share to a drive letter, "
                    + "and name that with Set-ProvisioningJob -Source; "
                    + "or give the share itself with Set-ProvisioningJob -Source in each session that runs the job."
            );
        }

        string full = Path.GetFullPath(path);
        string[] devices = OperatingSystem.IsWindows() ? [] : ["/dev/", "/proc/", "/sys/"];
        if (devices.Any(device => full.StartsWith(device, StringComparison.Ordinal)))
        {
            throw new SourceException(
                "SourcePathRefused",
                $"The source of the job, '{full}', is a device and no file. Name the directory file with Set-ProvisioningJob -Source."
            );
        }
    }

    /// <summary>The size of a regular file; null for an empty file, and for a device, a pipe or a socket, which have no size and may block
    /// when they are opened.</summary>
    internal static long? SizeOf(string path)
    {
        FileSystemInfo file = new FileInfo(path);
        // The size of a link is that of its text.
        if (file.LinkTarget is not null)
            file = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        return file is FileInfo { Exists: true, Length: > 0 and var size } ? size : null;
    }
}
