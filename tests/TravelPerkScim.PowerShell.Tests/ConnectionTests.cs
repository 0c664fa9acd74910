using System.Net;
using System.Net.Sockets;

namespace TravelPerkScim.PowerShell.Tests;

public class ConnectionTests
{
    public static TheoryData<string> TargetCommands =>
        [
            "Get-ScimUser",
            "New-ScimUser a@contoso.com A B",
            "Set-ScimUser 1 -Title X",
            "Remove-ScimUser 1 -Confirm:$false",
            "Get-ScimSchema",
            "Get-ScimServiceProviderConfig",
            "Test-ScimConnection",
        ];

    [Fact]
    public void The_rate_of_a_connection_shows_the_concurrency_limit_of_the_service()
    {
        using Session session = new();
        session.Run("$sandbox = Start-ScimSandbox -ConcurrencyLimit 1; $sandbox | Connect-TravelPerk; $null = Get-ScimUser");
        Assert.Equal(1, session.Value<int>("$sandbox.ConcurrencyLimit"));
        Assert.Equal(0, session.Value<int>("(Get-TravelPerkConnection).Rate.UnderWay"));
        Assert.True(session.Value<bool>("$null -eq (Get-TravelPerkConnection).Rate.ConcurrencyLimit"));

        session.Run("$sandbox.ConcurrencyLimit = $null");
        Assert.True(session.Value<bool>("$null -eq $sandbox.ConcurrencyLimit"));
    }

    [Theory]
    [MemberData(nameof(TargetCommands))]
    public void Without_a_connection_the_error_names_the_way_out(string command)
    {
        using Session session = new();

        ErrorRecord error = session.Fail(command);

        Assert.StartsWith("NotConnected,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Contains("Connect-TravelPerk", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_connection_belongs_to_one_runspace_and_can_be_handed_to_another()
    {
        using var first = Session.WithSandbox("-UserCount 3");
        using Session second = new();
        Assert.StartsWith("NotConnected,", second.Fail("Get-ScimUser").FullyQualifiedErrorId, StringComparison.Ordinal);

        PSObject connection = Assert.Single(first.Run("Get-TravelPerkConnection"));

        Assert.Equal(3, second.Run("param($c) Get-ScimUser -Connection $c", connection).Count);
    }

    [Theory]
    [InlineData("param($key) Connect-TravelPerk -ApiKey $key", "Production", "https://app.perk.com/api/v2/scim/", "ApiKey")]
    [InlineData(
        "param($key) Connect-TravelPerk $key -Environment Sandbox",
        "Sandbox",
        "https://app.sandbox-perk.com/api/v2/scim/",
        "ApiKey"
    )]
    [InlineData("param($key) Connect-TravelPerk -BearerToken $key", "Production", "https://app.perk.com/api/v2/scim/", "Bearer")]
    [InlineData(
        "param($key) Connect-TravelPerk -Credential ([pscredential]::new('scim', $key)) -BaseUri https://app.travelperk.com/api/v2/scim",
        "Custom",
        "https://app.travelperk.com/api/v2/scim/",
        "ApiKey"
    )]
    public void Each_kind_of_sign_in_uses_the_right_address(string script, string environment, string address, string authentication)
    {
        using Session session = new();

        Assert.Empty(session.Run(script, Session.Secret("key-1")));
        PSObject connection = Assert.Single(session.Run("Get-TravelPerkConnection"));

        Assert.Equal(environment, connection.Properties["Environment"].Value.ToString());
        Assert.Equal(address, connection.Properties["BaseUri"].Value.ToString());
        Assert.Equal(authentication, connection.Properties["Authentication"].Value);
        Assert.Equal(0L, connection.Properties["RequestCount"].Value);
    }

    [Theory]
    [InlineData("-BaseUri http://app.perk.com/api/v2/scim", "InsecureUri", ErrorCategory.SecurityError)]
    [InlineData("-BaseUri https://app.perk.com/api/v2/scim -Environment Sandbox", "AmbiguousTarget", ErrorCategory.InvalidArgument)]
    public void An_address_that_must_not_be_used_is_refused(string arguments, string errorId, ErrorCategory category)
    {
        using Session session = new();

        ErrorRecord error = session.Fail("param($key) Connect-TravelPerk -ApiKey $key " + arguments, Session.Secret("key-1"));

        Assert.Equal($"{errorId},TravelPerkScim.PowerShell.Commands.ConnectTravelPerkCommand", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Empty(session.Run("Get-TravelPerkConnection"));
    }

    [Fact]
    public void Disconnecting_forgets_the_default_connection()
    {
        using var session = Session.WithSandbox();

        session.Run("Disconnect-TravelPerk; Disconnect-TravelPerk");

        Assert.Empty(session.Run("Get-TravelPerkConnection"));
    }

    [Fact]
    public void A_working_connection_tests_true_with_one_harmless_request()
    {
        using var session = Session.WithSandbox("-UserCount 3");

        Assert.True(session.Value<bool>("Test-ScimConnection"));

        Assert.Equal(1L, session.Value<long>("$sandbox.RequestCount"));
        Assert.Equal("GET", session.Value<string>("$sandbox.RequestLog[0].Method"));
    }

    [Fact]
    public void A_wrong_key_tests_false_with_the_reason()
    {
        using var session = Session.WithSandbox();
        session.Run("param($key) Connect-TravelPerk $key -BaseUri $sandbox.BaseUri", Session.Secret("wrong-key"));

        Assert.Equal([false], session.TryRun("Test-ScimConnection").Select(result => result.BaseObject));

        ErrorRecord error = Assert.Single(session.Errors);
        Assert.StartsWith("Unauthorized,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
    }

    [Fact]
    public void A_closed_port_tests_false_with_the_reason()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using Session session = new();
        session.Run("param($key, $port) Connect-TravelPerk $key -BaseUri http://127.0.0.1:$port/", Session.Secret("key-1"), port);

        Assert.Equal([false], session.TryRun("Test-ScimConnection").Select(result => result.BaseObject));

        ErrorRecord error = Assert.Single(session.Errors);
        Assert.StartsWith("Unreachable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
    }

    private static readonly string[] s_checks =
    [
        "Authentication",
        "Service configuration",
        "Resource types",
        "Schemas",
        "Paging",
        "Filter on userName",
        "Filter on externalId",
        "Mapping",
        "Clock",
        "Rate limit",
        "Dialect",
    ];

    [Fact]
    public void Detailed_writes_one_record_for_each_check_and_only_reads()
    {
        using var session = Session.WithSandbox("-UserCount 120");

        List<string> checks =
        [
            .. session
                .Run("Test-ScimConnection -Detailed | ForEach-Object { \"$($_.Check): $($_.Outcome)\" }")
                .Select(line => (string)line.BaseObject),
        ];

        // The sandbox's listener tells no time.
        Assert.Equal(
            s_checks.Select(check => $"{check}: Passed"),
            checks.Select(check => check.Replace("Clock: Skipped", "Clock: Passed", StringComparison.Ordinal))
        );
        Assert.InRange(session.Value<long>("$sandbox.RequestCount"), 8, 12);
        Assert.All(session.Run("$sandbox.RequestLog"), entry => Assert.Equal("GET", entry.Properties["Method"].Value));
        Assert.Equal(session.Value<long>("$sandbox.RequestCount"), session.Value<long>("(Get-TravelPerkConnection).RequestCount"));
        Assert.Equal("IgnoresCase", session.Value<string>("(Get-TravelPerkConnection).Dialect.UserNameFilter.ToString()"));
    }

    [Theory]
    [InlineData("StartIndexIgnored", "Paging", "Warning")]
    [InlineData("FilterMisses", "Filter on userName", "Warning")]
    [InlineData("FilterCaseSensitive", "Filter on userName", "Warning")]
    [InlineData("FilterIgnored", "Filter on userName", "Warning")]
    [InlineData("FilterContains", "Filter on userName", "Warning")]
    [InlineData("TotalResultsEqualsPageSize", "Paging", "Warning")]
    [InlineData("TooManyRequests", "Rate limit", "Warning")]
    public void Detailed_gives_advice_for_each_warning_and_failure(string behavior, string check, string outcome)
    {
        using var session = Session.WithSandbox("-UserCount 120");
        session.Run($"$sandbox.SetBehavior('{behavior}', $true, 1)");

        PSObject found = Assert.Single(session.Run($"Test-ScimConnection -Detailed | Where-Object Check -EQ '{check}'"));

        Assert.Equal(outcome, found.Properties["Outcome"].Value.ToString());
        Assert.NotEmpty((string)found.Properties["Message"].Value);
        Assert.NotEmpty((string)found.Properties["Advice"].Value);
    }

    [Theory]
    [InlineData("TotalResultsEqualsPageSize, StartIndexIgnored", "Warning", "startIndex is ignored")]
    [InlineData("TotalResultsEqualsPageSize, StartIndexIgnored, FilterMisses", "Failed", "whether these are all is not known")]
    [InlineData("TotalResultsEqualsPageSize, PastEndRepeatsFirstPage", "Warning", "more came")]
    public void Detailed_does_not_take_the_first_page_for_all_users(string behaviors, string outcome, string message)
    {
        using var session = Session.WithSandbox($"-UserCount 250 -Behavior {behaviors}");

        PSObject found = Assert.Single(session.Run("Test-ScimConnection -Detailed | Where-Object Check -EQ 'Paging'"));

        Assert.Equal(outcome, found.Properties["Outcome"].Value.ToString());
        Assert.Contains(message, (string)found.Properties["Message"].Value, StringComparison.Ordinal);
        Assert.DoesNotContain("fit on one page", (string)found.Properties["Message"].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void The_connection_test_finds_required_attributes_that_the_mapping_lacks()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("schema-").FullName, "user.json");
        File.WriteAllText(
            file,
            """{ "id": "urn:ietf:params:scim:schemas:core:2.0:User", "name": "User", "attributes": [{ "name": "displayName", "type": "string", "required": true }] }"""
        );
        using var session = Session.WithSandbox($"-SchemaFile '{file}'");

        PSObject found = Assert.Single(session.Run("Test-ScimConnection -Detailed | Where-Object Check -EQ 'Mapping'"));

        Assert.Equal("Warning", found.Properties["Outcome"].Value.ToString());
        Assert.StartsWith("displayName: ", (string)found.Properties["Message"].Value, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public void A_check_shows_no_method_of_the_compiler()
    {
        using var session = Session.WithSandbox();

        PSObject check = session.Run("Test-ScimConnection -Detailed")[0];

        Assert.DoesNotContain(check.Methods, method => method.Name.StartsWith('<'));
    }

    [Fact]
    public void Detailed_with_a_wrong_key_fails_once_and_skips_the_rest()
    {
        using var session = Session.WithSandbox();
        session.Run("param($key) Connect-TravelPerk $key -BaseUri $sandbox.BaseUri", Session.Secret("wrong-key"));

        Assert.Equal(
            ["Authentication"],
            session.Run("(Test-ScimConnection -Detailed | Where-Object Outcome -EQ Failed).Check").Select(line => (string)line.BaseObject)
        );
        Assert.Equal(1L, session.Value<long>("$sandbox.RequestCount"));
    }

    [Fact]
    public void The_abilities_and_schemas_of_the_service_are_readable()
    {
        using var session = Session.WithSandbox();

        Assert.True(session.Value<bool>("(Get-ScimServiceProviderConfig).Patch"));
        Assert.Equal(3, session.Run("Get-ScimSchema").Count);
        Assert.Equal(
            "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User",
            session.Value<string>("(Get-ScimSchema *travelperk*).Id")
        );
        Assert.Equal("string", session.Value<string>("((Get-ScimSchema *core:2.0:User).Attribute | Where-Object Name -EQ userName).Type"));
    }
}
