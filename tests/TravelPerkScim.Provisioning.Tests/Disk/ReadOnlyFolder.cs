using System.Diagnostics;

namespace TravelPerkScim.Provisioning.Tests.Disk;

/// <summary>A folder that cannot be written: by its permissions, and for root, who may write everywhere, by a mount of its own.</summary>
internal sealed class ReadOnlyFolder : IDisposable
{
    private const UnixFileMode Write = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly string _path;
    private readonly bool _mounted;

    public ReadOnlyFolder(string path)
    {
        _path = path;
        _mounted = Environment.IsPrivilegedProcess && Run("mount", "--bind", path, path) && Run("mount", "-o", "remount,ro,bind", path);
        if (!_mounted)
            Change(mode => mode & ~Write);
    }

    public void Dispose()
    {
        if (_mounted)
            Run("umount", _path);
        else
            Change(mode => mode | UnixFileMode.UserWrite);
    }

    private void Change(Func<UnixFileMode, UnixFileMode> change)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (string entry in Directory.GetFileSystemEntries(_path).Append(_path))
            File.SetUnixFileMode(entry, change(File.GetUnixFileMode(entry)));
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
