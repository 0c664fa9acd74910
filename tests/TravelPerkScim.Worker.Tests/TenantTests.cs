using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Tests.State;

namespace TravelPerkScim.Worker.Tests;

/// <summary>Jobs of several tenants on one worker: what goes wrong in one tenant shows in no other one.</summary>
public sealed class TenantTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>, IDisposable
{
    private const int Done = 6,
        Failed = 8;
    private const string AdatumTenant = "aaaaaaaa-1111-4111-8111-111111111111";
    private const string ContosoTenant = "cccccccc-3333-4333-8333-333333333333";
    private const string Application = "0d1f3a52-6c1c-4bb0-9d6a-0a4a53b4d6d1";
    private const string WrongKey = "wrong-key-of-fabrikam";
    private const string WrongSecret = "wrong-secret-of-adatum";

    private readonly SharedDatabase _database = new(cluster);

    [PostgresFact]
    public async Task A_secret_an_id_and_a_failure_of_one_tenant_show_in_no_log_status_page_or_state_of_another()
    {
        await using var folder = new JobFolder();
        FixtureJob contoso = folder.Add("contoso", settings: s => Of(s, "contoso"));
        SecretPlace wrongKey = new(SecretFrom.File, Path: _database.Secret("fabrikam-key", WrongKey));
        folder.Add("fabrikam", settings: s => Of(s, "fabrikam") with { Secrets = new JobSecrets(wrongKey) });
        // One application that two tenants consented to, with one place of its secret.
        SecretPlace entra = new(SecretFrom.File, Path: _database.Secret("entra-secret", WrongSecret), ClientId: Application);
        folder.Add("adatum", settings: s => OfEntra(Of(s, "adatum"), AdatumTenant, entra));
        folder.Add("contoso-entra", settings: s => OfEntra(Of(s, "contoso-entra"), ContosoTenant, entra));
        // No sign-in leaves this machine.
        var noWay = new Dictionary<string, string> { ["HTTPS_PROXY"] = "http://127.0.0.1:9" };
        await using WorkerProcess worker = folder.Start(environment: noWay, more: _database.Settings);

        await worker.LoggedAsync(Done, "contoso");
        foreach (string job in (string[])["fabrikam", "adatum", "contoso-entra"])
            await worker.LoggedAsync(Failed, job);

        Assert.Equal(FixtureJob.NamesTo(3), contoso.Names);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        string page = await http.GetStringAsync(await worker.AddressAsync());
        string dump = _database.Dump();
        foreach (string text in (string[])[worker.Logged, page, dump])
        {
            Assert.DoesNotContain(WrongKey, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(WrongSecret, text, StringComparison.OrdinalIgnoreCase);
        }
        string[] others = ["fabrikam", "adatum", AdatumTenant, ContosoTenant, Application];
        AssertSaysNothingOf(others, LinesOf(worker, "contoso"));
        AssertSaysNothingOf(others, SectionOf(page, "contoso"));
        AssertSaysNothingOf(others, StateOf("contoso"));
        AssertSaysNothingOf(["fabrikam", "contoso", ContosoTenant], LinesOf(worker, "adatum"));
        AssertSaysNothingOf(["fabrikam", "contoso", ContosoTenant], SectionOf(page, "adatum"));
        AssertSaysNothingOf(["fabrikam", "contoso", ContosoTenant], StateOf("adatum"));
        AssertSaysNothingOf(["fabrikam", "adatum", AdatumTenant], SectionOf(page, "contoso-entra"));
    }

    public void Dispose() => _database.Dispose();

    private static JobSettings Of(JobSettings settings, string name) => settings with { StateKey = name };

    private static JobSettings OfEntra(JobSettings settings, string tenant, SecretPlace secret) =>
        settings with
        {
            Source = new JobSource(JobSourceType.Entra, TenantId: tenant, Scope: EntitlementScope.All),
            Secrets = settings.Secrets! with { Entra = secret },
        };

    private static void AssertSaysNothingOf(string[] others, string text)
    {
        Assert.NotEmpty(text);
        Assert.All(others, other => Assert.DoesNotContain(other, text, StringComparison.OrdinalIgnoreCase));
    }

    private static string LinesOf(WorkerProcess worker, string job) =>
        string.Join('\n', worker.Logged.Split('\n').Where(line => line.Contains($"\"Job\":\"{job}\"", StringComparison.Ordinal)));

    private static string SectionOf(string page, string job) =>
        Assert.Single(page.Split("<section>"), section => section.Contains($"<h2>{job} <", StringComparison.Ordinal)).Split("</section>")[
            0
        ];

    private string StateOf(string job) =>
        (string)
            _database.Sql(
                $"""
                SELECT coalesce(string_agg(coalesce(named.text, '') || name, ' '), '') || coalesce((
                    SELECT string_agg(summary, ' ') FROM travelperkscim.cycle WHERE cycle.job = (
                        SELECT id FROM travelperkscim.job WHERE key = '{job}')), '')
                FROM travelperkscim.named WHERE job = (SELECT id FROM travelperkscim.job WHERE key = '{job}')
                """
            )!;
}
