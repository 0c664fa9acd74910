using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

public sealed class FaultTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retry_after_is_honoured_in_seconds_and_as_a_date(bool asDate)
    {
        await using var fixture = new EntraFixture();
        fixture.Graph.Behavior.ThrottleEvery = 2;
        fixture.Graph.Behavior.RetryAfterFrom = asDate ? fixture.Time.GetUtcNow() : null;
        fixture.Tenant.AddUser("a@contoso.com");

        Read read = await fixture.ReadAsync();

        Assert.Single(read.Entries);
        Assert.Equal(TimeSpan.FromSeconds(7), fixture.Time.Waits[0]);
    }

    [Fact]
    public async Task Only_the_throttled_requests_of_a_batch_are_sent_again()
    {
        await using var fixture = new EntraFixture();
        StandInUser[] users = [.. Enumerable.Range(0, 20).Select(i => fixture.Tenant.AddUser($"u{i}@contoso.com"))];
        var asked = new List<string>();
        fixture.Graph.Behavior.Intercept = request =>
        {
            if (request.InBatch)
                asked.Add(request.Path);
            return null;
        };
        fixture.Graph.Behavior.ThrottleInBatchEvery = 8;

        Read read = await fixture.FindAsync([.. users.Select(user => user.Id)]);

        Assert.Equal(20, read.Entries.Count());
        Assert.Equal(22, asked.Count);
        Assert.Equal([TimeSpan.FromSeconds(7)], fixture.Time.Waits);
    }

    [Theory]
    [InlineData("User.Read.All")]
    [InlineData("GroupMember.Read.All")]
    [InlineData("Application.Read.All")]
    public async Task The_missing_permission_is_named(string permission)
    {
        await using var fixture = new EntraFixture();
        Read read = await fixture.ReadAsync();
        fixture.Graph.Behavior.Denied.Add(permission);

        SourceException failure = await fixture.FailAsync(read.Watermark);

        Assert.Equal("EntraPermissionMissing", failure.ErrorId);
        Assert.Contains(permission, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_refused_in_the_middle_ends_the_read()
    {
        await using var fixture = new EntraFixture();
        fixture.Graph.Behavior.PageCap = 1;
        for (int i = 0; i < 5; i++)
            fixture.Tenant.AddUser($"u{i}@contoso.com");
        fixture.Graph.BeforeAnswer = (number, _) => fixture.Graph.Behavior.RejectToken = number > 5;

        Assert.Equal("EntraUnauthorized", (await fixture.FailAsync()).ErrorId);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_request_that_fails_for_a_moment_is_repeated_and_a_lasting_failure_ends_the_read(int status)
    {
        await using var fixture = new EntraFixture();
        int failures = 3;
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users", StringComparison.Ordinal) && failures-- > 0 ? GraphResponse.Error(status, "Oops", "x") : null;
        Assert.True((await fixture.ReadAsync()).End.FullRead);

        failures = int.MaxValue;
        Assert.Equal("EntraUnreachable", (await fixture.FailAsync()).ErrorId);
    }

    [Fact]
    public async Task An_answer_cut_short_is_asked_for_again()
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");
        bool cut = false;
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users", StringComparison.Ordinal) && !cut && (cut = true)
                ? GraphResponse.Of(200, """{"value":[{"id":"x"}], "much": "more"}""") with
                {
                    Cut = true,
                }
                : null;

        Assert.NotNull((await fixture.ReadAsync())[user]);
    }

    [Fact]
    public async Task An_unreachable_graph_is_one_clear_error()
    {
        await using var fixture = new EntraFixture();
        await fixture.Graph.DisposeAsync();

        Assert.Equal("EntraUnreachable", (await fixture.FailAsync()).ErrorId);
    }

    [Fact]
    public async Task A_link_to_another_host_is_not_followed()
    {
        await using var fixture = new EntraFixture();
        await using var foreign = new StandInGraph();
        fixture.Graph.Behavior.PageCap = 1;
        fixture.Tenant.AddUser("a@contoso.com");
        fixture.Tenant.AddUser("b@contoso.com");
        fixture.Graph.Behavior.LinkAuthority = foreign.Endpoint.GetLeftPart(UriPartial.Authority);

        Assert.Equal("EntraLinkForeign", (await fixture.FailAsync()).ErrorId);
        Assert.Empty(foreign.Requests);
    }

    [Fact]
    public async Task An_application_that_is_gone_is_named_as_such()
    {
        await using var fixture = new EntraFixture();
        Read read = await fixture.ReadAsync();
        fixture.Tenant.Applications.Clear();

        Assert.Equal("EntraApplicationNotFound", (await fixture.FailAsync(read.Watermark)).ErrorId);
    }

    [Fact]
    public async Task An_answer_that_is_no_list_is_one_clear_error()
    {
        await using var fixture = new EntraFixture();
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users", StringComparison.Ordinal) ? GraphResponse.Of(200, "<html>") : null;

        Assert.Equal("EntraResponseInvalid", (await fixture.FailAsync()).ErrorId);
    }

    [Fact]
    public async Task A_cancelled_read_is_cancelled()
    {
        await using var fixture = new EntraFixture();
        using var stop = new CancellationTokenSource();
        fixture.Graph.BeforeAnswer = (_, _) => stop.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SourceItem item in fixture.Source.ReadAsync(EntraFixture.Layout, null, stop.Token))
                Assert.IsNotType<SourceEnd>(item);
        });
    }
}
