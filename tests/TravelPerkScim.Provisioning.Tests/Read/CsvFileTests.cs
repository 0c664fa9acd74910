using System.Text;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using static TravelPerkScim.Provisioning.Tests.Read.DirectoryFile;

namespace TravelPerkScim.Provisioning.Tests.Read;

public class CsvFileTests
{
    // As seen in a download; the documented list says objectId, physicalDeliveryOfficeName and mobile instead.
    private const string Seen =
        "userPrincipalName,displayName,surname,mail,givenName,id,userType,jobTitle,department,accountEnabled,usageLocation,streetAddress,state,country,officeLocation,city,postalCode,telephoneNumber,mobilePhone,alternateEmailAddress,ageGroup,consentProvidedForMinor,legalAgeGroupClassification,companyName,creationType,directorySynced,invitationState,identityIssuer,createdDateTime";
    private const string Documented =
        "userPrincipalName,displayName,surname,mail,givenName,objectId,userType,jobTitle,department,accountEnabled,usageLocation,streetAddress,state,country,physicalDeliveryOfficeName,city,postalCode,telephoneNumber,mobile,authenticationAlternativePhoneNumber,authenticationEmail,alternateEmailAddress,ageGroup,consentProvidedForMinor,legalAgeGroupClassification";

    [Theory]
    [InlineData(Seen, ",,,,,,,True,,example.com,8/19/2021 1:25:31 PM")]
    [InlineData(Documented, ",,,,,,")]
    public async Task The_admin_centers_columns_in_both_name_sets_are_read(string header, string tail)
    {
        using var file = new DirectoryFile(
            "exportUsers.csv",
            $"{header}\r\nann@example.com,\"Lindqvist, Ann\",Lindqvist,ann@example.com,Ann,{Ann},Member,\"Head of "
                + $"\"\"Ops\"\"\",Ops,True,ES,\"Calle 1\r\nBarcelona\",,Spain,HQ "
                + $"2,Barcelona,08018,+34 931 000 001,+34 600 000 001{tail}\r\n"
        );

        IReadOnlyList<SourceItem> items = await file.ReadAsync();

        AssertComplete(items, 1);
        SourceObject ann = UserIn(items, Ann);
        Assert.Equal("Lindqvist, Ann", ann["displayName"]);
        Assert.Equal("Head of \"Ops\"", ann["jobTitle"]);
        Assert.Equal(true, ann["accountEnabled"]);
        Assert.Equal("HQ 2", ann["physicalDeliveryOfficeName"]);
        Assert.Equal("+34 931 000 001", ann["telephoneNumber"]);
        Assert.Equal("+34 600 000 001", ann["mobile"]);
        Assert.Equal(Ann, ann["objectId"]);
        Assert.Null(ann["employeeOrgData.costCenter"]);
    }

    [Theory]
    [InlineData(",", "\r\n")]
    [InlineData(";", "\n")]
    [InlineData(";", "\r")]
    [InlineData("\t", "\r\n")]
    public async Task Delimiter_and_line_ends_are_found(string delimiter, string lineEnd)
    {
        string[] lines =
        [
            "ID;UserPrincipalName;DISPLAYNAME;extra",
            $"{Ann};ann@example.com;\"Ann;, A.\";x",
            "",
            $"{Bob};bob@example.com;;",
            ";;;",
        ];
        using var file = new DirectoryFile(
            "users.csv",
            string.Join(
                lineEnd,
                lines.Select(l => l.Replace("Ann;,", "Ann|", StringComparison.Ordinal).Replace(";", delimiter, StringComparison.Ordinal))
            ) + lineEnd
        );

        IReadOnlyList<SourceItem> items = await file.ReadAsync();

        AssertComplete(items, 2);
        Assert.Equal("Ann| A.", UserIn(items, Ann)["displayName"]);
        Assert.Null(UserIn(items, Bob)["displayName"]);
    }

    [Fact]
    public async Task Delimiter_is_judged_by_the_header_alone()
    {
        using var file = new DirectoryFile("users.csv", $"id;displayName\n{Ann};a,b,c,d,e,f\n");
        Assert.Equal("a,b,c,d,e,f", UserIn(await file.ReadAsync(), Ann)["displayName"]);
    }

    public static TheoryData<string> Encodings => ["utf-8", "utf-16", "utf-16BE"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_byte_order_mark_tells_the_encoding(string encoding)
    {
        using var file = new DirectoryFile("users.csv", $"id,displayName\r\n{Ann},Åse Žižek\r\n", Encoding.GetEncoding(encoding));
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        AssertComplete(items, 1);
        Assert.Equal("Åse Žižek", UserIn(items, Ann)["displayName"]);
    }

    [Fact]
    public async Task Text_that_is_not_utf8_is_reported_and_never_sent_on_mangled()
    {
        using var file = new DirectoryFile("users.csv", Encoding.Latin1.GetBytes($"id,displayName\n{Ann},José\n{Bob},Bob\n"));
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        SourceFault fault = Assert.Single(items.OfType<SourceFault>());
        Assert.Equal(("line 2", Ann), (fault.Position, fault.Anchor));
        Assert.Contains("displayName", fault.Message, StringComparison.Ordinal);
        Assert.Contains("CSV UTF-8", fault.Message, StringComparison.Ordinal);
        AssertComplete(items, 2);
    }

    [Fact]
    public async Task Columns_an_admin_adds_are_read()
    {
        using var file = new DirectoryFile(
            "users.csv",
            $"id,manager,extension_0123456789abcdef_badge,employeeOrgData.costCenter,extensionAttribute1,accountEnabled\n{Ann.ToUpperInvariant()},,77,Ops,F,TRUE\n{Bob},{Ann.ToUpperInvariant()},78,,,false"
        );
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        (SourceObject? ann, SourceObject? bob) = (UserIn(items, Ann), UserIn(items, Bob));
        Assert.Equal("77", ann["extension_0123456789abcdef_badge"]);
        Assert.Equal("Ops", ann["employeeOrgData.costCenter"]);
        Assert.Equal("F", ann["extensionAttribute1"]);
        Assert.Equal(true, ann["accountEnabled"]);
        Assert.Null(ann["manager"]);
        Assert.Equal(new SourceReference(Ann), bob["manager"]);
        Assert.Equal(false, bob["accountEnabled"]);
        AssertComplete(items, 2);
    }

    [Theory]
    [InlineData(Bob + ",b@example.com,True,extra", null, "4 cells where the header has 3")]
    [InlineData("Smith, " + Bob + ",b@example.com,True", null, "4 cells where the header has 3")]
    [InlineData(Bob + ",b@example.com", null, "2 cells where the header has 3")]
    [InlineData(",b@example.com,True", null, "no id")]
    [InlineData(Bob + ",b@example.com,WAHR", Bob, "accountEnabled is 'WAHR'")]
    [InlineData(Bob + ",\"b\" x@example.com,True", Bob, "quotation mark")]
    [InlineData(Ann + ",b@example.com,True", Ann, "already on line 2")]
    public async Task A_bad_line_is_reported_and_the_others_go_on(string line, string? anchor, string message)
    {
        using var file = new DirectoryFile(
            "users.csv",
            $"id,mail,accountEnabled\n{Ann},\"ann\n@example.com\",True\n{line}\n{Cid},c@example.com,True\n"
        );
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        SourceFault fault = Assert.Single(items.OfType<SourceFault>());
        Assert.Equal("line 4", fault.Position);
        Assert.Equal(anchor, fault.Anchor);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal([Ann, Cid], items.OfType<SourceEntry>().Select(e => e.Object.Anchor));
        AssertComplete(items, 3);
    }

    [Fact]
    public async Task A_line_that_may_have_swallowed_others_names_no_user()
    {
        // The quotation mark opened for Bob is closed by Cid's. This fault hides every other user in between.
        using var file = new DirectoryFile(
            "users.csv",
            $"id,displayName,mail\n{Ann},Ann,a@example.com\n{Bob},\"Bob,b@example.com\n{Cid},\"Cid\",c@example.com\n"
        );
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        SourceFault fault = Assert.Single(items.OfType<SourceFault>());
        Assert.Equal(("line 3", null), (fault.Position, fault.Anchor));
    }

    [Fact]
    public async Task A_value_too_long_is_reported()
    {
        using var file = new DirectoryFile("users.csv", $"id,displayName\n{Ann},{new string('x', 70_000)}\n{Bob},Bob\n");
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        Assert.Contains("displayName is longer than 65,536", Assert.Single(items.OfType<SourceFault>()).Message, StringComparison.Ordinal);
        AssertComplete(items, 2);
    }

    [Theory]
    [InlineData(Bob + ",\"Bob", "line 3")]
    [InlineData(Bob + ",\"Bob,True\n" + Cid + ",Cid,True\n", "line 3")]
    [InlineData("\n\n" + Bob + ",Bo", "line 5")]
    [InlineData(Bob + ",\"He said \"\"", "line 3")]
    [InlineData(Bob + ",Bob,\"Tr", "line 3")]
    [InlineData(Bob + ",Bob,\"Tr\"\"", "line 3")]
    [InlineData(Bob, "line 3")]
    public async Task A_file_that_ends_early_is_an_incomplete_read(string end, string position)
    {
        using var file = new DirectoryFile("users.csv", $"id,displayName,accountEnabled\n{Ann},Ann,True\n{end}");
        IReadOnlyList<SourceItem> items = await file.ReadAsync();
        AssertIncomplete(items, position, "absent is not known");
        Assert.Equal(Ann, Assert.Single(items.OfType<SourceEntry>()).Object.Anchor);
    }

    [Fact]
    public async Task A_quotation_mark_never_closed_stops_the_read_before_it_fills_the_memory()
    {
        using var file = new DirectoryFile(
            "users.csv",
            $"id,displayName\n{Ann},\"Ann\n" + string.Concat(Enumerable.Repeat($"{Bob},Bob\n", 40_000))
        );
        AssertIncomplete(await file.ReadAsync(), "line 2", "quotation mark");
    }

    [Fact]
    public async Task A_header_alone_is_a_complete_read_of_no_users()
    {
        using var file = new DirectoryFile("users.csv", "id,displayName\r\n");
        Assert.Equal([new SourceEnd(FullRead: true, Watermark: null, TotalRead: 0)], await file.ReadAsync());
    }

    [Fact]
    public async Task Without_an_id_column_the_columns_found_are_named()
    {
        using var file = new DirectoryFile("users.csv", "userPrincipalName,displayName\nann@example.com,Ann\n");
        SourceException refusal = await file.RefusalAsync();
        Assert.Equal("SourceColumnsMissing", refusal.ErrorId);
        Assert.Contains("objectId", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("userPrincipalName, displayName", refusal.Message, StringComparison.Ordinal);
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
                    "users.csv",
                    $"ID,DISPLAYNAME,MAIL,ACCOUNTENABLED\n{Ann.ToUpperInvariant()},\"İpek, I.\",ann@example.com,TRUE\n"
                );
                IReadOnlyList<SourceItem> items = await file.ReadAsync();
                AssertComplete(items, 1);
                Assert.Equal("ann@example.com", UserIn(items, Ann)["mail"]);
                Assert.Equal(true, UserIn(items, Ann)["accountEnabled"]);
            }
        );
}
