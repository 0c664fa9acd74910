using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Making and filling an enterprise application, as a user at a prompt meets it.</summary>
public sealed class EntraApplicationTests
{
    private const string Every = EntraTenant.EveryPermission + " Application.ReadWrite.All AppRoleAssignment.ReadWrite.All";

    [Fact]
    public async Task An_application_is_made_from_the_gallery_and_found_the_second_time()
    {
        await using EntraTenant tenant = new();
        using Session session = tenant.Connect(new(), EntraTenant.Token(Every));

        PSObject made = Assert.Single(session.Run("New-EntraApplication TravelPerk 'TravelPerk test' -Confirm:$false"));

        StandInApplication there = Assert.Single(tenant.Directory.Applications, one => one.TemplateId is not null);
        Assert.Equal(
            (there.Id, "TravelPerk test", StandInDirectory.TravelPerkTemplate, true),
            (Text(made, "Id"), Text(made, "DisplayName"), Text(made, "TemplateId"), made.Properties["AssignmentRequired"].Value)
        );
        Assert.Equal(Text(made, "Id"), Text(Assert.Single(session.Run("Get-EntraApplication 'TravelPerk test'")), "Id"));
    }

    [Theory]
    [InlineData("New-EntraApplication")]
    [InlineData("Remove-EntraApplication TravelPerk")]
    [InlineData("Add-EntraApplicationRole TravelPerk Approver")]
    [InlineData("Add-EntraApplicationRole TravelPerk -Value approver")]
    [InlineData("Add-EntraApplicationRole TravelPerk 'Travel manager' -Value manager")]
    [InlineData("Remove-EntraApplicationRole TravelPerk Old")]
    [InlineData(
        "'user1@example.com', 'Travellers', 'missing@example.com' | Add-EntraApplicationAssignment TravelPerk -ErrorAction SilentlyContinue"
    )]
    [InlineData("Remove-EntraApplicationAssignment TravelPerk Travellers")]
    public async Task WhatIf_reads_and_changes_nothing(string command)
    {
        await using EntraTenant tenant = new(users: 1);
        tenant.Directory.Applications.Clear();
        StandInApplication application = tenant.Directory.AddApplication("TravelPerk", "Old");
        tenant.Directory.Assign(application, tenant.Staff, "Old");
        List<string> writes = [];
        tenant.Graph.Behavior.Intercept = request =>
        {
            if (request.Method != "GET" && request.Path != "$batch")
                writes.Add($"{request.Method} {request.Path}");
            return null;
        };
        CapturingHost host = new();
        using Session session = tenant.Connect(new(host), EntraTenant.Token(Every));

        session.TryRun(command + " -WhatIf");

        Assert.Empty(writes);
        Assert.NotEmpty(tenant.Graph.Requests);
        Assert.Contains("What if:", host.Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_come_through_the_pipeline_and_each_has_an_outcome()
    {
        await using EntraTenant tenant = new(users: 3);
        tenant.Directory.Applications.Clear();
        StandInApplication application = tenant.Directory.AddApplication("TravelPerk", "User", "Approver");
        StandInUser[] users = [.. tenant.Directory.Users];
        using Session session = tenant.Connect(new(), EntraTenant.Token(Every));

        PSObject[] outcomes =
        [
            .. session.TryRun(
                """
                param($id)
                [pscustomobject]@{ Id = $id; DisplayName = 'x'; UserPrincipalName = 'y' },
                [pscustomobject]@{ userPrincipalName = 'user2@example.com'; role = 'Approver' },
                [pscustomobject]@{ userPrincipalName = 'missing@example.com' } | Add-EntraApplicationAssignment TravelPerk -Role User
                """,
                users[0].Id
            ),
        ];

        Assert.Equal(["Assigned", "Assigned", "NotFound"], outcomes.Select(one => Text(one, "Status")));
        ErrorRecord error = Assert.Single(session.Errors);
        Assert.StartsWith("EntraPrincipalNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal((ErrorCategory.ObjectNotFound, "missing@example.com"), (error.CategoryInfo.Category, error.TargetObject));

        PSObject again = Assert.Single(session.Run("Add-EntraApplicationAssignment TravelPerk user1@example.com -Role user"));
        Assert.Equal("AlreadyAssigned", Text(again, "Status"));
        session.Run(
            "Get-EntraApplicationAssignment TravelPerk | Where-Object PrincipalName "
                + "-EQ user1 | Remove-EntraApplicationAssignment TravelPerk -Confirm:$false"
        );
        Assert.DoesNotContain(users[0].Id, application.Assigned.Select(one => one.PrincipalId));
        Assert.Contains(users[1].Id, application.Assigned.Select(one => one.PrincipalId));
    }

    [Fact]
    public async Task The_error_names_the_roles_when_there_are_several()
    {
        await using EntraTenant tenant = new(users: 1);
        tenant.Directory.Applications.Clear();
        tenant.Directory.AddApplication("TravelPerk", "User", "Approver");
        using Session session = tenant.Connect(new(), EntraTenant.Token(Every));

        ErrorRecord error = session.Fail("Add-EntraApplicationAssignment TravelPerk user1@example.com");

        Assert.StartsWith("EntraRoleMissing,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("'User', 'Approver'", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("New-EntraApplication", "Application.ReadWrite.All", "Application.Read.All")]
    [InlineData("Remove-EntraApplication TravelPerk -Confirm:$false", "Application.ReadWrite.All", "Application.Read.All")]
    [InlineData("Add-EntraApplicationRole TravelPerk Approver", "Application.ReadWrite.All", "Application.Read.All")]
    [InlineData(
        "Add-EntraApplicationAssignment TravelPerk user1@example.com",
        "AppRoleAssignment.ReadWrite.All",
        EntraTenant.EveryPermission
    )]
    [InlineData("Get-EntraApplicationRole TravelPerk", "Application.Read.All", "User.Read.All")]
    [InlineData("Get-EntraApplicationAssignment TravelPerk", "Application.Read.All", "User.Read.All")]
    public async Task A_missing_permission_is_named_before_anything_is_sent(string command, string missing, string granted)
    {
        await using EntraTenant tenant = new(users: 1);
        using Session session = tenant.Connect(new(), EntraTenant.Token(granted));

        ErrorRecord error = session.Fail(command);

        Assert.StartsWith("EntraPermissionMissing,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(missing, error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(tenant.Graph.Requests);
    }

    [Fact]
    public async Task Reading_commands_need_only_permissions_to_read()
    {
        await using EntraTenant tenant = new(users: 1);
        using Session session = tenant.Connect(new(), EntraTenant.Token("Application.Read.All"));

        Assert.Equal(
            "Travellers",
            Text(Assert.Single(session.Run("Get-EntraApplication TravelPerk | Get-EntraApplicationAssignment")), "PrincipalName")
        );
        Assert.Empty(session.Run("Get-EntraApplicationRole TravelPerk"));
        Assert.All(tenant.Graph.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
    }

    private static string? Text(PSObject value, string property) => value.Properties[property]?.Value?.ToString();
}
