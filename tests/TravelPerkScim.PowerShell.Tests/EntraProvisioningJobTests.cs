using System.Text.Json.Nodes;
using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>The cmdlets of the hosted job, over a socket.</summary>
public class EntraProvisioningJobTests
{
    private const string Everything = EntraTenant.EveryPermission + " Synchronization.ReadWrite.All AuditLog.Read.All";

    [Fact]
    public async Task A_job_is_made_shown_started_changed_and_removed_from_the_prompt()
    {
        await using EntraTenant tenant = new();
        using Session session = tenant.Connect(new Session(), EntraTenant.Token(Everything));
        StandInSynchronization service = tenant.Directory.Synchronization.Of(tenant.Application);

        PSObject made = Assert.Single(
            session.Run(
                "param($t) $global:t = $t; New-EntraProvisioningJob TravelPerk "
                    + "-SecretToken $t -NotificationEmail it@contoso.com -DeleteThreshold 20",
                Session.Secret(StandInSynchronization.GoodToken)
            )
        );
        Assert.Equal(
            ("NotConfigured", "it@contoso.com", "20", "True"),
            (Text(made, "Status"), Text(made, "NotificationEmail"), Text(made, "DeleteThreshold"), Text(made, "CredentialsSaved"))
        );
        Assert.True(session.Value<bool>("(Test-EntraProvisioningJob TravelPerk).Success"));
        Assert.Equal(
            "On",
            session.Value<string>("Get-EntraApplication TravelPerk | Start-EntraProvisioningJob -PassThru | ForEach-Object Status")
        );
        session.Run(
            "Get-EntraProvisioningJob TravelPerk | Restart-EntraProvisioningJob -Scope Watermark, Escrows; "
                + "Restart-EntraProvisioningJob TravelPerk -Scope ForceDeletes -Force"
        );
        Assert.Equal(["Escrows, Watermark", "ForceDeletes"], service.Jobs[0].Restarts);
        Assert.StartsWith(
            "EntraCredentialsWouldBeLost,",
            session.Fail("Set-EntraProvisioningJob TravelPerk -Scope All").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(
            "All",
            session.Value<string>("(Set-EntraProvisioningJob TravelPerk -Scope All -SecretToken $t -PassThru -WarningAction Ignore).Scope")
        );
        session.Run("Stop-EntraProvisioningJob TravelPerk");
        Assert.Equal("Off", session.Value<string>("(Get-EntraProvisioningJob TravelPerk).Status"));
        session.Run("Remove-EntraProvisioningJob TravelPerk -Confirm:$false");
        Assert.StartsWith(
            "EntraProvisioningJobNotFound,",
            session.Fail("Stop-EntraProvisioningJob TravelPerk").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("New-EntraProvisioningJob TravelPerk -SecretToken $t -WhatIf")]
    [InlineData("Start-EntraProvisioningJob TravelPerk -WhatIf")]
    [InlineData("Stop-EntraProvisioningJob TravelPerk -WhatIf")]
    [InlineData("Restart-EntraProvisioningJob TravelPerk -Scope ForceDeletes -WhatIf")]
    [InlineData("Set-EntraProvisioningJob TravelPerk -Scope All -SecretToken $t -WhatIf")]
    [InlineData("Remove-EntraProvisioningJob TravelPerk -WhatIf")]
    public async Task WhatIf_sends_only_reads(string command)
    {
        await using EntraTenant tenant = new();
        using Session session = tenant.Connect(new Session(), EntraTenant.Token(Everything));
        HasJob(tenant);
        session.Run("param($t) $global:t = $t", Session.Secret(StandInSynchronization.GoodToken));
        tenant.Graph.ForgetRequests();

        session.Run(command);

        Assert.All(tenant.Graph.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_is_in_no_stream_and_no_error()
    {
        const string Canary = "t0ken-canary-2f7";
        await using EntraTenant tenant = new();
        CapturingHost host = new();
        using Session session = tenant.Connect(new Session(host), EntraTenant.Token(Everything));
        HasJob(tenant);
        session.Run("param($t) $global:t = $t", Session.Secret(Canary));

        session.TryRun(
            """
            & { $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
                New-EntraProvisioningJob TravelPerk -SecretToken $t -Verbose -Debug
                Set-EntraProvisioningJob TravelPerk -SecretToken $t -Verbose -Debug
                Test-EntraProvisioningJob TravelPerk -SecretToken $t -Verbose -Debug } *>&1 | Out-String -Width 500 | Out-Default
            $Error | ForEach-Object { $_ | Format-List * -Force; $_.Exception.ToString() } | Out-String -Width 500 | Out-Default
            """
        );

        Assert.Contains("EntraCredentialsRefused", host.Shown, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, host.Shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-EntraProvisioningJob TravelPerk", "Application.Read.All", "Synchronization.Read.All")]
    [InlineData("Start-EntraProvisioningJob TravelPerk", "Application.Read.All Synchronization.Read.All", "Synchronization.ReadWrite.All")]
    [InlineData(
        "Remove-EntraProvisioningJob TravelPerk -Confirm:$false",
        "Application.Read.All Synchronization.Read.All",
        "Synchronization.ReadWrite.All"
    )]
    public async Task A_missing_permission_is_named_before_anything_is_sent(string command, string granted, string missing)
    {
        await using EntraTenant tenant = new();
        using Session session = tenant.Connect(new Session(), EntraTenant.Token(granted));

        ErrorRecord error = session.Fail(command);

        Assert.StartsWith("EntraPermissionMissing,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(missing + " (", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(tenant.Graph.Requests);
    }

    [Fact]
    public async Task Reading_needs_no_permission_to_write()
    {
        await using EntraTenant tenant = new();
        HasJob(tenant);
        using Session reader = tenant.Connect(new Session(), EntraTenant.Token("Application.Read.All Synchronization.Read.All"));
        tenant.Graph.Behavior.Denied.Add("Synchronization.ReadWrite.All");

        Assert.Equal("NotConfigured", reader.Value<string>("(Get-EntraProvisioningJob TravelPerk).Status"));
    }

    [Fact]
    public async Task The_authorization_page_is_named_and_the_command_waits()
    {
        await using EntraTenant tenant = new();
        using Session session = tenant.Connect(new Session(), EntraTenant.Token(Everything));
        StandInSynchronization service = tenant.Directory.Synchronization.Of(tenant.Application);
        tenant.Graph.BeforeAnswer = (_, path) =>
        {
            if (path.EndsWith("validateCredentials", StringComparison.Ordinal))
                service.Authorize();
        };

        PSObject job = Assert.Single(
            session.Run("New-EntraProvisioningJob TravelPerk -Authorize -WarningVariable global:told -WarningAction SilentlyContinue")
        );

        Assert.Equal("True", Text(job, "CredentialsSaved"));
        string told = session.Value<string>("\"$told\"");
        Assert.Contains($"objectId/{tenant.Application.Id}", told, StringComparison.Ordinal);
        Assert.Contains("Authorize", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_and_users_on_demand_come_as_outcomes_with_their_views()
    {
        await using EntraTenant tenant = new(users: 7);
        CapturingHost host = new();
        using Session session = tenant.Connect(new Session(host), EntraTenant.Token(Everything));
        StandInJob job = HasJob(tenant);
        tenant.Directory.Synchronization.Log.Add(
            (JsonObject)
                JsonNode.Parse(
                    $$$"""
                    {"activityDateTime":"2026-11-01T08:00:00Z","jobId":"{{{job.Id}}}","provisioningAction":"update","servicePrincipal":{"id":"{{{tenant.Application.Id}}}"},
                     "sourceIdentity":{"id":"s1","displayName":"anna@contoso.com","identityType":"User"},"targetIdentity":{"id":"7"},
                     "provisioningStatusInfo":{"status":"failure","errorInformation":{"errorCode":"EntryConflict","reason":"Taken."}},"provisioningSteps":[],"modifiedProperties":[]}
                    """
                )!
        );

        session.Run("Get-EntraProvisioningJob TravelPerk | Get-EntraProvisioningLog -Status Failure | Out-Default");
        PSObject[] outcomes =
        [
            .. session.Run(
                "[pscustomobject]@{ UserPrincipalName = 'user1@example.com' }, "
                    + "[pscustomobject]@{ Id = $args[0] } | Invoke-EntraProvisioning TravelPerk",
                tenant.Directory.Users.Last().Id
            ),
        ];

        Assert.Matches(@"Update\s+Failure\s+anna@contoso.com\s+Taken\.", host.Shown);
        Assert.Equal(
            ["user1@example.com Skipped", "user7@example.com Skipped"],
            outcomes.Select(one => $"{Text(one, "Identity")} {Text(one, "Status")}")
        );
        Assert.Equal(2, job.Demanded.Count);
        session.Run("Invoke-EntraProvisioning TravelPerk user2@example.com -WhatIf");
        Assert.Equal(2, job.Demanded.Count);
        tenant.Graph.Behavior.Synchronization.OnDemandError = "MissingValues";
        Assert.StartsWith(
            "MissingValues,",
            session.Fail("Invoke-EntraProvisioning TravelPerk user2@example.com").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_mapping_goes_to_a_file_and_to_our_job_and_back_and_is_compared()
    {
        string folder = Directory.CreateTempSubdirectory("hosted-").FullName;
        try
        {
            await using EntraTenant tenant = new();
            using Session session = tenant.Connect(new Session(), EntraTenant.Token(Everything));
            StandInJob job = HasJob(tenant);
            session.Run(
                "Set-Location $args[0]; Start-ScimSandbox | Connect-TravelPerk; "
                    + "$null = New-ProvisioningJob ours -EntraApplication TravelPerk",
                folder
            );

            session.Run("Export-EntraProvisioningSchema TravelPerk ./hosted.json; Import-ScimMapping ./hosted.json ours");
            Assert.Empty(session.Run("Compare-ScimMapping ours -EntraJob TravelPerk"));
            Assert.Equal(5, session.Run("Export-EntraProvisioningSchema TravelPerk").Count);
            session.Run("Set-ScimMapping ./hosted.json title -Expression 'Coalesce([jobTitle], \"Traveller\")'");
            PSObject found = Assert.Single(session.Run("Compare-ScimMapping (Get-EntraProvisioningJob TravelPerk) ./hosted.json"));
            Assert.Equal(
                ("title", "Source", "[jobTitle]"),
                (Text(found, "TargetAttribute"), Text(found, "What"), Text(found, "Reference"))
            );
            tenant.Graph.ForgetRequests();
            session.Run(
                "Import-EntraProvisioningSchema TravelPerk ./hosted.json -WhatIf; "
                    + "Reset-EntraProvisioningSchema TravelPerk -WhatIf; Export-EntraProvisioningSchema TravelPerk ./other.json -WhatIf"
            );
            Assert.All(tenant.Graph.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
            Assert.False(File.Exists(Path.Combine(folder, "other.json")));
            session.Run("Import-EntraProvisioningSchema TravelPerk ./hosted.json -Confirm:$false");
            Assert.Contains("Traveller", job.Schema, StringComparison.Ordinal);
            Assert.Equal(
                "title",
                Text(
                    Assert.Single(session.Run("Compare-ScimMapping (Get-EntraProvisioningJob TravelPerk) -EntraDefault TravelPerk")),
                    "TargetAttribute"
                )
            );

            File.WriteAllText(
                Path.Combine(folder, "broken.json"),
                File.ReadAllText(Path.Combine(folder, "hosted.json"))
                    .Replace("[givenName]", "Nothing([givenName])", StringComparison.Ordinal)
            );
            tenant.Graph.ForgetRequests();
            Assert.StartsWith(
                "UnknownFunction,",
                session.Fail("Import-EntraProvisioningSchema TravelPerk ./broken.json -Confirm:$false").FullyQualifiedErrorId,
                StringComparison.Ordinal
            );
            Assert.DoesNotContain(tenant.Graph.Requests, request => request.StartsWith("PUT", StringComparison.Ordinal));
            session.Run("Reset-EntraProvisioningSchema TravelPerk -Confirm:$false");
            Assert.Null(job.Schema);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_quarantine_is_shown_with_the_way_out()
    {
        await using EntraTenant tenant = new();
        CapturingHost host = new();
        using Session session = tenant.Connect(new Session(host), EntraTenant.Token("Application.Read.All Synchronization.Read.All"));
        StandInJob job = HasJob(tenant);
        (job.Code, job.Schedule) = ("Quarantine", "Active");
        job.Quarantine = new JsonObject { ["reason"] = "EncounteredQuarantineException", ["nextAttempt"] = "2026-11-01T16:00:00Z" };

        session.Run(
            "$PSStyle.OutputRendering = 'PlainText'; Get-EntraProvisioningJob TravelPerk | Out-Default; "
                + "Get-EntraProvisioningJob TravelPerk | Format-Table | Out-Default"
        );

        Assert.Contains("TravelPerk refuses the credentials, or cannot be reached.", host.Shown, StringComparison.Ordinal);
        Assert.Contains("Test-EntraProvisioningJob", host.Shown, StringComparison.Ordinal);
        Assert.Matches(@"TravelPerk\s+Quarantine\s+Assigned", host.Shown);
    }

    private static StandInJob HasJob(EntraTenant tenant)
    {
        StandInSynchronization service = tenant.Directory.Synchronization.Of(tenant.Application);
        service.Secrets["SecretToken"] = StandInSynchronization.GoodToken;
        service.Jobs.Add(new StandInJob("travelperk.7d0f5b0e62a44a0b9f3c5b0f6a3d9c11.1", "travelperk"));
        return service.Jobs[^1];
    }

    private static string? Text(PSObject item, string property) => item.Properties[property].Value?.ToString();
}
