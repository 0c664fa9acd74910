using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class CreateTests
{
    [Fact]
    public async Task A_full_user_comes_back_whole_and_normalised()
    {
        await using var server = Server.Start(
            new SandboxOptions { TimeProvider = new FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero)) }
        );
        string manager = await server.CreateAsync("jack@mycompany.com");

        Answer answer = await server.PostAsync(
            $$"""
            {"schemas":["{{Server.Core}}","{{Server.Enterprise}}","{{Server.TravelPerk}}"],
             "name":{"givenName":"Marlen","familyName":"Col","middleName":"B","honorificPrefix":"MRS"},
             "locale":"en-gb","preferredLanguage":"en","title":"Manager","externalId":"123455667","active":"True","userName":"Marlen.Col@mycompany.com",
             "emails":[{"value":"ignored@x.com"}],"id":"99","groups":[{"value":"1"}],"roles":[],
             "phoneNumbers":[{"value":"+34 1234567","type":"work"}],
             "{{Server.Enterprise}}":{"costCenter":"Marketing","manager":{"value":"{{manager}}","displayName":"Somebody Else"} },
             "{{Server.TravelPerk}}":{"gender":"M","dateOfBirth":"1980/02/02","travelPolicy":"Marketing travel policy",
               "invoiceProfiles":[{"value":"My Company Ltd"}],"emergencyContact":{"name":"Jane Goodie","phone":"+34 9874637"} } }
            """
        );

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("application/scim+json", answer.ContentType?.MediaType);
        Assert.Equal($"{server.Sandbox.BaseUri}Users/2", answer.Headers.Location?.AbsoluteUri);
        string expected = $$"""
            {"schemas":["{{Server.Core}}","{{Server.Enterprise}}","{{Server.TravelPerk}}"],"id":"2","externalId":"123455667",
             "userName":"Marlen.Col@mycompany.com","name":{"givenName":"Marlen","familyName":"Col","middleName":"B","honorificPrefix":"MRS"},
             "title":"Manager","preferredLanguage":"en","locale":"en-gb","active":true,"phoneNumbers":[{"value":"+34 1234567","type":"work"}],"groups":[],
             "{{Server.Enterprise}}":{"costCenter":"Marketing","manager":{"value":"1","$ref":"{{server.Sandbox.BaseUri}}Users/1","displayName":"Marlen Col"} },
             "{{Server.TravelPerk}}":{"gender":"M","dateOfBirth":"1980-02-02","travelPolicy":"Marketing travel policy",
               "invoiceProfiles":[{"value":"My Company Ltd"}],"emergencyContact":{"name":"Jane Goodie","phone":"+34 9874637"} },
             "meta":{"resourceType":"User","created":"2026-03-04T05:06:07.089Z","lastModified":"2026-03-04T05:06:07.089Z","location":"{{server.Sandbox.BaseUri}}Users/2"} }
            """;
        Answer.AssertJson(expected, answer.Json);
        Answer.AssertJson(expected, (await server.GetAsync("Users/2")).Json);
    }

    [Fact]
    public async Task The_least_user_is_active_and_has_what_it_was_given()
    {
        await using var server = Server.Start();

        JsonObject user = (
            await server.PostAsync(
                $$"""{"SCHEMAS":["{{Server.Core}}"],"USERNAME":"a@x.com","name":{"GIVENNAME":"A","familyname":"B"},"title":null,"phoneNumbers":[]}"""
            )
        ).Json;

        _ = user.Remove("meta");
        Answer.AssertJson(
            $$"""{"schemas":["{{Server.Core}}"],"id":"1","userName":"a@x.com","name":{"givenName":"A","familyName":"B"},"active":true,"groups":[]}""",
            user
        );
    }

    [Theory]
    [InlineData(
        """{"userName":"a@x.com","name":{"givenName":"A","familyName":"B"}}""",
        "invalidSyntax",
        "The schemas attribute is required and must be a list of URNs."
    )]
    [InlineData(
        """{"schemas":["urn:other"],"userName":"a@x.com","name":{"givenName":"A","familyName":"B"}}""",
        "invalidSyntax",
        "The schemas attribute must list urn:ietf:params:scim:schemas:core:2.0:User."
    )]
    [InlineData(
        """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a@x.com","name":{"givenName":"A","familyName":"B"},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"X"}}""",
        "invalidSyntax",
        "The body uses urn:ietf:params:scim:schemas:extension:enterprise:2.0:User and its schemas attribute does not list it."
    )]
    [InlineData(
        """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"name":{"givenName":"A","familyName":"B"}}""",
        "invalidValue",
        "Attribute 'userName' is required."
    )]
    [InlineData(
        """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a@x.com"}""",
        "invalidValue",
        "Attribute 'name.givenName' is required."
    )]
    [InlineData(
        """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a@x.com","name":{"givenName":"A","familyName":" "}}""",
        "invalidValue",
        "Attribute 'name.familyName' is required."
    )]
    [InlineData("[]", "invalidSyntax", "The request body is not a JSON object.")]
    [InlineData("{\"schemas\":", "invalidSyntax", "The request body is not a JSON object.")]
    [InlineData("""{"schemas":[],"schemas":[]}""", "invalidSyntax", "The request body is not a JSON object.")]
    [InlineData("", "invalidSyntax", "The request body is not a JSON object.")]
    public async Task A_body_that_is_no_user_is_refused(string body, string scimType, string detail)
    {
        await using var server = Server.Start();

        (await server.PostAsync(body)).AssertError(HttpStatusCode.BadRequest, scimType, detail);

        Assert.Equal(0, server.Sandbox.UserCount);
    }

    [Theory]
    [InlineData("\"title\":5", "Attribute 'title' must be a string.")]
    [InlineData("\"active\":\"yes\"", "Attribute 'active' must be a boolean.")]
    [InlineData("\"phoneNumbers\":{\"value\":\"+34 1234567\"}", "Attribute 'phoneNumbers' must be a list.")]
    [InlineData("\"phoneNumbers\":[\"+34 1234567\"]", "Attribute 'phoneNumbers' must be an object.")]
    [InlineData("\"phoneNumbers\":[{\"value\":\"1234567\",\"type\":\"work\"}]", "No valid phone number found in 1234567")]
    [InlineData("\"phoneNumbers\":[{\"value\":\"+34 12\",\"type\":\"work\"}]", "No valid phone number found in +34 12")]
    [InlineData("\"phoneNumbers\":[{\"value\":\"+34 600 CALL ME 123\"}]", "No valid phone number found in +34 600 CALL ME 123")]
    [InlineData(
        "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{\"manager\":{\"value\":\"77\"}}",
        "Value 77 is not valid for attribute 'manager'. The object with that id does not exist"
    )]
    [InlineData(
        "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{\"manager\":\"77\"}",
        "Attribute 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager' must be an object."
    )]
    [InlineData(
        "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{\"costCenter\":\"marketing\"}",
        "Value marketing is not valid for attribute 'costCenter'. The object with that name does not exist"
    )]
    [InlineData(
        "\"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User\":{\"travelPolicy\":\"None\"}",
        "Value None is not valid for attribute 'travelPolicy'. The object with that name does not exist"
    )]
    [InlineData(
        "\"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User\":{\"invoiceProfiles\":[{\"value\":\"Known\"},{\"value\":\"Unknown\"}]}",
        "Value Unknown is not valid for attribute 'invoiceProfiles'. The object with that name does not exist"
    )]
    [InlineData(
        "\"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User\":{\"gender\":\"male\"}",
        "Value male is not valid for attribute 'gender'. It must be M or F."
    )]
    [InlineData(
        "\"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User\":{\"dateOfBirth\":\"02/03/1980\"}",
        "Value 02/03/1980 is not valid for attribute 'dateOfBirth'. It must be a past date, YYYY-MM-DD."
    )]
    [InlineData(
        "\"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User\":{\"dateOfBirth\":\"1980-02-30\"}",
        "Value 1980-02-30 is not valid for attribute 'dateOfBirth'. It must be a past date, YYYY-MM-DD."
    )]
    [InlineData(
        "\"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User\":{\"dateOfBirth\":\"2980-02-03\"}",
        "Value 2980-02-03 is not valid for attribute 'dateOfBirth'. It must be a past date, YYYY-MM-DD."
    )]
    public async Task A_value_that_TravelPerk_does_not_take_is_refused_in_its_words(string field, string detail)
    {
        await using var server = Server.Start(
            new SandboxOptions
            {
                CostCenters = ["Marketing"],
                TravelPolicies = ["Known"],
                InvoiceProfiles = ["Known"],
            }
        );

        (await server.PostAsync(Server.User("a@x.com", field))).AssertError(HttpStatusCode.BadRequest, "invalidValue", detail);

        Assert.Equal(0, server.Sandbox.UserCount);
    }

    [Theory]
    [InlineData("no-address")]
    [InlineData("@x.com")]
    [InlineData("a@")]
    [InlineData("a b@x.com")]
    [InlineData("a@b@x.com")]
    public async Task A_userName_is_an_address(string userName)
    {
        await using var server = Server.Start();

        (await server.PostAsync(Server.User(userName))).AssertError(
            HttpStatusCode.BadRequest,
            "invalidValue",
            $"Value {userName} is not valid for attribute 'userName'. It must be an e-mail address."
        );
    }

    [Fact]
    public async Task A_userName_is_taken_whatever_its_case()
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("ana@x.com");

        (await server.PostAsync(Server.User("ANA@x.com"))).AssertError(
            HttpStatusCode.Conflict,
            "uniqueness",
            "A user with userName \"ANA@x.com\" already exists. The userName must be unique."
        );

        Assert.Equal(1, server.Sandbox.UserCount);
    }

    [Theory]
    [InlineData("application/json", HttpStatusCode.Created)]
    [InlineData("application/scim+json", HttpStatusCode.Created)]
    [InlineData("APPLICATION/SCIM+JSON", HttpStatusCode.Created)]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task Only_json_is_read(string mediaType, HttpStatusCode status)
    {
        await using var server = Server.Start();

        Assert.Equal(status, (await server.SendAsync("POST", "Users", Server.User("a@x.com"), mediaType)).Status);
    }

    [Fact]
    public async Task A_body_of_more_than_a_megabyte_is_refused()
    {
        await using var server = Server.Start();

        (await server.PostAsync(Server.User("a@x.com", $"\"title\":\"{new string('x', 1024 * 1024)}\""))).AssertError(
            HttpStatusCode.RequestEntityTooLarge,
            null
        );
    }

    [Fact]
    public async Task Many_at_once_get_different_ids_and_one_of_two_namesakes_wins()
    {
        await using var server = Server.Start();

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => server.PostAsync(Server.User($"u{i / 2}@x.com"))));

        Assert.Equal(50, answers.Count(answer => answer.Status == HttpStatusCode.Created));
        Assert.Equal(50, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
        Assert.Equal(Enumerable.Range(1, 50).Select(id => $"{id}"), server.Sandbox.Users.Select(user => user["id"]!.GetValue<string>()));
    }
}
