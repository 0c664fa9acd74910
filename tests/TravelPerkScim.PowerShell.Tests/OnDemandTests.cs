namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Provisioning of single users, as a user at a prompt requests it.</summary>
public sealed class OnDemandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("demand-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Only_the_named_users_are_changed_by_name_or_by_id()
    {
        using Session session = WithJob(5);

        PSObject[] outcomes = [.. session.Run($"Invoke-Provisioning contoso -Identity user2@example.com, {Id(4)}")];

        Assert.Equal(["user2@example.com", "user4@example.com"], outcomes.Select(o => Text(o, "Identity")).Order());
        Assert.Equal(2, session.Value<int>("$sandbox.UserCount"));
        Assert.Equal(2L, session.Value<long>("$sandbox.WriteCount"));
        Assert.Equal(3, session.Run("Invoke-Provisioning contoso").Count);
    }

    [Fact]
    public void Objects_with_an_id_or_a_userPrincipalName_come_through_the_pipeline_as_one_cycle()
    {
        using Session session = WithJob(5);

        PSObject[] outcomes =
        [
            .. session.Run(
                $"[pscustomobject]@{{ Id = '{Id(1)}'; DisplayName = 'One' }}, [pscustomobject]@{{ "
                    + $"UserPrincipalName = 'user3@example.com' }} | Invoke-Provisioning contoso"
            ),
        ];

        Assert.Equal(["user1@example.com", "user3@example.com"], outcomes.Select(o => Text(o, "Identity")).Order());
        Assert.Equal("OnDemand", Text(Assert.Single(session.Run("(Get-ProvisioningStatus contoso).Cycles")), "Kind"));
    }

    [Fact]
    public void The_steps_explain_each_outcome_down_to_the_request()
    {
        using Session session = WithJob(2);
        session.Run(
            "$null = Set-ScimScope contoso \"jobTitle EQUALS 'Title'\"; $null = Invoke-Provisioning contoso -Identity user1@example.com"
        );

        string[] created = Steps(session, "(Get-ProvisioningPlan contoso -Identity user2@example.com).Steps");
        string[] unchanged = Steps(session, "(Invoke-Provisioning contoso -Identity user1@example.com).Steps");

        Assert.Equal(["Import", "Scoping", "Matching", "Export"], created.Select(s => s[..s.IndexOf(':', StringComparison.Ordinal)]));
        Assert.Contains("No TravelPerk user has the matching", created[2], StringComparison.Ordinal);
        Assert.StartsWith("Export: POST Users {", created[3], StringComparison.Ordinal);
        Assert.Contains("\"userName\":\"user2@example.com\"", created[3], StringComparison.Ordinal);
        Assert.Contains("meets the scoping filter", created[1], StringComparison.Ordinal);
        Assert.Equal(
            created[3],
            $"Export: {session.Value<string>("(Get-ProvisioningPlan contoso -Identity user2@example.com).Steps[3].Description")}"
        );
        Assert.Equal("userName", session.Value<string>("(Get-ProvisioningPlan contoso -Identity user2@example.com).Changes[0].Attribute"));
        Assert.Contains("Linked to TravelPerk user", unchanged[2], StringComparison.Ordinal);
        Assert.Contains("already", unchanged[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_out_of_scope_gets_the_reason_and_an_unknown_user_is_an_error()
    {
        using Session session = WithJob(
            2,
            user => user.Replace("\"accountEnabled\":true", "\"accountEnabled\":false", StringComparison.Ordinal)
        );

        PSObject skipped = Assert.Single(session.Run("Invoke-Provisioning contoso -Identity user1@example.com"));
        ErrorRecord unknown = session.Fail("Invoke-Provisioning contoso -Identity missing@example.com");

        Assert.Equal(("None", "Skipped"), (Text(skipped, "Action"), Text(skipped, "Status")));
        Assert.Contains("account is disabled", Text(skipped, "Reason"), StringComparison.Ordinal);
        Assert.StartsWith("SourceUserNotRead,", unknown.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("users.json", unknown.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_edited_by_hand_is_repaired_on_demand()
    {
        using Session session = WithJob(1);
        session.Run("$null = Invoke-Provisioning contoso; Get-ScimUser | Set-ScimUser -Title 'Changed by hand'");

        Assert.Empty(session.Run("Invoke-Provisioning contoso"));
        PSObject repaired = Assert.Single(session.Run("Invoke-Provisioning contoso -Identity user1@example.com"));

        Assert.Equal("Update", Text(repaired, "Action"));
        Assert.Equal("Title", session.Value<string>("(Get-ScimUser).Title"));
    }

    private static string Id(int n) => $"00000000-0000-4000-8000-{n:D12}";

    private static string[] Steps(Session session, string script) => [.. session.Run(script).Select(s => s.ToString()!)];

    private static string? Text(PSObject value, string property) => value.Properties[property]?.Value?.ToString();

    private Session WithJob(int users, Func<string, string>? edit = null)
    {
        File.WriteAllLines(
            Path.Combine(_folder, "users.json"),
            Enumerable
                .Range(1, users)
                .Select(n =>
                    (edit ?? (user => user))(
                        $$"""
                        {"id":"{{Id(
                            n
                        )}}","userPrincipalName":"user{{n}}@example.com","givenName":"Given{{n}}","surname":"Family{{n}}","accountEnabled":true,"jobTitle":"Title"}
                        """
                    )
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
