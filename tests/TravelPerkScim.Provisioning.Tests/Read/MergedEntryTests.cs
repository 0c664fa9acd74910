using TravelPerkScim.Provisioning.Read;
using static TravelPerkScim.Provisioning.Tests.Read.DirectoryFile;

namespace TravelPerkScim.Provisioning.Tests.Read;

/// <summary>Files in which lines or bytes were lost, so that one entry holds the values of two users: it belongs to neither, and none of
/// the two counts as absent.</summary>
public class MergedEntryTests
{
    private const string Dan = "00000000-0000-4000-8000-00000000000d";

    [Theory]
    [InlineData("id,displayName,givenName", Ann + ",\"Ann,A", Bob + ",Bob,B", Cid + ",Cid\",C")]
    [InlineData("displayName,givenName,id", "\"Ann,A," + Ann, "Bob,B," + Bob, "Cid\",C," + Cid)]
    [InlineData("id,displayName,givenName", "7,\"Ann,A", "8,Bob,B", "9,Cid\",C")]
    public async Task Stray_quotation_marks_make_no_user_of_the_lines_between_them(string header, params string[] lines)
    {
        using var file = new DirectoryFile("users.csv", $"{header}\r\n{string.Join("\r\n", lines)}\r\n");

        AssertNobodys(await file.ReadAsync(), "other lines within a cell");
    }

    [Fact]
    public async Task An_address_of_several_lines_is_a_value()
    {
        using var file = new DirectoryFile(
            "users.csv",
            $"id,displayName,jobTitle\n{Ann},\"Main Street 1, 3rd floor\nBerlin, Germany, {Bob[..8]}\",x\n"
        );

        Assert.StartsWith("Main Street", (string)UserIn(await file.ReadAsync(), Ann)["displayName"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_of_zeros_across_lines_makes_no_user_far_behind_the_begin_of_a_file()
    {
        string people = string.Concat(Enumerable.Range(0, 3000).Select(n => $"11111111-0000-4000-8000-{n:D12},Name,Given\r\n"));
        using var file = new DirectoryFile("users.csv", $"id,displayName,givenName\r\n{people}{Ann},Ann{new string('\0', 40)}Bob,B\r\n");

        AssertNobodys(await file.ReadAsync(), "bytes that are no text", others: 3000);
    }

    [Theory]
    [InlineData("""{"id":"ANN","displayName":"Ann","id":"BOB","givenName":"B"}""")]
    [InlineData("""{"id":"ANN","objectId":"BOB","givenName":"B"}""")]
    [InlineData("""{"id":"ANN","displayName":"Ann","displayName":"Bob","givenName":"B"}""")]
    [InlineData("""{"id":"ANN","accountEnabled":true,"accountEnabled":false}""")]
    public async Task An_object_of_two_people_is_neither(string person)
    {
        using var file = new DirectoryFile("users.json", $"[{Named(person)}]");

        AssertNobodys(await file.ReadAsync(), "two users in one");
    }

    [Fact]
    public async Task One_person_under_two_names_of_the_id_is_one()
    {
        using var file = new DirectoryFile(
            "users.json",
            Named("""[{"id":"ANN","objectId":"ANN","displayName":"A","additionalProperties":{"displayName":"A"}},{"id":"BOB"}]""")
        );

        Assert.Equal(2, (await file.ReadAsync()).OfType<SourceEntry>().Count());
    }

    [Theory]
    [InlineData(
        "users.jsonl",
        """{"id":"CID"}""" + "\n" + """{"id":"ANN","displayName":"{"id":"BOB","displayName":"Bob"}""" + "\n" + """{"id":"DAN"}""" + "\n"
    )]
    [InlineData("users.csv", "id,displayName,givenName\nCID,c,c\nANN,An,\"BOB,Bob,B\"\"\nDAN,d,d\n")]
    [InlineData("users.csv", "id,displayName,givenName\nCID,c,c\nANN,AnBOB,Bob,B\nDAN,d,d\n")]
    [InlineData("users.csv", "id,displayName,givenName\nCID,c,c\nANN,B\nDAN,d,d\n")]
    public async Task A_line_in_which_two_people_may_be_is_neithers(string name, string content)
    {
        using var file = new DirectoryFile(name, Named(content));

        Assert.Null((await file.ReadAsync()).OfType<SourceFault>().First().Anchor);
    }

    [Theory]
    [InlineData("id,givenName,displayName")]
    [InlineData("displayName,id,givenName")]
    [InlineData("id,displayName")]
    [InlineData("id,displayName,givenName,surname")]
    public async Task A_second_header_of_another_order_ends_the_read(string second)
    {
        using var file = new DirectoryFile("users.csv", $"id,displayName,givenName\n{Ann},Ann,A\n{second}\n{Bob},B,Bob\n");

        IReadOnlyList<SourceItem> items = await file.ReadAsync();

        AssertIncomplete(items, "line 3", "another order or number");
        Assert.Equal(Ann, Assert.Single(items.OfType<SourceEntry>()).Object.Anchor);
    }

    [Fact]
    public async Task On_demand_a_later_line_that_contradicts_takes_an_entry_back()
    {
        using var file = new DirectoryFile(
            "users.json",
            Named("""[{"id":"ANN","accountEnabled":false},{"id":"BOB"},{"id":"ANN","accountEnabled":true}]""")
        );

        SourceItem found = Assert.Single(await FindAsync(file, Ann), item => item is not (SourceEnd or SourceAttributes));

        Assert.Contains("already on line", Assert.IsType<SourceFault>(found).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_demand_a_name_gives_every_account_that_has_it()
    {
        using var file = new DirectoryFile(
            "users.json",
            Named(
                """[{"id":"ANN","userPrincipalName":"ann@example.com","accountEnabled":false},{"id":"BOB","userPrincipalName":"ann@example.com"}]"""
            )
        );

        Assert.Equal([Ann, Bob], (await FindAsync(file, "ann@example.com")).OfType<SourceEntry>().Select(entry => entry.Object.Anchor));
    }

    [Fact]
    public async Task A_name_is_not_absent_while_a_line_cannot_be_used()
    {
        using var file = new DirectoryFile(
            "users.json",
            Named("""[{"id":"ANN","userPrincipalName":"ann@example.com","accountEnabled":7},{"id":"BOB"}]""")
        );

        Assert.Empty((await FindAsync(file, "cid@example.com")).OfType<SourceAbsence>());
        Assert.Single((await FindAsync(file, Cid)).OfType<SourceAbsence>());
    }

    [Fact]
    public async Task In_a_list_of_changes_what_an_entry_does_not_name_is_not_empty()
    {
        using var file = new DirectoryFile(
            "users.json",
            Named(
                """{"@odata.context":"x","value":[{"id":"ANN","jobTitle":"New"}],"@odata.deltaLink":"https://graph.microsoft.com/v1.0/users/delta?x"}"""
            )
        );

        IReadOnlyList<SourceItem> items = await file.ReadAsync();

        SourceEntry entry = Assert.Single(items.OfType<SourceEntry>());
        Assert.Equal("New", entry.Object["jobTitle"]);
        Assert.NotNull(entry.Object["displayName"]);
        Assert.True(entry.EntitlementUnknown);
        Assert.Contains("lists changes", Assert.Single(items.OfType<SourceNotice>()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01-01-0001 00:00:00")]
    [InlineData("0001/01/01 0:00:00")]
    [InlineData("1.1.0001 00.00.00")]
    [InlineData("1.01.0001 00:00:00")]
    [InlineData("0001. 01. 01. 0:00:00")]
    [InlineData("0001-01-01T00:00:00Z")]
    public async Task The_date_that_stands_for_none_is_no_deletion_in_any_culture(string none)
    {
        using var file = new DirectoryFile(
            "users.json",
            Named($$"""[{"id":"ANN","deletedDateTime":"{{none}}"},{"id":"BOB","deletedDateTime":"11.01.2026 10:00"}]""")
        );

        Assert.Equal([false, true], (await file.ReadAsync()).OfType<SourceEntry>().Select(entry => entry.SoftDeleted));
    }

    private static async Task<List<SourceItem>> FindAsync(DirectoryFile file, params string[] identities)
    {
        var items = new List<SourceItem>();
        await foreach (SourceItem item in new FileSource(file.Path).FindAsync(Layout, identities, CancellationToken.None))
            items.Add(item);
        return items;
    }

    private static void AssertNobodys(IReadOnlyList<SourceItem> items, string message, int others = 0)
    {
        SourceFault fault = Assert.Single(items.OfType<SourceFault>());
        Assert.Null(fault.Anchor);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal(others, items.OfType<SourceEntry>().Count());
    }

    private static string Named(string text) =>
        text.Replace("ANN", Ann, StringComparison.Ordinal)
            .Replace("BOB", Bob, StringComparison.Ordinal)
            .Replace("CID", Cid, StringComparison.Ordinal)
            .Replace("DAN", Dan, StringComparison.Ordinal);
}
