namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Plans that are filtered, saved, reviewed and applied, and drift, as a user at a prompt meets them.</summary>
public sealed class PlanReviewTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("review-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Operations_are_filtered_in_the_pipeline_and_only_these_are_applied()
    {
        using Session session = WithJob(5);

        PSObject[] outcomes =
        [
            .. session.Run(
                "Get-ProvisioningPlan contoso | Where-Object Identity -In user2@example.com, user4@example.com | Invoke-Provisioning"
            ),
        ];

        Assert.Equal(["user2@example.com", "user4@example.com"], outcomes.Select(o => Text(o, "Identity")).Order());
        Assert.All(outcomes, o => Assert.Equal(("Create", "Success"), (Text(o, "Action"), Text(o, "Status"))));
        Assert.Equal(2, session.Value<int>("$sandbox.UserCount"));
        Assert.Equal("Reviewed", Text(Assert.Single(session.Run("(Get-ProvisioningStatus contoso).Cycles")), "Kind"));
        Assert.Equal(3, session.Run("Get-ProvisioningJob | Invoke-Provisioning").Count);
    }

    [Fact]
    public void A_plan_is_exported_imported_and_applied_with_the_job_named_or_as_an_argument()
    {
        using Session session = WithJob(4);

        Assert.Equal(
            "plan.json",
            Text(Assert.Single(session.Run("Get-ProvisioningPlan contoso | Export-ProvisioningPlan plan.json -PassThru")), "Name")
        );
        Assert.StartsWith(
            "NoClobber,",
            session.Fail("Get-ProvisioningPlan contoso | Export-ProvisioningPlan plan.json -NoClobber").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(4, session.Run("Import-ProvisioningPlan plan.json").Count);
        Assert.Single(
            session.Run("Import-ProvisioningPlan plan.json | Where-Object Identity -EQ user1@example.com | Invoke-Provisioning contoso")
        );
        Assert.Equal(
            3,
            session
                .Run(
                    "$p = Import-ProvisioningPlan plan.json | Where-Object Identity "
                        + "-NE user1@example.com; Invoke-Provisioning contoso -Plan $p"
                )
                .Count
        );

        PSObject stale = Assert.Single(
            session.Run("Import-ProvisioningPlan plan.json | Where-Object Identity -EQ user1@example.com | Invoke-Provisioning contoso")
        );
        Assert.Equal(("Skipped", "Stale"), (Text(stale, "Status"), Text(stale, "ErrorCode")));
        Assert.Equal(4, session.Value<int>("$sandbox.UserCount"));
    }

    [Fact]
    public void WhatIf_on_a_reviewed_plan_sends_nothing_and_an_empty_one_does_nothing()
    {
        using Session session = WithJob(3);

        PSObject[] operations = [.. session.Run("Get-ProvisioningPlan contoso | Invoke-Provisioning -WhatIf")];
        Assert.Equal(3, operations.Length);
        Assert.All(operations, o => Assert.Equal("TravelPerkScim.Provisioning.Model.ProvisioningOperation", o.TypeNames[0]));
        session.Run("Get-ProvisioningPlan contoso | Export-ProvisioningPlan plan.json -WhatIf");
        Assert.False(File.Exists(Path.Combine(_folder, "plan.json")));
        Assert.Empty(
            session.Run(
                "Invoke-Provisioning contoso -Plan @(); Get-ProvisioningPlan contoso "
                    + "| Where-Object Identity -EQ missing | Invoke-Provisioning contoso"
            )
        );

        Assert.Equal(0L, session.Value<long>("$sandbox.WriteCount"));
        Assert.Equal(
            ["job.json", "mapping.json"],
            Directory.GetFileSystemEntries(Path.Combine(_folder, "contoso")).Select(Path.GetFileName).Order()
        );
    }

    [Fact]
    public void A_plan_of_another_job_and_a_file_without_a_plan_are_refused_by_name()
    {
        using Session session = WithJob(2);
        session.Run("$null = New-ProvisioningJob other users.json; Get-ProvisioningPlan contoso | Export-ProvisioningPlan plan.json");

        Assert.StartsWith(
            "PlanForAnotherJob,",
            session.Fail("Import-ProvisioningPlan plan.json | Invoke-Provisioning other").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "PlanFileInvalid,",
            session.Fail("Import-ProvisioningPlan contoso/job.json").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "PlanNotFound,",
            session.Fail("Import-ProvisioningPlan missing.json").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "PlanUnwritable,",
            session.Fail("Get-ProvisioningPlan contoso | Export-ProvisioningPlan no/such/plan.json").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(0L, session.Value<long>("$sandbox.WriteCount"));
    }

    [Fact]
    public void Drift_is_shown_and_repaired()
    {
        using Session session = WithJob(3);
        session.Run(
            "$null = Invoke-Provisioning contoso; Set-ScimUser user2@example.com -Title 'By hand'; "
                + "$null = New-ScimUser stranger@example.com Some Body"
        );

        PSObject[] found = [.. session.Run("Get-ProvisioningPlan contoso -Reconcile")];
        PSObject[] outcomes = [.. session.Run("Invoke-Provisioning contoso -Reconcile")];

        Assert.Equal(
            [("Update", "EditedByHand", "user2@example.com"), ("None", "Orphan", "stranger@example.com")],
            found.Select(o => (Text(o, "Action"), Text(o, "Drift"), Text(o, "Identity")))
        );
        Assert.Equal(["Skipped", "Success"], outcomes.Select(o => Text(o, "Status")).Order());
        Assert.Equal("Title", session.Value<string>("(Get-ScimUser user2@example.com).Title"));
        Assert.Single(session.Run("Invoke-Provisioning contoso -Reconcile"));
    }

    private static string? Text(PSObject value, string property) => value.Properties[property]?.Value?.ToString();

    private Session WithJob(int users)
    {
        File.WriteAllLines(
            Path.Combine(_folder, "users.json"),
            Enumerable
                .Range(1, users)
                .Select(n =>
                    $$"""
                        {"id":"00000000-0000-4000-8000-{{n:D12}}","userPrincipalName":"user{{n}}@example.com","givenName":"Given{{n}}","surname":"Family{{n}}","accountEnabled":true,"jobTitle":"Title"}
                        """
                )
        );
        var session = Session.WithSandbox();
        session.Run(
            "param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder); "
                + "$null = New-ProvisioningJob contoso users.json",
            _folder
        );
        return session;
    }
}
