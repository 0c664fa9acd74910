using System.Diagnostics;
using System.Text;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using static TravelPerkScim.Provisioning.Tests.Read.DirectoryFile;

namespace TravelPerkScim.Provisioning.Tests.Read;

/// <summary>Files as tools really write them: lines before the header, lists in something else, objects as text, values of another
/// type.</summary>
public class FileShapeTests
{
    private static readonly SourceLayout s_layout = new([
        "objectId",
        "userPrincipalName",
        "displayName",
        "accountEnabled",
        "telephoneNumber",
        "manager",
        "employeeOrgData.costCenter",
        "employeeOrgData.division",
        "extensionAttribute12",
        "proxyAddresses",
    ]);

    [Fact]
    public async Task Two_files_joined_into_one_are_read_as_one()
    {
        const string Header = "id,userPrincipalName,displayName,accountEnabled\n";
        using var file = new DirectoryFile(
            "users.csv",
            $"{Header}{Ann},ann@example.com,Ann,True\n\uFEFF{Header}\uFEFF{{{Bob.ToUpperInvariant()}}},bob@example.com,Bob,True\n"
        );

        IReadOnlyList<SourceItem> items = await file.ReadAsync(s_layout);

        Assert.Equal(("Ann", "Bob"), (UserIn(items, Ann)["displayName"], UserIn(items, Bob)["displayName"]));
        Assert.Contains("column names on line 3 once more", Assert.Single(items.OfType<SourceNotice>()).Message, StringComparison.Ordinal);
        Assert.Empty(items.OfType<SourceFault>());
    }

    [Theory]
    [InlineData("#TYPE Selected.System.Management.Automation.PSCustomObject\r\n", ",")]
    [InlineData("\"#TYPE Microsoft.Graph.PowerShell.Models.MicrosoftGraphUser\",,\r\n", ",")]
    [InlineData("version:v1.0\n", ",")]
    [InlineData("version:v1.0,,\r\n\r\n", ",")]
    [InlineData("sep=;\r\n", ";")]
    [InlineData("sep=|\r\n", "|")]
    [InlineData("sep=\t\r\n", "\t")]
    [InlineData("\n\r\n  \n;;\n", ";")]
    [InlineData("\uFEFF\uFEFFsep=,\r#TYPE x\r", ",")]
    public async Task Lines_before_the_header_are_passed_over_and_counted(string before, string delimiter)
    {
        string lineEnd = before.EndsWith('\r') ? "\r" : "\n";
        string header = string.Join(delimiter, "id", "displayName", "accountEnabled"),
            ann = string.Join(delimiter, Ann, "Ann", "True"),
            bad = string.Join(delimiter, Bob, "Bob", "WAHR");
        using var file = new DirectoryFile("users.csv", before + string.Join(lineEnd, header, ann, bad) + lineEnd);

        IReadOnlyList<SourceItem> items = await file.ReadAsync(s_layout);

        Assert.Equal("Ann", UserIn(items, Ann)["displayName"]);
        int lines = before.Replace("\r\n", "\n", StringComparison.Ordinal).Count(c => c is '\r' or '\n');
        Assert.Equal($"line {lines + 3}", Assert.Single(items.OfType<SourceFault>()).Position);
        AssertComplete(items, 2);
    }

    [Theory]
    [InlineData("""{"users":[""" + Two + "]}")]
    [InlineData("""{"Value":[""" + Two + """],"Count":2}""")]
    [InlineData("""{"count":2,"value":[""" + Two + "]}")]
    [InlineData("""{"totalResults":2,"Resources":[""" + Two + "]}")]
    [InlineData("[[" + Two + "]]")]
    [InlineData("""[[{"id":"00000000-0000-4000-8000-00000000000a"}],[{"id":"00000000-0000-4000-8000-00000000000b"}]]""")]
    public async Task A_list_in_something_else_is_taken(string content)
    {
        using var file = new DirectoryFile("users.json", content);
        IReadOnlyList<SourceItem> items = await file.ReadAsync(s_layout);
        Assert.Equal([Ann, Bob], items.OfType<SourceEntry>().Select(entry => entry.Object.Anchor));
        Assert.Empty(items.OfType<SourceFault>());
        AssertComplete(items, 2);
    }

    [Theory]
    [InlineData("""{"list":{"a":[""" + Two + "]}}", "one JSON object without an id")]
    [InlineData("""{"success":true,"rows":[""" + Two + "]}", "one JSON object without an id")]
    [InlineData(
        """{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"Resources":[""" + Two + "]}",
        "list of SCIM users"
    )]
    public async Task A_file_without_a_known_list_is_one_clear_error(string content, string message)
    {
        using var file = new DirectoryFile("users.json", content);
        SourceException refusal = await file.RefusalAsync();
        Assert.Equal("SourceFormatUnknown", refusal.ErrorId);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"@odata.count":3,"value":[""" + Two + "]}")]
    [InlineData("""{"users":[""" + Two + """],"total":3}""")]
    public async Task A_list_shorter_than_it_says_is_an_incomplete_read(string content)
    {
        using var file = new DirectoryFile("users.json", content);
        AssertIncomplete(await file.ReadAsync(s_layout), "line 1", "there are 3 users and lists 2");
    }

    private const string Two = """{"id":"00000000-0000-4000-8000-00000000000a"},{"id":"00000000-0000-4000-8000-00000000000b"}""";

    [Fact]
    public async Task Text_of_objects_is_read_back_where_it_is_certain()
    {
        using var file = new DirectoryFile(
            "users.json",
            $$$"""
            [{"id":"{{{Ann}}}","employeeOrgData":"@{division=EU; costCenter=CC-100}","onPremisesExtensionAttributes":"@{extensionAttribute1=; extensionAttribute12=Gold}"},
             {"id":"{{{Bob}}}","manager":"@{@odata.type=#microsoft.graph.user; id={{{Ann.ToUpperInvariant()}}}}"},
             {"id":"{{{Cid}}}","manager":[{"id":"{{{Ann}}}"}],"managerId":""}]
            """
        );

        IReadOnlyList<SourceItem> items = await file.ReadAsync(s_layout);

        SourceObject ann = UserIn(items, Ann);
        Assert.Equal(
            ("CC-100", "EU", "Gold"),
            (ann["employeeOrgData.costCenter"], ann["employeeOrgData.division"], ann["extensionAttribute12"])
        );
        Assert.Equal(new SourceReference(Ann), UserIn(items, Bob)["manager"]);
        Assert.Equal(new SourceReference(Ann), UserIn(items, Cid)["manager"]);
        Assert.Empty(items.OfType<SourceWarning>());
    }

    [Theory]
    [InlineData(
        "users.json",
        """
            [{"id":"00000000-0000-4000-8000-00000000000a","manager":"System.Collections.Hashtable","employeeOrgData":"@{division=A; B; costCenter=x}"},
             {"id":"00000000-0000-4000-8000-00000000000b","manager":"Microsoft.Graph.PowerShell.Models.MicrosoftGraphDirectoryObject","employeeOrgData":"@{costCenter=x; division=y; costCenter=z}"},
             {"id":"00000000-0000-4000-8000-00000000000c","displayName":"System.Admin","employeeOrgData":null}]
            """
    )]
    [InlineData(
        "users.csv",
        """
            id,displayName,manager,employeeOrgData
            00000000-0000-4000-8000-00000000000a,,@{displayName=Bea},Microsoft.Graph.PowerShell.Models.MicrosoftGraphEmployeeOrgData
            00000000-0000-4000-8000-00000000000b,,System.Object[],System.Object
            00000000-0000-4000-8000-00000000000c,System.Admin,,
            """
    )]
    public async Task Text_of_objects_that_is_not_certain_is_told_once_and_taken_as_not_given(string name, string content)
    {
        using var file = new DirectoryFile(name, content + "\n");

        IReadOnlyList<SourceItem> items = await file.ReadAsync(s_layout);

        foreach (string anchor in new[] { Ann, Bob })
        {
            Assert.Equal(
                (IgnoredFlow.NotGiven, IgnoredFlow.NotGiven),
                (UserIn(items, anchor)["manager"], UserIn(items, anchor)["employeeOrgData.costCenter"])
            );
        }
        Assert.Equal(("System.Admin", null), (UserIn(items, Cid)["displayName"], UserIn(items, Cid)["employeeOrgData.costCenter"]));
        string warning = Assert.Single(items.OfType<SourceWarning>()).Message;
        Assert.Contains("manager (2 entries)", warning, StringComparison.Ordinal);
        Assert.Contains("employeeOrgData.costCenter (2 entries)", warning, StringComparison.Ordinal);
        Assert.Contains("-Depth", warning, StringComparison.Ordinal);
        AssertComplete(items, 3);
    }

    [Fact]
    public async Task Columns_of_lists_kept_by_hand_are_read()
    {
        using var file = new DirectoryFile(
            "users.csv",
            $"id,businessPhones,manager,managerId,costCenter,deletedDateTime\n{Ann},\"{{+34 931 000 001}}\",,,CC-1,\n"
                + $"{Bob},\"[\"\"+34 931 000 002\"\",\"\"+34 931 000 "
                + $"003\"\"]\",Microsoft.Graph.PowerShell.Models.MicrosoftGraphDirectoryObject,{Ann},,2025-03-01T08:00:00Z\n{Cid},System.String[],,{Ann},,01/01/0001 00:00:00\n"
        );

        IReadOnlyList<SourceItem> items = await file.ReadAsync(s_layout);

        Assert.Equal(
            ("+34 931 000 001", "CC-1"),
            (UserIn(items, Ann)["telephoneNumber"], UserIn(items, Ann)["employeeOrgData.costCenter"])
        );
        Assert.Equal(("+34 931 000 002", new SourceReference(Ann)), (UserIn(items, Bob)["telephoneNumber"], UserIn(items, Bob)["manager"]));
        Assert.Equal(IgnoredFlow.NotGiven, UserIn(items, Cid)["telephoneNumber"]);
        Assert.Equal([false, true, false], items.OfType<SourceEntry>().Select(entry => entry.SoftDeleted));
        Assert.Contains("telephoneNumber (1 entry)", Assert.Single(items.OfType<SourceWarning>()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"\"", false)]
    [InlineData("\"  \"", false)]
    [InlineData("null", false)]
    [InlineData("\"0001-01-01T00:00:00Z\"", false)]
    [InlineData("\"2025-03-01T08:00:00Z\"", true)]
    [InlineData("\"\\/Date(1740816000000)\\/\"", true)]
    [InlineData("\"/Date(-62135596800000)/\"", false)]
    public async Task Nothing_in_a_date_is_no_date(string json, bool deleted)
    {
        using var file = new DirectoryFile(
            "users.json",
            $$"""[{"id":"{{Ann}}","deletedDateTime":{{json}},"accountEnabled":"","manager":""}]"""
        );
        SourceEntry entry = Assert.Single((await file.ReadAsync(s_layout)).OfType<SourceEntry>());
        Assert.Equal((deleted, null, null), (entry.SoftDeleted, entry.Object["accountEnabled"], entry.Object["manager"]));
    }

    [Theory]
    [InlineData("\"displayName\":{\"a\":1}", "displayName is an object")]
    [InlineData("\"displayName\":\"\\ud83d\"", "half of a character")]
    [InlineData("\"proxyAddresses\":[\"a\",{\"b\":\"\\udc00\"}]", "list of objects")]
    [InlineData("\"proxyAddresses\":[\"a\",\"\\udc00\"]", "half of a character")]
    [InlineData("\"accountEnabled\":{\"value\":true}", "accountEnabled is an object")]
    [InlineData("\"accountEnabled\":[true]", "accountEnabled is a list")]
    [InlineData("\"accountEnabled\":\"2025-03-01T08:00:00Z\"", "neither True nor False")]
    [InlineData("\"deletedDateTime\":\"soon\"", "not a date")]
    [InlineData("\"deletedDateTime\":{\"value\":1}", "not the text of a date")]
    [InlineData("\"displayName\":\"Jos\uFFFD\"", "not UTF-8")]
    public async Task A_value_of_another_kind_spoils_its_own_entry_only(string member, string message)
    {
        string bad = $"{{\"\\ud800\":1,\"id\":\"{Bob}\",{member}}}";
        foreach (
            (string name, string content) in new[]
            {
                ("users.json", $"[{AnnJson},{bad},{{\"id\":\"{Cid}\"}}]"),
                ("users.jsonl", $"{AnnJson}\n{bad}\n{{\"id\":\"{Cid}\"}}\n"),
            }
        )
        {
            using var file = new DirectoryFile(name, content);
            IReadOnlyList<SourceItem> items = await file.ReadAsync(s_layout);
            SourceFault fault = Assert.Single(items.OfType<SourceFault>());
            Assert.Equal(Bob, fault.Anchor);
            Assert.Contains(message, fault.Message, StringComparison.Ordinal);
            Assert.Equal([Ann, Cid], items.OfType<SourceEntry>().Select(entry => entry.Object.Anchor));
            AssertComplete(items, 3);
        }
    }

    private const string AnnJson = """{"id":"00000000-0000-4000-8000-00000000000a"}""";

    [Theory]
    [InlineData("users.csv", "id,displayName\nann-\u00E9,Ann\n\"a\nb\",Bob\nSystem.Object[],Cid\n")]
    [InlineData("users.json", "[{\"id\":\"ann-\u00E9\"},{\"id\":\"x\\u0007\"},{\"id\":\"\\ud800\"}]")]
    public async Task An_id_that_cannot_be_read_is_nobodys(string name, string content)
    {
        using var file = new DirectoryFile(name, Encoding.Latin1.GetBytes(content));
        IReadOnlyList<SourceItem> items = await file.ReadAsync(s_layout);
        Assert.Equal(3, items.OfType<SourceFault>().Count());
        Assert.All(items.OfType<SourceFault>(), fault => Assert.Null(fault.Anchor));
    }

    [Fact]
    public async Task Managers_are_found_by_distinguished_name_and_by_either_name_of_a_guest()
    {
        using var file = new DirectoryFile(
            "users.csv",
            "id,userPrincipalName,onPremisesDistinguishedName,manager\n"
                + "1,bea@example.com,\"CN=Bea Oss, OU=Staff, DC=example, "
                + "DC=com\",\n2,guest_partner.com#EXT#@example.onmicrosoft.com,,\"cn=bea oss,ou=Staff,DC=example,DC=com\"\n"
                + "3,c@example.com,,guest@partner.com\n4,d@example.com,,guest_partner.com#EXT#@example.onmicrosoft.com\n"
        );
        IReadOnlyList<SourceItem> items = await file.ReadAsync(s_layout);
        Assert.Equal(
            [null, "1", "2", "2"],
            items.OfType<SourceEntry>().Select(entry => (entry.Object["manager"] as SourceReference)?.Anchor)
        );
        Assert.Empty(items.OfType<SourceWarning>());
    }

    [Fact]
    public async Task A_manager_without_an_entry_and_a_manager_name_of_several_entries_give_warnings()
    {
        using var file = new DirectoryFile(
            "users.csv",
            "id,userPrincipalName,mail,manager\n1,a@example.com,team@example.com,who@example.com\n2,b@example.com,team@example.com,\"CN=Gone,DC=example\"\n"
                + $"3,c@example.com,b@example.com,{Cid}\n4,d@example.com,,team@example.com\n5,e@example.com,,b@example.com\n"
        );

        IReadOnlyList<SourceItem> items = await file.ReadAsync(s_layout);

        Assert.Equal(IgnoredFlow.NotGiven, UserIn(items, "4")["manager"]);
        Assert.Equal(new SourceReference("2"), UserIn(items, "5")["manager"]);
        string[] warnings = [.. items.OfType<SourceWarning>().Select(warning => warning.Message)];
        Assert.Equal(2, warnings.Length);
        Assert.StartsWith("3 entries of users.csv have a manager who is neither", warnings[0], StringComparison.Ordinal);
        Assert.Contains($"'who@example.com' (line 2), 'CN=Gone,DC=example' (line 3), '{Cid}'", warnings[0], StringComparison.Ordinal);
        Assert.StartsWith(
            "1 entry of users.csv has a manager whose userPrincipalName or mail several entries have: 'team@example.com' (line 5)",
            warnings[1],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("root:*:20228:0:99999:7:::\ndaemon:*:20228\n", "root")]
    [InlineData("DB_PASSWORD=hunter2-very-secret\nAPI_KEY=x\n", "hunter2")]
    [InlineData("a name,DB_PASSWORD=hunter2\n", "hunter2")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n", "BEGIN")]
    [InlineData("name,0123456789012345678901234567890123456789012345678901234567890123456789\n", "01234567890")]
    public async Task A_file_that_is_no_list_of_users_is_not_quoted(string content, string secret)
    {
        using var file = new DirectoryFile("users.csv", content);
        SourceException refusal = await file.RefusalAsync();
        Assert.Equal("SourceColumnsMissing", refusal.ErrorId);
        Assert.DoesNotContain(secret, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_refused_before_it_is_opened()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var file = new DirectoryFile("users.csv", "id\n1\n");
        string pipe = file.Path + ".pipe",
            link = file.Path + ".link";
        using (var make = Process.Start("mkfifo", pipe))
            await make.WaitForExitAsync();
        File.CreateSymbolicLink(link, pipe);
        foreach (string path in new[] { pipe, link, "/dev/zero" })
        {
            SourceException refusal = await Assert.ThrowsAsync<SourceException>(() => DrainAsync(path).WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.Contains("pipe", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_link_to_a_file_is_read()
    {
        using var file = new DirectoryFile("users.csv", "id\n1\n");
        string link = file.Path + ".link";
        File.CreateSymbolicLink(link, file.Path);
        await DrainAsync(link);
    }

    private static async Task DrainAsync(string path)
    {
        await foreach (SourceItem _ in new FileSource(path).ReadAsync(s_layout, null, CancellationToken.None)) { }
    }
}
