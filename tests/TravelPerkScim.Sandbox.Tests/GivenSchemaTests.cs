using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

/// <summary>The sandbox holds to what a schema that it was given says of its attributes (RFC 7643 sections 2.2, 2.3 and 7), as strict
/// clients expect.</summary>
public sealed class GivenSchemaTests
{
    private const string Urn = "urn:ietf:params:scim:schemas:extension:given:2.0:User";

    private static readonly string s_extension = $$"""
        {"id":"{{Urn}}","attributes":[
          {"name":"when","type":"dateTime"},
          {"name":"photo","type":"binary"},
          {"name":"badge","type":"string","mutability":"immutable"},
          {"name":"pin","type":"string","mutability":"writeOnly","returned":"never"},
          {"name":"notes","type":"string","returned":"request"},
          {"name":"region","type":"string","returned":"always"},
          {"name":"desk","type":"complex","subAttributes":[
            {"name":"floor","type":"integer"},{"name":"door","type":"string","mutability":"immutable"},{"name":"code","type":"string","returned":"never"}]}]}
        """;

    private static readonly string s_core = $$"""
        {"id":"{{Server.Core}}","attributes":[
          {"name":"password","type":"string","mutability":"writeOnly","returned":"never"},
          {"name":"name","type":"complex","subAttributes":[{"name":"formatted","type":"string"},{"name":"givenName","type":"integer"}]},
          {"name":"phoneNumbers","type":"complex","multiValued":true,"subAttributes":[{"name":"display","type":"string"}]}]}
        """;

    [Theory]
    [InlineData("when", "\"2016-03-01T12:22:33Z\"", true)]
    [InlineData("when", "\"2016-03-01T12:22:33.123456789+02:00\"", true)]
    [InlineData("when", "\"2016-03-01T12:22:33\"", true)]
    [InlineData("when", "\"2016-03-01T12:22\"", false)]
    [InlineData("when", "\"2016-03-01T12:22:33.123+02\"", false)]
    [InlineData("when", "\"2016-03-01\"", false)]
    [InlineData("when", "\"2016-13-01T12:22:33Z\"", false)]
    [InlineData("when", "\"\"", false)]
    [InlineData("when", "12", false)]
    [InlineData("photo", "\"U3VtbWVyIHRpbWU=\"", true)]
    [InlineData("photo", "\"-12.1\"", false)]
    [InlineData("photo", "\"U3VtbWVy=\"", false)]
    [InlineData("photo", "1", false)]
    [InlineData("photo", "null", true)]
    public async Task A_value_has_the_form_of_its_type(string name, string value, bool taken)
    {
        await using Server server = Start();

        Answer answer = await server.PostAsync(User($"\"{name}\":{value}"));

        if (taken)
            Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        else
            answer.AssertError(HttpStatusCode.BadRequest, "invalidValue");
    }

    [Theory]
    [InlineData("", "badge,desk.door,desk.floor,region", true)]
    [InlineData("?attributes=userName", "region", false)]
    [InlineData("?attributes=" + Urn + ":notes", "notes,region", false)]
    [InlineData("?attributes=" + Urn + ":pin," + Urn + ":desk.code,password", "region", false)]
    [InlineData("?excludedAttributes=" + Urn, "region", true)]
    [InlineData("?excludedAttributes=" + Urn + ":region," + Urn + ":desk", "badge,region", true)]
    public async Task An_answer_has_the_attributes_that_the_schema_allows(string query, string expected, bool name)
    {
        await using Server server = Start();
        string id = await CreateAsync(server);

        JsonObject one = (await server.GetAsync($"Users/{id}{query}")).Json;
        JsonNode listed = Assert.Single((await server.GetAsync("Users" + query)).Json["Resources"]!.AsArray())!;

        Assert.Equal(expected, string.Join(',', Leaves(one[Urn]!.AsObject()).Order(StringComparer.Ordinal)));
        Assert.Equal(name, one.ContainsKey("name"));
        Assert.False(one.ContainsKey("password"));
        Answer.AssertJson(one.ToJsonString(), listed);
    }

    [Fact]
    public async Task A_write_answers_attributes_returned_on_request_and_never_a_secret()
    {
        await using Server server = Start();

        Answer created = await server.PostAsync(User(AllFields, "\"password\":\"hunter2\","));
        Answer patched = await server.PatchAsync(
            created.Value("id")!,
            """[{"op":"replace","path":"password","value":"hunter3"},{"op":"replace","path":"title","value":"New"}]"""
        );

        foreach (Answer answer in new[] { created, patched })
        {
            Assert.Equal("n", answer.Value(Urn, "notes"));
            Assert.DoesNotContain("hunter", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("1234", answer.Text, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("hunter", server.Sandbox.Users.Single().ToJsonString(), StringComparison.Ordinal);
        Assert.Empty((await server.FilterAsync("password pr")).UserNames);
        Answer.AssertJson($"[\"{Server.Core}\"]", (await server.PostAsync(User("\"pin\":\"1234\"", userName: "b@x.com"))).Json["schemas"]);
    }

    [Theory]
    [InlineData("""[{"op":"replace","path":"URN:badge","value":"B2"}]""", "badge")]
    [InlineData("""[{"op":"remove","path":"URN:badge"}]""", "badge")]
    [InlineData("""[{"op":"remove","path":"URN"}]""", "badge")]
    [InlineData("""[{"op":"replace","path":"URN:desk","value":{"door":"D2"}}]""", "desk.door")]
    [InlineData("""[{"op":"remove","path":"URN:desk"}]""", "desk.door")]
    public async Task An_immutable_value_cannot_be_changed(string operations, string name)
    {
        await using Server server = Start();
        string id = await CreateAsync(server);

        Answer answer = await server.PatchAsync(id, operations.Replace("URN", Urn, StringComparison.Ordinal));

        answer.AssertError(HttpStatusCode.BadRequest, "mutability", $"Attribute '{Urn}:{name}' has a value already, and is immutable.");
        Assert.Equal("B1", (await server.GetAsync("Users/" + id)).Value(Urn, "badge"));
    }

    [Fact]
    public async Task An_immutable_value_may_be_written_once_repeated_and_left_out_of_a_PUT()
    {
        await using Server server = Start();
        string id = (await server.PostAsync(User("\"region\":\"r\""))).Value("id")!;

        Assert.Equal("B1", (await server.PatchAsync(id, $$"""[{"op":"add","path":"{{Urn}}:badge","value":"B1"}]""")).Value(Urn, "badge"));
        Assert.Equal(
            HttpStatusCode.OK,
            (await server.PatchAsync(id, $$"""[{"op":"replace","path":"{{Urn}}:badge","value":"B1"}]""")).Status
        );
        Answer replaced = await server.SendAsync("PUT", "Users/" + id, User("\"region\":\"s\""));
        Assert.Equal(("B1", "s"), (replaced.Value(Urn, "badge"), replaced.Value(Urn, "region")));
        (await server.SendAsync("PUT", "Users/" + id, User("\"badge\":\"B2\""))).AssertError(HttpStatusCode.BadRequest, "mutability");
    }

    [Fact]
    public async Task Parts_that_a_published_attribute_lacks_are_added_to_it_and_published_ones_stay()
    {
        await using Server server = Start();

        JsonArray attributes = (await server.GetAsync("Schemas/" + Server.Core)).Json["attributes"]!.AsArray();
        Assert.Equal("givenName,familyName,middleName,honorificPrefix,formatted", Parts("name"));
        Assert.Equal("value,type,primary,display", Parts("phoneNumbers"));
        Answer created = await server.PostAsync(
            $$"""
            {"schemas":["{{Server.Core}}"],"userName":"a@x.com","name":{"givenName":"A","familyName":"B","formatted":"A. B."},"phoneNumbers":[{"value":"+34 1234567","display":"desk"}]}
            """
        );
        Assert.Equal(("A. B.", "desk"), (created.Value("name", "formatted"), created.Value("phoneNumbers", "0", "display")));

        string Parts(string name) =>
            string.Join(
                ',',
                attributes.Single(a => (string?)a!["name"] == name)!["subAttributes"]!.AsArray().Select(part => (string?)part!["name"])
            );
    }

    [Fact]
    public async Task The_server_writes_the_name_of_a_manager_also_where_the_extension_was_given_more_attributes()
    {
        JsonObject enterprise = JsonNode
            .Parse($$"""{"id":"{{Server.Enterprise}}","attributes":[{"name":"department","type":"string"}]}""")!
            .AsObject();
        await using var server = Server.Start(new SandboxOptions { Schemas = [enterprise] });
        string manager = await server.CreateAsync("boss@x.com");

        Answer created = await server.PostAsync(
            Server.User(
                "a@x.com",
                $$"""
                "{{Server.Enterprise}}":{"department":"Sales","manager":{"value":"{{manager}}"} }
                """
            )
        );

        Answer.AssertJson(
            $$"""
            {"department":"Sales","manager":{"value":"{{manager}}","$ref":"{{server.Sandbox.BaseUri}}Users/{{manager}}","displayName":"Marlen Col"} }
            """,
            created.Json[Server.Enterprise]
        );
    }

    private const string AllFields = """
        "badge":"B1","pin":"1234","notes":"n","region":"r","desk":{"floor":2,"door":"D1","code":"1234"}
        """;

    private static Server Start() =>
        Server.Start(new SandboxOptions { Schemas = [JsonNode.Parse(s_core)!.AsObject(), JsonNode.Parse(s_extension)!.AsObject()] });

    private static async Task<string> CreateAsync(Server server) =>
        (await server.PostAsync(User(AllFields, "\"password\":\"hunter2\","))).Value("id")!;

    private static string User(string given, string fields = "", string userName = "a@x.com") =>
        $$"""
            {"schemas":["{{Server.Core}}","{{Urn}}"],"userName":"{{userName}}","name":{"givenName":"A","familyName":"B"},{{fields}}"{{Urn}}":{ {{given}} } }
            """;

    private static IEnumerable<string> Leaves(JsonObject container, string prefix = "") =>
        container.SelectMany(member => member.Value is JsonObject inner ? Leaves(inner, $"{prefix}{member.Key}.") : [prefix + member.Key]);
}
