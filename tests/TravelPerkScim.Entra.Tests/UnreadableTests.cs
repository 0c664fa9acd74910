using System.Text;
using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

/// <summary>What cannot be read of one user is a fault of that user's entry; everybody else comes.</summary>
public sealed class UnreadableTests
{
    /// <summary>@ stands for the user's id, # for that of another user.</summary>
    public static TheoryData<string> Answers =>
        new()
        {
            """{"id":"0","status":"200","body":{"id":"@"}}""",
            """{"id":"0","body":{"id":"@"}}""",
            """{"id":0,"status":200,"body":{"id":"@"}}""",
            """{"status":200,"body":{"id":"@"}}""",
            """{"id":"0","status":200}""",
            """{"id":"0","status":200,"body":"eyJpZCI6..."}""",
            """{"id":"0","status":200,"body":[{"id":"@"}]}""",
            """{"id":"0","status":200,"body":{"id":7}}""",
            """{"id":"0","status":200,"body":{"id":"#","userPrincipalName":"b@contoso.com"}}""",
            """{"id":"0","status":200,"body":{"id":"@"}},{"id":"0","status":404}""",
            """{"id":"0","status":1e99,"headers":7}""",
            """{"id":"\ud83d","status":200,"body":{"id":"@"}}""",
            """{"\ud83d":"0","id":"9","status":200,"body":{"id":"@"}}""",
            "null",
            "7",
            "[]",
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_unusable_answer_in_a_batch_is_a_fault_of_its_user(string form)
    {
        await using var fixture = new EntraFixture(EntitlementScope.All);
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com"),
            other = fixture.Tenant.AddUser("b@contoso.com");
        Read read = await fixture.ReadAsync();
        fixture.Tenant.Set(user, "displayName", "New");
        fixture.Tenant.Set(other, "displayName", "New");
        string answer = form.Replace("@", user.Id, StringComparison.Ordinal).Replace('#'.ToString(), other.Id, StringComparison.Ordinal);
        fixture.Graph.Behavior.Intercept = request =>
            request.Path != "$batch"
                ? null
                : Batch(
                    request,
                    (id, url) =>
                        url.Contains(user.Id, StringComparison.Ordinal)
                            ? answer.Replace("\"id\":\"0\"", $"\"id\":\"{id}\"", StringComparison.Ordinal)
                            : $$"""{"id":"{{id}}","status":200,"body":{"id":"{{other.Id}}","userPrincipalName":"b@contoso.com","displayName":"New"} }"""
                );

        read = await fixture.ReadAsync(read.Watermark);

        Assert.Equal(user.Id, Assert.IsType<SourceFault>(read[user]).Anchor);
        Assert.Equal("New", read.Entry(other).Object["displayName"]);
        Assert.False(read.End.FullRead);
    }

    [Fact]
    public async Task An_answer_to_no_request_is_skipped_and_a_missing_answer_is_a_fault()
    {
        await using var fixture = new EntraFixture(EntitlementScope.All);
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com"),
            other = fixture.Tenant.AddUser("b@contoso.com");
        fixture.Graph.Behavior.Intercept = request =>
            request.Path != "$batch"
                ? null
                : Batch(
                    request,
                    (id, url) =>
                        url.Contains(user.Id, StringComparison.Ordinal)
                            ? """{"id":"77","status":200,"body":{}}"""
                            : $$"""{"id":"{{id}}","status":200,"body":{"id":"{{other.Id}}","userPrincipalName":"b@contoso.com"} }"""
                );

        Read read = await fixture.FindAsync(user.Id, other.Id);

        Assert.Equal(user.Id, Assert.IsType<SourceFault>(read[user]).Anchor);
        Assert.Equal("b@contoso.com", read.Entry(other).Object["userPrincipalName"]);
    }

    [Theory]
    [InlineData("users")]
    [InlineData("directory")]
    public async Task The_answer_about_another_user_is_refused(string path)
    {
        await using var fixture = new EntraFixture(EntitlementScope.All);
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com"),
            other = fixture.Tenant.AddUser("b@contoso.com");
        string another = $$"""{"id":"{{other.Id}}","userPrincipalName":"b@contoso.com"}""";
        fixture.Graph.Behavior.Intercept = request =>
            !request.InBatch || !request.Path.Contains(user.Id, StringComparison.Ordinal) ? null
            : request.Path.StartsWith(path, StringComparison.Ordinal) ? GraphResponse.Of(200, another)
            : GraphResponse.Error(404, "Request_ResourceNotFound", "x");

        Read read = await fixture.FindAsync(user.Id);

        Assert.Equal(user.Id, Assert.IsType<SourceFault>(read[user]).Anchor);
        Assert.Empty(read.Entries);
    }

    [Fact]
    public async Task The_user_of_another_name_is_refused()
    {
        await using var fixture = new EntraFixture(EntitlementScope.All);
        StandInUser other = fixture.Tenant.AddUser("b@contoso.com");
        fixture.Graph.Behavior.Intercept = request =>
            request.InBatch ? GraphResponse.Of(200, $$"""{"id":"{{other.Id}}","userPrincipalName":"b@contoso.com"}""") : null;

        Read read = await fixture.FindAsync("a@contoso.com", "B@contoso.com");

        Assert.Equal("a@contoso.com", Assert.Single(read.Items.OfType<SourceFault>()).Position);
        Assert.Equal(other.Id, Assert.Single(read.Entries).Object.Anchor);
    }

    [Theory]
    [InlineData("\"department\":\"\\ud83d\"", "department")]
    [InlineData("\"department\":\"\\udc00x\"", "department")]
    [InlineData("\"department\":\"~\"", "department")]
    [InlineData("\"businessPhones\":[\"\\ud83d\"]", "businessPhones")]
    [InlineData("\"onPremisesExtensionAttributes\":{\"extensionAttribute1\":\"\\ud83d\"}", "onPremisesExtensionAttributes")]
    [InlineData("\"onPremisesExtensionAttributes\":{\"\\ud83d\":1}", "onPremisesExtensionAttributes")]
    [InlineData("\"accountEnabled\":\"perhaps\"", "accountEnabled")]
    [InlineData("\"accountEnabled\":{}", "accountEnabled")]
    [InlineData("\"accountEnabled\":1", "accountEnabled")]
    [InlineData("\"manager\":\"boss\"", "manager")]
    [InlineData("\"manager\":{\"id\":7}", "manager")]
    [InlineData("\"manager@delta\":{\"id\":7}", "manager")]
    public async Task A_value_that_cannot_be_read_is_a_fault_of_its_user(string property, string named)
    {
        await using var fixture = new EntraFixture(EntitlementScope.All);
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com"),
            other = fixture.Tenant.AddUser("b@contoso.com");
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users/delta", StringComparison.Ordinal)
                ? Page(fixture, $$"""{"id":"{{user.Id}}",{{property}}},{"id":"{{other.Id}}"}""")
                : null;

        Read read = await fixture.ReadAsync();

        SourceFault fault = Assert.IsType<SourceFault>(read[user]);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
        Assert.NotNull(read.Entry(other));
        Assert.True(read.End.FullRead);
    }

    [Theory]
    [InlineData("""{"id":7}""")]
    [InlineData("""{"id":"\ud83d"}""")]
    [InlineData("""{"displayName":"x"}""")]
    [InlineData("""{"id":"00000000-0000-4000-8000-000000000009","\ud83d":1}""")]
    [InlineData("null")]
    [InlineData("[]")]
    public async Task An_entry_without_an_id_is_a_fault(string item)
    {
        await using var fixture = new EntraFixture(EntitlementScope.All);
        StandInUser other = fixture.Tenant.AddUser("b@contoso.com");
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users/delta", StringComparison.Ordinal) ? Page(fixture, $$"""{{item}},{"id":"{{other.Id}}"}""") : null;

        Read full = await fixture.ReadAsync();
        Read changes = await fixture.ReadAsync(full.Watermark);

        Assert.Null(Assert.Single(full.Items.OfType<SourceFault>()).Anchor);
        Assert.Null(Assert.Single(changes.Items.OfType<SourceFault>()).Anchor);
        Assert.NotNull(full.Entry(other));
        Assert.NotNull(changes.Entry(other));
    }

    [Theory]
    [InlineData("members", """{"value":[{"id":7}]}""")]
    [InlineData("members", """{"value":[null]}""")]
    [InlineData("", """{"id":"00000000-0000-4000-8000-000000000009","displayName":"G"}""")]
    public async Task No_user_leaves_because_of_a_group_that_cannot_be_read(string list, string answer)
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, user);
        fixture.Tenant.Assign(fixture.Application, user);
        Read read = await fixture.ReadAsync();
        fixture.Tenant.Unassign(fixture.Application, user);
        fixture.Tenant.Assign(fixture.Application, group);
        fixture.Graph.Behavior.Intercept = request =>
            request.InBatch && request.Path == $"groups/{group.Id}/{list}".TrimEnd('/') ? GraphResponse.Of(200, answer) : null;

        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.Entry(user).EntitlementUnknown);
        Assert.Contains(group.Id, Assert.Single(read.Items.OfType<SourceNotice>()).Message, StringComparison.Ordinal);

        fixture.Graph.Behavior.Intercept = null;
        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.Entitled(user));
    }

    [Theory]
    [InlineData("""{"principalType":"User","principalId":7}""")]
    [InlineData("""{"principalType":"User","principalId":"\ud83d"}""")]
    [InlineData("""{"principalId":"00000000-0000-4000-8000-000000000009"}""")]
    [InlineData("null")]
    public async Task No_user_leaves_because_of_an_assignment_that_cannot_be_read(string assignment)
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");
        fixture.Tenant.Assign(fixture.Application, user);
        Read read = await fixture.ReadAsync();
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.EndsWith("appRoleAssignedTo", StringComparison.Ordinal)
                ? GraphResponse.Of(200, $$"""{"value":[{{assignment}}]}""")
                : null;

        read = await fixture.ReadAsync(read.Watermark);

        Assert.True(read.Entry(user).EntitlementUnknown);
        Assert.Single(read.Items.OfType<SourceNotice>());
    }

    [Fact]
    public async Task An_error_of_another_form_is_one_clear_error()
    {
        await using var fixture = new EntraFixture();
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users/delta", StringComparison.Ordinal)
                ? GraphResponse.Of(400, """{"error":{"code":7,"message":"\ud83d"}}""")
                : null;

        Assert.Equal("EntraResponseInvalid", (await fixture.FailAsync()).ErrorId);
    }

    // The tilde becomes a byte that no UTF-8 text has.
    private static GraphResponse Page(EntraFixture fixture, string items)
    {
        byte[] json = Encoding.UTF8.GetBytes(
            $$"""{"value":[{{items}}],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/users/delta?$deltatoken=x"}"""
        );
        return new GraphResponse(200, Array.ConvertAll(json, one => one == '~' ? (byte)0xFF : one));
    }

    private static GraphResponse Batch(GraphRequest request, Func<string, string, string> answer)
    {
        JsonArray requests = JsonNode.Parse(request.Body)!["requests"]!.AsArray();
        return GraphResponse.Of(
            200,
            $$"""{"responses":[{{string.Join(',', requests.Select(one => answer((string)one!["id"]!, (string)one["url"]!)))}}]}"""
        );
    }
}
