using System.Diagnostics.CodeAnalysis;

namespace TravelPerkScim.Host;

/// <summary>What the host was asked to run.</summary>
/// <param name="Command">Commands as text, or null.</param>
/// <param name="File">A script's path, or null.</param>
/// <param name="Rest">Arguments of the script.</param>
internal sealed record HostArguments(string? Command, string? File, IReadOnlyList<string> Rest)
{
    /// <summary>Exit code for arguments that make no sense (sysexits.h EX_USAGE, as pwsh has it).</summary>
    public const int WrongUsage = 64;

    private const string Usage = """
        Usage: TravelPerkScim.Host                          runs the demonstration
               TravelPerkScim.Host -File script.ps1 [args]  runs a script
               TravelPerkScim.Host -Command "..."           runs commands
        """;

    public static bool TryParse(string[] args, [NotNullWhen(true)] out HostArguments? arguments, [NotNullWhen(false)] out string? problem)
    {
        string first = args.Length == 0 ? "" : args[0].Replace("--", "-", StringComparison.Ordinal);
        arguments = first switch
        {
            "" => new HostArguments(null, null, []),
            _ when Is(first, "-Command", "-c") && args.Length > 1 => new HostArguments(string.Join(' ', args[1..]), null, []),
            _ when Is(first, "-File", "-f") && args.Length > 1 => new HostArguments(null, args[1], args[2..]),
            _ => null,
        };
        problem = arguments is null ? Usage : null;
        return arguments is not null;
    }

    private static bool Is(string given, string name, string shortName) =>
        given.Equals(name, StringComparison.OrdinalIgnoreCase) || given.Equals(shortName, StringComparison.OrdinalIgnoreCase);
}
