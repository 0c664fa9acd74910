using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Tests.Schema;

public sealed class TravelPerkSchemaTests
{
    [Fact]
    public void The_nineteen_attributes_of_the_tutorial()
    {
        string[] expected =
        [
            "userName",
            "externalId",
            "active",
            "name.honorificPrefix",
            "name.familyName",
            "name.givenName",
            "name.middleName",
            "preferredLanguage",
            "locale",
            "phoneNumbers[type eq \"work\"].value",
            "title",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
            "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:gender",
            "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:dateOfBirth",
            "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles",
            "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:emergencyContact.name",
            "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:emergencyContact.phone",
            "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:travelPolicy",
        ];

        Assert.Equal(expected, TravelPerkSchema.UserAttributes.Select(attribute => attribute.Path.ToString()));
        Assert.Equal(
            ["userName", "name.familyName", "name.givenName"],
            TravelPerkSchema.UserAttributes.Where(a => a.Required).Select(a => a.Path.ToString())
        );
        Assert.Equal(ScimAttributeType.Reference, TravelPerkSchema.Find(AttributePath.Parse(expected[12].ToUpperInvariant()))!.Type);
        Assert.True(TravelPerkSchema.Find(AttributePath.Parse(expected[15]))!.MultiValued);
        Assert.False(TravelPerkSchema.Find(AttributePath.Parse("userName"))!.CaseExact);
        Assert.Null(TravelPerkSchema.Find(AttributePath.Parse("nickName")));
    }

    [Theory]
    [InlineData("userName", "ana@example.com", true)]
    [InlineData("userName", "ana.o'neil+x@mail.example.co.uk", true)]
    [InlineData("userName", "ana_partner.com#EXT#@example.com", true)]
    [InlineData("userName", "ana", false)]
    [InlineData("userName", "@other.com", false)]
    [InlineData("userName", "ana@intranet", false)]
    [InlineData("userName", "ana@example..com", false)]
    [InlineData("userName", "ana ruiz@example.com", false)]
    [InlineData("userName", "a@b@example.com", false)]
    [InlineData("name.givenName", " ", false)]
    [InlineData("name.givenName", "Ana", true)]
    [InlineData("name.middleName", "", true)]
    [InlineData("active", "True", true)]
    [InlineData("active", "yes", false)]
    [InlineData("preferredLanguage", "es", true)]
    [InlineData("preferredLanguage", "en-US", false)]
    [InlineData("preferredLanguage", "it", false)]
    [InlineData("locale", "en-gb", true)]
    [InlineData("locale", "en_GB", true)]
    [InlineData("locale", "English", false)]
    [InlineData("locale", "en-", false)]
    [InlineData("phoneNumbers[type eq \"work\"].value", "+34 1234567", true)]
    [InlineData("phoneNumbers[type eq \"work\"].value", "+1 (206) 555-0100", true)]
    [InlineData("phoneNumbers[type eq \"work\"].value", "206 555 0100", false)]
    [InlineData("phoneNumbers[type eq \"work\"].value", "0034 1234567", false)]
    [InlineData("phoneNumbers[type eq \"work\"].value", "+34 12", false)]
    [InlineData("phoneNumbers[type eq \"work\"].value", "+34 1234567 ext 9", false)]
    [InlineData("phoneNumbers[type eq \"work\"].value", "+1234567890123456", false)]
    [InlineData("phoneNumbers[type eq \"work\"].value", "+", false)]
    [InlineData("phoneNumbers[type eq \"work\"].value", "", false)]
    [InlineData(TravelPerkSchema.TravelPerkUser + ":gender", "F", true)]
    [InlineData(TravelPerkSchema.TravelPerkUser + ":gender", "female", false)]
    [InlineData(TravelPerkSchema.TravelPerkUser + ":dateOfBirth", "1980-02-29", true)]
    [InlineData(TravelPerkSchema.TravelPerkUser + ":dateOfBirth", "1980/02/29", true)]
    [InlineData(TravelPerkSchema.TravelPerkUser + ":dateOfBirth", "1981-02-29", false)]
    [InlineData(TravelPerkSchema.TravelPerkUser + ":dateOfBirth", "02/28/1981", false)]
    [InlineData(TravelPerkSchema.TravelPerkUser + ":dateOfBirth", "1981-2-8", false)]
    [InlineData(TravelPerkSchema.EnterpriseUser + ":costCenter", "", false)]
    [InlineData(TravelPerkSchema.TravelPerkUser + ":invoiceProfiles", "A|", false)]
    [InlineData(TravelPerkSchema.TravelPerkUser + ":invoiceProfiles", "A|B", true)]
    public void Values_TravelPerk_would_refuse_are_found(string path, string value, bool accepted) =>
        Cultures.Under(
            "tr-TR",
            () =>
            {
                object given = value.Contains('|', StringComparison.Ordinal) ? value.Split('|') : value;
                string? said = TravelPerkSchema.Find(AttributePath.Parse(path))!.Rule!(given);

                Assert.Equal(accepted, said is null);
                Assert.True(said is null || said.StartsWith("must ", StringComparison.Ordinal), said);
                Assert.True(said is null || value.Length < 8 || !said.Contains(value, StringComparison.Ordinal), said);
            }
        );

    [Fact]
    public void Every_rule_survives_a_value_of_another_type()
    {
        foreach (ScimSchemaAttribute attribute in TravelPerkSchema.UserAttributes)
            Assert.NotNull(attribute.Rule!(42L));
        Assert.Null(TravelPerkSchema.Find(AttributePath.Parse("active"))!.Rule!(true));
    }

    [Fact]
    public void Discovered_attributes_can_be_addressed()
    {
        IEnumerable<JsonObject> schemas = new[]
        {
            """
                {"id":"urn:ietf:params:scim:schemas:core:2.0:User","attributes":[
                  {"name":"userName","type":"string","required":true},
                  {"name":"name","type":"complex","subAttributes":[{"name":"givenName","type":"string"},{"name":"formatted","type":"string","description":"whole"}]},
                  {"name":"emails","type":"complex","multiValued":true,"subAttributes":[
                    {"name":"value","type":"string"},{"name":"type","type":"string","canonicalValues":["work","home"]},{"name":"primary","type":"boolean"}]},
                  {"name":"groups","type":"complex","multiValued":true,"mutability":"readOnly","subAttributes":[{"name":"value","type":"string"}]},
                  {"name":"bad name","type":"string"},{"type":"string"},17]}
                """,
            """
                {"id":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User","attributes":[
                  {"name":"gender","type":"string"},
                  {"name":"countryOfResidence","type":"string","caseExact":true},
                  {"name":"tags","type":"string","multiValued":true},
                  {"name":"approver","type":"complex","subAttributes":[{"name":"value","type":"string"},{"name":"$ref","type":"reference"}]},
                  {"name":"limit","type":"integer"}]}
                """,
            "{}",
        }.Select(json => (JsonObject)JsonNode.Parse(json)!);

        var found = TravelPerkSchema.WithDiscovered(schemas).Skip(19).ToDictionary(attribute => attribute.Path.ToString());

        const string Urn = TravelPerkSchema.TravelPerkUser;
        Assert.Equal(
            [
                "name.formatted",
                "emails",
                "emails[type eq \"work\"].value",
                "emails[type eq \"home\"].value",
                "groups",
                Urn + ":countryOfResidence",
                Urn + ":tags",
                Urn + ":approver",
                Urn + ":limit",
            ],
            found.Keys
        );
        Assert.Equal("whole", found["name.formatted"].Description);
        Assert.True(found["groups"] is { ReadOnly: true, MultiValued: true, SimpleElements: false });
        Assert.True(found[Urn + ":countryOfResidence"].CaseExact);
        Assert.True(found[Urn + ":tags"] is { MultiValued: true, SimpleElements: true });
        Assert.Equal(ScimAttributeType.Reference, found[Urn + ":approver"].Type);

        JsonObject body = new ScimResourceBuilder()
            .Set(found[Urn + ":tags"].Path, "one", found[Urn + ":tags"])
            .Set(found[Urn + ":limit"].Path, "7", found[Urn + ":limit"])
            .Build();
        Assert.Equal("""{"tags":["one"],"limit":7}""", body[Urn]!.ToJsonString());
    }
}
