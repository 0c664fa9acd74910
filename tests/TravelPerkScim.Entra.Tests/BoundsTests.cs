using System.IO.Compression;
using System.Text;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.Entra.Tests;

/// <summary>Answers that no Graph gives: they end the read with an error that says so, before memory or patience end.</summary>
public sealed class BoundsTests
{
    private const int Mega = 1024 * 1024;

    [Fact]
    public async Task A_small_answer_that_unpacks_to_a_huge_one_is_not_read()
    {
        await using var fixture = new EntraFixture();
        fixture.Tenant.AddUser("a@contoso.com");
        GraphResponse bomb = Packed(
            $$"""{"value":[{{new string(' ', 64 * Mega)}}],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/users/delta?$deltatoken=x"}"""
        );
        fixture.Graph.Behavior.Intercept = request => IsUsers(request) ? bomb : null;

        Assert.Equal("EntraResponseInvalid", (await fixture.FailAsync()).ErrorId);
        Assert.Single(fixture.Graph.Requests, request => request.Contains("users/delta", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_never_ends_is_not_read_to_its_end()
    {
        await using var fixture = new EntraFixture(bounds: new GraphBounds { AnswerBytes = Mega });
        fixture.Graph.Behavior.Intercept = request =>
            IsUsers(request) ? GraphResponse.Of(200, $$"""{"value":[{{new string(' ', 64 * 1024)}}""") with { Endless = true } : null;

        Assert.Equal("EntraResponseInvalid", (await fixture.FailAsync()).ErrorId);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task An_answer_that_cannot_be_unpacked_is_one_clear_error(string encoding)
    {
        await using var fixture = new EntraFixture();
        var broken = GraphResponse.Of(200, """{"value":[]}""");
        broken.Headers["Content-Encoding"] = encoding;
        fixture.Graph.Behavior.Intercept = request => IsUsers(request) ? broken : null;

        Assert.Equal("EntraResponseInvalid", (await fixture.FailAsync()).ErrorId);
    }

    [Fact]
    public async Task A_next_link_that_leads_back_ends_the_read()
    {
        await using var fixture = new EntraFixture();
        string root = fixture.Graph.Endpoint.AbsoluteUri;
        int pages = 0;
        // Page 1, 2, 3 and then 2 once more.
        fixture.Graph.Behavior.Intercept = request =>
            IsUsers(request) && ++pages > 0 && pages <= 50
                ? GraphResponse.Of(200, $$"""{"value":[],"@odata.nextLink":"{{root}}/users/delta?$skiptoken={{(pages % 2) + 2}}"}""")
                : null;

        Assert.Equal("EntraResponseInvalid", (await fixture.FailAsync()).ErrorId);
        Assert.InRange(pages, 3, 4);
    }

    [Theory]
    [InlineData("""{"id":"00000000-0000-4000-8000-000000000001"}""", 101)]
    [InlineData("", 1001)]
    public async Task A_list_that_never_ends_ends_the_read(string item, int expected)
    {
        await using var fixture = new EntraFixture(bounds: item.Length > 0 ? new GraphBounds { Pages = 100 } : null);
        string root = fixture.Graph.Endpoint.AbsoluteUri;
        int pages = 0;
        fixture.Graph.Behavior.Intercept = request =>
            IsUsers(request) && ++pages > 0 && pages <= 3000
                ? GraphResponse.Of(200, $$"""{"value":[{{item}}],"@odata.nextLink":"{{root}}/users/delta?$skiptoken={{pages}}"}""")
                : null;

        Assert.Equal("EntraResponseInvalid", (await fixture.FailAsync()).ErrorId);
        Assert.Equal(expected, pages);
    }

    [Fact]
    public async Task A_delta_link_to_another_host_is_refused_when_it_comes_and_not_stored()
    {
        await using var fixture = new EntraFixture();
        await using var foreign = new StandInGraph();
        fixture.Tenant.AddUser("a@contoso.com");
        string other = foreign.Endpoint.AbsoluteUri;
        fixture.Graph.Behavior.Intercept = request =>
            IsUsers(request) ? GraphResponse.Of(200, $$"""{"value":[],"@odata.deltaLink":"{{other}}/users/delta?$deltatoken=1"}""") : null;

        Assert.Equal("EntraLinkForeign", (await fixture.FailAsync()).ErrorId);
        Assert.Empty(foreign.Requests);
    }

    [Fact]
    public async Task A_cookie_is_not_sent_back()
    {
        await using var fixture = new EntraFixture();
        fixture.Graph.Behavior.PageCap = 1;
        fixture.Tenant.AddUser("a@contoso.com");
        fixture.Tenant.AddUser("b@contoso.com");
        var cookies = new List<string>();
        fixture.Graph.Behavior.Intercept = request =>
        {
            if (request.Headers.TryGetValue("Cookie", out string? cookie))
                cookies.Add(cookie);
            if (!request.Path.StartsWith("groups", StringComparison.Ordinal))
                return null;
            var answer = GraphResponse.Of(
                200,
                $$"""{"value":[],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/groups/delta?$deltatoken=1"}"""
            );
            answer.Headers["Set-Cookie"] = "who=tenant; Path=/";
            return answer;
        };

        Assert.True((await fixture.ReadAsync()).End.FullRead);
        Assert.Empty(cookies);
    }

    private static bool IsUsers(GraphRequest request) => request.Path.StartsWith("users/delta", StringComparison.Ordinal);

    private static GraphResponse Packed(string json)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(json));
        var answer = new GraphResponse(200, packed.ToArray());
        answer.Headers["Content-Encoding"] = "gzip";
        return answer;
    }
}
