using System.Text.RegularExpressions;

namespace TravelPerkScim.Provisioning.Tests;

/// <summary>Every room uses only the rooms that docs/architecture.md lists for it, and each of those stands above its line: data walks one
/// way.</summary>
public sealed partial class RoomsTests
{
    private static readonly string s_root = Root();

    public static TheoryData<string> Projects => [.. Rooms().Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_room_uses_only_the_rooms_below_it(string project)
    {
        var below = new HashSet<string>();
        foreach ((string room, string[] allowed) in Rooms()[project])
        {
            Assert.Empty(allowed.Except(below));
            below.Add(room);
            Assert.Empty(UsedBy(project, room).Except(allowed));
        }
        Assert.Equal(Folders(project).Order(StringComparer.Ordinal), below.Order(StringComparer.Ordinal));
    }

    // A namespace per folder: what a file uses stands in its using directives.
    private static IEnumerable<string> UsedBy(string project, string room) =>
        Directory
            .GetFiles(Path.Combine(s_root, "src", project, room), "*.cs")
            .SelectMany(file => Using().Matches(File.ReadAllText(file)).Select(match => match.Groups["space"].Value))
            .Where(space => space == project || space.StartsWith(project + ".", StringComparison.Ordinal))
            .Select(space => space == project ? "." : space[(project.Length + 1)..].Replace('.', '/'))
            .Select(used => Folders(project).Contains(used) ? used : used[..Math.Max(0, used.LastIndexOf('/'))])
            .Where(used => used.Length > 0 && used != room)
            .Distinct();

    private static string[] Folders(string project)
    {
        string folder = Path.Combine(s_root, "src", project);
        return
        [
            .. Directory
                .GetFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, Path.GetDirectoryName(file)!).Replace('\\', '/'))
                .Where(room => room.Split('/')[0] is not ("bin" or "obj"))
                .Distinct(),
        ];
    }

    private static Dictionary<string, List<(string Room, string[] Allowed)>> Rooms()
    {
        var rooms = new Dictionary<string, List<(string, string[])>>();
        string page = File.ReadAllText(Path.Combine(s_root, "docs", "architecture.md")).ReplaceLineEndings("\n");
        foreach (string block in List().Match(page).Groups["list"].Value.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            rooms.Add(
                lines[0],
                [
                    .. lines
                        .Skip(1)
                        .Select(line => line.Split(':'))
                        .Select(parts => (parts[0], parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries))),
                ]
            );
        }
        return rooms;
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "TravelPerkScim.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("TravelPerkScim.sln is in no folder above the test's assembly.");
    }

    [GeneratedRegex(@"^using (static )?(?<space>TravelPerkScim\.[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"## Rooms\n.*?```\n(?<list>.*?)```", RegexOptions.Singleline)]
    private static partial Regex List();
}
