using System.Management.Automation;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Disk;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>A file that the person at the prompt named for an export.</summary>
internal static class FileExport
{
    /// <exception cref="CommandException"><c>NoClobber</c>.</exception>
    public static void Check(FileInfo file, bool noClobber)
    {
        if (noClobber && file.Exists)
        {
            throw new CommandException(
                "NoClobber",
                ErrorCategory.ResourceExists,
                $"The file '{file.FullName}' exists. Give another path, or leave out -NoClobber."
            );
        }
    }

    /// <summary>Writes a mapping.</summary>
    /// <exception cref="CommandException"><c>MappingUnwritable</c>.</exception>
    public static void Write(FileInfo file, byte[] content, bool force)
    {
        try
        {
            if (file is { Exists: true, IsReadOnly: true })
                file.IsReadOnly = force ? false : throw new IOException("It is read-only.");
            WholeFile.Write(file.FullName, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                "MappingUnwritable",
                ErrorCategory.WriteError,
                $"The file '{file.FullName}' was not written: {e.Message} Check the folder, or overwrite a read-only file with -Force."
            );
        }
    }
}
