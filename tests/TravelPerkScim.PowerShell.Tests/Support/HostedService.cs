using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using TravelPerkScim.GraphStandIn;

namespace TravelPerkScim.PowerShell.Tests.Support;

/// <summary>The hosted job of a tenant at work: a cycle creates the members of a group in a sandbox, and writes down what it did as Entra's
/// log does.</summary>
internal sealed class HostedService : IDisposable
{
    private readonly EntraTenant _tenant;
    private readonly HttpClient _target;

    /// <param name="tenant">The tenant.</param>
    /// <param name="session">A session with the sandbox in <c>$sandbox</c>.</param>
    public HostedService(EntraTenant tenant, Session session)
    {
        _tenant = tenant;
        _target = new HttpClient { BaseAddress = session.Value<Uri>("$sandbox.BaseUri") };
        string key = session.Value<string>("[pscredential]::new('x', $sandbox.GetApiKey()).GetNetworkCredential().Password");
        _target.DefaultRequestHeaders.Add("Api-Version", "1");
        _target.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", key);
    }

    /// <summary>Runs a cycle of the application's job whenever it is started.</summary>
    public Task Attach(StandInApplication application)
    {
        TaskCompletionSource ran = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _tenant.Directory.Synchronization.Of(application).Cycle = job => _ = RunAsync(application, job, ran);
        return ran.Task;
    }

    public void Dispose() => _target.Dispose();

    private async Task RunAsync(StandInApplication application, StandInJob job, TaskCompletionSource ran)
    {
        try
        {
            foreach (StandInUser user in _tenant.Directory.Users.ToArray())
                await CreateAsync(application, job, user).ConfigureAwait(false);
            ran.SetResult();
        }
        catch (Exception e)
        {
            ran.SetException(e);
        }
    }

    private async Task CreateAsync(StandInApplication application, StandInJob job, StandInUser user)
    {
        JsonObject body = new()
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:User"),
            ["userName"] = user.UserPrincipalName,
            ["active"] = true,
            ["name"] = new JsonObject
            {
                ["givenName"] = (string)user.Properties["givenName"]!,
                ["familyName"] = (string)user.Properties["surname"]!,
            },
            ["title"] = (string)user.Properties["jobTitle"]!,
        };
        using StringContent content = new(body.ToJsonString(), Encoding.UTF8, "application/scim+json");
        using HttpResponseMessage response = await _target.PostAsync(new Uri("Users", UriKind.Relative), content).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        string id = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync().ConfigureAwait(false))!["id"]!;
        _tenant.Directory.Synchronization.Log.Add(
            new JsonObject
            {
                ["activityDateTime"] = DateTimeOffset.UtcNow.ToString("O"),
                ["jobId"] = job.Id,
                ["provisioningAction"] = "create",
                ["servicePrincipal"] = new JsonObject { ["id"] = application.Id },
                ["sourceIdentity"] = new JsonObject
                {
                    ["id"] = user.Id,
                    ["displayName"] = user.UserPrincipalName,
                    ["identityType"] = "User",
                },
                ["targetIdentity"] = new JsonObject { ["id"] = id },
                ["provisioningStatusInfo"] = new JsonObject { ["status"] = "success" },
                ["provisioningSteps"] = new JsonArray(),
                ["modifiedProperties"] = new JsonArray(
                    new JsonObject
                    {
                        ["displayName"] = "title",
                        ["oldValue"] = null,
                        ["newValue"] = (string)user.Properties["jobTitle"]!,
                    }
                ),
            }
        );
    }
}
