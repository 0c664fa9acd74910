using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.GraphStandIn.Protocol;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary>servicePrincipals, read.</summary>
internal sealed class ApplicationEndpoints(StandInDirectory directory, ObjectEndpoints lists)
{
    /// <summary>By object id, or <c>servicePrincipals(appId='...')</c>.</summary>
    public GraphResponse Get(string id, GraphRequest request) =>
        One(directory.Applications.Find(application => application.Id == id), id, request);

    public GraphResponse GetByAppId(string appId, GraphRequest request) =>
        One(directory.Applications.Find(application => application.AppId == appId), appId, request);

    /// <summary><c>displayName eq '...'</c>, <c>startswith(displayName,'...')</c> and <c>applicationTemplateId eq '...'</c>.</summary>
    public GraphResponse Query(GraphRequest request, string root)
    {
        string filter = request.Option("$filter") ?? "";
        const string Equal = "displayName eq '";
        const string Starts = "startswith(displayName,'";
        const string Template = "applicationTemplateId eq '";
        Func<JsonObject, bool>? matches = null;
        if (filter.StartsWith(Equal, StringComparison.Ordinal) && filter.EndsWith('\''))
            matches = seen => string.Equals(Name(seen), Unquote(filter[Equal.Length..^1]), StringComparison.OrdinalIgnoreCase);
        else if (filter.StartsWith(Template, StringComparison.Ordinal) && filter.EndsWith('\''))
            matches = seen => (string?)seen["applicationTemplateId"] == Unquote(filter[Template.Length..^1]);
        else if (filter.StartsWith(Starts, StringComparison.Ordinal) && filter.EndsWith("')", StringComparison.Ordinal))
            matches = seen => Name(seen).StartsWith(Unquote(filter[Starts.Length..^2]), StringComparison.OrdinalIgnoreCase);
        return matches is null
            ? GraphResponse.Error(400, "BadRequest", "Invalid filter clause.")
            : lists.List(
                [
                    .. directory
                        .Applications.Select(application => application.Principal.Seen(directory.Answered))
                        .OfType<JsonObject>()
                        .Where(matches),
                ],
                request,
                root,
                (json, seen) => Selected(seen, request).WriteTo(json)
            );
    }

    /// <summary>An object with the properties that were selected.</summary>
    public static JsonObject Selected(JsonObject seen, GraphRequest request)
    {
        var shown = (JsonObject)seen.DeepClone();
        if (request.Select is { } select)
        {
            foreach (string name in shown.Select(property => property.Key).Where(name => name != "id" && !select.Contains(name)).ToList())
                shown.Remove(name);
        }
        return shown;
    }

    public static GraphResponse Answer(JsonObject? seen, string id, GraphRequest request) =>
        seen is null ? GraphResponse.NotFound(id) : new GraphResponse(200, JsonSerializer.SerializeToUtf8Bytes(Selected(seen, request)));

    private GraphResponse One(StandInApplication? application, string id, GraphRequest request)
    {
        if (application?.Principal.Seen(directory.Answered) is not { } seen)
            return GraphResponse.NotFound(id);
        var shown = (JsonObject)seen.DeepClone();
        // "The key property is returned only when keyCredentials is selected on a single object"; a private key is never returned.
        foreach (JsonObject key in shown["keyCredentials"]!.AsArray().OfType<JsonObject>())
        {
            if (
                request.Select is not ["keyCredentials"] && request.Select?.Contains("keyCredentials") is not true
                || (string?)key["usage"] == "Sign"
            )
            {
                key["key"] = null;
            }
        }
        return Answer(shown, id, request);
    }

    private static string Name(JsonObject seen) => (string)seen["displayName"]!;

    private static string Unquote(string text) => text.Replace("''", "'", StringComparison.Ordinal);
}
