using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Tests.Resources;

public sealed class WritingTests
{
    private const string Enterprise = TravelPerkSchema.EnterpriseUser;
    private const string TravelPerk = TravelPerkSchema.TravelPerkUser;
    private static readonly string[] s_profiles = ["My Company Ltd", "Other"];

    [Fact]
    public void A_body_is_nested_as_SCIM_requires()
    {
        JsonObject body = new ScimResourceBuilder()
            .Set(Path("userName"), "a+b@x.com")
            .Set(Path("active"), "True")
            .Set(Path("name.givenName"), "Ana")
            .Set(Path("NAME.familyName"), "Ruiz")
            .Set(Path("title"), null)
            .Set(Path("phoneNumbers[type eq \"work\"].value"), "+34 1234567")
            .Set(Path("phoneNumbers[type eq \"work\"].display"), "desk")
            .Set(Path("phoneNumbers[type eq \"home\"].value"), "+34 7654321")
            .Set(Path(Enterprise + ":costCenter"), "Marketing")
            .Set(Path(Enterprise + ":manager"), "123")
            .Set(Path(TravelPerk + ":invoiceProfiles"), s_profiles)
            .Set(Path(TravelPerk + ":emergencyContact.name"), "Jane")
            .Set(Path(TravelPerk + ":emergencyContact.phone"), "+34 9874637")
            .Build();

        AssertJson(
            $$"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","{{Enterprise}}","{{TravelPerk}}"],
             "userName":"a+b@x.com","active":true,"name":{"givenName":"Ana","familyName":"Ruiz"},
             "phoneNumbers":[{"type":"work","value":"+34 1234567","display":"desk"},{"type":"home","value":"+34 7654321"}],
             "{{Enterprise}}":{"costCenter":"Marketing","manager":{"value":"123"} },
             "{{TravelPerk}}":{"invoiceProfiles":[{"value":"My Company Ltd"},{"value":"Other"}],"emergencyContact":{"name":"Jane","phone":"+34 9874637"} } }
            """,
            body
        );
    }

    [Fact]
    public void A_path_less_patch_is_nested_and_never_has_dotted_keys()
    {
        PatchOperation[] operations =
        [
            new(PatchOperationKind.Replace, Path("name.givenName"), "Ana"),
            new(PatchOperationKind.Replace, Path(Enterprise + ":costCenter"), "Marketing"),
            new(PatchOperationKind.Replace, Path(Enterprise + ":manager"), "123", TravelPerkSchema.Find(Path(Enterprise + ":manager"))),
            new(PatchOperationKind.Replace, Path("phoneNumbers[type eq \"work\"].value"), "+34 1234567"),
        ];

        JsonObject message = PatchMessage.Write(operations, new ScimDialect { PatchForm = PatchForm.Pathless });

        AssertJson(
            $$"""
            {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
             {"op":"replace","value":{"name":{"givenName":"Ana"},"{{Enterprise}}":{"costCenter":"Marketing","manager":{"value":"123"} } } },
             {"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"+34 1234567"}]}
            """,
            message
        );
    }

    [Theory]
    [InlineData(Enterprise + ":manager", "123", "[]", """{"op":"replace","path":"@:manager","value":{"value":"123"}}""")]
    [InlineData(Enterprise + ":manager", "123", "None", """{"op":"replace","path":"@:manager","value":{"value":"123"}}""")]
    [InlineData(Enterprise + ":manager", "123", "ValuePath", """{"op":"replace","path":"@:manager.value","value":"123"}""")]
    [InlineData(Enterprise + ":manager", "123", "BareValue", """{"op":"replace","path":"@:manager","value":"123"}""")]
    [InlineData(Enterprise + ":manager", "123", "Pathless", """{"op":"replace","value":{"@":{"manager":{"value":"123"}}}}""")]
    [InlineData(Enterprise + ":manager", null, "ValuePath", """{"op":"remove","path":"@:manager.value"}""")]
    [InlineData(Enterprise + ":manager", null, "Pathless", """{"op":"replace","value":{"@":{"manager":null}}}""")]
    [InlineData("name.givenName", "Ana", "Pathless", """{"op":"replace","value":{"name":{"givenName":"Ana"}}}""")]
    [InlineData("name.givenName", "Ana", "Complex", """{"op":"replace","path":"name","value":{"givenName":"Ana"}}""")]
    public void An_attribute_is_written_in_the_form_that_is_kept(string path, string? value, string form, string written)
    {
        ScimDialect dialect = Enum.TryParse(form, out AttributeForm kept)
            ? new ScimDialect().WithForm(Path(path), kept)
            : new ScimDialect();
        PatchOperationKind kind = value is null ? PatchOperationKind.Remove : PatchOperationKind.Replace;

        JsonObject message = PatchMessage.Write([new(kind, Path(path), value, TravelPerkSchema.Find(Path(path)))], dialect);

        AssertJson(
            $$"""{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{written.Replace("@", Enterprise, StringComparison.Ordinal)}}]}""",
            message
        );
    }

    [Theory]
    [InlineData(Enterprise + ":manager", PatchForm.PathPerAttribute, "ValuePath, BareValue, Pathless")]
    [InlineData("name.givenName", PatchForm.PathPerAttribute, "Pathless, Complex")]
    [InlineData("name.givenName", PatchForm.Pathless, "Path, Complex")]
    [InlineData("title", PatchForm.PathPerAttribute, "Pathless")]
    [InlineData("phoneNumbers[type eq \"work\"].value", PatchForm.PathPerAttribute, "")]
    [InlineData(TravelPerk + ":invoiceProfiles", PatchForm.PathPerAttribute, "")]
    public void Other_forms_say_the_same_and_add_nothing_twice(string path, PatchForm usual, string forms)
    {
        var operation = new PatchOperation(PatchOperationKind.Replace, Path(path), "x", TravelPerkSchema.Find(Path(path)));

        Assert.Equal(forms, string.Join(", ", AttributeForms.Others(operation, usual)));
    }

    [Fact]
    public void A_form_can_be_learned_and_forgotten()
    {
        ScimDialect dialect = new ScimDialect().WithForm(Path("title"), AttributeForm.Pathless);

        Assert.Equal(AttributeForm.Pathless, dialect.FormOf(Path("title")));
        Assert.Null(dialect.FormOf(Path("name.givenName")));
        Assert.Same(dialect, dialect.WithForm(Path("title"), AttributeForm.Pathless));
        Assert.Equal(new ScimDialect(), dialect.WithForm(Path("title"), null));
        Assert.Equal(
            AttributeForm.Pathless,
            new ScimDialect { Booleans = BooleanForm.Text }
                .Over(dialect)
                .FormOf(Path("title"))
        );
    }

    [Fact]
    public void A_member_is_taken_out_by_a_filter_and_without_a_value()
    {
        AssertJson(
            """
            {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members[value eq \"7\"]"}]}
            """,
            PatchMessage.Write([ScimGroup.RemoveMember("7")], new ScimDialect { PatchForm = PatchForm.Pathless })
        );
    }

    [Fact]
    public void Nothing_is_written_for_nothing()
    {
        JsonObject body = new ScimResourceBuilder()
            .Set(Path(TravelPerk + ":invoiceProfiles"), Array.Empty<string>())
            .Set(Path(Enterprise + ":manager"), null)
            .Build();

        AssertJson("{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]}", body);
    }

    [Theory]
    [InlineData(
        "roles[primary eq \"True\"].value",
        "Approver",
        ScimAttributeType.String,
        """{"roles":[{"primary":true,"value":"Approver"}]}"""
    )]
    [InlineData(
        "addresses[type eq \"work\"].country",
        "ES",
        ScimAttributeType.String,
        """{"addresses":[{"type":"work","country":"ES"}]}"""
    )]
    [InlineData("limit", "250.50", ScimAttributeType.Decimal, """{"limit":250.50}""")]
    [InlineData("seats", "3", ScimAttributeType.Integer, """{"seats":3}""")]
    [InlineData("approver", "17", ScimAttributeType.Reference, """{"approver":{"value":"17"}}""")]
    [InlineData(
        "urn:ietf:params:scim:schemas:extension:expense:2.0:User:policyId",
        "P-1",
        ScimAttributeType.String,
        """{"urn:ietf:params:scim:schemas:extension:expense:2.0:User":{"policyId":"P-1"}}"""
    )]
    public void Attributes_of_any_schema_are_written_by_their_definition(string path, object value, ScimAttributeType type, string expected)
    {
        JsonObject body = new ScimResourceBuilder()
            .Set(Path(path), value, new ScimSchemaAttribute { Path = Path(path), Type = type })
            .Build();

        body.Remove("schemas");
        AssertJson(expected, body);
    }

    [Fact]
    public void Complex_values_that_travel_as_text_are_written_as_objects()
    {
        var roles = new ScimSchemaAttribute { Path = Path("roles"), MultiValued = true };
        JsonObject body = new ScimResourceBuilder()
            .Set(roles.Path, new[] { """{"value":"a","primary":false}""", "{not an object}" }, roles)
            .Build();

        AssertJson("""[{"value":"a","primary":false},{"value":"{not an object}"}]""", body["roles"]!);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        foreach (ScimSchemaAttribute attribute in TravelPerkSchema.UserAttributes)
        {
            object value =
                attribute.Type == ScimAttributeType.Boolean ? false
                : attribute.MultiValued ? s_profiles
                : "text";
            JsonObject body = new ScimResourceBuilder().Set(attribute.Path, value, attribute).Build();

            Assert.Equal(value, new ScimUser(body).GetValue(attribute.Path));
        }
    }

    [Fact]
    public void A_filter_that_makes_no_element_is_refused()
    {
        ScimException error = Assert.Throws<ScimException>(() =>
            new ScimResourceBuilder().Set(Path("emails[type ne \"work\"].value"), "x")
        );

        Assert.Equal("PathNotWritable", error.ErrorId);
    }

    [Theory]
    [InlineData("Replace", "active", "False", """{"op":"replace","path":"active","value":false}""")]
    [InlineData("Replace", "name.givenName", "Ana", """{"op":"replace","path":"name.givenName","value":"Ana"}""")]
    [InlineData(
        "Add",
        "phoneNumbers[type eq \"work\"].value",
        "+34 1",
        """{"op":"add","path":"phoneNumbers[type eq \"work\"].value","value":"+34 1"}"""
    )]
    [InlineData(
        "Replace",
        Enterprise + ":manager",
        "123",
        """{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"123"}}"""
    )]
    [InlineData(
        "Replace",
        TravelPerk + ":invoiceProfiles",
        "A|B",
        """{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles","value":[{"value":"A"},{"value":"B"}]}"""
    )]
    [InlineData(
        "Replace",
        TravelPerk + ":emergencyContact.name",
        "Jane",
        """{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:emergencyContact.name","value":"Jane"}"""
    )]
    [InlineData("Remove", "title", "ignored", """{"op":"remove","path":"title"}""")]
    [InlineData("Replace", "title", null, """{"op":"replace","path":"title","value":null}""")]
    public void A_patch_is_written_in_the_form_of_the_RFC(string kind, string path, string? value, string expected)
    {
        object? given = value is not null && value.Contains('|', StringComparison.Ordinal) ? value.Split('|') : value;
        JsonObject message = PatchMessage.Write([new PatchOperation(Enum.Parse<PatchOperationKind>(kind), Path(path), given)]);

        AssertJson("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[" + expected + "]}", message);
    }

    private static AttributePath Path(string text) => AttributePath.Parse(text);

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), actual.ToJsonString());
}
