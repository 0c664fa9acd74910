using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Tests.Filters;

public sealed class AttributePathTests
{
    private const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    private const string TravelPerk = "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User";

    [Theory]
    [InlineData("userName", null, "userName", null, null)]
    [InlineData("name.givenName", null, "name", null, "givenName")]
    [InlineData("manager.$ref", null, "manager", null, "$ref")]
    [InlineData("phoneNumbers[type eq \"work\"].value", null, "phoneNumbers", "type eq \"work\"", "value")]
    [InlineData("phoneNumbers[ type EQ \"work\" ]", null, "phoneNumbers", "type eq \"work\"", null)]
    [InlineData("emails[value ew \"].com\" and primary eq true]", null, "emails", "value ew \"].com\" and primary eq true", null)]
    [InlineData("roles[primary eq \"True\"].value", null, "roles", "primary eq true", "value")]
    [InlineData("roles[type eq \"True\"].value", null, "roles", "type eq \"True\"", "value")]
    [InlineData(Enterprise + ":manager", Enterprise, "manager", null, null)]
    [InlineData(Enterprise + ":manager.displayName", Enterprise, "manager", null, "displayName")]
    [InlineData(TravelPerk + ":emergencyContact.name", TravelPerk, "emergencyContact", null, "name")]
    [InlineData(TravelPerk + ":invoiceProfiles[value eq \"a:b.c\"]", TravelPerk, "invoiceProfiles", "value eq \"a:b.c\"", null)]
    [InlineData("urn:ietf:params:scim:schemas:core:2.0:User:userName", null, "userName", null, null)]
    public void Reads_every_form(string text, string? urn, string attribute, string? filter, string? sub)
    {
        var path = AttributePath.Parse(text);

        Assert.Equal(urn, path.SchemaUrn);
        Assert.Equal(attribute, path.Attribute);
        Assert.Equal(filter, path.ValueFilter?.ToString());
        Assert.Equal(sub, path.SubAttribute);
        Assert.Equal(path, AttributePath.Parse(path.ToString()));
    }

    [Theory]
    [InlineData("", "InvalidPath", 1)]
    [InlineData("1name", "InvalidPath", 1)]
    [InlineData("name.", "InvalidPath", 6)]
    [InlineData("name.given.name", "InvalidPath", 11)]
    [InlineData("userName ", "InvalidPath", 9)]
    [InlineData("café", "InvalidPath", 4)]
    [InlineData("urn:x", "InvalidPath", 1)]
    [InlineData("urn:ietf:params:User:", "InvalidPath", 22)]
    [InlineData("emails[type eq \"work\"", "InvalidFilter", 22)]
    [InlineData("emails[]", "InvalidFilter", 8)]
    [InlineData("emails[a[b eq 1] eq 2]", "InvalidFilter", 9)]
    [InlineData("emails[type eq \"work\"]value", "InvalidPath", 23)]
    public void Refuses_what_is_not_a_path(string text, string errorId, int position)
    {
        ScimSyntaxException error = Assert.Throws<ScimSyntaxException>(() => AttributePath.Parse(text));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Equal(position, error.Position);
        Assert.False(AttributePath.TryParse(text, out _));
    }

    [Fact]
    public void Names_compare_without_case_in_every_culture() =>
        Cultures.Under(
            "tr-TR",
            () =>
            {
                var lower = AttributePath.Parse("phonenumbers[type eq \"work\"].value");
                var upper = AttributePath.Parse("PHONENUMBERS[TYPE EQ \"work\"].VALUE");

                Assert.Equal(lower, upper);
                Assert.Equal(lower.GetHashCode(), upper.GetHashCode());
                Assert.Equal(AttributePath.Parse("URN:IETF:PARAMS:SCIM:X:TITLE"), AttributePath.Parse("urn:ietf:params:scim:x:title"));
                Assert.NotEqual(AttributePath.Parse("title"), AttributePath.Parse("urn:ietf:params:scim:x:title"));
            }
        );

    [Theory]
    [InlineData("USERNAME", "\"a@x.com\"")]
    [InlineData("phoneNumbers.value", "\"+1 1\"|\"+2 2\"")]
    [InlineData("phoneNumbers[type eq \"work\"].value", "\"+1 1\"")]
    [InlineData("phoneNumbers[type eq \"fax\"].value", "")]
    [InlineData("phoneNumbers[type eq \"home\"]", "{\"value\":\"\\u002B2 2\",\"type\":\"home\"}")]
    [InlineData(TravelPerk + ":emergencyContact.name", "\"Jane\"")]
    [InlineData(Enterprise + ":costCenter", "")]
    [InlineData("title", "")]
    [InlineData("nickName", "")]
    public void Selects_the_values_at_a_path(string path, string expected)
    {
        var user = (JsonObject)
            JsonNode.Parse(
                $$"""
                {"UserName":"a@x.com","title":null,
                 "phoneNumbers":[{"value":"+1 1","type":"work"},{"value":"+2 2","type":"home"}],
                 "{{TravelPerk}}":{"emergencyContact":{"name":"Jane"} } }
                """
            )!;

        IEnumerable<string> values = AttributePath
            .Parse(path)
            .SelectFrom(user)
            .Select(v => v is JsonObject ? v.ToJsonString() : $"\"{v}\"");

        Assert.Equal(expected, string.Join("|", values));
    }
}
