using System.Security;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>The state that a restart of a hosted job forgets (Graph synchronizationJobRestartCriteria.resetScope).</summary>
/// <remarks>Graph's None and ConnectorDataStore are left out: its documentation says not to use them.</remarks>
[Flags]
public enum HostedRestart : long
{
    /// <summary>Watermark, escrows and quarantine, as "Restart provisioning" of the admin center does.</summary>
    Default = 0,

    /// <summary>Entries that failed leave escrow.</summary>
    Escrows = 2,

    /// <summary>The next cycle reads everything.</summary>
    Watermark = 4,

    /// <summary>The quarantine ends.</summary>
    QuarantineState = 8,

    /// <summary>All of these, and the links between users.</summary>
    Full = 15,

    /// <summary>Disables and deletes that a threshold held back are carried out ("Allow deletes").</summary>
    ForceDeletes = 32,
}

/// <summary>Whether credentials sign in to TravelPerk.</summary>
/// <param name="Success">They do.</param>
/// <param name="Reason">Why not; null on success.</param>
/// <param name="Advice">What to do; null on success.</param>
public sealed record CredentialTest(bool Success, string? Reason, string? Advice);

/// <summary>A hosted job that is to be made.</summary>
public sealed record HostedJobRequest
{
    /// <summary>Address of the SCIM service; null where the gallery application knows it and no token is given.</summary>
    public Uri? BaseAddress { get; init; }

    /// <summary>The token that the service signs in with; null when an administrator will authorize the application. The caller keeps
    /// it.</summary>
    public SecureString? Token { get; init; }

    /// <summary>The settings.</summary>
    public HostedSettingsChange Settings { get; init; } = new();
}

/// <summary>The provisioning jobs that Microsoft hosts: reads, makes, changes, starts and stops them.</summary>
/// <param name="directory">The tenant.</param>
/// <param name="progress">Told what is waited for.</param>
/// <remarks>
/// Requests go to <c>servicePrincipals/{object id}</c>, because the form with an application id does not lead to its synchronization. A new
/// job is made in the order of entra-docs "Configure provisioning using Microsoft Graph APIs", with the credentials before the job.
/// </remarks>
public sealed class HostedJobs(EntraDirectory directory, IProgress<string>? progress = null)
{
    /// <summary>Where TravelPerk's SCIM service is, as its tutorial for Entra gives it.</summary>
    public static readonly Uri DefaultBaseAddress = new("https://app.travelperk.com/api/v2/scim");

    private const string AdviceForSaved =
        "Authorize the application in the admin center (Provisioning, Admin Credentials), "
        + "or save a new token with Set-EntraProvisioningJob -SecretToken.";

    private const string AdviceForGiven =
        "Check that the token is an OAuth access token of TravelPerk with the scopes scim:read, scim:write and scim:delete, "
        + "that it has not ended, and that the address is right. "
        + "TravelPerk's API key does not do: Entra sends Bearer, and TravelPerk wants ApiKey.";

    private static readonly TimeSpan s_firstLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lastLook = TimeSpan.FromSeconds(10);

    // A list may miss a job that was made a moment ago. To make a second job would be worse than to wait.
    private const int LooksBeforeMaking = 3;

    // Half a minute: when an answer was lost, the job is likely there.
    private const int LooksAfterLoss = 8;

    private readonly GraphRequests _requests = new(directory);
    private readonly TimeProvider _time = directory.Options.TimeProvider;

    private Settling Settling => new(_time, progress);

    /// <summary>The hosted jobs of an application.</summary>
    /// <exception cref="SourceException"><c>EntraPermissionMissing</c>, <c>EntraObjectNotFound</c>, or Graph cannot be read.</exception>
    public async Task<IReadOnlyList<HostedJob>> FindAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        List<JsonElement> jobs = await ListAsync(application, cancellationToken).ConfigureAwait(false);
        if (jobs.Count == 0)
            return [];
        HostedSecrets? secrets = await TrySecretsAsync(application, cancellationToken).ConfigureAwait(false);
        return [.. jobs.Select(job => HostedJobReader.Read(job, application, secrets))];
    }

    /// <summary>Makes the job, or continues with the job that is there. No job is made twice, so a command that was interrupted can be run
    /// again.</summary>
    /// <exception cref="SourceException"><c>EntraCredentialsRefused</c>: nothing was saved. <c>EntraTemplateMissing</c>,
    /// <c>EntraCredentialsWouldBeLost</c>, <c>EntraNotSettled</c>, or Graph refuses.</exception>
    public async Task<HostedJob> MakeAsync(EntraApplication application, HostedJobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(request);
        string template = await TemplateAsync(application, cancellationToken).ConfigureAwait(false);
        string? found = await LookAsync(application, template, LooksBeforeMaking, cancellationToken).ConfigureAwait(false);
        if (request.Token is { } token)
        {
            Uri address = request.BaseAddress ?? DefaultBaseAddress;
            CredentialTest test = await TestAsync(application, found, template, address, token, cancellationToken).ConfigureAwait(false);
            if (!test.Success)
                throw new SourceException("EntraCredentialsRefused", $"{test.Reason} Nothing was saved. {test.Advice}");
        }
        HostedSecrets saved = await SecretsAsync(application, cancellationToken).ConfigureAwait(false);
        HostedSettingsChange change = request.Settings with { BaseAddress = request.BaseAddress ?? request.Settings.BaseAddress };
        // An authorization of an administrator stays unless the request changes a setting.
        if (request.Token is not null || saved.IsEmpty || !saved.Has(change))
        {
            await RetryWhileNewAsync(application, stop => SaveAsync(application, saved, change, request.Token, stop), cancellationToken)
                .ConfigureAwait(false);
        }
        string id = found ?? await MakeOnceAsync(application, template, cancellationToken).ConfigureAwait(false);
        return await Settling
            .UntilAsync<HostedJob>("the provisioning job", stop => ReadAsync(application, id, stop), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Whether credentials sign in to TravelPerk (Graph validateCredentials).</summary>
    /// <param name="job">The job.</param>
    /// <param name="baseAddress">Address of the SCIM service, for a given token; null for the saved address.</param>
    /// <param name="token">The token to try; null tries the saved credentials.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException">The test itself could not be made: <c>EntraPermissionMissing</c>, <c>EntraUnreachable</c>,
    /// ...</exception>
    public Task<CredentialTest> TestAsync(HostedJob job, Uri? baseAddress, SecureString? token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        EntraApplication application = ApplicationOf(job);
        return token is null
            ? TestSavedAsync(application, job.Id, cancellationToken)
            : TestAsync(
                application,
                job.Id,
                job.Template ?? "",
                baseAddress ?? Address(job.Settings?.BaseAddress) ?? DefaultBaseAddress,
                token,
                cancellationToken
            );
    }

    /// <summary>Waits until an administrator has authorized the application in the admin center.</summary>
    /// <param name="job">The job.</param>
    /// <param name="limit">How long at most.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException"><c>EntraNotAuthorized</c>: no administrator did so in time.</exception>
    public async Task WaitForAuthorizationAsync(HostedJob job, TimeSpan limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        DateTimeOffset end = _time.GetUtcNow() + limit;
        for (TimeSpan pause = s_firstLook; ; pause = pause * 2 < s_lastLook ? pause * 2 : s_lastLook)
        {
            CredentialTest test = await TestSavedAsync(ApplicationOf(job), job.Id, cancellationToken).ConfigureAwait(false);
            if (test.Success)
                return;
            if (_time.GetUtcNow() + pause > end)
            {
                throw new SourceException(
                    "EntraNotAuthorized",
                    $"'{job.Application}' was not authorized within {limit.TotalMinutes:0.#} minutes. "
                        + "The job and its settings are saved; authorize it, then run the command again."
                );
            }
            progress?.Report($"Waiting until an administrator authorizes '{job.Application}'.");
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Starts the job; a quarantine ends.</summary>
    public Task StartAsync(HostedJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        // A job that never ran may have been made a moment ago.
        return job.Status == HostedJobStatus.NotConfigured
            ? RetryWhileNewAsync(ApplicationOf(job), stop => PostAsync(job, "start", null, "starting", stop), cancellationToken)
            : PostAsync(job, "start", null, "starting", cancellationToken);
    }

    /// <summary>Stops the job: the cycle under way still finishes.</summary>
    public Task StopAsync(HostedJob job, CancellationToken cancellationToken) =>
        PostAsync(job, "pause", null, "stopping", cancellationToken);

    /// <summary>Restarts the job.</summary>
    public Task RestartAsync(HostedJob job, HostedRestart scope, CancellationToken cancellationToken)
    {
        // Without a scope, Graph does what the admin center's "Restart provisioning" does.
        var criteria = new JsonObject();
        if (scope != HostedRestart.Default)
            criteria["resetScope"] = scope.ToString();
        return PostAsync(job, "restart", new JsonObject { ["criteria"] = criteria }, "restarting", cancellationToken);
    }

    /// <summary>Changes settings of the job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="change">The settings to change.</param>
    /// <param name="token">The token, when the change would lose the saved credentials; otherwise null.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>Whether anything was written.</returns>
    /// <exception cref="SourceException"><c>EntraCredentialsWouldBeLost</c>, <c>EntraCredentialsRefused</c>, or Graph refuses; nothing is
    /// changed then.</exception>
    public async Task<bool> ChangeAsync(
        HostedJob job,
        HostedSettingsChange change,
        SecureString? token,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(change);
        EntraApplication application = ApplicationOf(job);
        HostedSecrets saved = await SecretsAsync(application, cancellationToken).ConfigureAwait(false);
        if (token is null && saved.Has(change))
            return false;
        if (token is not null)
        {
            Uri address = change.BaseAddress ?? Address(saved.Settings(null).BaseAddress) ?? DefaultBaseAddress;
            CredentialTest test = await TestAsync(application, job.Id, job.Template ?? "", address, token, cancellationToken)
                .ConfigureAwait(false);
            if (!test.Success)
                throw new SourceException("EntraCredentialsRefused", $"{test.Reason} Nothing was changed. {test.Advice}");
        }
        await SaveAsync(application, saved, change, token, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Refuses a change that would lose credentials, before the user is asked and a request is sent.</summary>
    /// <exception cref="SourceException"><c>EntraCredentialsWouldBeLost</c>.</exception>
    public async Task CheckChangeAsync(HostedJob job, HostedSettingsChange change, bool tokenGiven, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        HostedSecrets saved = await SecretsAsync(ApplicationOf(job), cancellationToken).ConfigureAwait(false);
        if (!tokenGiven && !saved.Has(change))
            _ = saved.With(change, null, null);
    }

    /// <summary>Removes the job. Its application, assignments and users stay.</summary>
    public Task RemoveAsync(HostedJob job, CancellationToken cancellationToken) =>
        _requests.ChangeAsync(Method.DELETE, PathOf(job), null, HostedNeeds.Write("removing"), cancellationToken);

    /// <summary>The job as it is now.</summary>
    public async Task<HostedJob> RefreshAsync(HostedJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        return await ReadAsync(ApplicationOf(job), job.Id, cancellationToken).ConfigureAwait(false) ?? job;
    }

    internal static EntraApplication ApplicationOf(HostedJob job) => new(job.ApplicationId, "", job.Application);

    internal static string PathOf(HostedJob job) => $"{Root(job.ApplicationId)}/jobs/{Uri.EscapeDataString(job.Id)}";

    internal static string Root(string application) => $"servicePrincipals/{Uri.EscapeDataString(application)}/synchronization";

    private static Uri? Address(string? text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) ? address : null;

    private async Task<HostedJob?> ReadAsync(EntraApplication application, string id, CancellationToken cancellationToken)
    {
        using JsonDocument? job = await _requests
            .SendAsync(
                Method.GET,
                $"{Root(application.ObjectId)}/jobs/{Uri.EscapeDataString(id)}",
                null,
                HostedNeeds.Read,
                cancellationToken
            )
            .ConfigureAwait(false);
        HostedSecrets? secrets = await TrySecretsAsync(application, cancellationToken).ConfigureAwait(false);
        return job is null ? null : HostedJobReader.Read(job.RootElement, application, secrets);
    }

    private async Task<List<JsonElement>> ListAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        var jobs = new List<JsonElement>();
        await foreach (
            JsonElement job in _requests
                .ListAsync($"{Root(application.ObjectId)}/jobs", HostedNeeds.Read, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            jobs.Add(job.Clone());
        }
        return jobs;
    }

    private Task<string?> LookAsync(EntraApplication application, string template, int looks, CancellationToken cancellationToken) =>
        Settling.LookAsync<string>(
            "the provisioning job",
            looks,
            async stop =>
            {
                foreach (JsonElement job in await ListAsync(application, stop).ConfigureAwait(false))
                {
                    if (JsonText.Of(job, "templateId") == template)
                        return JsonText.Of(job, "id");
                }
                return null;
            },
            cancellationToken
        );

    private async Task<string> TemplateAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        var templates = new List<(string Id, bool Default)>();
        await RetryWhileNewAsync(
                application,
                async stop =>
                {
                    templates.Clear();
                    await foreach (
                        JsonElement item in _requests
                            .ListAsync($"{Root(application.ObjectId)}/templates", HostedNeeds.Read, stop)
                            .ConfigureAwait(false)
                    )
                    {
                        if (JsonText.Of(item, "id") is { } id)
                            templates.Add((id, JsonText.Property(item, "default") is { ValueKind: JsonValueKind.True }));
                    }
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        if (templates.Count == 0)
        {
            throw new SourceException(
                "EntraTemplateMissing",
                $"The application '{application.DisplayName}' cannot be provisioned, because it has no synchronization template. "
                    + "Only applications from the gallery have one; an application that was registered by hand gets none. "
                    + "Make it with New-EntraApplication."
            );
        }
        return templates.Find(template => template.Default) is { Id: { } chosen } ? chosen : templates[0].Id;
    }

    // After a 409 or a lost answer the job may be there, so it is looked for.
    private Task<string> MakeOnceAsync(EntraApplication application, string template, CancellationToken cancellationToken) =>
        Settling.RetryAsync(
            $"the application '{application.DisplayName}'",
            async token =>
            {
                try
                {
                    using JsonDocument? made = await _requests
                        .SendOnceAsync(
                            Method.POST,
                            $"{Root(application.ObjectId)}/jobs",
                            new JsonObject { ["templateId"] = template },
                            HostedNeeds.Make,
                            token
                        )
                        .ConfigureAwait(false);
                    return JsonText.Required(JsonText.Root(made), "id", "is a job without an id");
                }
                catch (SourceException e) when (e.Failure is SourceFailure.Conflict or SourceFailure.NoAnswer)
                {
                    int looks = e.Failure == SourceFailure.Conflict ? LooksBeforeMaking : LooksAfterLoss;
                    if (await LookAsync(application, template, looks, token).ConfigureAwait(false) is { } there)
                        return there;
                    throw;
                }
            },
            cancellationToken
        );

    private async Task<HostedSecrets> SecretsAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        var pairs = new List<(string, string)>();
        await foreach (
            JsonElement pair in _requests
                .ListAsync($"{Root(application.ObjectId)}/secrets", HostedNeeds.Settings, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            pairs.Add((JsonText.OrEmpty(pair, "key"), JsonText.OrEmpty(pair, "value")));
        }
        return HostedSecrets.Of(pairs);
    }

    // A sign-in that may read the job may lack the right to read the settings.
    private async Task<HostedSecrets?> TrySecretsAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        try
        {
            return await SecretsAsync(application, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceException e) when (e.Failure is SourceFailure.PermissionMissing or SourceFailure.NotFound)
        {
            return null;
        }
    }

    private Task SaveAsync(
        EntraApplication application,
        HostedSecrets saved,
        HostedSettingsChange change,
        SecureString? token,
        CancellationToken cancellationToken
    )
    {
        string? text = token is null ? null : SecretText.RevealTrimmed(token);
        JsonObject body = saved.With(change, text is null ? null : Trimmed(DefaultBaseAddress), text);
        return _requests.ChangeAsync(Method.PUT, $"{Root(application.ObjectId)}/secrets", body, HostedNeeds.Save, cancellationToken);
    }

    // Graph refuses the first changes to an application that was made a moment ago.
    private Task RetryWhileNewAsync(
        EntraApplication application,
        Func<CancellationToken, Task> change,
        CancellationToken cancellationToken
    ) => Settling.RetryAsync($"the application '{application.DisplayName}'", change, cancellationToken);

    private Task<CredentialTest> TestSavedAsync(EntraApplication application, string job, CancellationToken cancellationToken) =>
        TestAsync(
            $"{Root(application.ObjectId)}/jobs/{Uri.EscapeDataString(job)}",
            new JsonObject { ["useSavedCredentials"] = true },
            HostedNeeds.ValidateSaved,
            cancellationToken
        );

    private Task<CredentialTest> TestAsync(
        EntraApplication application,
        string? job,
        string template,
        Uri address,
        SecureString token,
        CancellationToken cancellationToken
    )
    {
        var body = new JsonObject
        {
            ["useSavedCredentials"] = false,
            ["credentials"] = HostedSecrets.Credentials(Trimmed(address), SecretText.RevealTrimmed(token)),
        };
        string jobs = $"{Root(application.ObjectId)}/jobs";
        if (job is not null)
            return TestAsync($"{jobs}/{Uri.EscapeDataString(job)}", body, HostedNeeds.ValidateGiven, cancellationToken);
        // Without a job, the template tells which service the credentials are for.
        body["templateId"] = template;
        return Settling.RetryAsync(
            $"the application '{application.DisplayName}'",
            stop => TestAsync(jobs, body, HostedNeeds.ValidateGiven, stop),
            cancellationToken
        );
    }

    private async Task<CredentialTest> TestAsync(string path, JsonObject body, GraphNeed need, CancellationToken cancellationToken)
    {
        try
        {
            await _requests.ChangeAsync(Method.POST, path + "/validateCredentials", body, need, cancellationToken).ConfigureAwait(false);
            return new CredentialTest(true, null, null);
        }
        catch (SourceException e) when (e.Failure == SourceFailure.Refused)
        {
            return new CredentialTest(false, e.Message, need == HostedNeeds.ValidateSaved ? AdviceForSaved : AdviceForGiven);
        }
    }

    private Task PostAsync(HostedJob job, string action, JsonObject? body, string doing, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        return _requests.ChangeAsync(Method.POST, $"{PathOf(job)}/{action}", body, HostedNeeds.Write(doing), cancellationToken);
    }

    private static string Trimmed(Uri address) => address.AbsoluteUri.TrimEnd('/');
}
