using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Jobs that read Entra, from the prompt to TravelPerk and over two real sockets.</summary>
public sealed class EntraJobTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("entra-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Assigned_users_reach_TravelPerk_and_later_cycles_send_only_changes()
    {
        await using EntraTenant tenant = new(users: 4);
        StandInUser outsider = tenant.Directory.AddUser("outsider@example.com");
        using Session session = WithJob(tenant);
        Assert.Equal(4, session.Run("Get-ProvisioningPlan contoso").Count);

        PSObject[] first = [.. session.Run("Invoke-Provisioning contoso")];
        Assert.Equal(4, first.Length);
        Assert.All(first, o => Assert.Equal(("Create", "Success"), (Text(o, "Action"), Text(o, "Status"))));
        Assert.Empty(session.Run("Invoke-Provisioning contoso"));

        StandInUser[] staff = [.. tenant.Directory.Users.Where(user => user != outsider)];
        tenant.Directory.Set(staff[0], "jobTitle", "Pilot");
        tenant.Directory.RemoveMember(tenant.Staff, staff[1]);
        tenant.Hire(5);
        PSObject[] second = [.. session.Run("Invoke-Provisioning contoso")];

        Assert.Equal(
            ["Create user5@example.com", "Disable user2@example.com", "Update user1@example.com"],
            second.Select(o => $"{Text(o, "Action")} {Text(o, "Identity")}").Order()
        );
        Assert.Equal("Incremental", session.Value<string>("(Get-ProvisioningStatus contoso).LastCycle.Kind"));
        Assert.Equal(5, session.Value<int>("$sandbox.UserCount"));
    }

    [Fact]
    public async Task The_application_is_found_by_name_or_id_and_comes_through_the_pipeline()
    {
        await using EntraTenant tenant = new();
        using Session session = WithSandbox(tenant);

        foreach (string identity in new[] { "travelperk", tenant.Application.AppId, tenant.Application.Id })
            Assert.Equal(tenant.Application.Id, Text(Assert.Single(session.Run($"Get-EntraApplication {identity}")), "Id"));
        session.Run(
            "Get-EntraApplication TravelPerk | New-ProvisioningJob piped -IncludeNestedGroups; "
                + "New-ProvisioningJob everyone -EntitlementScope All"
        );

        string piped = File.ReadAllText(Path.Combine(_folder, "piped", "job.json"));
        Assert.Contains($"\"application\": \"{tenant.Application.Id}\"", piped, StringComparison.Ordinal);
        Assert.Contains($"\"tenantId\": \"{EntraTenant.Id}\"", piped, StringComparison.Ordinal);
        Assert.Contains("\"includeNestedGroups\": true", piped, StringComparison.Ordinal);
        Assert.Contains("\"scope\": \"All\"", File.ReadAllText(Path.Combine(_folder, "everyone", "job.json")), StringComparison.Ordinal);
        Assert.StartsWith(
            "EntraApplicationMissing,",
            session.Fail("Set-ProvisioningJob everyone -EntitlementScope Assigned").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        session.Run("Set-ProvisioningJob everyone -EntitlementScope Assigned -EntraApplication TravelPerk");
        Assert.Contains(tenant.Application.Id, File.ReadAllText(Path.Combine(_folder, "everyone", "job.json")), StringComparison.Ordinal);

        tenant.Directory.AddApplication("TravelPerk");
        ErrorRecord twice = session.Fail("New-ProvisioningJob twice -EntraApplication TravelPerk");
        Assert.StartsWith("EntraApplicationAmbiguous,", twice.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(tenant.Application.Id, twice.Exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "EntraApplicationNotFound,",
            session.Fail("Get-EntraApplication Travelport").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Without_the_right_connection_the_error_names_the_way_out_and_nothing_is_read()
    {
        await using EntraTenant tenant = new(users: 1);
        using Session session = WithJob(tenant);
        tenant.Graph.ForgetRequests();

        session.Run("Disconnect-EntraDirectory");
        Assert.StartsWith(
            "EntraNotConnected,",
            session.Fail("Invoke-Provisioning contoso").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        tenant.Connect(session, EntraTenant.Token(tenant: "11111111-2222-3333-4444-555555555555"));
        ErrorRecord other = session.Fail("Invoke-Provisioning contoso");
        tenant.Connect(session, EntraTenant.Token("User.Read.All Application.Read.All"));
        ErrorRecord lacking = session.Fail("Get-ProvisioningPlan contoso");

        Assert.StartsWith("TenantMismatch,", other.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(EntraTenant.Id, other.Exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("EntraPermissionMissing,", lacking.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("GroupMember.Read.All", lacking.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(tenant.Graph.Requests);
    }

    [Theory]
    [InlineData("token", "EntraUnauthorized")]
    [InlineData("permission", "EntraPermissionMissing")]
    [InlineData("network", "EntraUnreachable")]
    public async Task A_fault_in_the_middle_of_a_read_is_one_error_and_no_user_is_changed(string lost, string errorId)
    {
        await using EntraTenant tenant = new(users: 6);
        using Session session = WithJob(tenant);
        Assert.Equal(6, session.Run("Invoke-Provisioning contoso").Count);
        long written = session.Value<long>("$sandbox.WriteCount");
        tenant.Directory.RemoveMember(tenant.Staff, tenant.Directory.Users.First());
        int asked = 0;
        tenant.Graph.BeforeAnswer = (_, _) =>
        {
            if (++asked < 2)
                return;
            tenant.Graph.Behavior.RejectToken = lost == "token";
            if (lost == "network")
                tenant.Graph.Behavior.Intercept = _ => GraphResponse.Of(200, "{\"value\":[],  ") with { Cut = true };
            if (lost == "permission")
                tenant.Graph.Behavior.Denied.UnionWith(EntraTenant.EveryPermission.Split(' '));
        };

        ErrorRecord error = session.Fail("Invoke-Provisioning contoso");

        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(written, session.Value<long>("$sandbox.WriteCount"));
        tenant.Graph.BeforeAnswer = null;
        tenant.Graph.Behavior.RejectToken = false;
        tenant.Graph.Behavior.Intercept = null;
        tenant.Graph.Behavior.Denied.Clear();
        Assert.Equal("Disable", Text(Assert.Single(session.Run("Invoke-Provisioning contoso")), "Action"));
    }

    [Fact]
    public async Task An_idle_cycle_asks_Graph_three_times_and_TravelPerk_never()
    {
        await using EntraTenant tenant = new(users: 30);
        using Session session = WithJob(tenant);
        session.Run("$null = Invoke-Provisioning contoso");
        tenant.Graph.ForgetRequests();
        long before = session.Value<long>("$sandbox.RequestCount");

        Assert.Empty(session.Run("Invoke-Provisioning contoso"));

        Assert.Equal(3, tenant.Graph.Requests.Count);
        Assert.Equal(before, session.Value<long>("$sandbox.RequestCount"));
    }

    [Fact]
    public async Task Of_an_assigned_group_the_members_are_provisioned_and_the_group_where_the_target_has_groups()
    {
        await using EntraTenant tenant = new(users: 3);
        using Session session = tenant.Connect(Session.WithSandbox("-Groups"));
        session.Run(
            "param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder); "
                + "$null = New-ProvisioningJob contoso -EntraApplication TravelPerk",
            _folder
        );

        PSObject[] outcomes = [.. session.Run("Invoke-Provisioning contoso")];
        Assert.Equal(["Group", "User", "User", "User"], outcomes.Select(o => Text(o, "ObjectType")).Order());
        Assert.All(outcomes, o => Assert.Equal("Success", Text(o, "Status")));
        tenant.Hire(4);
        Assert.Equal(
            ["Group Update", "User Create"],
            session.Run("Invoke-Provisioning contoso").Select(o => $"{Text(o, "ObjectType")} {Text(o, "Action")}").Order()
        );
        Assert.Empty(session.Run("Invoke-Provisioning contoso"));
    }

    private static string? Text(PSObject value, string property) => value.Properties[property]?.Value?.ToString();

    private Session WithSandbox(EntraTenant tenant)
    {
        Session session = tenant.Connect(Session.WithSandbox());
        session.Run("param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder)", _folder);
        return session;
    }

    private Session WithJob(EntraTenant tenant)
    {
        Session session = WithSandbox(tenant);
        session.Run("$null = New-ProvisioningJob contoso -EntraApplication TravelPerk");
        return session;
    }
}
