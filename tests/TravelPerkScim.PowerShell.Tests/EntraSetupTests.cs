using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>The whole tutorial, from nothing to provisioned users, and the way over from the hosted job to one of the module.</summary>
[Collection(WaitingCollection.Name)]
public sealed class EntraSetupTests : IDisposable
{
    private const string Every =
        EntraTenant.EveryPermission
        + " Application.ReadWrite.All AppRoleAssignment.ReadWrite.All Synchronization.ReadWrite.All "
        + "AuditLog.Read.All Policy.ReadWrite.ApplicationConfiguration";

    private readonly string _folder = Directory.CreateTempSubdirectory("setup-").FullName;

    private static string Script => Path.Combine(Path.GetDirectoryName(Repository.Manifest)!, "module", "demo", "entra-setup.ps1");

    [Fact]
    public async Task The_demo_ends_with_users_that_the_hosted_job_provisioned()
    {
        await using EntraTenant tenant = new(users: 3);
        tenant.Directory.Applications.Clear();
        using var session = Session.WithSandbox();
        tenant.Connect(session, EntraTenant.Token(Every));
        using HostedService hosted = new(tenant, session);
        Task? cycle = null;
        tenant.Graph.BeforeAnswer = (_, _) =>
            cycle ??= tenant.Directory.Applications.Find(one => one.DisplayName == "TravelPerk test") is { } made
                ? hosted.Attach(made)
                : null;

        string shown = Run(session, "-Name 'TravelPerk test' -Principal Travellers -NotificationEmail it@contoso.com -SecretToken $token");

        await cycle!.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(3, session.Value<int>("$sandbox.UserCount"));
        StandInApplication application = Assert.Single(tenant.Directory.Applications);
        Assert.Equal("Active", Assert.Single(tenant.Directory.Synchronization.Of(application).Jobs).Schedule);
        Assert.Contains("Step 5.11 to 5.13", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(StandInSynchronization.GoodToken, shown, StringComparison.Ordinal);

        // Run again, it finds what is there.
        Run(session, "-Name 'TravelPerk test' -Principal Travellers -NotificationEmail it@contoso.com -SecretToken $token");
        Assert.Single(tenant.Directory.Applications);
        Assert.Single(tenant.Directory.Synchronization.Of(application).Jobs);
    }

    [Fact]
    public async Task The_demo_with_WhatIf_changes_nothing()
    {
        await using EntraTenant tenant = new();
        tenant.Directory.Applications.Clear();
        using Session session = new();
        tenant.Connect(session, EntraTenant.Token(Every));

        string shown = Run(session, "-Principal Travellers -WhatIf");

        Assert.Empty(tenant.Directory.Applications);
        Assert.Contains("is not in the tenant yet", shown, StringComparison.Ordinal);
        Assert.All(tenant.Graph.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_made_from_a_hosted_job_is_compared_with_it_and_takes_over()
    {
        await using EntraTenant tenant = new(users: 3);
        using var session = Session.WithSandbox();
        tenant.Connect(session, EntraTenant.Token(Every));
        using HostedService hosted = new(tenant, session);
        Task cycle = hosted.Attach(tenant.Application);
        session.Run(
            "param($folder, $token) Set-Location $folder; New-EntraProvisioningJob TravelPerk -SecretToken "
                + "$token -DeleteThreshold 7 -SkipOutOfScopeDeletions -NotificationEmail it@contoso.com",
            _folder,
            Session.Secret(StandInSynchronization.GoodToken)
        );
        session.Run("Start-EntraProvisioningJob TravelPerk");
        await cycle.WaitAsync(TimeSpan.FromSeconds(30));

        PSObject warning = Assert.Single(
            session.Run(
                "Get-EntraProvisioningJob TravelPerk | New-ProvisioningJob contoso 3>&1 "
                    + "| Where-Object { $_ -is [System.Management.Automation.WarningRecord] }"
            )
        );
        Assert.Contains("(it@contoso.com), and no channel that sends mail", warning.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            "it@contoso.com",
            session.Value<string>("(Set-ProvisioningNotification contoso mail -Smtp -Server relay -From scim@contoso.com -PassThru).To")
        );
        Assert.Equal(
            "7 True Assigned",
            session.Value<string>(
                "(Get-ProvisioningJob contoso).Settings | ForEach-Object { \"$($_.DeleteThreshold) "
                    + "$($_.SkipOutOfScopeDeletions) $($_.Source.Scope)\" }"
            )
        );
        Assert.Empty(session.Run("Compare-Provisioning contoso -WarningAction Stop"));
        Assert.Equal(3, session.Run("Compare-Provisioning contoso -IncludeEqual").Count);

        session.Run("Set-ScimMapping contoso title -Expression 'ToUpper([jobTitle])'");
        PSObject[] differences = [.. session.Run("Compare-Provisioning contoso")];
        Assert.Equal(3, differences.Length);
        Assert.All(differences, one => Assert.Equal("OtherValues", one.Properties["Difference"].Value.ToString()));
        Assert.Equal("title: Title there, TITLE here", session.Value<string>("(Compare-Provisioning contoso)[0].Values[0].ToString()"));
        int before = session.Value<int>("$sandbox.WriteCount");
        Assert.Equal(3, before);

        session.Run("Stop-EntraProvisioningJob TravelPerk; $null = Invoke-Provisioning contoso");
        Assert.Equal(3, session.Value<int>("$sandbox.UserCount"));
        Assert.Equal(before + 3, session.Value<int>("$sandbox.WriteCount"));
        Assert.Equal("Success", session.Value<string>("(Get-ProvisioningLog contoso).Status | Sort-Object -Unique"));
    }

    [Fact]
    public async Task A_job_that_reads_a_file_is_compared_with_the_application_that_is_named()
    {
        await using EntraTenant tenant = new();
        using var session = Session.WithSandbox();
        tenant.Connect(session, EntraTenant.Token(Every));
        File.WriteAllText(
            Path.Combine(_folder, "users.json"),
            "[{\"id\":\"00000000-0000-4000-8000-000000000001\",\"userPrincipalName\":\"a@example.com\",\"givenName\":\"A\",\"surname\":\"B\",\"accountEnabled\":true}]"
        );
        session.Run(
            "param($folder, $token) Set-Location $folder; $null = New-ProvisioningJob contoso users.json; "
                + "$null = New-EntraProvisioningJob TravelPerk -SecretToken $token",
            _folder,
            Session.Secret(StandInSynchronization.GoodToken)
        );

        Assert.StartsWith(
            "EntraApplicationMissing,",
            session.Fail("Compare-Provisioning contoso").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        PSObject one = Assert.Single(
            session.Run(
                "Compare-Provisioning contoso -EntraApplication TravelPerk -WarningVariable "
                    + "told -WarningAction SilentlyContinue; $global:told = $told"
            )
        );

        Assert.Equal("OnlyHere", one.Properties["Difference"].Value.ToString());
        Assert.Contains("has no entry since", session.Value<string>("\"$told\""), StringComparison.Ordinal);
        Assert.Equal(0, session.Value<int>("$sandbox.WriteCount"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Run(Session session, string arguments) =>
        string.Join(
            '\n',
            session.Run(
                $"param($script, $token) & $script {arguments} *>&1 | Out-String -Width 200",
                Script,
                Session.Secret(StandInSynchronization.GoodToken)
            )
        );
}
