using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Tests;

public sealed class AssignmentTests
{
    [Fact]
    public async Task Users_and_groups_are_found_by_each_of_their_names()
    {
        await using var fixture = new HostingFixture();
        StandInUser guest = fixture.Tenant.AddUser("o'neil_x.com#EXT#@contoso.com"),
            dollar = fixture.Tenant.AddUser("$ervice@contoso.com");
        StandInGroup group = fixture.Tenant.AddGroup("Sales & R+D 'north'");
        StandInGroup[] twins = [fixture.Tenant.AddGroup("Twins"), fixture.Tenant.AddGroup("twins")];

        IReadOnlyList<AssignmentChange> found = await fixture.Assignments.ResolveAsync(
            [
                "o'neil_x.com#EXT#@contoso.com",
                "$ervice@contoso.com",
                guest.Id,
                "sales & R+D 'north'",
                group.Id,
                "nobody@contoso.com",
                "No such group",
                Guid.Empty.ToString(),
                "Twins",
                " Twins ",
            ],
            default
        );

        Assert.Equal(
            [guest.Id, dollar.Id, guest.Id, group.Id, group.Id, null, null, null, null, null],
            found.Select(one => one.Principal?.Id)
        );
        Assert.Equal([false, false, false, true, true], found.Take(5).Select(one => one.Principal!.IsGroup));
        Assert.Equal(
            [
                "EntraPrincipalNotFound",
                "EntraPrincipalNotFound",
                "EntraPrincipalNotFound",
                "EntraPrincipalAmbiguous",
                "EntraPrincipalAmbiguous",
            ],
            found.Skip(5).Select(one => one.Failure!.ErrorId)
        );
        Assert.All(twins, twin => Assert.Contains(twin.Id, found[8].Failure!.Message, StringComparison.Ordinal));
        Assert.Single(fixture.Graph.Requests);
    }

    [Fact]
    public async Task A_hundred_users_are_assigned_in_batches_and_a_second_run_assigns_no_user()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        string[] names = [.. Enumerable.Range(0, 100).Select(n => fixture.Tenant.AddUser($"u{n}@contoso.com").UserPrincipalName)];

        IReadOnlyList<AssignmentChange> first = await AssignAsync(fixture, application, names);
        Assert.Equal(1 + 5 + 1 + 5, fixture.Graph.Requests.Count);
        fixture.Graph.ForgetRequests();
        IReadOnlyList<AssignmentChange> second = await AssignAsync(fixture, application, names);

        Assert.All(first, one => Assert.Equal((true, null), (one.Changed, one.Failure)));
        Assert.All(second, one => Assert.Equal((false, null), (one.Changed, one.Failure)));
        Assert.Equal(100, there.Assigned.Count());
        Assert.All(there.Assigned, one => Assert.Equal(there.Roles["User"], one.RoleId));
        Assert.Equal(1 + 5 + 1, fixture.Graph.Requests.Count);
    }

    [Fact]
    public async Task An_assignment_that_a_list_does_not_show_yet_is_no_error_and_not_made_twice()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        fixture.Tenant.AddUser("a@contoso.com");
        fixture.Tenant.Lag = new StandInLag(new Random(3), 1, 1000);
        await AssignAsync(fixture, application, "a@contoso.com");

        AssignmentChange again = Assert.Single(await AssignAsync(fixture, application, "a@contoso.com"));

        Assert.Equal((false, null), (again.Changed, again.Failure));
        Assert.Single(there.Assigned);
    }

    [Fact]
    public async Task One_failure_leaves_the_others_alone()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        StandInUser bad = fixture.Tenant.AddUser("bad@contoso.com"),
            good = fixture.Tenant.AddUser("good@contoso.com");
        fixture.Graph.Behavior.Intercept = request =>
            request is { InBatch: true, Method: "POST" }
            && System.Text.Encoding.UTF8.GetString(request.Body).Contains(bad.Id, StringComparison.Ordinal)
                ? GraphResponse.Error(400, "Request_BadRequest", "One or more properties are invalid.")
                : null;

        IReadOnlyList<AssignmentChange> changes = await AssignAsync(
            fixture,
            application,
            "bad@contoso.com",
            "nobody@contoso.com",
            "good@contoso.com"
        );

        Assert.Equal(["EntraRequestRefused", "EntraPrincipalNotFound", null], changes.Select(one => one.Failure?.ErrorId));
        Assert.Contains("One or more properties are invalid", changes[0].Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(good.Id, Assert.Single(there.Assigned).PrincipalId);
    }

    [Fact]
    public async Task A_batch_whose_answer_is_lost_is_sent_again_and_assigns_no_user_twice()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        fixture.Tenant.AddUser("a@contoso.com");
        bool lost = false;
        fixture.Graph.Behavior.Intercept = request =>
            request is { InBatch: true, Method: "POST" } && !lost && (lost = true) ? GraphResponse.Error(504, "GatewayTimeout", "x") : null;

        Assert.True(Assert.Single(await AssignAsync(fixture, application, "a@contoso.com")).Changed);
        Assert.Single(there.Assigned);
    }

    [Fact]
    public async Task A_missing_permission_is_named_for_each()
    {
        await using var fixture = new HostingFixture();
        (_, EntraApplication application) = fixture.Have();
        fixture.Tenant.AddUser("a@contoso.com");
        fixture.Graph.Behavior.Denied.Add("AppRoleAssignment.ReadWrite.All");

        SourceException failure = Assert.Single(await AssignAsync(fixture, application, "a@contoso.com")).Failure!;

        Assert.Equal("EntraPermissionMissing", failure.ErrorId);
        Assert.Contains("AppRoleAssignment.ReadWrite.All", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assignments_are_removed_by_name_one_role_or_all()
    {
        await using var fixture = new HostingFixture();
        (StandInApplication there, EntraApplication application) = fixture.Have();
        ApplicationRole approver = await fixture.Roles.AddAsync(application, "Approver", "approver", null, default);
        StandInGroup group = fixture.Tenant.AddGroup("G");
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com"),
            other = fixture.Tenant.AddUser("b@contoso.com");
        foreach (StandInObject one in new StandInObject[] { group, user, other })
        {
            fixture.Tenant.Assign(there, one, "User");
            fixture.Tenant.Assign(there, one, "approver");
        }

        Assert.True(Assert.Single(await RemoveAsync(approver, "G")).Changed);
        Assert.True(Assert.Single(await RemoveAsync(null, "a@contoso.com")).Changed);
        Assert.False(Assert.Single(await RemoveAsync(null, "a@contoso.com")).Changed);

        Assert.Equal(3, there.Assigned.Count());
        Assert.Equal(2, there.Assigned.Count(one => one.PrincipalId == other.Id));
        Assert.Contains((group.Id, there.Roles["User"]), there.Assigned);

        async Task<IReadOnlyList<AssignmentChange>> RemoveAsync(ApplicationRole? role, string name) =>
            await fixture.Assignments.RemoveAsync(
                application,
                role,
                await fixture.Assignments.ResolveAsync([name], default),
                await ListAsync(fixture, application),
                default
            );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public Task Assigning_cancelled_anywhere_and_run_again_assigns_everyone_once(int lag)
    {
        EntraApplication? application = null;
        string[] names = [.. Enumerable.Range(0, 45).Select(n => $"u{n}@contoso.com")];
        return HostingFixture.CancelEverywhereAsync(
            (fixture, stop) => AssignAsync(fixture, application!, names, stop),
            fixture => Assert.Equal(45, Assert.Single(fixture.Made).Assigned.Select(one => one.PrincipalId).Distinct().Count()),
            fixture =>
            {
                application = fixture.Have().Application;
                foreach (string name in names)
                    fixture.Tenant.AddUser(name);
            },
            lag
        );
    }

    private static Task<IReadOnlyList<AssignmentChange>> AssignAsync(
        HostingFixture fixture,
        EntraApplication application,
        params string[] names
    ) => AssignAsync(fixture, application, names, default);

    private static async Task<IReadOnlyList<AssignmentChange>> AssignAsync(
        HostingFixture fixture,
        EntraApplication application,
        string[] names,
        CancellationToken stop
    )
    {
        ApplicationRole role = ApplicationRoles.Choose(application, await fixture.Roles.ReadAsync(application, stop), null);
        IReadOnlyList<AssignmentChange> found = await fixture.Assignments.ResolveAsync(names, stop);
        return await fixture.Assignments.AddAsync(application, role, found, await ListAsync(fixture, application, stop), stop);
    }

    private static async Task<List<ApplicationAssignment>> ListAsync(
        HostingFixture fixture,
        EntraApplication application,
        CancellationToken stop = default
    )
    {
        var all = new List<ApplicationAssignment>();
        await foreach (ApplicationAssignment one in fixture.Assignments.ListAsync(application, stop))
            all.Add(one);
        return all;
    }
}
