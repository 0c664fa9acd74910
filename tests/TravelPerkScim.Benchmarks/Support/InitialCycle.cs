using System.Diagnostics;
using System.Security;
using System.Text;
using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Benchmarks;

/// <summary>A new job whose first cycle creates made-up users. In the source, managers come after their reports.</summary>
internal sealed class InitialCycle : IDisposable
{
    private static readonly string[] s_given = ["id", "meta", "groups"];

    private readonly string _folder = Directory.CreateTempSubdirectory("initial-").FullName;
    private readonly Uri _target;
    private readonly SecureString _key;
    private readonly ProvisioningJob _job;

    public InitialCycle(int users, Uri target, SecureString key)
    {
        (_target, _key) = (target, key);
        string source = Path.Combine(_folder, "users.json");
        File.WriteAllText(source, new JsonArray([.. Enumerable.Range(1, users).Reverse().Select(Person)]).ToJsonString());
        _job = ProvisioningJob.Create(
            Path.Combine(_folder, "job"),
            new JobSettings { Source = new JobSource(JobSourceType.File, source), Target = target },
            SynchronizationSchema.Default
        );
    }

    /// <summary>Runs the cycle from the source file to the saved state.</summary>
    /// <returns>Seconds.</returns>
    /// <exception cref="InvalidOperationException">A user was not created.</exception>
    public async Task<double> RunAsync()
    {
        using var credential = ScimCredential.ApiKey(_key);
        using var client = new ScimClient(new ScimClientOptions { BaseUri = _target }, credential);
        long began = Stopwatch.GetTimestamp();
        var engine = new ProvisioningEngine(_job, client);
        ProvisioningPlan plan = await engine.PlanAsync(new CycleOptions(), CancellationToken.None);
        await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, new CycleOptions(), CancellationToken.None))
        {
            if (outcome.Status != OutcomeStatus.Success)
                throw new InvalidOperationException($"{outcome.Identity}: {outcome.Reason}");
        }
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The body that creates the user as a server shows it.</summary>
    public static byte[] Body(JsonObject user)
    {
        foreach (string added in s_given)
            user.Remove(added);
        // The ids of the managers are another server's.
        foreach (JsonObject extension in user.Select(member => member.Value).OfType<JsonObject>())
            extension.Remove("manager");
        return Encoding.UTF8.GetBytes(user.ToJsonString());
    }

    private static JsonNode Person(int number) =>
        new JsonObject
        {
            ["id"] = $"00000000-0000-4000-8000-{number:D12}",
            ["userPrincipalName"] = $"user{number}@example.com",
            ["displayName"] = $"Given{number} Family{number}",
            ["givenName"] = $"Given{number}",
            ["surname"] = $"Family{number}",
            ["accountEnabled"] = true,
            ["manager"] =
                number == 1 ? null : new JsonObject { ["id"] = $"00000000-0000-4000-8000-{number / 4 + (number < 4 ? 1 : 0):D12}" },
            ["jobTitle"] = $"Title {number % 7}",
            ["businessPhones"] = new JsonArray($"+34 93{number:D7}"),
        };
}
