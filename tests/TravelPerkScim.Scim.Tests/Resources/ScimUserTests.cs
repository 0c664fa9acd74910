using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Tests.Resources;

public sealed class ScimUserTests
{
    private const string Marlen = """
        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
         "name":{"givenName":"Marlen","familyName":"Col","middleName":"","honorificPrefix":"MRS"},
         "locale":"en","preferredLanguage":"en","title":"Manager","externalId":"123455667","id":"29","groups":[],"active":true,
         "userName":"marlen.col@mycompany.com",
         "phoneNumbers":[{"value":"+34 7","type":"home"},{"value":"+34 1234567","type":"work"}],
         "meta":{"resourceType":"User","created":"2024-01-02T03:04:05Z","lastModified":"2024-02-02T03:04:05.5+01:00"},
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"Marketing",
           "manager":{"value":"123","$ref":"https://app.travelperk.com/api/v2/scim/Users/123/","displayName":"Jack Jackson"}},
         "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User":{"gender":"M","dateOfBirth":"1980-02-02",
           "travelPolicy":"Marketing travel policy","invoiceProfiles":[{"value":"My Company Ltd"},{"value":"Other"}],
           "emergencyContact":{"name":"Jane Goodie","phone":"+34 9874637"}}}
        """;

    private static readonly string[] s_profiles = ["My Company Ltd", "Other"];

    [Fact]
    public void Shows_every_attribute_of_a_TravelPerk_user()
    {
        ScimUser user = User(Marlen);

        Assert.Equal(("29", "marlen.col@mycompany.com", "123455667", true), (user.Id, user.UserName, user.ExternalId, user.Active));
        Assert.Equal(("Marlen", "Col", "", "MRS"), (user.GivenName, user.FamilyName, user.MiddleName, user.HonorificPrefix));
        Assert.Equal(("en", "en", "Manager", "+34 1234567"), (user.PreferredLanguage, user.Locale, user.Title, user.WorkPhone));
        Assert.Equal(("Marketing", "123", "Jack Jackson"), (user.CostCenter, user.ManagerId, user.ManagerDisplayName));
        Assert.Equal(("M", "1980-02-02", "Marketing travel policy"), (user.Gender, user.DateOfBirth, user.TravelPolicy));
        Assert.Equal(("Jane Goodie", "+34 9874637"), (user.EmergencyContactName, user.EmergencyContactPhone));
        Assert.Equal(s_profiles, user.InvoiceProfiles);
        Assert.Equal(new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.Zero), user.Created);
        Assert.Equal(new DateTimeOffset(2024, 2, 2, 2, 4, 5, 500, TimeSpan.Zero), user.LastModified);
    }

    [Fact]
    public void Names_have_no_case_in_any_culture() =>
        Cultures.Under(
            "tr-TR",
            () =>
            {
                ScimUser user = User(Marlen.ToUpperInvariant().Replace("TRUE", "true", StringComparison.Ordinal));

                Assert.Equal("29", user.Id);
                Assert.Equal("+34 1234567", user.WorkPhone);
                Assert.Equal("JACK JACKSON", user.ManagerDisplayName);
                Assert.Equal("1980-02-02", user.DateOfBirth);
            }
        );

    [Theory]
    [InlineData("{}", null, null)]
    [InlineData("{\"id\":29,\"active\":\"False\"}", "29", false)]
    [InlineData("{\"id\":null,\"active\":null,\"name\":\"x\",\"phoneNumbers\":{},\"meta\":[]}", null, null)]
    public void Tolerates_what_services_send(string json, string? id, bool? active)
    {
        ScimUser user = User(json);

        Assert.Equal(id, user.Id);
        Assert.Equal(active, user.Active);
        Assert.Null(user.GivenName);
        Assert.Null(user.WorkPhone);
        Assert.Null(user.Created);
        Assert.Empty(user.InvoiceProfiles);
    }

    [Fact]
    public void Values_come_in_the_types_of_JSON()
    {
        ScimUser user = User("""{"a":1,"b":1.5,"c":true,"d":"x","e":[1,"x"],"f":["x","y"],"g":[],"h":{"x":1},"i":9007199254740993}""");
        object? Value(string path) => user.GetValue(AttributePath.Parse(path));

        Assert.Equal(1L, Assert.IsType<long>(Value("a")));
        Assert.Equal(1.5, Assert.IsType<double>(Value("b")));
        Assert.Equal(true, Value("c"));
        Assert.Equal("x", Value("d"));
        Assert.Equal(new object[] { 1L, "x" }, Assert.IsType<object[]>(Value("e")));
        Assert.Equal(["x", "y"], Assert.IsType<string[]>(Value("f")));
        Assert.Empty(Assert.IsType<string[]>(Value("g")));
        Assert.Null(Value("h"));
        Assert.Equal(9007199254740993L, Value("i"));
        Assert.Null(Value("absent"));
    }

    private static ScimUser User(string json) => new((JsonObject)JsonNode.Parse(json)!);
}
