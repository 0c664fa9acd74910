using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security;
using System.Text;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

/// <summary>A sandbox and an HttpClient on its socket that sends the right credential.</summary>
internal sealed class Server : IAsyncDisposable
{
    public const string Core = "urn:ietf:params:scim:schemas:core:2.0:User";
    public const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    public const string TravelPerk = "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User";
    public const string PatchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

    private Server(TravelPerkSandbox sandbox)
    {
        Sandbox = sandbox;
        Http = new HttpClient { BaseAddress = sandbox.BaseUri };
        using SecureString key = sandbox.GetApiKey();
        Http.DefaultRequestHeaders.Add("Authorization", "ApiKey " + Reveal(key));
        Http.DefaultRequestHeaders.Add("Api-Version", "1");
    }

    public TravelPerkSandbox Sandbox { get; }
    public HttpClient Http { get; }

    public static Server Start(SandboxOptions? options = null) => new(TravelPerkSandbox.Start(options ?? new SandboxOptions()));

    public static Server Start(SandboxBehavior behavior, int? number = null)
    {
        Server server = Start();
        server.Sandbox.SetBehavior(behavior, true, number);
        return server;
    }

    public static string Reveal(SecureString secret) => new NetworkCredential("", secret).Password;

    public static SecureString Hide(string text)
    {
        SecureString secret = new();
        foreach (char c in text)
            secret.AppendChar(c);
        return secret;
    }

    public async Task<Answer> SendAsync(string method, string path, string? body = null, string mediaType = "application/scim+json")
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, mediaType);
        using HttpResponseMessage response = await Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    public Task<Answer> GetAsync(string path) => SendAsync("GET", path);

    public Task<Answer> FilterAsync(string filter) => GetAsync("Users?filter=" + Uri.EscapeDataString(filter));

    public Task<Answer> PostAsync(string body) => SendAsync("POST", "Users", body);

    /// <summary>Creates a user; the fields are further JSON members of the body.</summary>
    public async Task<string> CreateAsync(string userName, string fields = "")
    {
        Answer answer = await PostAsync(User(userName, fields));
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return answer.Json["id"]!.GetValue<string>();
    }

    public Task<Answer> PatchAsync(string id, string operations) =>
        SendAsync("PATCH", "Users/" + id, $$"""{"schemas":["{{PatchOp}}"],"Operations":{{operations}}}""");

    public static string User(string userName, string fields = "") =>
        $$"""
            {"schemas":["{{Core}}","{{Enterprise}}","{{TravelPerk}}"],"userName":"{{userName}}",
             "name":{"givenName":"Marlen","familyName":"Col"}{{(fields.Length > 0 ? "," + fields : "")}}}
            """;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Sandbox.DisposeAsync();
    }
}

internal sealed record Answer(
    HttpStatusCode Status,
    MediaTypeHeaderValue? ContentType,
    string Text,
    HttpResponseHeaders Headers,
    HttpContentHeaders ContentHeaders
)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    public static async Task<Answer> ReadAsync(HttpResponseMessage response) =>
        new(
            response.StatusCode,
            response.Content.Headers.ContentType,
            await response.Content.ReadAsStringAsync(),
            response.Headers,
            response.Content.Headers
        );

    public string? Value(params string[] path)
    {
        JsonNode? node = Json;
        foreach (string step in path)
            node = node is JsonArray array ? array[int.Parse(step, CultureInfo.InvariantCulture)] : node?[step];
        return node?.ToString();
    }

    /// <summary>The user names of a list answer.</summary>
    public string[] UserNames => [.. Json["Resources"]!.AsArray().Select(user => user!["userName"]!.GetValue<string>())];

    /// <summary>RFC 7644 section 3.12, to the letter.</summary>
    public void AssertError(HttpStatusCode status, string? scimType, string detail)
    {
        JsonObject expected = new()
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:api:messages:2.0:Error"),
            ["detail"] = detail,
            ["status"] = ((int)status).ToString(CultureInfo.InvariantCulture),
        };
        if (scimType is not null)
            expected["scimType"] = scimType;
        Assert.Equal(status, Status);
        Assert.Equal("application/scim+json", ContentType?.MediaType);
        AssertJson(expected.ToJsonString(), Json);
    }

    public void AssertError(HttpStatusCode status, string? scimType)
    {
        Assert.True(Status == status, Text);
        Assert.Equal("application/scim+json", ContentType?.MediaType);
        Assert.Equal(((int)status).ToString(CultureInfo.InvariantCulture), Json["status"]!.GetValue<string>());
        Assert.Equal(scimType, (string?)Json["scimType"]);
        Assert.NotEqual("", Json["detail"]!.GetValue<string>());
    }

    public static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}\nActual   {actual?.ToJsonString()}");
}
