using System.Text.Json;
using System.Text.Json.Nodes;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary>The gallery, and the changes of applications and service principals.</summary>
internal sealed class GalleryEndpoints(StandInDirectory directory, GraphBehavior behavior, ObjectEndpoints lists)
{
    private const string ByAppId = "applications(appId='";

    private int _refused;

    public GraphResponse? Answer(GraphRequest request, string root) =>
        (request.Method, request.Segments) switch
        {
            ("GET", ["applicationTemplates"]) => Templates(request, root),
            ("POST", ["applicationTemplates", var id, "instantiate"]) => Instantiate(id, request),
            ("GET", [var call]) when call.StartsWith(ByAppId, StringComparison.Ordinal) => Registration(
                one => one.AppId == call[ByAppId.Length..^2],
                call,
                request
            ),
            ("GET", ["applications", var id]) => Registration(one => one.ObjectId == id, id, request),
            ("PATCH", ["applications", var id]) => Change(one => one.ObjectId == id, id, request, PatchRegistration),
            ("DELETE", ["applications", var id]) => Delete(one => one.ObjectId == id, id),
            ("PATCH", ["servicePrincipals", var id]) => Change(one => one.Id == id, id, request, PatchPrincipal),
            ("DELETE", ["servicePrincipals", var id]) => DeletePrincipal(id),
            _ => null,
        };

    private GraphResponse Templates(GraphRequest request, string root)
    {
        const string Equal = "displayName eq '";
        string filter = request.Option("$filter") ?? "";
        if (!filter.StartsWith(Equal, StringComparison.Ordinal) || !filter.EndsWith('\''))
            return GraphResponse.Error(400, "BadRequest", "Invalid filter clause.");
        string name = filter[Equal.Length..^1].Replace("''", "'", StringComparison.Ordinal);
        return lists.List(
            [.. directory.Gallery.Where(template => template.Value.Equals(name, StringComparison.OrdinalIgnoreCase))],
            request,
            root,
            (json, template) =>
            {
                json.WriteStartObject();
                json.WriteString("id", template.Key);
                json.WriteString("displayName", template.Value);
                json.WriteString("publisher", "TravelPerk S.L.U.");
                json.WriteEndObject();
            }
        );
    }

    private GraphResponse Instantiate(string id, GraphRequest request)
    {
        if (!directory.Gallery.ContainsKey(id))
            return GraphResponse.NotFound(id);
        if (Body(request)?["displayName"] is not JsonValue name)
        {
            return GraphResponse.Error(
                400,
                "Request_BadRequest",
                "A value is required for property 'displayName' of resource 'applicationServicePrincipal'."
            );
        }
        StandInApplication made = directory.AddFromTemplate(id, (string)name!);
        return Json(
            201,
            new JsonObject { ["application"] = made.Registration.Now!.DeepClone(), ["servicePrincipal"] = made.Principal.Now!.DeepClone() }
        );
    }

    private GraphResponse Registration(Predicate<StandInApplication> match, string id, GraphRequest request) =>
        ApplicationEndpoints.Answer(directory.Applications.Find(match)?.Registration.Seen(directory.Answered), id, request);

    private GraphResponse Change(
        Predicate<StandInApplication> match,
        string id,
        GraphRequest request,
        Func<StandInApplication, JsonObject, GraphResponse?> patch
    )
    {
        if (directory.Applications.Find(match) is not { IsGone: false } application)
            return GraphResponse.NotFound(id);
        if (application.TemplateId is not null && _refused < behavior.RefuseNew.Times)
        {
            _refused++;
            return behavior.RefuseNew.Status == 403
                    ? GraphResponse.Error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
                : behavior.RefuseNew.Status == 404 ? GraphResponse.NotFound(id)
                : GraphResponse.Error(
                    409,
                    "Request_MultipleObjectsWithSameKeyValue",
                    "A conflicting object with one or more of the specified property values is present in the directory."
                );
        }
        return Body(request) is { } body
            ? patch(application, body) ?? GraphResponse.Nothing
            : GraphResponse.Error(400, "BadRequest", "Empty Payload.");
    }

    private GraphResponse? PatchRegistration(StandInApplication application, JsonObject body)
    {
        var registration = (JsonObject)application.Registration.Now!.DeepClone();
        var principal = (JsonObject)application.Principal.Now!.DeepClone();
        if (body["appRoles"] is JsonArray roles)
        {
            if (RefuseRoles(registration["appRoles"]!.AsArray(), roles) is { } refusal)
                return refusal;
            principal["appRoles"] = roles.DeepClone();
        }
        if (
            body["identifierUris"] is JsonArray uris
            && directory.Applications.Any(other =>
                other != application
                && !other.IsGone
                && other.Registration.Now?["identifierUris"]!.AsArray().Any(taken => uris.Any(uri => (string?)uri == (string?)taken))
                    is true
            )
        )
        {
            return GraphResponse.Error(
                400,
                "Request_MultipleObjectsWithSameKeyValue",
                "Another object with the same value for property identifierUris already exists."
            );
        }
        Merge(registration, body);
        application.Registration.Change(registration, directory.Late());
        application.Principal.Change(principal, directory.Late());
        return null;
    }

    // "Update application": a role must be disabled before it is removed or changed, and two must not have the same value or id.
    private static GraphResponse? RefuseRoles(JsonArray before, JsonArray after)
    {
        if (
            after.GroupBy(role => (string?)role!["id"]).Any(same => same.Count() > 1)
            || after.Select(role => (string?)role!["value"]).OfType<string>().GroupBy(value => value).Any(same => same.Count() > 1)
        )
        {
            return GraphResponse.Error(400, "InvalidValue", "Property appRoles.value has duplicate values.");
        }
        foreach (JsonNode? role in before)
        {
            JsonNode? kept = after.FirstOrDefault(one => (string?)one!["id"] == (string?)role!["id"]);
            if ((bool)role!["isEnabled"]! && (kept is null || (string?)kept["value"] != (string?)role["value"]))
            {
                return GraphResponse.Error(
                    400,
                    "CannotDeleteOrUpdateEnabledEntitlement",
                    "Property value cannot be deleted unless it is disabled first."
                );
            }
        }
        return null;
    }

    private GraphResponse? PatchPrincipal(StandInApplication application, JsonObject body)
    {
        if (
            body["preferredTokenSigningKeyThumbprint"] is JsonValue thumbprint
            && !application.Principal.Now!["keyCredentials"]!
                .AsArray()
                .Any(key =>
                    Convert
                        .ToHexString(Convert.FromBase64String((string)key!["customKeyIdentifier"]!))
                        .Equals((string?)thumbprint, StringComparison.OrdinalIgnoreCase)
                )
        )
        {
            return GraphResponse.Error(400, "Request_BadRequest", "The certificate with the given thumbprint was not found.");
        }
        if (body["notificationEmailAddresses"] is JsonArray { Count: > 5 })
        {
            return GraphResponse.Error(
                400,
                "Request_BadRequest",
                "Invalid value specified for property 'notificationEmailAddresses' of resource 'ServicePrincipal'."
            );
        }
        var principal = (JsonObject)application.Principal.Now!.DeepClone();
        // Keys that are kept come back without their secret, as they were read.
        if (body["keyCredentials"] is JsonArray keys)
        {
            foreach (JsonObject key in keys.OfType<JsonObject>())
            {
                JsonNode? known = principal["keyCredentials"]!
                    .AsArray()
                    .FirstOrDefault(one => (string?)one!["keyId"] == (string?)key["keyId"]);
                if (known is null)
                    return GraphResponse.Error(400, "KeyCredentialsInvalidValue", "New keys need a proof.");
                key["key"] = known["key"]?.DeepClone();
            }
        }
        Merge(principal, body);
        application.Principal.Change(principal, directory.Late());
        return null;
    }

    private GraphResponse Delete(Predicate<StandInApplication> match, string id)
    {
        if (directory.Applications.Find(match) is not { Registration.Now: not null } application)
            return GraphResponse.NotFound(id);
        application.Registration.Change(null, directory.Late());
        application.Principal.Change(null, directory.Late());
        return GraphResponse.Nothing;
    }

    private GraphResponse DeletePrincipal(string id)
    {
        if (directory.Applications.Find(one => one.Id == id) is not { IsGone: false } application)
            return GraphResponse.NotFound(id);
        application.Principal.Change(null, directory.Late());
        return GraphResponse.Nothing;
    }

    // A complex property is merged, a list is replaced.
    private static void Merge(JsonObject target, JsonObject body)
    {
        foreach ((string name, JsonNode? value) in body)
        {
            if (value is JsonObject part && target[name] is JsonObject whole)
                Merge(whole, part);
            else
                target[name] = value?.DeepClone();
        }
    }

    internal static JsonObject? Body(GraphRequest request) => request.Body.Length == 0 ? null : JsonNode.Parse(request.Body) as JsonObject;

    internal static GraphResponse Json(int status, JsonNode body) => new(status, JsonSerializer.SerializeToUtf8Bytes(body));
}
