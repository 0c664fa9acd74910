using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.GraphStandIn.Protocol;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary><c>servicePrincipals/{id}/synchronization</c> and <c>auditLogs/provisioning</c>.</summary>
internal sealed class SynchronizationEndpoints(StandInDirectory directory, GraphBehavior behavior)
{
    private static readonly string[] s_sensitive =
    [
        "SecretToken",
        "Password",
        "AppKey",
        "Oauth2AccessToken",
        "Oauth2RefreshToken",
        "Oauth2ClientSecret",
        "ClientSecret",
    ];
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Queue<DateTimeOffset>> _recent = [];
    private int _changes;

    private SynchronizationBehavior Behavior => behavior.Synchronization;

    /// <summary>The answer; null for what is another endpoint's.</summary>
    public GraphResponse? Answer(GraphRequest request, string root)
    {
        bool log = request.Segments is ["auditLogs", "provisioning"];
        if (!log && request.Segments is not ["servicePrincipals", _, "synchronization", ..])
            return null;
        Action? run = null;
        GraphResponse answer;
        lock (directory.Sync)
        {
            directory.Answered++;
            answer = Refuse(request, log) ?? (log ? Log(request, root) : Route(request, ref run));
        }
        run?.Invoke();
        return answer;
    }

    // Graph answers those who lack the permission 401 "UnknownError", not 403.
    private GraphResponse? Refuse(GraphRequest request, bool log)
    {
        if (log)
        {
            return behavior.Denied.Contains("AuditLog.Read.All")
                ? GraphResponse.Error(403, "Authorization_RequestDenied", "Insufficient privileges.")
                : Limited("log");
        }
        bool reads = request.Method == "GET";
        if (behavior.Denied.Contains("Synchronization.ReadWrite.All") && (!reads || behavior.Denied.Contains("Synchronization.Read.All")))
            return GraphResponse.Error(401, "UnknownError", "");
        if (reads)
            return behavior.Denied.Contains("Synchronization.Read.All") ? GraphResponse.Error(401, "UnknownError", "") : null;
        int change = ++_changes;
        return change <= Behavior.ForbiddenFirst
                ? GraphResponse.Error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
            : change <= Behavior.ForbiddenFirst + Behavior.ConflictFirst
                ? GraphResponse.Error(409, "Conflict", "The service principal is not ready.")
            : null;
    }

    private GraphResponse Route(GraphRequest request, ref Action? run)
    {
        if (
            directory.Applications.Find(one => one.Id.Equals(request.Segments[1], StringComparison.OrdinalIgnoreCase))
            is not { } application
        )
        {
            return GraphResponse.NotFound(request.Segments[1]);
        }
        StandInSynchronization here = directory.Synchronization.Of(application);
        JsonNode? body =
            request.Body.Length > 0 ? JsonNode.Parse(request.Body, documentOptions: new JsonDocumentOptions { MaxDepth = 1000 }) : null;
        string[] rest = request.Segments[3..];
        switch (request.Method, rest)
        {
            case ("GET", ["templates"]):
                return List(
                    here.Templates.Select(
                        (id, at) =>
                            new JsonObject
                            {
                                ["id"] = id,
                                ["applicationId"] = application.AppId,
                                ["factoryTag"] = id,
                                ["default"] = at == 0,
                                ["discoverable"] = true,
                            }
                    )
                );
            case ("GET", ["templates", var id, "schema"]):
                return here.Templates.Contains(id) ? GraphResponse.Of(200, here.Schema) : GraphResponse.NotFound(id);
            case ("GET", ["secrets"]):
                return List(
                    here.Secrets.Select(secret => new JsonObject
                    {
                        ["key"] = secret.Key,
                        ["value"] = s_sensitive.Contains(secret.Key) ? "*" : secret.Value,
                    })
                );
            case ("PUT", ["secrets"]):
                return Save(here, body);
            case ("GET", ["jobs"]):
                return List(here.Jobs.Where(Seen).Select(Write));
            case ("POST", ["jobs"]):
                return Make(here, body);
            case ("POST", ["jobs", "validateCredentials"]):
                return Validate(here, body);
            case (var method, ["jobs", var id, ..]):
                return here.Jobs.Find(job => job.Id == id && Seen(job)) is { } job
                    ? OfJob(method, rest[2..], here, job, body, ref run)
                    : GraphResponse.NotFound(id);
            default:
                return GraphResponse.Error(405, "BadRequest", "Specified HTTP method is not allowed for the request target.");
        }
    }

    private GraphResponse OfJob(string method, string[] rest, StandInSynchronization here, StandInJob job, JsonNode? body, ref Action? run)
    {
        switch (method, rest)
        {
            case ("GET", []):
                return GraphResponse.Of(200, Write(job).ToJsonString());
            case ("DELETE", []):
                here.Jobs.Remove(job);
                return Done();
            case ("POST", ["start"]):
                if (!here.Validates(here.Secrets))
                    return GraphResponse.Error(400, "CredentialsMissing", "The job has no credentials that the target accepts.");
                (job.Code, job.Schedule, job.Quarantine) = ("Active", "Active", null);
                run = () => here.Cycle?.Invoke(job);
                return Done();
            case ("POST", ["pause"]):
                (job.Code, job.Schedule) = ("Paused", "Paused");
                return Done();
            case ("POST", ["restart"]):
                job.Restarts.Add((string?)body?["criteria"]?["resetScope"] ?? "");
                (job.Quarantine, job.Code) = (null, job.Code == "Quarantine" ? "Active" : job.Code);
                run = () => here.Cycle?.Invoke(job);
                return Done();
            case ("POST", ["validateCredentials"]):
                return Validate(here, body);
            case ("GET", ["schema"]):
                return GraphResponse.Of(200, job.Schema ?? here.Schema);
            case ("PUT", ["schema"]):
                if (body?["synchronizationRules"] is not JsonArray)
                    return GraphResponse.Error(400, "InvalidSchema", "The schema has no rules.");
                job.Schema = body.ToJsonString();
                return Done();
            case ("DELETE", ["schema"]):
                job.Schema = null;
                return Done();
            case ("POST", ["schema", "parseExpression"]):
                return Parse(here, body);
            case ("POST", ["provisionOnDemand"]):
                return OnDemand(here, job, body);
            default:
                return GraphResponse.Error(405, "BadRequest", "Specified HTTP method is not allowed for the request target.");
        }
    }

    private GraphResponse Save(StandInSynchronization here, JsonNode? body)
    {
        if (body?["value"] is not JsonArray pairs)
            return GraphResponse.Error(400, "BadRequest", "Empty Payload.");
        var keys = pairs.ToDictionary(pair => (string)pair!["key"]!, pair => (string)pair!["value"]!, StringComparer.Ordinal);
        if (Behavior.NeededSecrets.All(keys.ContainsKey))
        {
            here.Secrets.Clear();
            foreach ((string key, string value) in keys.Where(pair => pair.Value.Length > 0))
                here.Secrets[key] = value;
        }
        return Done();
    }

    private GraphResponse Make(StandInSynchronization here, JsonNode? body)
    {
        string template = (string?)body?["templateId"] ?? "";
        if (!here.Templates.Contains(template))
            return GraphResponse.Error(400, "InvalidTemplate", "unknown error");
        string suffix = here.Jobs.Count == 0 ? "" : here.Jobs.Count.ToString(CultureInfo.InvariantCulture);
        var job = new StandInJob($"{template}{suffix}.7d0f5b0e62a44a0b9f3c5b0f6a3d9c11.{here.Application}", template)
        {
            UnseenUntil = directory.Answered + Behavior.JobUnseenFor,
        };
        here.Jobs.Add(job);
        return Cut(GraphResponse.Of(201, Write(job).ToJsonString()));
    }

    private static GraphResponse Validate(StandInSynchronization here, JsonNode? body)
    {
        bool saved = (bool?)body?["useSavedCredentials"] is true;
        IReadOnlyDictionary<string, string> keys = saved
            ? here.Secrets
            : (body?["credentials"] as JsonArray ?? []).ToDictionary(
                pair => (string)pair!["key"]!,
                pair => (string)pair!["value"]!,
                StringComparer.Ordinal
            );
        return here.Validates(keys)
            ? Done()
            : GraphResponse.Error(
                400,
                "CredentialValidationUnavailable",
                $"The credentials {string.Join(", ", keys.Select(pair => $"{pair.Key}={pair.Value}"))} are not accepted."
            );
    }

    private static GraphResponse Parse(StandInSynchronization here, JsonNode? body)
    {
        if ((string?)body?["expression"] is not { } expression)
            return GraphResponse.Error(400, "BadRequest", "The expression is missing.");
        var properties = (body["testInputObject"]?["properties"] as JsonArray)?.ToDictionary(
            pair => (string)pair!["key"]!,
            pair => pair!["value"],
            StringComparer.OrdinalIgnoreCase
        );
        return GraphResponse.Of(200, here.Parse(expression, properties).ToJsonString());
    }

    private GraphResponse OnDemand(StandInSynchronization here, StandInJob job, JsonNode? body)
    {
        if (Limited("provisionOnDemand") is { } pause)
            return pause;
        if (body?["parameters"] is not JsonArray { Count: 1 } parameters || (string?)parameters[0]?["ruleId"] is null)
            return GraphResponse.Error(400, "BadRequest", "The parameters are missing.");
        string user = (string)parameters[0]!["subjects"]![0]!["objectId"]!;
        job.Demanded.Add(user);
        JsonObject entry = here.OnDemand?.Invoke(job, user) ?? Plain(user, Behavior.OnDemandError);
        var status = (JsonObject)entry["statusInfo"]!;
        JsonNode value = Behavior.OnDemandArray ? new JsonArray(entry.DeepClone()) : entry.DeepClone();
        var key = new JsonObject
        {
            ["result"] = (string?)status["status"],
            ["details"] = new JsonObject { ["errorCode"] = (string?)status["errorCode"], ["errorMessage"] = (string?)status["reason"] },
        };
        return GraphResponse.Of(200, new JsonObject { ["key"] = key.ToJsonString(), ["value"] = value.ToJsonString() }.ToJsonString());
    }

    private JsonObject Plain(string user, string? error) =>
        new()
        {
            ["action"] = "Other",
            ["changeId"] = Guid.NewGuid().ToString(),
            ["startTime"] = "2026-01-01T00:00:00Z",
            ["endTime"] = "2026-01-01T00:00:01Z",
            ["modifiedProperties"] = new JsonArray(),
            ["provisioningSteps"] = new JsonArray(),
            ["reportableIdentifier"] = directory.User(user)?.UserPrincipalName,
            ["statusInfo"] = new JsonObject
            {
                ["status"] = error is null ? "Skipped" : "Failure",
                ["errorCode"] = error ?? "RedundantExport",
                ["reason"] = error is null
                    ? "The state of the user in both the source and target systems already match."
                    : "The user could not be provisioned.",
                ["recommendedAction"] = error is null ? null : "Correct the user.",
            },
            ["sourceIdentity"] = new JsonObject
            {
                ["id"] = user,
                ["type"] = "User",
                ["displayName"] = null,
            },
            ["targetIdentity"] = new JsonObject { ["id"] = "", ["type"] = "User" },
        };

    private GraphResponse Log(GraphRequest request, string root)
    {
        if (Filter(request.Option("$filter")) is not { } matches)
            return GraphResponse.Error(400, "BadRequest", "Invalid filter clause.");
        IEnumerable<JsonObject> found = directory
            .Synchronization.Log.Where(matches)
            .OrderBy(entry => Time((string)entry["activityDateTime"]!));
        if (request.Option("$orderby") is not "activityDateTime" and not "activityDateTime asc")
            found = found.Reverse();
        JsonObject[] all = [.. found];
        int offset = int.TryParse(request.Option("$skiptoken"), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : 0;
        int end = Math.Min(
            offset
                + Math.Min(
                    int.TryParse(request.Option("$top"), NumberStyles.None, CultureInfo.InvariantCulture, out int top) ? top : 50,
                    Behavior.LogPage
                ),
            all.Length
        );
        string options = string.Concat(
            request
                .Query.Where(option => option.Key != "$skiptoken")
                .Select(option => $"&{option.Key}={Uri.EscapeDataString(option.Value)}")
        );
        return List(all[offset..end], end < all.Length ? $"{root}/auditLogs/provisioning?$skiptoken={end}{options}" : null);
    }

    // Case counts, in names and values.
    private static Func<JsonObject, bool>? Filter(string? filter)
    {
        Func<JsonObject, bool> all = _ => true;
        foreach (string part in filter?.Split(" and ") ?? [])
        {
            Func<JsonObject, bool> before = all;
            Func<JsonObject, bool>? one = Clause(part);
            if (one is null)
                return null;
            all = entry => before(entry) && one(entry);
        }
        return all;
    }

    private static Func<JsonObject, bool>? Clause(string part)
    {
        const string Result = "microsoft.graph.provisioningResult";
        if (part.StartsWith("activityDateTime ge ", StringComparison.Ordinal))
        {
            DateTimeOffset from = Time(part["activityDateTime ge ".Length..]);
            return entry => Time((string)entry["activityDateTime"]!) >= from;
        }
        if (
            part.StartsWith("contains(tolower(servicePrincipal/id),'", StringComparison.Ordinal)
            && part.EndsWith("')", StringComparison.Ordinal)
        )
        {
            string id = part["contains(tolower(servicePrincipal/id),'".Length..^2];
            return entry => ((string?)entry["servicePrincipal"]?["id"])?.ToLowerInvariant().Contains(id, StringComparison.Ordinal) is true;
        }
        if (part.StartsWith($"provisioningStatusInfo/status eq {Result}'", StringComparison.Ordinal))
        {
            return Equal(
                entry => entry["provisioningStatusInfo"]?["status"],
                part[$"provisioningStatusInfo/status eq {Result}'".Length..^1]
            );
        }
        if (part.StartsWith("sourceIdentity/id eq '", StringComparison.Ordinal))
            return Equal(entry => entry["sourceIdentity"]?["id"], part["sourceIdentity/id eq '".Length..^1]);
        return null;
    }

    private static Func<JsonObject, bool> Equal(Func<JsonObject, JsonNode?> read, string value) => entry => (string?)read(entry) == value;

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private GraphResponse? Limited(string kind)
    {
        if (Behavior.Clock is not { } clock)
            return null;
        if (!_recent.TryGetValue(kind, out Queue<DateTimeOffset>? recent))
            _recent[kind] = recent = new();
        DateTimeOffset now = clock.GetUtcNow();
        while (recent.TryPeek(out DateTimeOffset first) && now - first >= s_window)
            recent.Dequeue();
        if (recent.Count >= 5)
        {
            var answer = GraphResponse.Error(429, "TooManyRequests", "Too many requests.");
            answer.Headers["Retry-After"] = "10";
            return answer;
        }
        recent.Enqueue(now);
        return null;
    }

    private bool Seen(StandInJob job) => directory.Answered >= job.UnseenUntil;

    private GraphResponse Cut(GraphResponse answer)
    {
        if (Behavior.LoseAnswers == 0)
            return answer;
        Behavior.LoseAnswers--;
        return answer with { Cut = true };
    }

    private static GraphResponse Done() => new(204, ReadOnlyMemory<byte>.Empty);

    private static GraphResponse List(IEnumerable<JsonObject> items, string? next = null)
    {
        var page = new JsonObject();
        if (next is not null)
            page["@odata.nextLink"] = next;
        page["value"] = new JsonArray([.. items.Select(item => item.DeepClone())]);
        return GraphResponse.Of(200, page.ToJsonString());
    }

    private static JsonObject Write(StandInJob job) =>
        new()
        {
            ["id"] = job.Id,
            ["templateId"] = job.TemplateId,
            ["schedule"] = new JsonObject
            {
                ["expiration"] = null,
                ["interval"] = job.Schedule == "Disabled" ? "P10675199DT2H48M5.4775807S" : "PT40M",
                ["state"] = job.Schedule,
            },
            ["status"] = new JsonObject
            {
                ["code"] = job.Code,
                ["countSuccessiveCompleteFailures"] = 0,
                ["escrowsPruned"] = false,
                ["steadyStateFirstAchievedTime"] = "0001-01-01T00:00:00Z",
                ["steadyStateLastAchievedTime"] = "0001-01-01T00:00:00Z",
                ["lastExecution"] = job.LastExecution?.DeepClone(),
                ["lastSuccessfulExecution"] = (string?)job.LastExecution?["state"] == "Succeeded" ? job.LastExecution!.DeepClone() : null,
                ["progress"] = new JsonArray(),
                ["quarantine"] = job.Quarantine?.DeepClone(),
                ["synchronizedEntryCountByType"] = new JsonArray(),
            },
            ["synchronizationJobSettings"] = new JsonArray(
                new JsonObject { ["name"] = "QuarantineTooManyDeletesThreshold", ["value"] = "500" }
            ),
        };
}
