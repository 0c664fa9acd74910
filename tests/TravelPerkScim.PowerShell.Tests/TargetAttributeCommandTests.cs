using System.Management.Automation.Runspaces;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Attributes beside TravelPerk's nineteen, as an administrator meets them: from an exported schema, and from what the service
/// itself publishes.</summary>
public sealed class TargetAttributeCommandTests : IDisposable
{
    private const string PolicyId = "urn:ietf:params:scim:schemas:extension:expense:2.0:User:policyId";

    private readonly string _folder = Directory.CreateTempSubdirectory("targets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_exported_schema_with_an_extension_is_imported_unchanged_and_provisioned_and_the_next_cycle_is_idle()
    {
        using Session session = WithJob("-Expense");

        Assert.DoesNotContain(
            "Error",
            session.Run("Test-ScimMapping $schema | ForEach-Object { \"$($_.Severity)\" }").Select(severity => severity.ToString())
        );
        session.Run("Import-ScimMapping $schema -Job contoso -WarningAction SilentlyContinue");
        Assert.Equal(File.ReadAllBytes(Schema), File.ReadAllBytes(Path.Combine(_folder, "contoso", "mapping.json")));
        Assert.Equal(PolicyId, Text(Assert.Single(session.Run("Get-ScimMapping contoso policyId")), "TargetAttribute"));
        Assert.Equal("None", Text(Assert.Single(session.Run("Get-ScimMapping contoso travelPolicy")), "Type"));

        Assert.Equal("Success", Text(Assert.Single(session.Run("Invoke-Provisioning contoso")), "Status"));
        Assert.Equal("P-7", session.Value<string>($"@($sandbox.Users)[0]['{PolicyId[..^9]}']['policyId'].ToString()"));
        Assert.Equal("Standard travel policy", session.Value<string>("(Get-ScimUser).TravelPolicy"));
        long writes = session.Value<long>("$sandbox.WriteCount");
        Assert.Empty(session.Run("Invoke-Provisioning contoso"));
        Assert.Empty(session.Run("Invoke-Provisioning contoso -Reconcile"));
        Assert.Equal(writes, session.Value<long>("$sandbox.WriteCount"));
    }

    [Fact]
    public void The_definition_of_a_service_attribute_is_kept_in_the_mapping()
    {
        using Session session = WithJob("-Expense");
        session.Run("Set-ScimMapping contoso approvalThreshold -SourceAttribute extension_threshold");
        session.Run("Disconnect-TravelPerk");

        session.Run("Set-ScimMapping contoso approvalThreshold -Expression 'Append([extension_threshold], \"0\")'");

        Assert.Empty(session.Run("Test-ScimMapping contoso | Where-Object Severity -NE Information"));
        Assert.Equal(
            "{\"approvalThreshold\":250.50}",
            session.Value<string>(
                $"@{{ id = 'a-1'; userPrincipalName = 'anna@example.com'; givenName = 'Anna'; "
                    + $"surname = 'Berg'; extension_threshold = '250.5' }} | ConvertTo-ScimUser -Job "
                    + $"contoso | ForEach-Object {{ $_.Resource['{PolicyId[..^9]}'].ToJsonString() }}"
            )
        );
        Assert.Equal($"{PolicyId[..^8]}approvalThreshold", Assert.Single(Complete(session, "Set-ScimMapping contoso approvalT")));
        session.Run("Remove-ScimMapping contoso approvalThreshold -Confirm:$false");
        Assert.Empty(session.Run("Get-ScimMapping contoso approvalThreshold"));
    }

    [Fact]
    public void An_undefined_attribute_is_refused_with_the_nearest_name_and_the_file_stays()
    {
        using Session session = WithJob("-Expense");
        string mapping = File.ReadAllText(Path.Combine(_folder, "contoso", "mapping.json"));

        ErrorRecord error = session.Fail("Set-ScimMapping contoso prefferedLanguage -SourceAttribute jobTitle");

        Assert.StartsWith("UnknownTargetAttribute,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("The nearest name is 'preferredLanguage'.", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(mapping, File.ReadAllText(Path.Combine(_folder, "contoso", "mapping.json")));
    }

    [Fact]
    public void The_check_names_attributes_that_only_the_service_knows()
    {
        using Session session = WithJob("-Expense");
        session.Run("Set-ScimMapping contoso creditor -SourceAttribute employeeId");
        string file = Path.Combine(_folder, "contoso", "mapping.json");
        File.WriteAllText(
            file,
            File.ReadAllText(file)
                .Replace(
                    "\"name\": \"urn:ietf:params:scim:schemas:extension:expense:2.0:User:creditor\"",
                    "\"name\": \"urn:x:nothing\"",
                    StringComparison.Ordinal
                )
        );

        Assert.Equal(
            "UnknownTargetAttribute",
            Text(Assert.Single(session.Run("Test-ScimMapping contoso | Where-Object Severity -NE Information")), "FindingId")
        );
        Assert.Equal(
            "TargetAttributeNotKept",
            Text(
                Assert.Single(session.Run("Test-ScimMapping contoso -Discover | Where-Object TargetAttribute -Like *creditor")),
                "FindingId"
            )
        );
    }

    [Fact]
    public void A_schema_file_adds_attributes_to_the_sandbox_and_a_wrong_file_is_refused()
    {
        File.WriteAllText(
            Path.Combine(_folder, "core.json"),
            """{"id":"urn:ietf:params:scim:schemas:core:2.0:User","attributes":[{"name":"displayName","type":"string"}]}"""
        );
        File.WriteAllText(Path.Combine(_folder, "none.json"), "[]");
        using Session session = WithJob($"-SchemaFile '{Path.Combine(_folder, "core.json")}'");
        session.Run("Set-ScimMapping contoso displayName -SourceAttribute displayName; $null = Invoke-Provisioning contoso");

        Assert.Equal("Anna Berg", session.Value<string>("@($sandbox.Users)[0]['displayName'].ToString()"));
        Assert.StartsWith(
            "SchemaFileUnusable,",
            session.Fail("Start-ScimSandbox -SchemaFile none.json").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_unmapped_required_attribute_is_found_before_a_create_is_sent()
    {
        File.WriteAllText(
            Path.Combine(_folder, "core.json"),
            """
            {"id":"urn:ietf:params:scim:schemas:core:2.0:User","attributes":[
              {"name":"displayName","type":"string","required":true},
              {"name":"emails","type":"complex","multiValued":true,"required":true,"subAttributes":[{"name":"value","type":"string","required":true},{"name":"type","type":"string","canonicalValues":["work","home"]}]}]}
            """
        );
        using Session session = WithJob($"-SchemaFile '{Path.Combine(_folder, "core.json")}'");

        Assert.Empty(session.Run("Test-ScimMapping contoso | Where-Object Severity -NE Information"));
        PSObject[] findings = [.. session.Run("Test-ScimMapping contoso -Discover | Where-Object Severity -NE Information")];
        Assert.Equal(
            ["Warning RequiredByService displayName", "Warning RequiredByService emails"],
            findings.Select(f => $"{Text(f, "Severity")} {Text(f, "FindingId")} {Text(f, "TargetAttribute")}")
        );

        session.Run(
            "Set-ScimMapping contoso displayName -SourceAttribute displayName; "
                + "Set-ScimMapping contoso 'emails[type eq \"work\"].value' -SourceAttribute userPrincipalName"
        );
        Assert.Empty(session.Run("Test-ScimMapping contoso -Discover | Where-Object Severity -NE Information"));
        Assert.Equal("Success", Text(Assert.Single(session.Run("Invoke-Provisioning contoso")), "Status"));
        Assert.Equal("anna@example.com", session.Value<string>("@($sandbox.Users)[0]['emails'][0]['value'].ToString()"));
    }

    private static string Schema =>
        Path.Combine(Repository.Root, "tests", "TravelPerkScim.PowerShell.Tests", "Data", "travelperk-with-expense.json");

    private Session WithJob(string sandbox)
    {
        File.WriteAllText(
            Path.Combine(_folder, "users.json"),
            """
            [{"id":"00000000-0000-4000-8000-000000000001","userPrincipalName":"anna@example.com","displayName":"Anna Berg","givenName":"Anna","surname":"Berg",
              "accountEnabled":true,"extension_53c9e2c0e_policy":"P-7","extension_threshold":"250.5"}]
            """
        );
        var session = Session.WithSandbox(sandbox);
        session.Run(
            "param($f, $s) $null = $ExecutionContext.SessionState.Path.SetLocation($f); "
                + "$global:schema = $s; $null = New-ProvisioningJob contoso -Source users.json",
            _folder,
            Schema
        );
        return session;
    }

    private static string? Text(PSObject item, string property) => item.Properties[property].Value?.ToString();

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
