using System.Management.Automation.Runspaces;

namespace TravelPerkScim.PowerShell.Tests;

public class CompletionTests
{
    [Fact]
    public void Users_that_the_connection_has_seen_are_offered_without_a_request()
    {
        using var session = Session.WithSandbox();
        session.Run("$null = New-ScimUser anna@contoso.com Anna Berg; $null = New-ScimUser bo@contoso.com Bo Ek");
        long requests = session.Value<long>("$sandbox.RequestCount");

        Assert.Equal(["anna@contoso.com"], Complete(session, "Get-ScimUser -Identity an"));
        Assert.Equal(["anna@contoso.com", "bo@contoso.com"], Complete(session, "Set-ScimUser 1 -Manager "));
        Assert.Equal(requests, session.Value<long>("$sandbox.RequestCount"));
    }

    [Fact]
    public void A_removed_user_is_not_offered_any_more()
    {
        using var session = Session.WithSandbox();
        session.Run("$null = New-ScimUser anna@contoso.com Anna Berg; Remove-ScimUser anna@contoso.com -Confirm:$false");

        Assert.DoesNotContain("anna@contoso.com", Complete(session, "Get-ScimUser -Identity an"));
    }

    [Theory]
    [InlineData("New-ScimUser -PreferredLanguage ", "en", "fr", "de", "es")]
    [InlineData("New-ScimUser -Gender ", "M", "F")]
    [InlineData("Get-ScimUser -Filter user", "'userName eq \"\"'")]
    [InlineData("Connect-TravelPerk -Environment ", "Production", "Sandbox")]
    [InlineData("Connect-TravelPerk -BaseUri https://app.sandbox-p", "https://app.sandbox-perk.com/api/v2/scim")]
    [InlineData("Start-ScimSandbox -Behavior Slow", "SlowHeaders")]
    [InlineData("Set-ScimMapping -SourceAttribute prox", "proxyAddresses")]
    [InlineData("Resolve-ScimExpression Coal", "'Coalesce('")]
    [InlineData("Resolve-ScimExpression 'Append(ToU", "'Append(ToUpper('")]
    [InlineData("Resolve-ScimExpression IgnoreO", "IgnoreObjectFlow")]
    [InlineData("Set-ScimMapping -Expression 'Append([mailN", "'Append([mailNickname]'")]
    [InlineData("Set-ScimMapping ./x name.g", "name.givenName")]
    [InlineData("Set-ScimScope -Filter depart", "department")]
    [InlineData(
        "Set-ScimScope -Filter 'department IS",
        "'department IS TRUE'",
        "'department IS FALSE'",
        "'department IS NULL'",
        "'department IS NOT NULL'"
    )]
    [InlineData("Set-ScimScope -Filter 'department EQUALS \"x\" AND usageL", "'department EQUALS \"x\" AND usageLocation'")]
    public void Known_values_are_offered_without_a_connection(string line, params string[] expected)
    {
        using Session session = new();
        Assert.Equal(expected, Complete(session, line));
    }

    [Fact]
    public void The_members_of_a_result_are_offered_and_not_the_compilers_own()
    {
        using var session = Session.WithSandbox();
        session.Run(
            "$null = New-ScimUser anna@contoso.com Anna Berg; $entry = @($sandbox.RequestLog)[0]; $members = ($entry | Get-Member).Name"
        );

        string[] offered = [.. Complete(session, "$entry.")];
        string[] listed = session.Value<string[]>(", $members");

        Assert.Contains("Path", offered);
        Assert.Contains("Path", listed);
        Assert.DoesNotContain(offered.Concat(listed), member => member.Contains('<', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("con", "contoso")]
    [InlineData("./con", "./contoso")]
    [InlineData("./", "./contoso")]
    [InlineData("./nested/f", "./nested/fabrikam")]
    public void Job_folders_are_offered_at_the_typed_depth(string typed, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("jobs-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "users.csv"), "id,userPrincipalName");
            using var session = Session.WithSandbox();
            session.Run(
                "param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder); "
                    + "$null = New-ProvisioningJob contoso users.csv; $null = New-ProvisioningJob nested/fabrikam users.csv",
                folder
            );

            Assert.Equal([expected], Complete(session, $"Get-ProvisioningStatus {typed}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Complete(Session session, string line)
    {
        using var shell = System.Management.Automation.PowerShell.Create(session.Runspace);
        Runspace? before = Runspace.DefaultRunspace;
        try
        {
            return
            [
                .. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(match => match.CompletionText),
            ];
        }
        finally
        {
            Runspace.DefaultRunspace = before;
        }
    }
}
