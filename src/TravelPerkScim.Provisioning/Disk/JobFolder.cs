using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Disk;

/// <summary>The files of a job. None of them is outside of the job's folder, because the folder may come from another person.</summary>
internal static class JobFolder
{
    private const int MostLinks = 40;

    /// <summary>Files that only the module writes.</summary>
    private static readonly string[] s_state = ["state.db", "state.db-wal", "state.db-shm", "state.db-journal", "state.db.lock"];

    /// <summary>The settings or the mapping. A link to a file within the folder is followed, because a mounted configuration consists of
    /// such links.</summary>
    /// <exception cref="ProvisioningException"><c>JobFileIsLink</c>: the file is a link out of the folder.</exception>
    public static string FileOf(string folder, string name)
    {
        string inside = folder;
        var rest = new Stack<string>([name]);
        for (int links = 0; rest.TryPop(out string? part); )
        {
            string next = Path.GetFullPath(part, inside);
            if (!IsWithin(folder, next) || links > MostLinks)
                throw IsLink(Path.Combine(folder, name), next);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                inside = next;
                continue;
            }
            links++;
            if (Path.IsPathFullyQualified(target))
            {
                if (!IsWithin(folder, Path.GetFullPath(target)))
                    throw IsLink(Path.Combine(folder, name), target);
                target = Path.GetRelativePath(inside, Path.GetFullPath(target));
            }
            foreach (
                string step in Enumerable.Reverse(
                    target.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries)
                )
            )
            {
                rest.Push(step);
            }
        }
        return inside;
    }

    /// <summary>Refuses a state file that is a link, because the state would be written to the link's target.</summary>
    /// <exception cref="ProvisioningException"><c>JobFileIsLink</c>.</exception>
    public static void RefuseLinkedState(string folder)
    {
        foreach (string file in s_state.Select(name => Path.Combine(folder, name)))
        {
            if (new FileInfo(file).LinkTarget is { } target)
                throw IsLink(file, target);
        }
    }

    /// <summary><c>JobUnwritable</c>: a file or folder of the job cannot be written.</summary>
    /// <param name="happened">What did not happen because of it, as a sentence.</param>
    /// <param name="path">The file or the folder.</param>
    /// <param name="e">Why it cannot be written.</param>
    public static ProvisioningException Unwritable(string happened, string path, Exception e) =>
        new("JobUnwritable", $"{happened} '{path}' cannot be written: {e.Message} {AdviceOf(e)} Then run the command again.", e);

    private static string AdviceOf(Exception e) =>
        e is UnauthorizedAccessException
            ? $"Give the account '{Environment.UserName}' the right to write there."
            : "Check the disk, and whether its file system is mounted read-only.";

    private static bool IsWithin(string folder, string path) =>
        path == folder
        || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static ProvisioningException IsLink(string file, string target) =>
        new(
            "JobFileIsLink",
            $"'{file}' is a link to '{target}'. The files of a job must be in its folder, "
                + "because a link would choose the file that the module reads or writes. "
                + "Put the file itself in the place of the link."
        );
}
