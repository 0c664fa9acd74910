using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>Provisions single users with a hosted job (Graph provisionOnDemand), at the 5 requests in 10 seconds that Graph
/// allows.</summary>
/// <param name="directory">The tenant.</param>
/// <param name="job">The job.</param>
public sealed class HostedOnDemand(EntraDirectory directory, HostedJob job)
{
    private readonly GraphRequests _requests = new(directory);
    private readonly TimeProvider _time = directory.Options.TimeProvider;
    private readonly RequestPace _pace = RequestPace.FiveInTenSeconds(directory.Options.TimeProvider);
    private string? _rule;

    /// <summary>Provisions one user.</summary>
    /// <param name="idOrName">Object id or userPrincipalName.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>What the service says that it did: one outcome as a rule. An answer of 200 that names an error is a failure.</returns>
    /// <exception cref="SourceException"><c>EntraUserNotFound</c>, <c>EntraRuleMissing</c>, <c>EntraPermissionMissing</c>, or Graph
    /// refuses.</exception>
    public async Task<IReadOnlyList<ProvisioningOutcome>> ProvisionAsync(string idOrName, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrName);
        (string Id, string Name) user = Guid.TryParse(idOrName, out Guid id)
            ? (id.ToString("D"), id.ToString("D"))
            : await FindAsync(idOrName.Trim(), cancellationToken).ConfigureAwait(false);
        _rule ??= await RuleAsync(cancellationToken).ConfigureAwait(false);
        await _pace.NextAsync(cancellationToken).ConfigureAwait(false);
        // The request is refused without the wrapper "parameters".
        var body = new JsonObject
        {
            ["parameters"] = new JsonArray(
                new JsonObject
                {
                    ["ruleId"] = _rule,
                    ["subjects"] = new JsonArray(new JsonObject { ["objectId"] = user.Id, ["objectTypeName"] = "User" }),
                }
            ),
        };
        try
        {
            using JsonDocument? answer = await _requests
                .SendAsync(
                    Method.POST,
                    $"{HostedJobs.PathOf(job)}/provisionOnDemand",
                    body,
                    HostedNeeds.Write("provisioning on demand with"),
                    cancellationToken
                )
                .ConfigureAwait(false);
            return answer is null
                ? throw GraphFailure.Invalid("tells nothing of what was done")
                : Read(answer.RootElement, user, _time.GetUtcNow());
        }
        catch (SourceException e) when (e.Failure is SourceFailure.Refused or SourceFailure.Conflict)
        {
            throw new SourceException(
                e.ErrorId,
                $"{e.Message} "
                    + "An application that was authorized (OAuth) provisions on demand only while its job is stopped: "
                    + "Stop-EntraProvisioningJob.",
                e
            )
            {
                Failure = e.Failure,
            };
        }
    }

    /// <summary>Reads an answer, which holds two texts that are JSON again. The second text is an object or a list of objects.</summary>
    internal static IReadOnlyList<ProvisioningOutcome> Read(JsonElement answer, (string Id, string Name) user, DateTimeOffset now)
    {
        (string? Status, string? Code, string? Reason) summary = SummaryOf(JsonText.Of(answer, "key"));
        using JsonDocument? value = Parse(JsonText.Of(answer, "value"));
        JsonElement[] entries = value?.RootElement.ValueKind switch
        {
            JsonValueKind.Array => [.. value.RootElement.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object)],
            JsonValueKind.Object => [value.RootElement],
            _ => [],
        };
        if (entries.Length > 0)
            return [.. entries.Select(entry => HostedOutcomes.Read(entry, summary, user, now))];
        return
        [
            new ProvisioningOutcome
            {
                Time = now,
                CycleId = Guid.Empty,
                Action = ProvisioningAction.None,
                Status = StatusOf(summary.Status, summary.Code),
                Identity = user.Name,
                SourceId = user.Id,
                ErrorCode = summary.Code,
                Reason = summary.Reason ?? $"Entra says {summary.Status ?? "nothing of what it did"}.",
                Steps = [],
            },
        ];
    }

    // A type name may stand in the place of the first text.
    private static (string? Status, string? Code, string? Reason) SummaryOf(string? text)
    {
        using JsonDocument? key = Parse(text);
        JsonElement root = JsonText.Root(key);
        JsonElement details = JsonText.Property(root, "details");
        return (JsonText.Of(root, "result"), JsonText.NotBlank(details, "errorCode"), JsonText.NotBlank(details, "errorMessage"));
    }

    private static OutcomeStatus StatusOf(string? status, string? code) =>
        status?.ToUpperInvariant() switch
        {
            "SUCCESS" when code is null => OutcomeStatus.Success,
            "SKIPPED" => OutcomeStatus.Skipped,
            _ => OutcomeStatus.Failure,
        };

    private static JsonDocument? Parse(string? text)
    {
        try
        {
            return text is null ? null : JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<(string Id, string Name)> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            // The form with quotes takes any name, also one that begins with $.
            string path = $"users('{Uri.EscapeDataString(GraphRequests.Quoted(name))}')?$select=id,userPrincipalName";
            using JsonDocument? user = await _requests
                .SendAsync(Method.GET, path, null, HostedNeeds.Users, cancellationToken)
                .ConfigureAwait(false);
            return (JsonText.Required(JsonText.Root(user), "id", "is a user without an id"), name);
        }
        catch (SourceException e) when (e.Failure == SourceFailure.NotFound)
        {
            throw new SourceException(
                "EntraUserNotFound",
                $"The tenant has no user '{name}'. Give an object id or a userPrincipalName of a user that is not deleted.",
                e
            );
        }
    }

    private async Task<string> RuleAsync(CancellationToken cancellationToken)
    {
        using JsonDocument? schema = await _requests
            .SendAsync(Method.GET, $"{HostedJobs.PathOf(job)}/schema", null, HostedNeeds.Read, cancellationToken)
            .ConfigureAwait(false);
        return JsonText
                .Items(JsonText.Root(schema), "synchronizationRules")
                .Where(rule => JsonText.Items(rule, "objectMappings").Any(MapsUsers))
                .OrderBy(rule => HostedJobReader.Number(rule, "priority"))
                .Select(rule => JsonText.Of(rule, "id"))
                .FirstOrDefault(id => id is not null)
            ?? throw new SourceException(
                "EntraRuleMissing",
                $"The hosted job of '{job.Application}' maps no users: its mapping of users is missing or disabled. "
                    + "Enable it in the admin center (Provisioning, Mappings)."
            );
    }

    private static bool MapsUsers(JsonElement mapping) =>
        string.Equals(JsonText.Of(mapping, "sourceObjectName"), "User", StringComparison.OrdinalIgnoreCase)
        && JsonText.Property(mapping, "enabled") is not { ValueKind: JsonValueKind.False };
}
