using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Tests;

public sealed class DefaultMappingTests
{
    private const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";
    private const string TravelPerk = "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:";

    private static readonly CompiledMapping s_mapping = CompiledMapping.Compile(SynchronizationSchema.Default);

    [Fact]
    public void Maps_the_19_attributes_of_TravelPerk_with_their_types()
    {
        string[] strings =
        [
            "userName",
            "externalId",
            "name.givenName",
            "name.familyName",
            "name.middleName",
            "name.honorificPrefix",
            "preferredLanguage",
            "locale",
            "phoneNumbers[type eq \"work\"].value",
            "title",
            Enterprise + "costCenter",
            TravelPerk + "gender",
            TravelPerk + "dateOfBirth",
            TravelPerk + "travelPolicy",
            TravelPerk + "invoiceProfiles",
            TravelPerk + "emergencyContact.name",
            TravelPerk + "emergencyContact.phone",
        ];
        Assert.Equal(19, s_mapping.Attributes.Count);
        Assert.Equal(strings.Order(StringComparer.Ordinal), Names(TargetAttributeType.String));
        Assert.Equal(["active"], Names(TargetAttributeType.Boolean));
        Assert.Equal([Enterprise + "manager"], Names(TargetAttributeType.Reference));
        Assert.Equal(
            [TravelPerk + "invoiceProfiles"],
            s_mapping.Attributes.Where(attribute => attribute.MultiValued).Select(attribute => attribute.TargetName)
        );

        IEnumerable<string> Names(TargetAttributeType type) =>
            s_mapping
                .Attributes.Where(attribute => attribute.Type == type)
                .Select(attribute => attribute.TargetName)
                .Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Matches_by_userName_alone_and_allows_every_operation()
    {
        Assert.Equal(
            [("userName", 1)],
            s_mapping
                .Attributes.Where(attribute => attribute.MatchingPriority > 0)
                .Select(attribute => (attribute.TargetName, attribute.MatchingPriority))
        );
        Assert.True(s_mapping.AllowsAdd && s_mapping.AllowsUpdate && s_mapping.AllowsDelete);
    }

    [Fact]
    public void A_full_user_fills_every_attribute()
    {
        Dictionary<string, object?> desired = Map(
            ("userPrincipalName", "marta.ruiz@contoso.com"),
            ("id", "6f1b"),
            ("IsSoftDeleted", false),
            ("givenName", "Marta"),
            ("surname", "Ruiz"),
            ("preferredLanguage", "es-ES"),
            ("businessPhones[0]", "+34 600123456"),
            ("jobTitle", "Buyer"),
            ("employeeOrgData.costCenter", "CC-7"),
            ("manager", new SourceReference("77aa")),
            ("extensionAttribute8", "Elena"),
            ("extensionAttribute9", "MRS"),
            ("onPremisesExtensionAttributes.extensionAttribute10", "F"),
            ("extensionAttribute11", "1980/02/02"),
            ("extensionAttribute12", "Buyers"),
            ("extensionAttribute13", "Contoso SL; Contoso Ltd"),
            ("extensionAttribute14", "Juan Ruiz"),
            ("extensionAttribute15", "+34 600654321")
        );
        Assert.Equal("marta.ruiz@contoso.com", desired["userName"]);
        Assert.Equal("6f1b", desired["externalId"]);
        Assert.Equal(true, desired["active"]);
        Assert.Equal(
            ("Marta", "Ruiz", "Elena", "MRS"),
            (desired["name.givenName"], desired["name.familyName"], desired["name.middleName"], desired["name.honorificPrefix"])
        );
        Assert.Equal(("es", "es"), (desired["preferredLanguage"], desired["locale"]));
        Assert.Equal("+34 600123456", desired["phoneNumbers[type eq \"work\"].value"]);
        Assert.Equal(("Buyer", "CC-7"), (desired["title"], desired[Enterprise + "costCenter"]));
        Assert.Equal(new SourceReference("77aa"), desired[Enterprise + "manager"]);
        Assert.Equal(
            ("F", "1980/02/02", "Buyers"),
            (desired[TravelPerk + "gender"], desired[TravelPerk + "dateOfBirth"], desired[TravelPerk + "travelPolicy"])
        );
        Assert.Equal(["Contoso SL", "Contoso Ltd"], Assert.IsAssignableFrom<IEnumerable<object>>(desired[TravelPerk + "invoiceProfiles"]));
        Assert.Equal(
            ("Juan Ruiz", "+34 600654321"),
            (desired[TravelPerk + "emergencyContact.name"], desired[TravelPerk + "emergencyContact.phone"])
        );
    }

    [Fact]
    public void An_attribute_that_Entra_lacks_does_not_flow_when_it_is_empty()
    {
        Dictionary<string, object?> desired = Map(("userPrincipalName", "a@contoso.com"), ("IsSoftDeleted", false));
        string[] ignored = [.. desired.Where(pair => pair.Value is IgnoredFlow).Select(pair => pair.Key)];
        Assert.Equal(
            [
                "name.middleName",
                "name.honorificPrefix",
                "preferredLanguage",
                "locale",
                TravelPerk + "gender",
                TravelPerk + "dateOfBirth",
                TravelPerk + "travelPolicy",
                TravelPerk + "invoiceProfiles",
                TravelPerk + "emergencyContact.name",
                TravelPerk + "emergencyContact.phone",
            ],
            ignored
        );
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData("True", false)]
    [InlineData(false, true)]
    public void Active_is_the_opposite_of_IsSoftDeleted(object softDeleted, bool active) =>
        Assert.Equal(active, Map(("IsSoftDeleted", softDeleted))["active"]);

    [Theory]
    [InlineData("en-GB", "en", "en-gb")]
    [InlineData("EN-us", "en", "en")]
    [InlineData("DE", "de", "de")]
    [InlineData("pt-BR", null, "pt")]
    public void Languages_that_TravelPerk_does_not_know_stay_out(string preferred, string? language, string locale)
    {
        Dictionary<string, object?> desired = Map(("preferredLanguage", preferred));
        Assert.Equal(language ?? (object)IgnoredFlow.Instance, desired["preferredLanguage"]);
        Assert.Equal(locale, desired["locale"]);
    }

    [Fact]
    public void Sensitive_attributes_are_redacted() =>
        Assert.Equal(
            ["gender", "dateOfBirth", "emergencyContact.name", "emergencyContact.phone"],
            s_mapping.Attributes.Where(attribute => attribute.Redacted).Select(attribute => attribute.TargetName[TravelPerk.Length..])
        );

    [Fact]
    public void The_file_says_which_required_attributes_a_create_needs() =>
        Assert.Equal(
            ["userName", "name.givenName", "name.familyName"],
            SynchronizationSchema
                .Default.Directories[1]
                .Objects[0]
                .Attributes.Where(attribute => attribute.Required)
                .Select(attribute => attribute.Name)
        );

    private static Dictionary<string, object?> Map(params (string Name, object? Value)[] attributes)
    {
        object?[] desired = new object?[s_mapping.Attributes.Count];
        s_mapping.Map(Subject.Object(s_mapping.Layout, attributes), desired);
        return s_mapping.Attributes.Zip(desired).ToDictionary(pair => pair.First.TargetName, pair => pair.Second);
    }
}
