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

        PSObject made = Assert.Single(session.Run("param($t) $global:t = $t; New-EntraProvisioningJob TravelPerk -SecretToken $t -NotificationEmail it@contoso.com -DeleteThreshold 20", Session.Secret(StandInSynchronization.GoodToken)));
        Assert.Equal(("NotConfigured", "it@contoso.com", "20", "True"), (Text(made, "Status"), Text(made, "NotificationEmail"), Text(made, "DeleteThreshold"), Text(made, "CredentialsSaved")));
        Assert.True(session.Value<bool>("(Test-EntraProvisioningJob TravelPerk).Success"));
        Assert.Equal("On", session.Value<string>("Get-EntraApplication TravelPerk | Start-EntraProvisioningJob -PassThru | ForEach-Object Status"));
        session.Run("Get-EntraProvisioningJob TravelPerk | Restart-EntraProvisioningJob -Scope Watermark, Escrows; Restart-EntraProvisioningJob TravelPerk -Scope ForceDeletes -Force");
        Assert.Equal(["Escrows, Watermark", "ForceDeletes"], service.Jobs[0].Restarts);
        Assert.StartsWith("EntraCredentialsWouldBeLost,", session.Fail("Set-EntraProvisioningJob TravelPerk -Scope All").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("All", session.Value<string>("(Set-EntraProvisioningJob TravelPerk -Scope All -SecretToken $t -PassThru -WarningAction Ignore).Scope"));
        session.Run("Stop-EntraProvisioningJob TravelPerk");
        Assert.Equal("Off", session.Value<string>("(Get-EntraProvisioningJob TravelPerk).Status"));
        session.Run("Remove-EntraProvisioningJob TravelPerk -Confirm:$false");
        Assert.StartsWith("EntraProvisioningJobNotFound,", session.Fail("Stop-EntraProvisioningJob TravelPerk").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("New-EntraProvisioningJob TravelPerk -SecretToken $t -WhatIf")]
    [InlineData("Start-EntraProvisioningJob TravelPerk -WhatIf")]
    [InlineData("Stop-EntraProvisioningJob TravelPerk -WhatIf")]
    [InlineData("Restart-EntraProvisioningJob TravelPerk -Scope ForceDeletes -WhatIf")]
    [InlineData("Set-EntraProvisioningJob TravelPerk -Scope All -SecretToken $t -WhatIf")]
    [InlineData("Remove-EntraProvisioningJob TravelPerk -WhatIf")]
    public async Task What_if_sends_only_reads(string command)
    {
        await using EntraTenant tenant = new();
        using Session session = tenant.Connect(new Session(), EntraTenant.Token(Everything));
        session.Run("param($t) $global:t = $t; $null = New-EntraProvisioningJob TravelPerk -SecretToken $t", Session.Secret(StandInSynchronization.GoodToken));
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
        session.Run("param($t) $global:t = $t; $null = New-EntraProvisioningJob TravelPerk", Session.Secret(Canary));

        session.TryRun("""
            & { $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
                New-EntraProvisioningJob TravelPerk -SecretToken $t -Verbose -Debug
                Set-EntraProvisioningJob TravelPerk -SecretToken $t -Verbose -Debug
                Test-EntraProvisioningJob TravelPerk -SecretToken $t -Verbose -Debug } *>&1 | Out-String -Width 500 | Out-Default
            $Error | ForEach-Object { $_ | Format-List * -Force; $_.Exception.ToString() } | Out-String -Width 500 | Out-Default
            """);

        Assert.Contains("EntraCredentialsRefused", host.Shown, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, host.Shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-EntraProvisioningJob TravelPerk", "Application.Read.All", "Synchronization.Read.All")]
    [InlineData("Start-EntraProvisioningJob TravelPerk", "Application.Read.All Synchronization.Read.All", "Synchronization.ReadWrite.All")]
    [InlineData("Remove-EntraProvisioningJob TravelPerk -Confirm:$false", "Application.Read.All Synchronization.Read.All", "Synchronization.ReadWrite.All")]
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
    public async Task Reading_takes_no_permission_to_write()
    {
        await using EntraTenant tenant = new();
        using Session writer = tenant.Connect(new Session(), EntraTenant.Token(Everything));
        writer.Run("$null = New-EntraProvisioningJob TravelPerk");
        using Session reader = tenant.Connect(new Session(), EntraTenant.Token("Application.Read.All Synchronization.Read.All"));
        tenant.Graph.Behavior.Denied.Add("Synchronization.ReadWrite.All");

        Assert.Equal("NotConfigured", reader.Value<string>("(Get-EntraProvisioningJob TravelPerk).Status"));
    }

    [Fact]
    public async Task The_page_to_authorize_on_is_named_and_waited_for()
    {
        await using EntraTenant tenant = new();
        using Session session = tenant.Connect(new Session(), EntraTenant.Token(Everything));
        StandInSynchronization service = tenant.Directory.Synchronization.Of(tenant.Application);
        tenant.Graph.BeforeAnswer = (_, path) =>
        {
            if (path.EndsWith("validateCredentials", StringComparison.Ordinal))
                service.Authorize();
        };

        PSObject job = Assert.Single(session.Run("New-EntraProvisioningJob TravelPerk -Authorize -WarningVariable global:told -WarningAction SilentlyContinue"));

        Assert.Equal("True", Text(job, "CredentialsSaved"));
        string told = session.Value<string>("\"$told\"");
        Assert.Contains($"objectId/{tenant.Application.Id}", told, StringComparison.Ordinal);
        Assert.Contains("Authorize", told, StringComparison.Ordinal);
    }

    private static string? Text(PSObject item, string property) => item.Properties[property].Value?.ToString();
}
