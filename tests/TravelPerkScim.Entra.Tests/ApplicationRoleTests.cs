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
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        var before = (JsonArray)there.Registration.Now!["appRoles"]!.DeepClone();
        if (lag > 0)
            fixture.Late(lag);

        ApplicationRole added = await fixture.Roles.AddAsync(application, "Approver", "approver", "Approves trips", default);
        await fixture.Roles.AddAsync(application, "Booker", "booker", null, default);

        JsonArray after = there.Registration.Now!["appRoles"]!.AsArray();
        Assert.Equal(4, after.Count);
        Assert.All(before.Zip(after), pair => Assert.True(JsonNode.DeepEquals(pair.First, pair.Second)));
        Assert.Equal(
            ("Approver", "approver", "Approves trips", true),
            (added.DisplayName, added.Value, added.Description, added.IsAssignable)
        );
        Assert.Equal(4, (await fixture.Roles.ReadAsync(application, default)).Count);
    }

    [Fact]
    public async Task A_role_that_is_there_is_left_and_one_that_is_disabled_is_enabled()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        ApplicationRole first = await fixture.Roles.AddAsync(application, "Approver", "approver", null, default);
        fixture.Graph.ForgetRequests();

        Assert.Equal(first, await fixture.Roles.AddAsync(application, "Another name", "approver", null, default));
        Assert.Empty(fixture.Writes);

        there.Registration.Now!["appRoles"]!.AsArray()[2]!["isEnabled"] = false;
        Assert.Equal(first.Id, (await fixture.Roles.AddAsync(application, "Approver", "approver", null, default)).Id);
        Assert.Single(fixture.Writes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public async Task A_role_is_disabled_and_then_removed_and_the_others_stay(int lag)
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        ApplicationRole role = await fixture.Roles.AddAsync(application, "Approver", "approver", null, default);
        if (lag > 0)
            fixture.Late(lag);

        await fixture.Roles.RemoveAsync(application, role, default);
        await fixture.Roles.RemoveAsync(application, role, default);

        Assert.Equal(["User", "msiam_access"], there.Roles.Keys);
        Assert.Equal(["User", "msiam_access"], there.Registration.Now!["appRoles"]!.AsArray().Select(one => (string?)one!["displayName"]));
    }

    [Fact]
    public async Task The_gallerys_own_role_is_kept()
    {
        await using var fixture = new HostingFixture();
        (_, EntraApplication application) = fixture.Have();
        ApplicationRole own = (await fixture.Roles.ReadAsync(application, default)).Single(role => role.IsMicrosofts);

        Assert.Equal(
            "EntraRoleProtected",
            (await Assert.ThrowsAsync<SourceException>(() => fixture.Roles.RemoveAsync(application, own, default))).ErrorId
        );
        Assert.Empty(fixture.Writes);
    }

    [Theory]
    [InlineData("""{"id":"x"}""")]
    [InlineData("""{"id":"x","appRoles":null}""")]
    [InlineData("""{"id":"x","appRoles":{}}""")]
    public async Task An_answer_without_a_list_removes_no_role(string answer)
    {
        await using var fixture = new HostingFixture();
        (_, EntraApplication application) = fixture.Have();
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("applications(", StringComparison.Ordinal) ? GraphResponse.Of(200, answer) : null;

        Assert.Equal(
            "EntraResponseInvalid",
            (await Assert.ThrowsAsync<SourceException>(() => fixture.Roles.AddAsync(application, "A", "a", null, default))).ErrorId
        );
        Assert.Empty(fixture.Writes);
    }

    [Fact]
    public async Task A_list_from_a_copy_that_is_behind_is_not_sent_back()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        string behind = there.Registration.Now!.ToJsonString();
        await fixture.Roles.AddAsync(application, "Approver", "approver", null, default);
        int read = 0;
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("applications(", StringComparison.Ordinal) && ++read is 3 or 4 ? GraphResponse.Of(200, behind) : null;

        await fixture.Roles.AddAsync(application, "Booker", "booker", null, default);

        Assert.Equal(["User", "msiam_access", "approver", "booker"], there.Roles.Keys);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    public async Task A_request_that_a_new_application_refuses_for_a_moment_is_sent_again(int status)
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        fixture.Graph.Behavior.RefuseNew = (status, 3);

        await fixture.Roles.AddAsync(application, "Approver", "approver", null, default);

        Assert.Contains("approver", there.Roles.Keys);
    }

    [Fact]
    public async Task Without_a_name_the_only_role_for_people_is_chosen_and_several_are_named()
    {
        await using var fixture = new HostingFixture();
        (_, EntraApplication application) = fixture.Have();
        Assert.Equal("User", ApplicationRoles.Choose(application, await fixture.Roles.ReadAsync(application, default), null).DisplayName);
        Assert.Equal(ApplicationRole.DefaultAccess, ApplicationRoles.Choose(application, [], null));

        await fixture.Roles.AddAsync(application, "Approver", "approver", null, default);
        IReadOnlyList<ApplicationRole> roles = await fixture.Roles.ReadAsync(application, default);

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
        return HostingFixture.CancelEverywhereAsync(
            async (fixture, stop) =>
            {
                ApplicationRole kept = await fixture.Roles.AddAsync(application!, "Approver", "approver", null, stop);
                ApplicationRole passing = await fixture.Roles.AddAsync(application!, "Passing", "passing", null, stop);
                await fixture.Roles.RemoveAsync(application!, passing, stop);
                Assert.NotEqual(kept.Id, passing.Id);
            },
            fixture => Assert.Equal(["User", "msiam_access", "approver"], Assert.Single(fixture.Made).Roles.Keys),
            fixture => application = fixture.Have().Application,
            lag: 2,
            half,
            of: 2
        );
    }
}
