using System.Management.Automation;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Runbooks begin with <c>$ErrorActionPreference = 'Stop'</c>: one user that is refused keeps nothing from the others all the
/// same.</summary>
public sealed class StopPreferenceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("stop-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("$ErrorActionPreference = 'Stop'; Invoke-Provisioning contoso")]
    [InlineData("Invoke-Provisioning contoso -ErrorAction Stop")]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-ProvisioningJob | Invoke-Provisioning")]
    public void A_cycle_provisions_the_other_users_before_it_fails(string run)
    {
        using Session session = WithJob(bad: [1, 2, 3]);

        ErrorRecord error = session.Fail($"$ErrorActionPreference = 'Continue'; {run}");

        Assert.StartsWith("InvalidValue,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.EndsWith("2 more errors followed. The rest of the work was done.", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("Failure", PSObject.AsPSObject(error.TargetObject).Properties["Status"].Value.ToString());
        session.Run("$ErrorActionPreference = 'Continue'");
        Assert.Equal(5, session.Value<int>("$sandbox.UserCount"));
        Assert.Equal("EntryLevelErrors", session.Value<string>("(Get-ProvisioningStatus contoso).LastCycle.State"));
        Assert.Equal(3, session.Run("Get-ProvisioningLog contoso -Status Failure").Count);
    }

    [Theory]
    [InlineData(
        "'missing', 'missing2', 'a@x.com', 'b@x.com' | Remove-ScimUser -Confirm:$false",
        "UserNotFound",
        "$sandbox.UserCount -eq 0"
    )]
    [InlineData(
        "'missing@x.com', 'a@x.com', 'b@x.com' | Set-ScimUser -Title New",
        "UserNotFound",
        "@(Get-ScimUser | Where-Object Title -EQ New).Count -eq 2"
    )]
    [InlineData("'missing', 'a@x.com', 'b@x.com' | Get-ScimUser | ForEach-Object { $global:seen++ }", "UserNotFound", "$seen -eq 2")]
    [InlineData(
        "'a@x.com', 'c@x.com' | ForEach-Object { [pscustomobject]@{ UserName = $_; GivenName = 'C'; FamilyName = 'D' } } | New-ScimUser",
        "Conflict",
        "$sandbox.UserCount -eq 3"
    )]
    [InlineData(
        "@{ surname = 'X' }, @{ userPrincipalName = 'd@x.com'; givenName = 'D'; surname = 'E'; "
            + "objectId = '1' } | ConvertTo-ScimUser | ForEach-Object { $global:seen++ }",
        "MissingValues",
        "$seen -eq 1"
    )]
    [InlineData("'nothing', 'contoso' | Remove-ProvisioningJob -Confirm:$false", "JobNotFound", "-not (Get-ProvisioningJob)")]
    public void A_command_does_the_rest_of_its_work_before_it_fails(string run, string errorId, string done)
    {
        using Session session = WithJob();
        session.Run("$global:seen = 0; 'a@x.com', 'b@x.com' | ForEach-Object { $null = New-ScimUser $_ A B }");

        ErrorRecord error = session.Fail($"$ErrorActionPreference = 'Stop'; {run}");

        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.True(session.Value<bool>($"$ErrorActionPreference = 'Continue'; {done}"));
    }

    [Fact]
    public void Errors_are_written_at_once_where_they_stop_nothing()
    {
        using Session session = WithJob();

        PSObject[] order =
        [
            .. session.Run(
                "New-ScimUser a@x.com A B | Out-Null; 'missing', 'a@x.com' | Get-ScimUser "
                    + "-ErrorAction Continue 2>&1 | ForEach-Object { $_.GetType().Name }"
            ),
        ];

        Assert.Equal(["ErrorRecord", "ScimUser"], order.Select(type => type.ToString()));
    }

    [Fact]
    public void A_pipeline_that_takes_one_outcome_stops_the_cycle_and_the_next_cycle_continues()
    {
        using Session session = WithJob(people: 1500);

        Assert.Single(session.Run("Invoke-Provisioning contoso | ForEach-Object { $_; break }"));

        Assert.Equal("Stopped", session.Value<string>("(Get-ProvisioningStatus contoso).LastCycle.State"));
        Assert.True(session.Value<int>("$sandbox.UserCount") < 1500);
        session.Run("$null = Invoke-Provisioning contoso");
        Assert.Equal(1500, session.Value<int>("$sandbox.UserCount"));
    }

    [Fact]
    public void An_unreadable_mapping_is_a_failed_cycle_in_the_status_except_with_WhatIf()
    {
        using Session session = WithJob();
        File.WriteAllText(Path.Combine(_folder, "contoso", "mapping.json"), "no mapping");

        session.TryRun("Get-ProvisioningPlan contoso; Invoke-Provisioning contoso -WhatIf");
        Assert.False(File.Exists(Path.Combine(_folder, "contoso", "state.db")));
        ErrorRecord error = session.Fail("Invoke-Provisioning contoso");

        Assert.StartsWith("MappingSchemaInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(
            $"Failed {error.Exception.Message}",
            session.Value<string>("$last = (Get-ProvisioningStatus contoso).LastCycle; \"$($last.State) $($last.Message)\"")
        );
    }

    private Session WithJob(int people = 8, int[]? bad = null)
    {
        File.WriteAllLines(
            Path.Combine(_folder, "users.json"),
            Enumerable
                .Range(1, people)
                .Select(n =>
                    $$"""
                        {"id":"00000000-0000-4000-8000-{{n:D12}}","userPrincipalName":"user{{n}}@example.com","givenName":"Given{{n}}","surname":"Family{{n}}","accountEnabled":true,"businessPhones":["{{(
                            bad?.Contains(n) == true ? "call me" : $"+34 93{n:D7}"
                        )}}"]}
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
