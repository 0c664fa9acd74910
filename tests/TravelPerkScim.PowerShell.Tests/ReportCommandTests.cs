using System.Text.Json;
using System.Xml.Linq;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Reports as a user at a prompt, or a pipeline, makes them.</summary>
public sealed class ReportCommandTests : IDisposable
{
    private const string Drift = """
        Import-Module $env:PESTER
        Import-Module $env:MANIFEST
        Set-Location $env:FOLDER
        $sandbox = Start-ScimSandbox
        $sandbox | Connect-TravelPerk
        $null = New-ProvisioningJob contoso users.json
        $null = Invoke-Provisioning contoso
        function Invoke-Drift($Report, $Format) {
            $container = New-PesterContainer -Path $env:SUITE -Data @{ Job = (Convert-Path contoso) }
            $settings = New-PesterConfiguration
            $settings.Run.Container = $container
            $settings.Run.PassThru = $true
            $settings.Output.Verbosity = 'None'
            $settings.TestResult.Enabled = $true
            $settings.TestResult.OutputFormat = $Format
            $settings.TestResult.OutputPath = "$env:FOLDER/$Report"
            Invoke-Pester -Configuration $settings
        }
        $none = Invoke-Drift none.xml NUnitXml
        Set-ScimUser user2@example.com -Title 'By hand' -Confirm:$false
        $null = New-ScimUser '$(1+1)<b>|`x@example.com' Some Body
        $some = Invoke-Drift some.xml JUnitXml
        [pscustomobject]@{ None = "$($none.PassedCount) $($none.FailedCount)"; Some = "$($some.PassedCount) $($some.FailedCount)"; Writes = $sandbox.WriteCount } | ConvertTo-Json -Compress
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("plan.html", "<!doctype html>")]
    [InlineData("plan.md", "## Provisioning plan of contoso")]
    [InlineData("plan.csv", "Identity,")]
    [InlineData("plan.JSON", "{")]
    public void The_name_of_the_file_says_the_form(string name, string begin)
    {
        using Session session = WithJob(3);

        PSObject file = Assert.Single(
            session.Run($"Get-ProvisioningPlan contoso | Export-ProvisioningReport {name} -Job contoso -PassThru")
        );

        Assert.Equal(name, ((FileInfo)file.BaseObject).Name);
        string text = File.ReadAllText(Path.Combine(_folder, name));
        Assert.StartsWith(begin, text, StringComparison.Ordinal);
        Assert.Contains("user2@example.com", text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, name)));
    }

    [Theory]
    [InlineData("html")]
    [InlineData("md")]
    [InlineData("csv")]
    [InlineData("json")]
    public void What_the_mapping_redacts_is_in_no_form(string form)
    {
        using Session session = WithJob(3);
        // The number of user3 is refused: it must not come back in the message either.
        session.Run(
            """
            Set-ScimMapping contoso title -Expression 'Redact([jobTitle])'
            Set-ScimMapping contoso 'phoneNumbers[type eq "work"].value' -Expression 'Redact([telephoneNumber])'
            """
        );

        session.Run($"Get-ProvisioningPlan contoso | Export-ProvisioningReport plan.{form}");
        session.Run($"Invoke-Provisioning contoso -ErrorAction SilentlyContinue | Export-ProvisioningReport outcomes.{form}");
        session.Run($"Get-ProvisioningLog contoso | Export-ProvisioningReport log.{form}");
        session.Run(
            $"Set-ScimUser user1@example.com -Title SecretByHand; "
                + $"Get-ProvisioningPlan contoso -Reconcile | Export-ProvisioningReport drift.{form}"
        );

        foreach (string report in new[] { "plan", "outcomes", "log", "drift" })
        {
            string text = File.ReadAllText(Path.Combine(_folder, $"{report}.{form}"));
            Assert.Contains("[Redact]", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Secret", text, StringComparison.Ordinal);
            Assert.DoesNotContain("not-a-number", text, StringComparison.Ordinal);
            Assert.DoesNotContain("555 010", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Outcomes_drift_status_and_nothing_at_all_are_reported()
    {
        using Session session = WithJob(3);

        session.Run(
            """
            Get-ProvisioningPlan contoso | Where-Object Identity -EQ missing | Export-ProvisioningReport nothing.json
            Invoke-Provisioning contoso -ErrorAction SilentlyContinue | Export-ProvisioningReport outcomes.json
            Set-ScimUser user1@example.com -Title 'By hand'
            Get-ProvisioningPlan contoso -Reconcile | Where-Object Drift -NE None | Export-ProvisioningReport drift.json -Title 'By hand'
            Get-ProvisioningStatus contoso | Export-ProvisioningReport status.json
            """
        );

        Assert.Equal(("Nothing", "Provisioning report"), Read("nothing.json"));
        Assert.Equal(("Outcomes", "Provisioning outcomes"), Read("outcomes.json"));
        Assert.Equal(("Drift", "By hand"), Read("drift.json"));
        Assert.Equal(("Status", "Provisioning status of contoso"), Read("status.json"));
    }

    [Fact]
    public void Mixed_and_unknown_input_an_unknown_form_and_a_file_that_is_there_are_named()
    {
        using Session session = WithJob(1);
        session.Run("'kept' | Set-Content kept.html; 'kept' | Set-Content locked.html; (Get-Item locked.html).IsReadOnly = $true");

        Assert.StartsWith(
            "ReportMixed,",
            session
                .Fail("@(Get-ProvisioningPlan contoso) + (Get-ProvisioningStatus contoso) | Export-ProvisioningReport x.html")
                .FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "ReportInputUnknown,",
            session.Fail("5 | Export-ProvisioningReport x.html").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "ReportFormatUnknown,",
            session.Fail("Get-ProvisioningPlan contoso | Export-ProvisioningReport x.pdf").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "NoClobber,",
            session.Fail("Get-ProvisioningPlan contoso | Export-ProvisioningReport kept.html -NoClobber").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "ReportUnwritable,",
            session.Fail("Get-ProvisioningPlan contoso | Export-ProvisioningReport locked.html").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "ReportUnwritable,",
            session.Fail("Get-ProvisioningPlan contoso | Export-ProvisioningReport no/such/x.html").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        session.Run("Get-ProvisioningPlan contoso | Export-ProvisioningReport new.html -WhatIf");
        Assert.Equal(
            ["contoso", "kept.html", "locked.html", "users.json"],
            Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order()
        );
        Assert.Equal("kept", File.ReadAllText(Path.Combine(_folder, "locked.html")).Trim());
        session.Run("Get-ProvisioningPlan contoso | Export-ProvisioningReport locked.html -Force");
        Assert.StartsWith("<!doctype html>", File.ReadAllText(Path.Combine(_folder, "locked.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_template_shows_each_drifted_user_as_a_failed_test()
    {
        WriteUsers(2);

        ChildHost.Result result = await ChildHost.RunAsync(
            start =>
            {
                start.Environment["PESTER"] = Repository.Pester;
                start.Environment["MANIFEST"] = Repository.Manifest;
                start.Environment["SUITE"] = Path.Combine(
                    Path.GetDirectoryName(Repository.Manifest)!,
                    "module",
                    "templates",
                    "Drift.Tests.ps1"
                );
                start.Environment["FOLDER"] = _folder;
            },
            "-Command",
            Drift
        );

        string last = result.Output.TrimEnd('\n').Split('\n')[^1];
        Assert.True(last.StartsWith('{'), result.Output + result.Error);
        using var counts = JsonDocument.Parse(last);
        Assert.Equal(
            ("1 0", "1 2"),
            (counts.RootElement.GetProperty("None").GetString(), counts.RootElement.GetProperty("Some").GetString())
        );
        XElement[] failed =
        [
            .. XDocument.Load(Path.Combine(_folder, "some.xml")).Descendants("testcase").Where(test => test.Element("failure") is not null),
        ];
        Assert.Equal(
            ["TravelPerk is as the job left it.$(1+1)<b>|`x@example.com", "TravelPerk is as the job left it.user2@example.com"],
            failed.Select(test => test.Attribute("name")!.Value).Order(StringComparer.Ordinal)
        );
        Assert.Contains(
            failed,
            test => test.Element("failure")!.Attribute("message")!.Value.Contains("title: By hand -> Title", StringComparison.Ordinal)
        );
        Assert.Single(XDocument.Load(Path.Combine(_folder, "none.xml")).Descendants("test-case"));
    }

    private (string? Kind, string? Title) Read(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, name)));
        return (json.RootElement.GetProperty("kind").GetString(), json.RootElement.GetProperty("title").GetString());
    }

    private void WriteUsers(int users, string title = "Title") =>
        File.WriteAllLines(
            Path.Combine(_folder, "users.json"),
            Enumerable
                .Range(1, users)
                .Select(n =>
                    $$"""
                        {"id":"00000000-0000-4000-8000-{{n:D12}}","userPrincipalName":"user{{n}}@example.com","givenName":"Given{{n}}","surname":"Family{{n}}","accountEnabled":true,"jobTitle":"{{title}}","businessPhones":["{{Phone(
                            n
                        )}}"]}
                        """
                )
        );

    // TravelPerk would refuse the third one.
    private static string Phone(int n) => n == 3 ? "not-a-number" : FormattableString.Invariant($"+34 555 010 10{n}");

    private Session WithJob(int users)
    {
        WriteUsers(users, "SecretTitle");
        var session = Session.WithSandbox();
        session.Run(
            "param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder); "
                + "$null = New-ProvisioningJob contoso users.json",
            _folder
        );
        return session;
    }
}
