using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Tests;

public sealed class ApplicationRoleTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public async Task A_role_is_added_beside_those_that_are_there_and_seen_when_it_returns(int lag)
    {
        await using var bench = new HostingBench();
        (StandInApplication there, EntraApplication application) = bench.Have();
        JsonArray before = (JsonArray)there.Registration.Now!["appRoles"]!.DeepClone();
        if (lag > 0)
            bench.Late(lag);

        ApplicationRole added = await bench.Roles.AddAsync(application, "Approver", "approver", "Approves trips", default);
        await bench.Roles.AddAsync(application, "Booker", "booker", null, default);

        JsonArray after = there.Registration.Now!["appRoles"]!.AsArray();
        Assert.Equal(4, after.Count);
        Assert.All(before.Zip(after), pair => Assert.True(JsonNode.DeepEquals(pair.First, pair.Second)));
        Assert.Equal(
            ("Approver", "approver", "Approves trips", true),
            (added.DisplayName, added.Value, added.Description, added.IsAssignable)
        );
        Assert.Equal(4, (await bench.Roles.ReadAsync(application, default)).Count);
    }

    [Fact]
    public async Task A_role_that_is_there_is_left_and_one_that_is_disabled_is_enabled()
    {
        await using var bench = new HostingBench();
        (StandInApplication there, EntraApplication application) = bench.Have();
        ApplicationRole first = await bench.Roles.AddAsync(application, "Approver", "approver", null, default);
        bench.Graph.ForgetRequests();

        Assert.Equal(first, await bench.Roles.AddAsync(application, "Another name", "approver", null, default));
        Assert.Empty(bench.Writes);

        there.Registration.Now!["appRoles"]!.AsArray()[2]!["isEnabled"] = false;
        Assert.Equal(first.Id, (await bench.Roles.AddAsync(application, "Approver", "approver", null, default)).Id);
        Assert.Single(bench.Writes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public async Task A_role_is_disabled_and_then_removed_and_the_others_stay(int lag)
    {
        await using var bench = new HostingBench();
        (StandInApplication there, EntraApplication application) = bench.Have();
        ApplicationRole role = await bench.Roles.AddAsync(application, "Approver", "approver", null, default);
        if (lag > 0)
            bench.Late(lag);

        await bench.Roles.RemoveAsync(application, role, default);
        await bench.Roles.RemoveAsync(application, role, default);

        Assert.Equal(["User", "msiam_access"], there.Roles.Keys);
        Assert.Equal(["User", "msiam_access"], there.Registration.Now!["appRoles"]!.AsArray().Select(one => (string?)one!["displayName"]));
    }

    [Fact]
    public async Task The_gallerys_own_role_is_kept()
    {
        await using var bench = new HostingBench();
        (_, EntraApplication application) = bench.Have();
        ApplicationRole own = (await bench.Roles.ReadAsync(application, default)).Single(role => role.IsMicrosofts);

        Assert.Equal(
            "EntraRoleProtected",
            (await Assert.ThrowsAsync<SourceException>(() => bench.Roles.RemoveAsync(application, own, default))).ErrorId
        );
        Assert.Empty(bench.Writes);
    }

    [Theory]
    [InlineData("""{"id":"x"}""")]
    [InlineData("""{"id":"x","appRoles":null}""")]
    [InlineData("""{"id":"x","appRoles":{}}""")]
    public async Task An_answer_without_a_list_removes_no_role(string answer)
    {
        await using var bench = new HostingBench();
        (_, EntraApplication application) = bench.Have();
        bench.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("applications(", StringComparison.Ordinal) ? GraphResponse.Of(200, answer) : null;

        Assert.Equal(
            "EntraResponseInvalid",
            (await Assert.ThrowsAsync<SourceException>(() => bench.Roles.AddAsync(application, "A", "a", null, default))).ErrorId
        );
        Assert.Empty(bench.Writes);
    }

    [Fact]
    public async Task A_list_from_a_copy_that_is_behind_is_not_sent_back()
    {
        await using var bench = new HostingBench();
        (StandInApplication there, EntraApplication application) = bench.Have();
        string behind = there.Registration.Now!.ToJsonString();
        await bench.Roles.AddAsync(application, "Approver", "approver", null, default);
        int read = 0;
        bench.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("applications(", StringComparison.Ordinal) && ++read is 3 or 4 ? GraphResponse.Of(200, behind) : null;

        await bench.Roles.AddAsync(application, "Booker", "booker", null, default);

        Assert.Equal(["User", "msiam_access", "approver", "booker"], there.Roles.Keys);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    public async Task What_a_new_application_refuses_for_a_moment_is_sent_again(int status)
    {
        await using var bench = new HostingBench();
        (StandInApplication there, EntraApplication application) = bench.Have();
        bench.Graph.Behavior.RefuseNew = (status, 3);

        await bench.Roles.AddAsync(application, "Approver", "approver", null, default);

        Assert.Contains("approver", there.Roles.Keys);
    }

    [Fact]
    public async Task Without_a_name_the_only_role_for_people_is_chosen_and_several_are_named()
    {
        await using var bench = new HostingBench();
        (_, EntraApplication application) = bench.Have();
        Assert.Equal("User", ApplicationRoles.Choose(application, await bench.Roles.ReadAsync(application, default), null).DisplayName);
        Assert.Equal(ApplicationRole.DefaultAccess, ApplicationRoles.Choose(application, [], null));

        await bench.Roles.AddAsync(application, "Approver", "approver", null, default);
        IReadOnlyList<ApplicationRole> roles = await bench.Roles.ReadAsync(application, default);

        SourceException missing = Assert.Throws<SourceException>(() => ApplicationRoles.Choose(application, roles, null));
        SourceException unknown = Assert.Throws<SourceException>(() => ApplicationRoles.Choose(application, roles, "Pilot"));
        Assert.Equal(("EntraRoleMissing", "EntraRoleNotFound"), (missing.ErrorId, unknown.ErrorId));
        Assert.All([missing, unknown], failure => Assert.Contains("'User', 'approver'", failure.Message, StringComparison.Ordinal));
        Assert.Equal("approver", ApplicationRoles.Choose(application, roles, "APPROVER").Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public Task Adding_and_removing_cancelled_anywhere_and_run_again_end_in_the_same_state(int half)
    {
        EntraApplication? application = null;
        return HostingBench.CancelEverywhereAsync(
            async (bench, stop) =>
            {
                ApplicationRole kept = await bench.Roles.AddAsync(application!, "Approver", "approver", null, stop);
                ApplicationRole passing = await bench.Roles.AddAsync(application!, "Passing", "passing", null, stop);
                await bench.Roles.RemoveAsync(application!, passing, stop);
                Assert.NotEqual(kept.Id, passing.Id);
            },
            bench => Assert.Equal(["User", "msiam_access", "approver"], Assert.Single(bench.Made).Roles.Keys),
            bench => application = bench.Have().Application,
            lag: 2,
            half,
            of: 2
        );
    }
}
