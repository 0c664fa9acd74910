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
        await using var bench = new EntraBench();
        bench.Graph.Behavior.ThrottleEvery = 2;
        bench.Graph.Behavior.RetryAfterFrom = asDate ? bench.Time.GetUtcNow() : null;
        bench.Tenant.AddUser("a@contoso.com");

        Read read = await bench.ReadAsync();

        Assert.Single(read.Entries);
        Assert.Equal(TimeSpan.FromSeconds(7), bench.Time.Waits[0]);
    }

    [Fact]
    public async Task Only_what_was_throttled_in_a_batch_is_asked_again()
    {
        await using var bench = new EntraBench();
        StandInUser[] users = [.. Enumerable.Range(0, 20).Select(i => bench.Tenant.AddUser($"u{i}@contoso.com"))];
        var asked = new List<string>();
        bench.Graph.Behavior.Intercept = request =>
        {
            if (request.InBatch)
                asked.Add(request.Path);
            return null;
        };
        bench.Graph.Behavior.ThrottleInBatchEvery = 8;

        Read read = await bench.FindAsync([.. users.Select(user => user.Id)]);

        Assert.Equal(20, read.Entries.Count());
        Assert.Equal(22, asked.Count);
        Assert.Equal([TimeSpan.FromSeconds(7)], bench.Time.Waits);
    }

    [Theory]
    [InlineData("User.Read.All")]
    [InlineData("GroupMember.Read.All")]
    [InlineData("Application.Read.All")]
    public async Task The_missing_permission_is_named(string permission)
    {
        await using var bench = new EntraBench();
        Read read = await bench.ReadAsync();
        bench.Graph.Behavior.Denied.Add(permission);

        SourceException failure = await bench.FailAsync(read.Watermark);

        Assert.Equal("EntraPermissionMissing", failure.ErrorId);
        Assert.Contains(permission, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_refused_in_the_middle_ends_the_read()
    {
        await using var bench = new EntraBench();
        bench.Graph.Behavior.PageCap = 1;
        for (int i = 0; i < 5; i++)
            bench.Tenant.AddUser($"u{i}@contoso.com");
        bench.Graph.BeforeAnswer = (number, _) => bench.Graph.Behavior.RejectToken = number > 5;

        Assert.Equal("EntraUnauthorized", (await bench.FailAsync()).ErrorId);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public async Task What_fails_for_a_moment_is_repeated_and_what_keeps_failing_ends_the_read(int status)
    {
        await using var bench = new EntraBench();
        int failures = 3;
        bench.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users", StringComparison.Ordinal) && failures-- > 0 ? GraphResponse.Error(status, "Oops", "x") : null;
        Assert.True((await bench.ReadAsync()).End.FullRead);

        failures = int.MaxValue;
        Assert.Equal("EntraUnreachable", (await bench.FailAsync()).ErrorId);
    }

    [Fact]
    public async Task An_answer_cut_short_is_asked_for_again()
    {
        await using var bench = new EntraBench();
        StandInUser user = bench.Tenant.AddUser("a@contoso.com");
        bool cut = false;
        bench.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users", StringComparison.Ordinal) && !cut && (cut = true)
                ? GraphResponse.Of(200, """{"value":[{"id":"x"}], "much": "more"}""") with
                {
                    Cut = true,
                }
                : null;

        Assert.NotNull((await bench.ReadAsync())[user]);
    }

    [Fact]
    public async Task An_unreachable_graph_is_one_clear_error()
    {
        await using var bench = new EntraBench();
        await bench.Graph.DisposeAsync();

        Assert.Equal("EntraUnreachable", (await bench.FailAsync()).ErrorId);
    }

    [Fact]
    public async Task A_link_to_another_host_is_not_followed()
    {
        await using var bench = new EntraBench();
        await using var foreign = new StandInGraph();
        bench.Graph.Behavior.PageCap = 1;
        bench.Tenant.AddUser("a@contoso.com");
        bench.Tenant.AddUser("b@contoso.com");
        bench.Graph.Behavior.LinkAuthority = foreign.Endpoint.GetLeftPart(UriPartial.Authority);

        Assert.Equal("EntraLinkForeign", (await bench.FailAsync()).ErrorId);
        Assert.Empty(foreign.Requests);
    }

    [Fact]
    public async Task An_application_that_is_gone_is_named_as_such()
    {
        await using var bench = new EntraBench();
        Read read = await bench.ReadAsync();
        bench.Tenant.Applications.Clear();

        Assert.Equal("EntraApplicationNotFound", (await bench.FailAsync(read.Watermark)).ErrorId);
    }

    [Fact]
    public async Task An_answer_that_is_no_list_is_one_clear_error()
    {
        await using var bench = new EntraBench();
        bench.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users", StringComparison.Ordinal) ? GraphResponse.Of(200, "<html>") : null;

        Assert.Equal("EntraResponseInvalid", (await bench.FailAsync()).ErrorId);
    }

    [Fact]
    public async Task A_cancelled_read_is_cancelled()
    {
        await using var bench = new EntraBench();
        using var stop = new CancellationTokenSource();
        bench.Graph.BeforeAnswer = (_, _) => stop.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SourceItem item in bench.Source.ReadAsync(EntraBench.Layout, null, stop.Token))
                Assert.IsNotType<SourceEnd>(item);
        });
    }
}
