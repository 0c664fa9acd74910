using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>A mapping tried with Entra's own engine, as a user at a prompt does it.</summary>
public sealed class ExpressionOracleTests : IDisposable
{
    private const string Needed = "Application.Read.All Synchronization.ReadWrite.All";
    private const string People = "@{ id = '00000000-0000-4000-8000-00000000000A'; jobTitle = 'Pilot' }, @{ jobTitle = 'Cook' }";

    private readonly string _folder = Directory.CreateTempSubdirectory("oracle-").FullName;

    [Fact]
    public async Task Equal_results_are_not_written_and_nothing_is_changed_in_Entra()
    {
        await using EntraTenant tenant = new();
        using Session session = Ready(tenant, Upper);

        Assert.Empty(session.Run($"Test-ScimMapping m.json -Against TravelPerk -User ({People}) -WarningAction Stop"));
        string told = session.Value<string>(
            $"Test-ScimMapping m.json -Against TravelPerk -User ({People}) -Verbose "
                + $"4>&1 | Where-Object {{ \"$_\" -like '*gives the same*' }} | ForEach-Object Message"
        );

        Assert.Equal("The hosted job of 'TravelPerk' gives the same in 4 results, of 2 expressions and 2 sample users.", told);
        string[] writes = [.. tenant.Graph.Requests.Where(request => !request.StartsWith("GET ", StringComparison.Ordinal))];
        Assert.Equal(6, writes.Length);
        Assert.All(writes, write => Assert.EndsWith("/schema/parseExpression", write, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_difference_is_a_finding_with_the_user_and_both_values()
    {
        await using EntraTenant tenant = new();
        using Session session = Ready(tenant, (expression, jobTitle) => jobTitle == "Pilot" ? jobTitle : Upper(expression, jobTitle));

        PSObject found = Assert.Single(session.Run($"Test-ScimMapping m.json -Against TravelPerk -User ({People})"));

        Assert.Equal(
            ("EvaluatesDifferently", "Warning", "title", "1", "'PILOT'", "'Pilot'", "00000000-0000-4000-8000-00000000000a"),
            (
                Text(found, "FindingId"),
                Text(found, "Severity"),
                Text(found, "TargetAttribute"),
                Text(found, "SampleUser"),
                Text(found, "Value"),
                Text(found, "EntraValue"),
                Text(found, "SourceId")
            )
        );
        Assert.Contains("gives 'PILOT' here and 'Pilot' in Entra", Text(found, "Message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expression_that_Entra_refuses_is_found_without_a_sample_user()
    {
        await using EntraTenant tenant = new();
        using Session session = Ready(tenant, Upper);
        tenant.Directory.Synchronization.Of(tenant.Application).Parse = (expression, _) =>
            expression.StartsWith("ToUpper", StringComparison.Ordinal)
                ? StandInSynchronization.NotParsed("The function\u202e is not known")
                : StandInSynchronization.Parsed();

        PSObject found = Assert.Single(
            session.Run(
                "Test-ScimMapping m.json -Against TravelPerk -WarningVariable told -WarningAction SilentlyContinue; $global:told = $told"
            )
        );

        Assert.Equal(("RefusedByEntra", "title"), (Text(found, "FindingId"), Text(found, "TargetAttribute")));
        Assert.Contains(@"The function\u202e is not known", Text(found, "Message"), StringComparison.Ordinal);
        Assert.Contains("no sample user", session.Value<string>("\"$told\""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_is_tried_with_its_first_users_and_a_bad_sample_does_not_stop_the_others()
    {
        await using EntraTenant tenant = new();
        using Session session = Ready(tenant, (_, jobTitle) => jobTitle);
        File.WriteAllLines(
            Path.Combine(_folder, "users.json"),
            Enumerable
                .Range(1, 7)
                .Select(n =>
                    $$"""{"id":"00000000-0000-4000-8000-{{n:D12}}","userPrincipalName":"u{{n}}@example.com","givenName":"G","surname":"S","accountEnabled":true,"jobTitle":"Title {{n}}"}"""
                )
        );
        session.Run(
            "$null = New-ProvisioningJob contoso users.json; Import-ScimMapping m.json contoso -WarningAction Ignore; Set-Location contoso"
        );

        PSObject[] found = [.. session.Run("Test-ScimMapping -Against TravelPerk | Where-Object TargetAttribute -EQ title")];
        Assert.Equal(["1", "2", "3", "4", "5"], found.Select(one => Text(one, "SampleUser")));

        PSObject one = Assert.Single(
            session.TryRun(
                "Test-ScimMapping -Against TravelPerk -User @{ jobTitle = @{ a = 1 "
                    + "} }, @{ jobTitle = 'x' } | Where-Object TargetAttribute -EQ title"
            )
        );
        Assert.Equal("2", Text(one, "SampleUser"));
        Assert.StartsWith("SourceValueInvalid,", Assert.Single(session.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Synchronization.Read.All Application.Read.All")]
    [InlineData("Application.Read.All")]
    public async Task A_missing_permission_is_named_before_anything_is_sent(string granted)
    {
        await using EntraTenant tenant = new();
        using Session session = Ready(tenant, Upper, granted);
        tenant.Graph.ForgetRequests();

        ErrorRecord error = session.Fail("Test-ScimMapping m.json -Against TravelPerk");

        Assert.StartsWith("EntraPermissionMissing,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(
            "Synchronization.ReadWrite.All (evaluating expressions with the hosted provisioning job)",
            error.Exception.Message,
            StringComparison.Ordinal
        );
        Assert.Empty(tenant.Graph.Requests);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string? Upper(string expression, string? jobTitle) => jobTitle?.ToUpperInvariant();

    private static string? Text(PSObject value, string property) => value.Properties[property]?.Value?.ToString();

    /// <summary>A tenant whose job's engine gives title as told and finds everybody active, and a mapping m.json with these two
    /// expressions.</summary>
    private Session Ready(EntraTenant tenant, Func<string, string?, string?> title, string granted = Needed)
    {
        StandInSynchronization service = tenant.Directory.Synchronization.Of(tenant.Application);
        service.Jobs.Add(new StandInJob("travelperk.1", "travelperk"));
        service.Parse = (expression, properties) =>
            StandInSynchronization.Parsed(
                expression.StartsWith("Not", StringComparison.Ordinal)
                    ? "true"
                    : title(expression, (string?)properties?.GetValueOrDefault("jobTitle"))
            );
        File.WriteAllText(Path.Combine(_folder, "m.json"), service.Schema);
        Session session = tenant.Connect(Session.WithSandbox(), EntraTenant.Token(granted));
        session.Run("param($folder) Set-Location $folder; Set-ScimMapping m.json title -Expression 'ToUpper([jobTitle])'", _folder);
        return session;
    }
}
