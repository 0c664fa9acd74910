using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class DiscoveryTests
{
    [Fact]
    public async Task ServiceProviderConfig_says_what_the_server_does()
    {
        await using var server = Server.Start(new SandboxOptions { PageCap = 70 });

        Answer answer = await server.GetAsync("ServiceProviderConfig");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        JsonObject config = answer.Json;
        _ = config.Remove("authenticationSchemes", out JsonNode? schemes);
        Answer.AssertJson(
            $$"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
             "patch":{"supported":true},"bulk":{"supported":false,"maxOperations":0,"maxPayloadSize":0},
             "filter":{"supported":true,"maxResults":70},"changePassword":{"supported":false},"sort":{"supported":false},"etag":{"supported":false},
             "meta":{"resourceType":"ServiceProviderConfig","location":"{{server.Sandbox.BaseUri}}ServiceProviderConfig"} }
            """,
            config
        );
        // As Perk publishes it: one scheme, of a type that RFC 7643 section 5 has, with the name and description that it requires.
        JsonNode scheme = Assert.Single(schemes!.AsArray())!;
        Assert.Equal("oauthbearertoken", (string?)scheme["type"]);
        Assert.All(["name", "description"], name => Assert.NotNull(scheme[name]));
    }

    [Fact]
    public async Task Without_an_option_a_page_holds_as_many_users_as_Perk_publishes()
    {
        await using var server = Server.Start();
        server.Sandbox.Seed(51);

        Assert.Equal("50", (await server.GetAsync("ServiceProviderConfig")).Value("filter", "maxResults"));
        Assert.Equal(50, (await server.GetAsync("Users?count=1000")).UserNames.Length);
    }

    [Theory]
    [InlineData("ServiceProviderConfig", HttpStatusCode.OK)]
    [InlineData("ResourceTypes", HttpStatusCode.OK)]
    [InlineData("Schemas/" + Server.Core, HttpStatusCode.OK)]
    [InlineData("Users", HttpStatusCode.Unauthorized)]
    [InlineData("Users/Schemas", HttpStatusCode.Unauthorized)]
    public async Task Discovery_needs_no_credential(string path, HttpStatusCode status)
    {
        await using var server = Server.Start();
        _ = server.Http.DefaultRequestHeaders.Remove("Authorization");

        Assert.Equal(status, (await server.GetAsync(path)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync("POST", path, "{}")).Status);
        server.Sandbox.SetBehavior(SandboxBehavior.DiscoveryNeedsCredential, true);
        (await server.GetAsync(path)).AssertError(HttpStatusCode.Unauthorized, null, "Authentication credentials were not provided.");
        // One that is sent must be good.
        server.Sandbox.SetBehavior(SandboxBehavior.DiscoveryNeedsCredential, false);
        server.Http.DefaultRequestHeaders.Add("Authorization", "ApiKey wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetAsync(path)).Status);
    }

    /// <summary>RFC 7643 section 8.7.1.</summary>
    [Theory]
    [InlineData(Server.Enterprise, "manager", "value=readWrite $ref=readWrite displayName=readOnly")]
    [InlineData("urn:ietf:params:scim:schemas:core:2.0:Group", "members", "value=immutable $ref=immutable type=immutable display=readOnly")]
    [InlineData(Server.Core, "groups", "value=readOnly $ref=readOnly display=readOnly")]
    public async Task References_have_the_mutability_of_the_standard(string urn, string name, string expected)
    {
        await using var server = Server.Start(new SandboxOptions { Groups = true });

        JsonNode attribute = (await server.GetAsync("Schemas/" + urn)).Json["attributes"]!
            .AsArray()
            .Single(a => (string?)a!["name"] == name)!;

        Assert.Equal(
            expected,
            string.Join(' ', attribute["subAttributes"]!.AsArray().Select(part => $"{part!["name"]}={part["mutability"]}"))
        );
    }

    [Theory]
    [InlineData("ResourceTypes", true)]
    [InlineData("ResourceTypes/User", false)]
    public async Task ResourceTypes_name_the_user_and_its_extensions(string path, bool list)
    {
        await using var server = Server.Start();

        JsonObject answer = (await server.GetAsync(path)).Json;

        if (list)
        {
            Assert.Equal("urn:ietf:params:scim:api:messages:2.0:ListResponse", answer["schemas"]![0]!.GetValue<string>());
            Assert.Equal(1, answer["totalResults"]!.GetValue<int>());
        }
        Answer.AssertJson(
            $$"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"id":"User","name":"User","endpoint":"/Users","description":"User accounts",
             "schema":"{{Server.Core}}",
             "schemaExtensions":[{"schema":"{{Server.Enterprise}}","required":false},{"schema":"{{Server.TravelPerk}}","required":false}],
             "meta":{"resourceType":"ResourceType","location":"{{server.Sandbox.BaseUri}}ResourceTypes/User"} }
            """,
            list ? answer["Resources"]![0] : answer
        );
    }

    [Fact]
    public async Task Schemas_that_the_sandbox_was_given_are_published_and_their_types_are_held_to()
    {
        const string Expense = "urn:ietf:params:scim:schemas:extension:expense:2.0:User";
        JsonObject core = JsonNode
            .Parse($$"""{"id":"{{Server.Core}}","attributes":[{"name":"displayName","type":"string"}]}""")!
            .AsObject();
        await using var server = Server.Start(new SandboxOptions { Schemas = [core, SandboxOptions.ExpenseSchema] });

        JsonArray schemas = (await server.GetAsync("Schemas")).Json["Resources"]!.AsArray();
        Assert.Equal([Server.Core, Server.Enterprise, Server.TravelPerk, Expense], schemas.Select(schema => (string?)schema!["id"]));
        Assert.Contains("displayName", schemas[0]!["attributes"]!.AsArray().Select(attribute => (string?)attribute!["name"]));
        JsonArray extensions = (await server.GetAsync("ResourceTypes/User")).Json["schemaExtensions"]!.AsArray();
        Assert.Contains(Expense, extensions.Select(extension => (string?)extension!["schema"]));

        Answer refused = await server.PostAsync(Body("\"250.5\""));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Answer created = await server.PostAsync(Body("250.5"));
        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal((250.5, "Ana"), ((double)created.Json[Expense]!["approvalThreshold"]!, (string?)created.Json["displayName"]));

        static string Body(string threshold) =>
            $$"""
                {"schemas":["{{Server.Core}}","{{Expense}}"],"userName":"ana@example.com","name":{"givenName":"Ana","familyName":"Gil"},"displayName":"Ana",
                 "{{Expense}}":{"approvalThreshold":{{threshold}} } }
                """;
    }

    [Theory]
    [InlineData(
        Server.Core,
        "externalId,userName,name.givenName,name.familyName,name.middleName,name.honorificPrefix,title,preferredLanguage,locale,active,phoneNumbers.value,phoneNumbers.type,phoneNumbers.primary,groups.value,groups.$ref,groups.display"
    )]
    [InlineData(Server.Enterprise, "costCenter,manager.value,manager.$ref,manager.displayName")]
    [InlineData(Server.TravelPerk, "gender,dateOfBirth,travelPolicy,invoiceProfiles.value,emergencyContact.name,emergencyContact.phone")]
    public async Task Schemas_hold_the_published_attributes(string urn, string leaves)
    {
        await using var server = Server.Start();

        JsonObject schema = (await server.GetAsync("Schemas/" + Uri.EscapeDataString(urn))).Json;

        Assert.Equal(urn, schema["id"]!.GetValue<string>());
        Assert.Equal($"{server.Sandbox.BaseUri}Schemas/{urn}", schema["meta"]!["location"]!.GetValue<string>());
        Assert.Equal(leaves.Split(','), schema["attributes"]!.AsArray().SelectMany(Leaves));
        JsonArray all = (await server.GetAsync("Schemas")).Json["Resources"]!.AsArray();
        Answer.AssertJson(schema.ToJsonString(), all.Single(listed => listed!["id"]!.GetValue<string>() == urn));
    }

    [Theory]
    [InlineData(
        Server.Core,
        "userName",
        "type=string multiValued=false required=true caseExact=false mutability=readWrite returned=default uniqueness=server"
    )]
    [InlineData(
        Server.Core,
        "externalId",
        "type=string multiValued=false required=false caseExact=true mutability=readWrite returned=default uniqueness=none"
    )]
    [InlineData(
        Server.Core,
        "active",
        "type=boolean multiValued=false required=false caseExact=false mutability=readWrite returned=default uniqueness=none"
    )]
    [InlineData(
        Server.Core,
        "phoneNumbers",
        "type=complex multiValued=true required=false mutability=readWrite returned=default uniqueness=none"
    )]
    [InlineData(Server.Core, "groups", "type=complex multiValued=true required=false mutability=readOnly returned=default uniqueness=none")]
    [InlineData(
        Server.Enterprise,
        "costCenter",
        "type=string multiValued=false required=false caseExact=true mutability=readWrite returned=default uniqueness=none"
    )]
    [InlineData(
        Server.TravelPerk,
        "dateOfBirth",
        "type=string multiValued=false required=false caseExact=true mutability=readWrite returned=default uniqueness=none"
    )]
    public async Task Attributes_have_all_their_characteristics(string urn, string name, string expected)
    {
        await using var server = Server.Start();

        JsonNode attribute = (await server.GetAsync("Schemas/" + urn)).Json["attributes"]!
            .AsArray()
            .Single(a => a!["name"]!.GetValue<string>() == name)!;

        string[] names = ["type", "multiValued", "required", "caseExact", "mutability", "returned", "uniqueness"];
        Assert.Equal(expected, string.Join(' ', names.Where(n => attribute[n] is not null).Select(n => $"{n}={attribute[n]}")));
    }

    [Theory]
    [InlineData("Groups", HttpStatusCode.NotFound)]
    [InlineData("Schemas/urn:nobody", HttpStatusCode.NotFound)]
    [InlineData("ResourceTypes/Group", HttpStatusCode.NotFound)]
    [InlineData("ServiceProviderConfig/1", HttpStatusCode.NotFound)]
    [InlineData("", HttpStatusCode.NotFound)]
    [InlineData("Users/1/2", HttpStatusCode.NotFound)]
    [InlineData("/api/v3/scim/Users", HttpStatusCode.NotFound)]
    [InlineData("Me", HttpStatusCode.NotImplemented)]
    [InlineData("Schemas?filter=id%20pr", HttpStatusCode.Forbidden)]
    public async Task A_missing_path_is_a_scim_error(string path, HttpStatusCode status)
    {
        await using var server = Server.Start();

        (await server.GetAsync(path)).AssertError(status, null);
    }

    [Theory]
    [InlineData("PUT", "Users", "GET, HEAD, POST")]
    [InlineData("DELETE", "Users", "GET, HEAD, POST")]
    [InlineData("POST", "Users/1", "GET, HEAD, PUT, PATCH, DELETE")]
    [InlineData("POST", "Schemas", "GET, HEAD")]
    [InlineData("DELETE", "ServiceProviderConfig", "GET, HEAD")]
    public async Task A_method_that_is_not_there_names_those_that_are(string method, string path, string allow)
    {
        await using var server = Server.Start();

        Answer answer = await server.SendAsync(method, path);

        answer.AssertError(HttpStatusCode.MethodNotAllowed, null);
        Assert.Equal(allow, string.Join(", ", answer.ContentHeaders.Allow));
    }

    private static IEnumerable<string> Leaves(JsonNode? attribute)
    {
        string name = attribute!["name"]!.GetValue<string>();
        return attribute["subAttributes"] is JsonArray { Count: > 0 } parts ? parts.Select(part => $"{name}.{part!["name"]}") : [name];
    }
}
