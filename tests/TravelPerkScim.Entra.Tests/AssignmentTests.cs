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
        await using var bench = new HostingBench();
        StandInUser guest = bench.Tenant.AddUser("o'neil_x.com#EXT#@contoso.com"),
            dollar = bench.Tenant.AddUser("$ervice@contoso.com");
        StandInGroup group = bench.Tenant.AddGroup("Sales & R+D 'north'");
        StandInGroup[] twins = [bench.Tenant.AddGroup("Twins"), bench.Tenant.AddGroup("twins")];

        IReadOnlyList<AssignmentChange> found = await bench.Assignments.ResolveAsync(
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
        Assert.Single(bench.Graph.Requests);
    }

    [Fact]
    public async Task A_hundred_are_assigned_in_batches_and_again_none()
    {
        await using var bench = new HostingBench();
        (StandInApplication there, EntraApplication application) = bench.Have();
        string[] names = [.. Enumerable.Range(0, 100).Select(n => bench.Tenant.AddUser($"u{n}@contoso.com").UserPrincipalName)];

        IReadOnlyList<AssignmentChange> first = await AssignAsync(bench, application, names);
        Assert.Equal(1 + 5 + 1 + 5, bench.Graph.Requests.Count);
        bench.Graph.ForgetRequests();
        IReadOnlyList<AssignmentChange> second = await AssignAsync(bench, application, names);

        Assert.All(first, one => Assert.Equal((true, null), (one.Changed, one.Failure)));
        Assert.All(second, one => Assert.Equal((false, null), (one.Changed, one.Failure)));
        Assert.Equal(100, there.Assigned.Count());
        Assert.All(there.Assigned, one => Assert.Equal(there.Roles["User"], one.RoleId));
        Assert.Equal(1 + 5 + 1, bench.Graph.Requests.Count);
    }

    [Fact]
    public async Task What_a_list_does_not_show_yet_is_no_error_and_not_made_twice()
    {
        await using var bench = new HostingBench();
        (StandInApplication there, EntraApplication application) = bench.Have();
        bench.Tenant.AddUser("a@contoso.com");
        bench.Tenant.Lag = new StandInLag(new Random(3), 1, 1000);
        await AssignAsync(bench, application, "a@contoso.com");

        AssignmentChange again = Assert.Single(await AssignAsync(bench, application, "a@contoso.com"));

        Assert.Equal((false, null), (again.Changed, again.Failure));
        Assert.Single(there.Assigned);
    }

    [Fact]
    public async Task One_failure_leaves_the_others_alone()
    {
        await using var bench = new HostingBench();
        (StandInApplication there, EntraApplication application) = bench.Have();
        StandInUser bad = bench.Tenant.AddUser("bad@contoso.com"),
            good = bench.Tenant.AddUser("good@contoso.com");
        bench.Graph.Behavior.Intercept = request =>
            request is { InBatch: true, Method: "POST" }
            && System.Text.Encoding.UTF8.GetString(request.Body).Contains(bad.Id, StringComparison.Ordinal)
                ? GraphResponse.Error(400, "Request_BadRequest", "One or more properties are invalid.")
                : null;

        IReadOnlyList<AssignmentChange> changes = await AssignAsync(
            bench,
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
    public async Task A_batch_whose_answer_is_lost_is_sent_again_and_assigns_nobody_twice()
    {
        await using var bench = new HostingBench();
        (StandInApplication there, EntraApplication application) = bench.Have();
        bench.Tenant.AddUser("a@contoso.com");
        bool lost = false;
        bench.Graph.Behavior.Intercept = request =>
            request is { InBatch: true, Method: "POST" } && !lost && (lost = true) ? GraphResponse.Error(504, "GatewayTimeout", "x") : null;

        Assert.True(Assert.Single(await AssignAsync(bench, application, "a@contoso.com")).Changed);
        Assert.Single(there.Assigned);
    }

    [Fact]
    public async Task A_missing_permission_is_named_for_each()
    {
        await using var bench = new HostingBench();
        (_, EntraApplication application) = bench.Have();
        bench.Tenant.AddUser("a@contoso.com");
        bench.Graph.Behavior.Denied.Add("AppRoleAssignment.ReadWrite.All");

        SourceException failure = Assert.Single(await AssignAsync(bench, application, "a@contoso.com")).Failure!;

        Assert.Equal("EntraPermissionMissing", failure.ErrorId);
        Assert.Contains("AppRoleAssignment.ReadWrite.All", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assignments_are_removed_by_name_one_role_or_all()
    {
        await using var bench = new HostingBench();
        (StandInApplication there, EntraApplication application) = bench.Have();
        ApplicationRole approver = await bench.Roles.AddAsync(application, "Approver", "approver", null, default);
        StandInGroup group = bench.Tenant.AddGroup("G");
        StandInUser user = bench.Tenant.AddUser("a@contoso.com"),
            other = bench.Tenant.AddUser("b@contoso.com");
        foreach (StandInObject one in new StandInObject[] { group, user, other })
        {
            bench.Tenant.Assign(there, one, "User");
            bench.Tenant.Assign(there, one, "approver");
        }

        Assert.True(Assert.Single(await RemoveAsync(approver, "G")).Changed);
        Assert.True(Assert.Single(await RemoveAsync(null, "a@contoso.com")).Changed);
        Assert.False(Assert.Single(await RemoveAsync(null, "a@contoso.com")).Changed);

        Assert.Equal(3, there.Assigned.Count());
        Assert.Equal(2, there.Assigned.Count(one => one.PrincipalId == other.Id));
        Assert.Contains((group.Id, there.Roles["User"]), there.Assigned);

        async Task<IReadOnlyList<AssignmentChange>> RemoveAsync(ApplicationRole? role, string name) =>
            await bench.Assignments.RemoveAsync(
                application,
                role,
                await bench.Assignments.ResolveAsync([name], default),
                await ListAsync(bench, application),
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
        return HostingBench.CancelEverywhereAsync(
            (bench, stop) => AssignAsync(bench, application!, names, stop),
            bench => Assert.Equal(45, Assert.Single(bench.Made).Assigned.Select(one => one.PrincipalId).Distinct().Count()),
            bench =>
            {
                application = bench.Have().Application;
                foreach (string name in names)
                    bench.Tenant.AddUser(name);
            },
            lag
        );
    }

    private static Task<IReadOnlyList<AssignmentChange>> AssignAsync(
        HostingBench bench,
        EntraApplication application,
        params string[] names
    ) => AssignAsync(bench, application, names, default);

    private static async Task<IReadOnlyList<AssignmentChange>> AssignAsync(
        HostingBench bench,
        EntraApplication application,
        string[] names,
        CancellationToken stop
    )
    {
        ApplicationRole role = ApplicationRoles.Choose(application, await bench.Roles.ReadAsync(application, stop), null);
        IReadOnlyList<AssignmentChange> found = await bench.Assignments.ResolveAsync(names, stop);
        return await bench.Assignments.AddAsync(application, role, found, await ListAsync(bench, application, stop), stop);
    }

    private static async Task<List<ApplicationAssignment>> ListAsync(
        HostingBench bench,
        EntraApplication application,
        CancellationToken stop = default
    )
    {
        var all = new List<ApplicationAssignment>();
        await foreach (ApplicationAssignment one in bench.Assignments.ListAsync(application, stop))
            all.Add(one);
        return all;
    }
}
