using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class PatchTests
{
    private const string Start = """
        "title":"Old","externalId":"e1","phoneNumbers":[{"value":"+34 1111111","type":"work"},{"value":"+34 2222222","type":"home"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"Sales","manager":{"value":"1"}},
        "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User":{"gender":"F","invoiceProfiles":[{"value":"One"}],"emergencyContact":{"name":"Jo","phone":"+34 3333333"}}
        """;

    /// <summary>Operations, then the member that must have changed to what; "E:" and "T:" stand for the extensions' URNs.</summary>
    [Theory]
    [InlineData("""[{"op":"replace","path":"title","value":"New"}]""", "title", "\"New\"")]
    [InlineData("""[{"op":"Replace","path":"TITLE","value":"New"}]""", "title", "\"New\"")]
    [InlineData("""[{"op":"ADD","path":"title","value":"New"}]""", "title", "\"New\"")]
    [InlineData("""[{"op":"remove","path":"title"}]""", "title", null)]
    [InlineData("""[{"op":"Remove","path":"title","value":"ignored"}]""", "title", null)]
    [InlineData("""[{"op":"replace","path":"title","value":null}]""", "title", null)]
    [InlineData("""[{"op":"replace","path":"active","value":false}]""", "active", "false")]
    [InlineData("""[{"op":"Replace","path":"active","value":"False"}]""", "active", "false")]
    [InlineData("""[{"op":"replace","path":"active","value":false},{"op":"remove","path":"active"}]""", "active", "true")]
    [InlineData("""[{"op":"replace","path":"name.givenName","value":"Ana"}]""", "name", """{"givenName":"Ana","familyName":"Col"}""")]
    [InlineData(
        """[{"op":"replace","path":"name","value":{"middleName":"B"}}]""",
        "name",
        """{"givenName":"Marlen","familyName":"Col","middleName":"B"}"""
    )]
    [InlineData("""[{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:User:title","value":"New"}]""", "title", "\"New\"")]
    [InlineData("""[{"op":"replace","path":"externalId","value":"e2"}]""", "externalId", "\"e2\"")]
    // path-less, plain, dotted, URN-qualified and nested
    [InlineData("""[{"op":"replace","value":{"title":"New","active":"False"}}]""", "title", "\"New\"")]
    [InlineData(
        """[{"op":"replace","value":{"title":"New","name.givenName":"Ana"}}]""",
        "name",
        """{"givenName":"Ana","familyName":"Col"}"""
    )]
    [InlineData(
        """[{"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter":"Legal"}}]""",
        "E:costCenter",
        "\"Legal\""
    )]
    [InlineData(
        """[{"op":"replace","value":{"schemas":["urn:x"],"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User":{"gender":"M","emergencyContact":{"name":"Al"}}}}]""",
        "T:emergencyContact",
        """{"name":"Al","phone":"+34 3333333"}"""
    )]
    [InlineData(
        """[{"op":"replace","value":{"phoneNumbers[type eq \"work\"].value":"+34 9999999"}}]""",
        "phoneNumbers",
        """[{"value":"+34 9999999","type":"work"},{"value":"+34 2222222","type":"home"}]"""
    )]
    // extensions
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter","value":"Legal"}]""",
        "E:costCenter",
        "\"Legal\""
    )]
    [InlineData("""[{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"}]""", "E:", null)]
    [InlineData(
        """[{"op":"add","path":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User","value":{"dateOfBirth":"1990/12/31"}}]""",
        "T:dateOfBirth",
        "\"1990-12-31\""
    )]
    [InlineData(
        """[{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:emergencyContact.phone"}]""",
        "T:emergencyContact",
        """{"name":"Jo"}"""
    )]
    [InlineData(
        """[{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:emergencyContact"}]""",
        "T:emergencyContact",
        null
    )]
    // multi-valued, whole
    [InlineData(
        """[{"op":"add","path":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles","value":[{"value":"Two"},{"value":"One"}]}]""",
        "T:invoiceProfiles",
        """[{"value":"One"},{"value":"Two"}]"""
    )]
    [InlineData(
        """[{"op":"add","path":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles","value":{"value":"Two"}}]""",
        "T:invoiceProfiles",
        """[{"value":"One"},{"value":"Two"}]"""
    )]
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles","value":[{"value":"Two"}]}]""",
        "T:invoiceProfiles",
        """[{"value":"Two"}]"""
    )]
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles","value":[]}]""",
        "T:invoiceProfiles",
        null
    )]
    [InlineData("""[{"op":"remove","path":"phoneNumbers"}]""", "phoneNumbers", null)]
    [InlineData(
        """[{"op":"remove","path":"phoneNumbers","value":[{"value":"+34 1111111","type":"work"}]}]""",
        "phoneNumbers",
        """[{"value":"+34 2222222","type":"home"}]"""
    )]
    // multi-valued, selected
    [InlineData(
        """[{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"+34 9999999"}]""",
        "phoneNumbers",
        """[{"value":"+34 9999999","type":"work"},{"value":"+34 2222222","type":"home"}]"""
    )]
    [InlineData(
        """[{"op":"add","path":"phoneNumbers[type eq \"work\"].value","value":"+34 9999999"}]""",
        "phoneNumbers",
        """[{"value":"+34 9999999","type":"work"},{"value":"+34 2222222","type":"home"}]"""
    )]
    [InlineData(
        """[{"op":"add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+34 9999999"}]""",
        "phoneNumbers",
        """[{"value":"+34 1111111","type":"work"},{"value":"+34 2222222","type":"home"},{"type":"mobile","value":"+34 9999999"}]"""
    )]
    [InlineData(
        """[{"op":"add","path":"phoneNumbers[type eq \"mobile\"]","value":{"value":"+34 9999999"}}]""",
        "phoneNumbers",
        """[{"value":"+34 1111111","type":"work"},{"value":"+34 2222222","type":"home"},{"type":"mobile","value":"+34 9999999"}]"""
    )]
    // a selected element is replaced as a whole (RFC 7644 section 3.5.2.3), and added to in part
    [InlineData(
        """[{"op":"replace","path":"phoneNumbers[type eq \"work\"]","value":{"value":"+34 9999999"}}]""",
        "phoneNumbers",
        """[{"value":"+34 9999999"},{"value":"+34 2222222","type":"home"}]"""
    )]
    [InlineData(
        """[{"op":"replace","path":"phoneNumbers[type eq \"work\"]","value":[{"type":"other","value":"+34 9999999"}]}]""",
        "phoneNumbers",
        """[{"value":"+34 9999999","type":"other"},{"value":"+34 2222222","type":"home"}]"""
    )]
    [InlineData(
        """[{"op":"add","path":"phoneNumbers[type eq \"work\"]","value":{"value":"+34 9999999"}}]""",
        "phoneNumbers",
        """[{"value":"+34 9999999","type":"work"},{"value":"+34 2222222","type":"home"}]"""
    )]
    [InlineData(
        """[{"op":"remove","path":"phoneNumbers[type eq \"work\"].value"}]""",
        "phoneNumbers",
        """[{"value":"+34 2222222","type":"home"}]"""
    )]
    [InlineData(
        """[{"op":"remove","path":"phoneNumbers[type eq \"home\"]"}]""",
        "phoneNumbers",
        """[{"value":"+34 1111111","type":"work"}]"""
    )]
    [InlineData("""[{"op":"remove","path":"phoneNumbers[value sw \"+34\"]"}]""", "phoneNumbers", null)]
    [InlineData(
        """[{"op":"replace","path":"phoneNumbers.type","value":"other"}]""",
        "phoneNumbers",
        """[{"value":"+34 1111111","type":"other"},{"value":"+34 2222222","type":"other"}]"""
    )]
    // the manager in all the forms Entra knows
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"2"}}]""",
        "E:manager",
        """{"value":"2","$ref":"BASEUsers/2","displayName":"Marlen Col"}"""
    )]
    [InlineData(
        """[{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":[{"$ref":"http://x/Users/2","value":"2"}]}]""",
        "E:manager",
        """{"value":"2","$ref":"BASEUsers/2","displayName":"Marlen Col"}"""
    )]
    [InlineData(
        """[{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"2"}]""",
        "E:manager",
        """{"value":"2","$ref":"BASEUsers/2","displayName":"Marlen Col"}"""
    )]
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value","value":"2"}]""",
        "E:manager",
        """{"value":"2","$ref":"BASEUsers/2","displayName":"Marlen Col"}"""
    )]
    [InlineData("""[{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"}]""", "E:manager", null)]
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"$ref":"../Users/2"}}]""",
        "E:manager",
        """{"value":"2","$ref":"BASEUsers/2","displayName":"Marlen Col"}"""
    )]
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref","value":"http://x/Users/2/"}]""",
        "E:manager",
        """{"value":"2","$ref":"BASEUsers/2","displayName":"Marlen Col"}"""
    )]
    // schemas within an extension's value
    [InlineData(
        """[{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":{"schemas":["urn:x"],"costCenter":"Legal"}}]""",
        "E:costCenter",
        "\"Legal\""
    )]
    [InlineData(
        """[{"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"schemas":["urn:x"],"costCenter":"Legal"}}}]""",
        "E:costCenter",
        "\"Legal\""
    )]
    // several
    [InlineData(
        """[{"op":"remove","path":"phoneNumbers"},{"op":"add","path":"phoneNumbers[type eq \"work\"].value","value":"+34 9999999"},{"op":"replace","path":"title","value":"New"}]""",
        "phoneNumbers",
        """[{"type":"work","value":"+34 9999999"}]"""
    )]
    public async Task An_operation_changes_the_attribute_that_it_names(string operations, string member, string? expected)
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("boss@x.com");
        _ = await server.CreateAsync("other@x.com");
        string id = await server.CreateAsync("a@x.com", Start);

        Answer answer = await server.PatchAsync(id, operations);

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        JsonNode? actual = Member(answer.Json, member);
        if (expected is null)
            Assert.Null(actual);
        else
            Answer.AssertJson(expected.Replace("BASE", server.Sandbox.BaseUri.AbsoluteUri, StringComparison.Ordinal), actual);
        Answer.AssertJson(answer.Text, (await server.GetAsync("Users/" + id)).Json);
        IEnumerable<string> used = ((string[])[Server.Core, Server.Enterprise, Server.TravelPerk]).Where(urn =>
            urn == Server.Core || answer.Json.ContainsKey(urn)
        );
        Assert.Equal(used, answer.Json["schemas"]!.AsArray().Select(urn => urn!.GetValue<string>()));
    }

    /// <summary>RFC 7643 section 2.4, RFC 7644 section 3.5.2.</summary>
    [Theory]
    [InlineData(
        """[{"op":"add","path":"phoneNumbers[type eq \"home\"].primary","value":true}]""",
        """[{"value":"+34 1111111","type":"work","primary":false},{"value":"+34 2222222","type":"home","primary":true}]"""
    )]
    [InlineData(
        """[{"op":"add","path":"phoneNumbers","value":[{"value":"+34 9999999","primary":"True"}]}]""",
        """[{"value":"+34 1111111","type":"work","primary":false},{"value":"+34 2222222","type":"home"},{"value":"+34 9999999","primary":true}]"""
    )]
    public async Task One_value_is_primary_at_most(string operations, string expected)
    {
        await using var server = Server.Start();
        string id = await server.CreateAsync(
            "a@x.com",
            """
            "phoneNumbers":[{"value":"+34 1111111","type":"work","primary":true},{"value":"+34 2222222","type":"home"}]
            """
        );

        Answer.AssertJson(expected, (await server.PatchAsync(id, operations)).Json["phoneNumbers"]);
        (
            await server.PostAsync(
                Server.User(
                    "b@x.com",
                    """
                    "phoneNumbers":[{"value":"+34 1111111","primary":true},{"value":"+34 2222222","primary":true}]
                    """
                )
            )
        ).AssertError(HttpStatusCode.BadRequest, "invalidValue", "Attribute 'phoneNumbers' has more than one primary value.");
    }

    [Theory]
    [InlineData("""[{"op":"remove"}]""", "noTarget")]
    [InlineData("""[{"op":"remove","path":"phoneNumbers[type eq \"mobile\"]"}]""", "noTarget")]
    [InlineData("""[{"op":"remove","path":"phoneNumbers[type eq \"mobile\"].value"}]""", "noTarget")]
    [InlineData("""[{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"+34 9999999"}]""", "noTarget")]
    [InlineData("""[{"op":"replace","path":"phoneNumbers[type eq \"mobile\"]","value":{"value":"+34 9999999"}}]""", "noTarget")]
    [InlineData("""[{"op":"replace","value":{"phoneNumbers[type eq \"mobile\"].value":"+34 9999999"}}]""", "noTarget")]
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles[value eq \"one\"].value","value":"Two"}]""",
        "noTarget"
    )]
    [InlineData("""[{"op":"add","path":"phoneNumbers[type sw \"mob\"].value","value":"+34 9999999"}]""", "noTarget")]
    [InlineData("""[{"op":"add","path":"phoneNumbers[colour eq \"red\"].value","value":"+34 9999999"}]""", "noTarget")]
    [InlineData("""[{"op":"replace","path":"colour","value":"red"}]""", "invalidPath")]
    [InlineData("""[{"op":"replace","path":"manager","value":"1"}]""", "invalidPath")]
    [InlineData("""[{"op":"replace","path":"name.colour","value":"red"}]""", "invalidPath")]
    [InlineData("""[{"op":"replace","path":"name[","value":"red"}]""", "invalidPath")]
    [InlineData("""[{"op":"replace","path":"","value":"red"}]""", "invalidPath")]
    [InlineData("""[{"op":"replace","path":7,"value":"red"}]""", "invalidPath")]
    [InlineData("""[{"op":"replace","path":"title[type eq \"x\"]","value":"red"}]""", "invalidPath")]
    [InlineData("""[{"op":"replace","path":"urn:x:2.0:User:title","value":"red"}]""", "invalidPath")]
    [InlineData("""[{"op":"replace","value":{"title":"New","colour":"red"}}]""", "invalidPath")]
    [InlineData("""[{"op":"replace","path":"id","value":"7"}]""", "mutability")]
    [InlineData("""[{"op":"replace","path":"meta.created","value":"x"}]""", "mutability")]
    [InlineData("""[{"op":"add","path":"groups","value":[{"value":"1"}]}]""", "mutability")]
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName","value":"x"}]""",
        "mutability"
    )]
    [InlineData("""[{"op":"remove","path":"userName"}]""", "mutability")]
    [InlineData("""[{"op":"remove","path":"name"}]""", "mutability")]
    [InlineData("""[{"op":"replace","path":"name.familyName","value":""}]""", "mutability")]
    [InlineData("""[{"op":"replace","path":"title","value":5}]""", "invalidValue")]
    [InlineData("""[{"op":"replace","path":"title","value":{"a":1}}]""", "invalidValue")]
    [InlineData("""[{"op":"replace","path":"active","value":"off"}]""", "invalidValue")]
    [InlineData("""[{"op":"replace","path":"phoneNumbers","value":"+34 1234567"}]""", "invalidValue")]
    [InlineData("""[{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"none"}]""", "invalidValue")]
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"77"}}]""",
        "invalidValue"
    )]
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"3"}}]""",
        "invalidValue"
    )]
    [InlineData(
        """[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter","value":"Nowhere"}]""",
        "invalidValue"
    )]
    [InlineData(
        """[{"op":"replace","path":"phoneNumbers","value":[{"value":"+34 1234567","primary":true},{"value":"+34 1234568","primary":true}]}]""",
        "invalidValue"
    )]
    [InlineData("""[{"op":"replace","value":"red"}]""", "invalidValue")]
    [InlineData("""[{"op":"merge","path":"title","value":"x"}]""", "invalidSyntax")]
    [InlineData("""[{"op":"add","path":"title"}]""", "invalidSyntax")]
    [InlineData("""[]""", "invalidSyntax")]
    [InlineData("""{}""", "invalidSyntax")]
    public async Task A_bad_operation_is_named_and_nothing_of_the_request_is_applied(string operations, string scimType)
    {
        await using var server = Server.Start(new SandboxOptions { CostCenters = ["Sales"] });
        _ = await server.CreateAsync("boss@x.com");
        _ = await server.CreateAsync("other@x.com");
        string id = await server.CreateAsync("a@x.com", Start);
        string before = (await server.GetAsync("Users/" + id)).Text;
        string withAGoodOne = operations.StartsWith("[{", StringComparison.Ordinal)
            ? """[{"op":"replace","path":"title","value":"Applied"},""" + operations[1..]
            : operations;

        (await server.PatchAsync(id, withAGoodOne)).AssertError(HttpStatusCode.BadRequest, scimType);

        Assert.Equal(before, (await server.GetAsync("Users/" + id)).Text);
    }

    [Fact]
    public async Task A_taken_userName_conflicts_and_a_freed_one_does_not()
    {
        await using var server = Server.Start();
        string a = await server.CreateAsync("a@x.com"),
            b = await server.CreateAsync("b@x.com");

        (await server.PatchAsync(b, """[{"op":"replace","path":"userName","value":"A@x.com"}]""")).AssertError(
            HttpStatusCode.Conflict,
            "uniqueness",
            "A user with userName \"A@x.com\" already exists. The userName must be unique."
        );
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync(a, """[{"op":"replace","path":"userName","value":"A2@x.com"}]""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync(b, """[{"op":"replace","path":"userName","value":"A@x.com"}]""")).Status);

        Assert.Equal(["A@x.com"], (await server.FilterAsync("userName eq \"a@x.com\"")).UserNames);
        Assert.Empty((await server.FilterAsync("userName eq \"b@x.com\"")).UserNames);
    }

    [Fact]
    public async Task LastModified_moves_with_a_change_and_only_then()
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = Server.Start(new SandboxOptions { TimeProvider = clock });
        string id = await server.CreateAsync("a@x.com", "\"title\":\"Old\"");
        clock.Advance(TimeSpan.FromMinutes(1));

        Answer same = await server.PatchAsync(id, """[{"op":"replace","path":"title","value":"Old"}]""");
        Answer changed = await server.PatchAsync(id, """[{"op":"replace","path":"title","value":"New"}]""");

        Assert.Equal("2026-01-01T00:00:00.000Z", same.Value("meta", "lastModified"));
        Assert.Equal("2026-01-01T00:01:00.000Z", changed.Value("meta", "lastModified"));
        Assert.Equal("2026-01-01T00:00:00.000Z", changed.Value("meta", "created"));
        Assert.Equal(2, server.Sandbox.WriteCount);
    }

    [Theory]
    [InlineData("""{"Operations":[{"op":"replace","path":"title","value":"x"}]}""")]
    [InlineData(
        """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"Operations":[{"op":"replace","path":"title","value":"x"}]}"""
    )]
    [InlineData("""{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":["x"]}""")]
    [InlineData("""{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}""")]
    public async Task A_body_that_is_no_PatchOp_is_refused(string body)
    {
        await using var server = Server.Start();
        string id = await server.CreateAsync("a@x.com");

        (await server.SendAsync("PATCH", "Users/" + id, body)).AssertError(HttpStatusCode.BadRequest, "invalidSyntax");
    }

    [Fact]
    public async Task A_missing_user_cannot_be_patched()
    {
        await using var server = Server.Start();

        (await server.PatchAsync("7", """[{"op":"replace","path":"title","value":"x"}]""")).AssertError(
            HttpStatusCode.NotFound,
            null,
            "User 7 not found."
        );
    }

    private static JsonNode? Member(JsonObject user, string member)
    {
        if (member.Length < 2 || member[1] != ':')
            return user[member];
        JsonNode? extension = user[member[0] == 'E' ? Server.Enterprise : Server.TravelPerk];
        return member.Length == 2 ? extension : extension?[member[2..]];
    }
}
