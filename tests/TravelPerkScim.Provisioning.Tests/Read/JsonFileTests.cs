using System.Text;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Read;
using static TravelPerkScim.Provisioning.Tests.Read.DirectoryFile;

namespace TravelPerkScim.Provisioning.Tests.Read;

public class JsonFileTests
{
    private const string AnnJson =
        """{"@odata.type":"#microsoft.graph.user","displayName":"Ann","id":"00000000-0000-4000-8000-00000000000a"}""";
    private const string BobJson =
        """{"id":"00000000-0000-4000-8000-00000000000b","displayName":"Bob","manager":{"@odata.type":"#microsoft.graph.user","id":"00000000-0000-4000-8000-00000000000a"}}""";

    [Fact]
    public async Task A_user_as_Graph_returns_it()
    {
        using var file = new DirectoryFile(
            "users.json",
            $$$"""
            {"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","@odata.count":1,"value":[{
              "id":"{{{Ann}}}","userPrincipalName":"ann@example.com","displayName":"Ann \u00c5se","accountEnabled":true,
              "businessPhones":["+34 931 000 001"],"mobilePhone":"+34 600 000 001","officeLocation":null,
              "employeeOrgData":{"division":"EMEA","costCenter":"Ops"},
              "onPremisesExtensionAttributes":{"extensionAttribute1":"F","extensionAttribute2":null},
              "extension_0123456789abcdef_badge":77,
              "identities":[{"signInType":"userPrincipalName","issuer":"example.com"}],
              "proxyAddresses":["SMTP:ann@example.com","smtp:a@example.com"],
              "manager":{"@odata.type":"#microsoft.graph.user","id":"{{{Bob.ToUpperInvariant()}}}"}
            }]}
            """
        );

        IReadOnlyList<SourceItem> items = await file.ReadAsync();

        AssertComplete(items, 1);
        SourceObject ann = UserIn(items, Ann);
        Assert.Equal("Ann Åse", ann["displayName"]);
        Assert.Equal(true, ann["accountEnabled"]);
        Assert.Equal("+34 931 000 001", ann["telephoneNumber"]);
        Assert.Equal("+34 600 000 001", ann["mobile"]);
        Assert.Null(ann["physicalDeliveryOfficeName"]);
        Assert.Equal("Ops", ann["employeeOrgData.costCenter"]);
        Assert.Equal("F", ann["extensionAttribute1"]);
        Assert.Equal(77L, ann["extension_0123456789abcdef_badge"]);
        Assert.Equal(
            ["SMTP:ann@example.com", "smtp:a@example.com"],
            Assert.IsAssignableFrom<IReadOnlyList<object?>>(ann["proxyAddresses"])
        );
        Assert.Equal(new SourceReference(Bob), ann["manager"]);
        Assert.Equal(Ann, ann["objectId"]);
    }

    [Fact]
    public async Task A_user_as_the_Graph_PowerShell_module_converts_it()
    {
        using var file = new DirectoryFile(
            "users.json",
            $$$"""
            [{"AccountEnabled":true,"BusinessPhones":[],"DisplayName":"Ann","EmployeeOrgData":{"CostCenter":"Ops","Division":null},
              "Id":"{{{Ann}}}","Manager":{"Id":"{{{Bob}}}","AdditionalProperties":{"id":"x"}},"AdditionalProperties":{"extension_0123456789abcdef_badge":"77"}}]
            """,
            Encoding.Unicode
        );

        SourceObject ann = UserIn(await file.ReadAsync(), Ann);

        Assert.Equal("Ops", ann["employeeOrgData.costCenter"]);
        Assert.Equal("77", ann["extension_0123456789abcdef_badge"]);
        Assert.Equal(new SourceReference(Bob), ann["manager"]);
        Assert.Null(ann["telephoneNumber"]);
    }

    [Theory]
    [InlineData("users.json", "[" + AnnJson + "," + BobJson + "]")]
    [InlineData("users.json", " \r\n[\n" + AnnJson + "\n,\n" + BobJson + "\n]\n")]
    [InlineData("users.json", """{"value":[""" + AnnJson + "," + BobJson + "]}")]
    [InlineData("users.json", """{"value":[""" + AnnJson + "," + BobJson + """],"@odata.nextLink":null}""")]
    [InlineData("users.jsonl", AnnJson + "\n" + BobJson)]
    [InlineData("users.jsonl", AnnJson + "\r\n\r\n" + BobJson + "\r\n")]
    [InlineData("users.txt", AnnJson + "\n" + BobJson + "\n")]
    [InlineData("users.csv", AnnJson + " " + BobJson)]
    public async Task The_shape_is_told_by_the_content(string name, string content)
    {
        using var file = new DirectoryFile(name, content, Encoding.UTF8);
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        AssertComplete(items, 2);
        Assert.Equal("Ann", UserIn(items, Ann)["displayName"]);
        Assert.Equal(new SourceReference(Ann), UserIn(items, Bob)["manager"]);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"@odata.context":"x","value":[ ]}""")]
    public async Task An_empty_list_is_a_complete_read_of_no_users(string content)
    {
        using var file = new DirectoryFile("users.json", content);
        Assert.Equal([new SourceEnd(FullRead: true, Watermark: null, TotalRead: 0)], await file.ReadAsync());
    }

    [Theory]
    [InlineData("""{"@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$skiptoken=x","value":[""" + AnnJson + "]}")]
    [InlineData("""{"value":[""" + AnnJson + """],"@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$skiptoken=x"}""")]
    public async Task One_page_of_many_is_an_incomplete_read(string content)
    {
        using var file = new DirectoryFile("users.json", content);
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        AssertIncomplete(items, "line 1", "@odata.nextLink");
        Assert.Equal(Ann, Assert.Single(items.OfType<SourceEntry>()).Object.Anchor);
    }

    [Fact]
    public async Task A_delta_response_lists_changes_so_absence_proves_nothing()
    {
        using var file = new DirectoryFile(
            "users.json",
            $$$"""
            {"value":[
              {"id":"{{{Ann}}}","displayName":"Ann","manager@delta":[{"@odata.type":"#microsoft.graph.user","id":"x","@removed":{"reason":"deleted"}},{"id":"{{{Cid}}}"}]},
              {"id":"{{{Bob}}}","@removed":{"reason":"changed"}},
              {"@removed":{"reason":"deleted"},"id":"{{{Cid}}}"}
            ],"@odata.deltaLink":"https://graph.microsoft.com/v1.0/users/delta?$deltatoken=x"}
            """
        );

        IReadOnlyList<SourceItem> items = await file.ReadAsync();

        Assert.Equal(new SourceReference(Cid), UserIn(items, Ann)["manager"]);
        Assert.True(Assert.Single(items.OfType<SourceEntry>(), e => e.Object.Anchor == Bob).SoftDeleted);
        Assert.Equal(new SourceRemoval(Cid), items[2]);
        Assert.Equal(new SourceEnd(FullRead: false, Watermark: null, TotalRead: 3), items[^1]);
    }

    [Fact]
    public async Task A_deletedDateTime_means_soft_deleted()
    {
        using var file = new DirectoryFile(
            "users.jsonl",
            $$$"""
            {"id":"{{{Ann}}}","deletedDateTime":"2025-03-01T08:00:00Z"}
            {"id":"{{{Bob}}}","deletedDateTime":null}
            """
        );
        var entries = (await file.ReadAsync()).OfType<SourceEntry>().ToDictionary(e => e.Object.Anchor, e => e.SoftDeleted);
        Assert.Equal((true, false), (entries[Ann], entries[Bob]));
    }

    [Theory]
    [InlineData("""{"displayName":"X"}""", null, "no id")]
    [InlineData("""{"id":"","displayName":"X"}""", null, "no id")]
    [InlineData("17", null, "not a JSON object")]
    [InlineData("""["x",{"id":"x"}]""", null, "not a JSON object")]
    [InlineData("""{"accountEnabled":"maybe","id":"00000000-0000-4000-8000-00000000000b"}""", Bob, "accountEnabled is 'maybe'")]
    [InlineData("""{"accountEnabled":1,"id":"00000000-0000-4000-8000-00000000000b"}""", Bob, "accountEnabled is a number")]
    [InlineData("""{"displayName":"\ud800","id":"00000000-0000-4000-8000-00000000000b"}""", Bob, "not UTF-8")]
    [InlineData("""{"id":"00000000-0000-4000-8000-00000000000a"}""", Ann, "already on line 2")]
    public async Task A_bad_object_is_reported_and_the_others_go_on(string json, string? anchor, string message)
    {
        foreach (
            (string? name, string? content, string? position) in new[]
            {
                ("users.json", $"[\n{AnnJson},\n{json},\n{{\"id\":\"{Cid}\"}}]", "line 3, object 2"),
                ("users.jsonl", $"\n{AnnJson}\n{json}\n{{\"id\":\"{Cid}\"}}\n", "line 3"),
            }
        )
        {
            using var file = new DirectoryFile(name, content);
            IReadOnlyList<SourceItem> items = await file.ReadAsync();
            SourceFault fault = Assert.Single(items.OfType<SourceFault>());
            Assert.Equal((position, anchor), (fault.Position, fault.Anchor));
            Assert.Contains(message, fault.Message, StringComparison.Ordinal);
            Assert.Equal([Ann, Cid], items.OfType<SourceEntry>().Select(e => e.Object.Anchor));
            AssertComplete(items, 3);
        }
    }

    [Theory]
    [InlineData("""{"id":"00000000-0000-4000-8000-00000000000b","displayName":"Bo""")]
    [InlineData("""{"id":"00000000-0000-4000-8000-00000000000b","manager":""")]
    [InlineData("""{"id":"00000000-0000-4000-8000-00000000000b",""")]
    [InlineData("""{"displayName":"Bob" "id":"x"}""")]
    [InlineData("not json")]
    public async Task A_spoilt_line_of_JSON_Lines_is_reported_and_the_others_go_on(string line)
    {
        using var file = new DirectoryFile("users.jsonl", $"{AnnJson}\n{line}\n{{\"id\":\"{Cid}\"}}\n{{\"id\":\"d\"}}\n");
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        SourceFault fault = Assert.Single(items.OfType<SourceFault>());
        // Another user may be in it, whose id was lost.
        Assert.Equal(("line 2", null), (fault.Position, fault.Anchor));
        Assert.Equal([Ann, Cid, "d"], items.OfType<SourceEntry>().Select(e => e.Object.Anchor));
        AssertComplete(items, 4);
    }

    [Theory]
    [InlineData("[" + AnnJson + ",\n" + """{"id":"x","displayNa""", "line 2, object 2")]
    [InlineData("[" + AnnJson + ",\n", "line 2, object 2")]
    [InlineData("[" + AnnJson + "\n", "line 2, object 2")]
    [InlineData("""{"value":[""" + AnnJson + "]", "line 1")]
    [InlineData("""{"value":[""" + AnnJson + """],"@odata.next""", "line 1")]
    [InlineData(AnnJson + "\n" + """{"id":"x","displayNa""", "line 2")]
    [InlineData(AnnJson + "\n{", "line 2")]
    public async Task A_file_that_ends_early_is_an_incomplete_read(string content, string position)
    {
        using var file = new DirectoryFile("users.json", content);
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        AssertIncomplete(items, position, "absent is not known");
        Assert.Equal(Ann, Assert.Single(items.OfType<SourceEntry>()).Object.Anchor);
    }

    [Theory]
    [InlineData("[" + AnnJson + ",\n{bad}]", "line 2, object 2")]
    [InlineData("[" + AnnJson + "\n" + BobJson + "]", "line 2, object 2")]
    [InlineData("[" + AnnJson + "]\n[]", "line 2")]
    [InlineData(AnnJson + "\n{\n\"id\" 7\n}\n", "line 3")]
    public async Task Text_that_is_not_JSON_makes_the_read_incomplete(string content, string position)
    {
        using var file = new DirectoryFile("users.json", content);
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        AssertIncomplete(items, position, "JSON");
        Assert.Equal(Ann, Assert.Single(items.OfType<SourceEntry>()).Object.Anchor);
    }

    [Theory]
    [InlineData("[", ",", "]")]
    [InlineData("{\"value\":[", ",", "]}")]
    [InlineData("", "\n", "\n")]
    public async Task Objects_that_cross_the_ends_of_buffers_are_read_once_and_whole(string begin, string between, string end)
    {
        const int count = 20_000;
        using var file = new DirectoryFile(
            "users.json",
            begin
                + string.Join(
                    between,
                    Enumerable
                        .Range(1, count)
                        .Select(n =>
                            $$$"""{"id":"{{{n}}}","displayName":"User {{{n}}} {{{new string('x', n % 97)}}}","employeeOrgData":{"costCenter":"CC{{{n}}}"}}"""
                        )
                )
                + end
        );

        IReadOnlyList<SourceItem> items = await file.ReadAsync();

        AssertComplete(items, count);
        Assert.Equal(
            Enumerable.Range(1, count).Select(n => ($"{n}", (object?)$"User {n} {new string('x', n % 97)}", (object?)$"CC{n}")),
            items.OfType<SourceEntry>().Select(e => (e.Object.Anchor, e.Object["displayName"], e.Object["employeeOrgData.costCenter"]))
        );
    }

    [Fact]
    public async Task An_object_larger_than_the_buffer_is_read()
    {
        using var file = new DirectoryFile(
            "users.json",
            $"[{{\"thumbnailPhoto\":\"{new string('x', 700_000)}\",\"id\":\"{Ann}\",\"displayName\":\"Ann\"}},{BobJson}]"
        );
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        Assert.Equal("Ann", UserIn(items, Ann)["displayName"]);
        AssertComplete(items, 2);
    }

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    public async Task The_culture_of_the_session_changes_nothing(string culture) =>
        await InCultureAsync(
            culture,
            async () =>
            {
                using var file = new DirectoryFile(
                    "users.json",
                    $"[{{\"ID\":\"{Ann}\",\"MAIL\":\"ann@example.com\",\"ACCOUNTENABLED\":\"TRUE\",\"extensionAttribute1\":1.5}},{{\"id\":\"{Bob}\"}}]"
                );
                IReadOnlyList<SourceItem> items = await file.ReadAsync();
                AssertComplete(items, 2);
                Assert.Empty(items.OfType<SourceFault>());
                SourceObject ann = UserIn(items, Ann);
                Assert.Equal("ann@example.com", ann["mail"]);
                Assert.Equal(true, ann["accountEnabled"]);
                Assert.Equal(1.5, ann["extensionAttribute1"]);
            }
        );
}
