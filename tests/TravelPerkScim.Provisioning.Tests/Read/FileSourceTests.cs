using System.Globalization;
using System.Text;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using static TravelPerkScim.Provisioning.Tests.Read.DirectoryFile;

namespace TravelPerkScim.Provisioning.Tests.Read;

public class FileSourceTests
{
    public static TheoryData<string, byte[], string> Refused =>
        new()
        {
            { "users.csv", [], "SourceFileEmpty" },
            { "users.csv", [0xEF, 0xBB, 0xBF], "SourceFileEmpty" },
            { "users.json", " \r\n\t"u8.ToArray(), "SourceFileEmpty" },
            { "users.csv", [0x50, 0x4B, 0x03, 0x04, 0x14, 0x00, 0x06, 0x00], "SourceFormatUnknown" },
            { "users.csv", Encoding.Unicode.GetBytes("id,displayName\r\n"), "SourceFormatUnknown" },
            { "users.json", "<!DOCTYPE html><html>Sign in</html>"u8.ToArray(), "SourceFormatUnknown" },
            { "users.json", "id,displayName\r\n1,Ann\r\n"u8.ToArray(), "SourceFormatUnknown" },
            { "users.csv", Encoding.UTF8.GetBytes(new string('x', 2_000_000)), "SourceFormatUnknown" },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_file_that_is_no_directory_file_is_refused_with_one_clear_error(string name, byte[] content, string errorId)
    {
        using var file = new DirectoryFile(name, content);
        SourceException refusal = await file.RefusalAsync();
        Assert.Equal(errorId, refusal.ErrorId);
        Assert.Contains(file.Path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_a_folder_and_a_locked_file_are_told_apart()
    {
        using var file = new DirectoryFile("users.csv", $"id\n{Ann}\n");
        async Task<string> ErrorIdOfAsync(string path) =>
            (
                await Assert.ThrowsAsync<SourceException>(async () =>
                {
                    await foreach (SourceItem _ in new FileSource(path).ReadAsync(Layout, null, CancellationToken.None)) { }
                })
            ).ErrorId;

        Assert.Equal("SourceFileMissing", await ErrorIdOfAsync(file.Path + ".gone"));
        Assert.Equal("SourceFileUnreadable", await ErrorIdOfAsync(Path.GetDirectoryName(file.Path)!));
        using var locked = new FileStream(file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal("SourceFileUnreadable", await ErrorIdOfAsync(file.Path));
    }

    [Theory]
    [InlineData("users.csv", "id\n" + Ann + "\n" + Bob + "\n")]
    [InlineData("users.jsonl", "{\"id\":\"" + Ann + "\"}\n{\"id\":\"" + Bob + "\"}\n")]
    public async Task A_file_that_changes_while_it_is_read_is_an_incomplete_read(string name, string content)
    {
        using var file = new DirectoryFile(name, content);
        var items = new List<SourceItem>();
        await foreach (SourceItem item in new FileSource(file.Path).ReadAsync(Layout, null, CancellationToken.None))
        {
            items.Add(item);
            if (items.Count == 1)
                await File.WriteAllTextAsync(file.Path, content[..^5]);
        }

        AssertIncomplete(items, "end", "changed while it was read");
        Assert.Equal(2, items.OfType<SourceEntry>().Count());
    }

    [Theory]
    [InlineData(
        "users.csv",
        "id,userPrincipalName,mail,manager\n1,ann@example.com,ann.lee@example.com,\n2,bob@example.com,,ANN@example.com\n3,cid@example.com,Cid@example.com,ann.lee@example.com\n4,dan@example.com,,who@example.com\n5,eve@example.com,twin@example.com,twin@example.com\n6,twin@example.com,,1\n7,fay@example.com,,cid@example.com\n"
    )]
    [InlineData(
        "users.jsonl",
        """
            {"id":"2","userPrincipalName":"bob@example.com","manager":"ANN@example.com"}
            {"id":"3","userPrincipalName":"cid@example.com","mail":"cid@example.com","manager":{"userPrincipalName":"ann.lee@example.com"}}
            {"id":"4","manager":"who@example.com"}
            {"id":"5","mail":"twin@example.com","manager":"twin@example.com"}
            {"id":"6","userPrincipalName":"twin@example.com","manager":"1"}
            {"id":"7","manager":"cid@example.com"}
            {"id":"1","userPrincipalName":"ann@example.com","mail":"ann.lee@example.com"}
            """
    )]
    public async Task A_manager_named_by_userPrincipalName_or_mail_is_looked_up_in_the_file(string name, string content)
    {
        using var file = new DirectoryFile(name, content);

        IReadOnlyList<SourceItem> items = await file.ReadAsync(new SourceLayout(["manager"]));

        AssertComplete(items, 7);
        var managers = items
            .OfType<SourceEntry>()
            .ToDictionary(e => e.Object.Anchor, e => (e.Object["manager"] as SourceReference)?.Anchor);
        Assert.Equal("1", managers["2"]);
        Assert.Equal("1", managers["3"]);
        Assert.Equal("who@example.com", managers["4"]);
        Assert.Equal("6", managers["5"]);
        Assert.Equal("1", managers["6"]);
        Assert.Equal("3", managers["7"]);
        Assert.Null(managers["1"]);
    }

    [Theory]
    [InlineData("users.csv", "id,displayName\n", "{0},User {0}\n", "")]
    [InlineData("users.json", "[", "{{\"id\":\"{0}\",\"displayName\":\"User {0}\"}},\n", "{\"id\":\"0\"}]")]
    public async Task Users_are_not_kept(string name, string begin, string user, string end)
    {
        using var file = new DirectoryFile(
            name,
            begin + string.Concat(Enumerable.Range(1, 5000).Select(n => string.Format(CultureInfo.InvariantCulture, user, n))) + end
        );
        (List<WeakReference>? kept, int read) = (new List<WeakReference>(), 0);
        await foreach (SourceItem item in new FileSource(file.Path).ReadAsync(Layout, null, CancellationToken.None))
        {
            kept.Add(new WeakReference(item));
            if (++read < 5000)
                continue;

            GC.Collect();
            Assert.InRange(kept.Count(k => k.IsAlive), 0, 10);
            break;
        }

        Assert.Equal(5000, read);
    }

    [Fact]
    public async Task A_cancelled_read_stops_at_once()
    {
        using var file = new DirectoryFile("users.csv", "id\n" + string.Concat(Enumerable.Range(1, 5000).Select(n => $"{n}\n")));
        using var stop = new CancellationTokenSource();
        int read = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SourceItem _ in new FileSource(file.Path).ReadAsync(Layout, null, stop.Token))
            {
                if (++read == 10)
                    await stop.CancelAsync();
            }
        });
        Assert.Equal(10, read);
    }

    [Fact]
    public void The_source_is_called_by_its_file_name() =>
        Assert.Equal("users.csv", new FileSource(Path.Combine("x", "users.csv")).DisplayName);
}
