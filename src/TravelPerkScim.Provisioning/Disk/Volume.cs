using System.Globalization;
using System.Text.RegularExpressions;

namespace TravelPerkScim.Provisioning.Disk;

/// <summary>What kind of file system a folder is on.</summary>
internal enum Volume
{
    /// <summary>A disk of this machine.</summary>
    Local,

    /// <summary>A share. Other machines may have the same files open, and this machine shares no memory with them.</summary>
    Network,
}

/// <summary>Finds out what kind of file system a folder is on.</summary>
internal static class Volumes
{
    private const string MountInfo = "/proc/self/mountinfo";

    /// <summary>Network file systems by their Linux names. The name of a FUSE file system ends with the system behind it.</summary>
    private static readonly string[] s_network =
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "ncpfs",
        "ocfs2",
        "gfs2",
        "virtiofs",
        "vboxsf",
        "prl_fs",
        "vmhgfs",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.glusterfs",
        "fuse.ceph",
        "fuse.vmhgfs-fuse",
        "fuse.davfs",
        "fuse.gvfsd-fuse",
        "fuse.smbnetfs",
        "fuse.blobfuse2",
        "fuse.gcsfuse",
        "davfs",
    ];

    public static Volume Of(string folder)
    {
        try
        {
            if (OperatingSystem.IsLinux())
                return Of(RealPath(folder), File.ReadAllText(MountInfo));
            bool share = folder.StartsWith(@"\\", StringComparison.Ordinal) && !folder.StartsWith(@"\\?\", StringComparison.Ordinal);
            return share || new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).DriveType == DriveType.Network
                ? Volume.Network
                : Volume.Local;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Where the kind of the file system cannot be found out, the folder is taken for local, as nearly all folders are.
            return Volume.Local;
        }
    }

    /// <param name="folder">Without links in it.</param>
    /// <param name="mounts">The content of <c>/proc/self/mountinfo</c>.</param>
    public static Volume Of(string folder, string mounts)
    {
        string type = "",
            place = "";
        foreach (string line in mounts.Split('\n'))
        {
            // "36 35 98:0 /root /mount/point rw,noatime master:1 - nfs4 server:/share rw"
            string[] halves = line.Split(" - ", 2);
            if (halves.Length < 2 || halves[0].Split(' ') is not { Length: > 4 } fields)
                continue;
            string point = Unescaped(fields[4]);
            bool holds = point == "/" || folder == point || folder.StartsWith(point + "/", StringComparison.Ordinal);
            // Of two file systems mounted at one place, the later one is on top.
            if (holds && point.Length >= place.Length)
                (type, place) = (halves[1].Split(' ')[0], point);
        }
        return s_network.Contains(type, StringComparer.Ordinal) ? Volume.Network : Volume.Local;
    }

    // Blanks and the like are written as \040.
    private static string Unescaped(string point) =>
        Regex.Replace(
            point,
            @"\\([0-7]{3})",
            m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString(CultureInfo.InvariantCulture),
            RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(1)
        );

    private static string RealPath(string folder)
    {
        string real = "/";
        foreach (string step in folder.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = new DirectoryInfo(Path.Combine(real, step));
            real = next.LinkTarget is null ? next.FullName : next.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next.FullName;
        }
        return real;
    }
}
