using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Tests.Filters;

public sealed class ScimFilterTests
{
    private const string Marlen = """
        {"id":"29","externalId":"AbC","userName":"Marlen.Col@mycompany.com","active":true,"title":"","age":41,
         "meta":{"lastModified":"2024-05-13T04:42:34Z"},
         "phoneNumbers":[{"value":"+34 1","type":"work"},{"value":"+34 2","type":"home"}],
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"Marketing","manager":{"value":"123"}}}
        """;

    [Theory]
    [InlineData("userName eq \"marlen.col@MYCOMPANY.com\"", true)]
    [InlineData("userName ne \"marlen.col@MYCOMPANY.com\"", false)]
    [InlineData("USERNAME EQ \"marlen.col@mycompany.com\"", true)]
    [InlineData("id eq \"29\"", true)]
    [InlineData("externalId eq \"AbC\"", true)]
    [InlineData("externalId eq \"abc\"", false)]
    [InlineData("externalId sw \"ab\"", false)]
    [InlineData("userName co \"COL@\"", true)]
    [InlineData("userName sw \"marlen\"", true)]
    [InlineData("userName ew \".COM\"", true)]
    [InlineData("active eq true", true)]
    [InlineData("active ne true", false)]
    [InlineData("active eq false", false)]
    [InlineData("age gt 40", true)]
    [InlineData("age ge 41.0", true)]
    [InlineData("age lt 41", false)]
    [InlineData("age le -3e2", false)]
    [InlineData("userName gt 40", false)]
    [InlineData("meta.lastModified gt \"2024-05-13T05:42:33+01:00\"", true)]
    [InlineData("meta.lastModified lt \"2024-05-13T05:42:33+01:00\"", false)]
    [InlineData("userName pr", true)]
    [InlineData("title pr", false)]
    [InlineData("nickName pr", false)]
    [InlineData("meta pr", true)]
    [InlineData("nickName eq null", true)]
    [InlineData("userName eq null", false)]
    [InlineData("userName ne null", true)]
    [InlineData("nickName ne \"x\"", true)]
    [InlineData("nickName eq \"x\"", false)]
    [InlineData("phoneNumbers.type eq \"home\"", true)]
    [InlineData("phoneNumbers eq \"+34 2\"", true)]
    [InlineData("phoneNumbers[type eq \"home\" and value eq \"+34 1\"]", false)]
    [InlineData("phoneNumbers[type eq \"work\" and value eq \"+34 1\"]", true)]
    [InlineData("phoneNumbers[type eq \"work\"].value eq \"+34 1\"", true)]
    [InlineData("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter eq \"marketing\"", true)]
    [InlineData("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"123\"", true)]
    [InlineData("userName pr or nickName pr and title pr", true)]
    [InlineData("(userName pr or nickName pr) and title pr", false)]
    [InlineData("not (userName pr) or active eq true", true)]
    [InlineData("not(userName pr and active eq true)", false)]
    [InlineData("phoneNumbers[type eq \"home\"] and active eq true", true)]
    [InlineData("  (  ( id eq \"29\" )  )  ", true)]
    public void Evaluates_against_a_resource(string text, bool expected)
    {
        var user = (JsonObject)JsonNode.Parse(Marlen)!;
        var filter = ScimFilter.Parse(text);

        Assert.Equal(expected, filter.Matches(user));
        Assert.Equal(expected, ScimFilter.Parse(filter.ToString()!).Matches(user));
        Cultures.Under("tr-TR", () => Assert.Equal(expected, ScimFilter.Parse(text).Matches(user)));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("userName", 9)]
    [InlineData("userName eq", 12)]
    [InlineData("userName equals \"a\"", 10)]
    [InlineData("userName eq a", 13)]
    [InlineData("userName eq \"a", 13)]
    [InlineData("userName eq \"a\\", 13)]
    [InlineData("userName eq \"\\ud800\"", 13)]
    [InlineData("userName eq \"\\q\"", 13)]
    [InlineData("userName eq \"a\nb\"", 13)]
    [InlineData("userName eq 01", 13)]
    [InlineData("age eq 1e999", 8)]
    [InlineData("userName eq \"a\" id eq \"b\"", 17)]
    [InlineData("userName eq \"a\" and", 20)]
    [InlineData("(userName pr", 13)]
    [InlineData("userName pr)", 12)]
    [InlineData("active gt true", 11)]
    [InlineData("age co 4", 8)]
    [InlineData("userName gt null", 13)]
    [InlineData("emails[type eq \"work\"]] pr", 23)]
    [InlineData("not userName pr", 5)]
    public void Refuses_what_is_not_a_filter_and_says_where(string text, int position)
    {
        ScimSyntaxException error = Assert.Throws<ScimSyntaxException>(() => ScimFilter.Parse(text));

        Assert.Equal("InvalidFilter", error.ErrorId);
        Assert.Equal(position, error.Position);
        Assert.Contains($"position {position}:", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('(')]
    [InlineData('n')]
    public void Depth_is_bounded(char kind)
    {
        string open = kind == '(' ? "(" : "not (";
        string Nested(int depth) => string.Concat(Enumerable.Repeat(open, depth)) + "id pr" + new string(')', depth);

        Assert.NotNull(ScimFilter.Parse(Nested(60)));
        Assert.Equal("InvalidFilter", Assert.Throws<ScimSyntaxException>(() => ScimFilter.Parse(Nested(100_000))).ErrorId);
    }

    [Theory]
    [InlineData("a\" or userName pr or userName eq \"")]
    [InlineData("back\\slash\\")]
    [InlineData("line\r\nbreak\t\0\u001f\u007f\u2028")]
    [InlineData("İstanbul ıI ß 東京 😀")]
    [InlineData("a+b.o'neil@x.com")]
    [InlineData("")]
    public void A_value_cannot_leave_its_quotes(string value)
    {
        string written = ScimFilter.Equal("userName", value).ToString()!;
        ComparisonFilter read = Assert.IsType<ComparisonFilter>(ScimFilter.Parse(written));

        Assert.Equal(value, read.Value);
        Assert.DoesNotContain(written, char.IsControl);
        Assert.True(read.Matches(new JsonObject { ["userName"] = value }));
        Assert.False(read.Matches(new JsonObject { ["userName"] = value + "x" }));
    }

    [Theory]
    [InlineData("userName", "a+b.o'neil@x.com", "userName eq \"a+b.o'neil@x.com\"")]
    [InlineData("phoneNumbers[type eq \"work\"].value", "é\"\\", "phoneNumbers[type eq \"work\"].value eq \"é\\\"\\\\\"")]
    public void Writes_values_as_people_would(string attribute, string value, string expected) =>
        Assert.Equal(expected, ScimFilter.Equal(attribute, value).ToString());

    [Theory]
    [InlineData("userName eq \"marlen.col@MYCOMPANY.com\"", false)]
    [InlineData("externalId eq \"ABC\"", true)]
    [InlineData("not (userName sw \"marlen\") and active eq true", true)]
    [InlineData("phoneNumbers[type eq \"WORK\"]", false)]
    [InlineData("phoneNumbers[type eq \"work\"].value eq \"+34 1\"", true)]
    [InlineData("phoneNumbers[type eq \"WORK\"].value pr", false)]
    [InlineData("title eq \"x\" or urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter eq \"MARKETING\"", true)]
    public void A_schema_says_whether_case_counts(string text, bool expected)
    {
        JsonObject user = JsonNode.Parse(Marlen)!.AsObject();
        bool? CaseExact(AttributePath path) =>
            path.ToString() switch
            {
                "userName" or "phoneNumbers.type" => true,
                "externalId" => false,
                _ => null,
            };

        ScimFilter filter = ScimFilter.Parse(text).WithCase(CaseExact);

        Assert.Equal(expected, filter.Matches(user));
        Assert.Equal(ScimFilter.Parse(text).ToString(), filter.ToString());
    }

    [Fact]
    public void Composition_keeps_precedence()
    {
        var filter = ScimFilter.And(
            ScimFilter.Or(ScimFilter.Equal("id", "1"), ScimFilter.Equal("id", "2")),
            new NotFilter(new PresenceFilter(AttributePath.Parse("title")))
        );

        Assert.Equal("(id eq \"1\" or id eq \"2\") and not (title pr)", filter.ToString());
        Assert.Equal(filter.ToString(), ScimFilter.Parse(filter.ToString()!).ToString());
    }

    [Fact]
    public void An_attribute_name_cannot_inject() => Assert.Throws<ScimSyntaxException>(() => ScimFilter.Equal("userName pr or id", "x"));
}
