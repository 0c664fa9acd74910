using System.Text.Json.Nodes;

namespace TravelPerkScim.GraphStandIn;

/// <summary>The provisioning service of a tenant: what hangs under <c>servicePrincipals/{id}/synchronization</c>, and its log.</summary>
public sealed class StandInSynchronizations
{
    private readonly Dictionary<string, StandInSynchronization> _applications = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Entries of the provisioning log (provisioningObjectSummary), in any order.</summary>
    public List<JsonObject> Log { get; } = [];

    /// <summary>What an application has; made when it is first asked for.</summary>
    public StandInSynchronization Of(StandInApplication application)
    {
        lock (_applications)
        {
            if (!_applications.TryGetValue(application.Id, out StandInSynchronization? found))
                _applications[application.Id] = found = new StandInSynchronization(application.Id);
            return found;
        }
    }
}

/// <summary>What one application has: templates, secrets and jobs.</summary>
/// <param name="application">Object id of its service principal.</param>
public sealed class StandInSynchronization(string application)
{
    /// <summary>The token that validates.</summary>
    public const string GoodToken = "g00d-scim-token";

    /// <summary>Id of the synchronization rule of users.</summary>
    public const string Rule = "3a1d0f52-8c1f-4f0e-9a8e-2f6a5c0d7b11";

    public string Application { get; } = application;

    /// <summary>Synchronization templates, the default one first. An application that was registered by hand has none.</summary>
    public List<string> Templates { get; } = ["travelperk"];

    /// <summary>Keys and values as they were saved; what is shown of them is another matter.</summary>
    public Dictionary<string, string> Secrets { get; } = new(StringComparer.Ordinal);

    public List<StandInJob> Jobs { get; } = [];

    /// <summary>The schema of the templates.</summary>
    public string Schema { get; set; } = DefaultSchema;

    /// <summary>Whether credentials sign in to the target. Default: the SecretToken is <see cref="GoodToken"/>, or there is an OAuth access
    /// token.</summary>
    public Func<IReadOnlyDictionary<string, string>, bool> Validates { get; set; } =
        keys => keys.GetValueOrDefault("SecretToken") == GoodToken || keys.ContainsKey("Oauth2AccessToken");

    /// <summary>Runs a cycle of the job: called after each start and restart.</summary>
    public Action<StandInJob>? Cycle { get; set; }

    /// <summary>Provisions one user on demand, and gives the entry (keys as provisionOnDemand writes them); null is the entry of a user who
    /// needed nothing.</summary>
    public Func<StandInJob, string, JsonObject?>? OnDemand { get; set; }

    /// <summary>
    /// Evaluates an expression for the properties of the test object (null: there is none) and gives the answer of parseExpression.
    /// Default: one attribute and one constant are evaluated, and a function has no result.
    /// </summary>
    public Func<string, IReadOnlyDictionary<string, JsonNode?>?, JsonObject> Parse { get; set; } =
        (expression, properties) =>
            expression switch
            {
                ['[', .. var name, ']'] => Parsed(properties is null ? null : (string?)properties.GetValueOrDefault(name)),
                ['"', .. var constant, '"'] => Parsed(constant),
                _ => new JsonObject
                {
                    ["parsingSucceeded"] = true,
                    ["evaluationSucceeded"] = false,
                    ["evaluationResult"] = new JsonArray(),
                    ["error"] = null,
                },
            };

    /// <summary>The answer of parseExpression with these values.</summary>
    public static JsonObject Parsed(params string?[] values) =>
        new()
        {
            ["error"] = null,
            ["evaluationSucceeded"] = true,
            ["evaluationResult"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]),
            ["parsedExpression"] = null,
            ["parsingSucceeded"] = true,
        };

    /// <summary>The answer of parseExpression to what is no expression.</summary>
    public static JsonObject NotParsed(string message) =>
        new()
        {
            ["error"] = new JsonObject { ["code"] = "ExpressionParsingError", ["message"] = message },
            ["evaluationSucceeded"] = false,
            ["evaluationResult"] = new JsonArray(),
            ["parsedExpression"] = null,
            ["parsingSucceeded"] = false,
        };

    /// <summary>What an administrator's consent with Authorize leaves behind.</summary>
    public void Authorize()
    {
        Secrets["Oauth2AccessToken"] = "oauth-access-canary";
        Secrets["Oauth2RefreshToken"] = "oauth-refresh-canary";
    }

    private const string DefaultSchema = """
        {
          "id": "travelperk", "version": "Date:2026-01-01T00:00:00.0000000Z, Version:1",
          "provisioningTaskIdentifier": "travelperk",
          "synchronizationRules": [ { "id": "3a1d0f52-8c1f-4f0e-9a8e-2f6a5c0d7b11", "name": "USER_OUTBOUND_USER", "editable": true, "priority": 1,
            "sourceDirectoryName": "Azure Active Directory", "targetDirectoryName": "travelperk", "metadata": [],
            "objectMappings": [ { "name": "Synchronize Azure Active Directory Users to TravelPerk", "enabled": true, "flowTypes": "Add, Update, Delete",
              "sourceObjectName": "User", "targetObjectName": "User", "scope": null, "metadata": [],
              "attributeMappings": [
                { "defaultValue": null, "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": "Always", "matchingPriority": 1, "targetAttributeName": "userName",
                  "source": { "expression": "[userPrincipalName]", "name": "userPrincipalName", "type": "Attribute", "parameters": [] } },
                { "defaultValue": "True", "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": "Always", "matchingPriority": 0, "targetAttributeName": "active",
                  "source": { "expression": "Not([IsSoftDeleted])", "name": "Not", "type": "Function", "parameters": [ { "key": "source", "value": { "expression": "[IsSoftDeleted]", "name": "IsSoftDeleted", "type": "Attribute", "parameters": [] } } ] } },
                { "defaultValue": null, "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": "Always", "matchingPriority": 0, "targetAttributeName": "name.givenName",
                  "source": { "expression": "[givenName]", "name": "givenName", "type": "Attribute", "parameters": [] } },
                { "defaultValue": null, "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": "Always", "matchingPriority": 0, "targetAttributeName": "name.familyName",
                  "source": { "expression": "[surname]", "name": "surname", "type": "Attribute", "parameters": [] } },
                { "defaultValue": null, "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged", "flowType": "Always", "matchingPriority": 0, "targetAttributeName": "title",
                  "source": { "expression": "[jobTitle]", "name": "jobTitle", "type": "Attribute", "parameters": [] } }
              ] } ] } ],
          "directories": []
        }
        """;
}

/// <summary>A synchronization job.</summary>
public sealed class StandInJob(string id, string templateId)
{
    public string Id { get; } = id;

    public string TemplateId { get; } = templateId;

    /// <summary>NotConfigured, NotRun, Active, Paused or Quarantine.</summary>
    public string Code { get; set; } = "NotConfigured";

    /// <summary>Active, Disabled or Paused.</summary>
    public string Schedule { get; set; } = "Disabled";

    /// <summary>The last execution as Graph writes it; null before the first.</summary>
    public JsonObject? LastExecution { get; set; }

    /// <summary>The quarantine as Graph writes it.</summary>
    public JsonObject? Quarantine { get; set; }

    /// <summary>Its own schema; null is the template's.</summary>
    public string? Schema { get; set; }

    /// <summary>What each restart asked for: a list of scopes, or nothing.</summary>
    public List<string> Restarts { get; } = [];

    /// <summary>Users who were provisioned on demand, by object id.</summary>
    public List<string> Demanded { get; } = [];

    /// <summary>Look-ups and lists do not know it until that many requests were answered.</summary>
    internal long UnseenUntil { get; set; }
}
