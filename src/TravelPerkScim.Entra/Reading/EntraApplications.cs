using System.Text.Json;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Reading;

/// <summary>An enterprise application.</summary>
/// <param name="ObjectId">Object id of its service principal in this tenant. A job's settings hold it.</param>
/// <param name="AppId">The application (client) id, the same in every tenant.</param>
/// <param name="DisplayName">Its name in this tenant.</param>
public sealed record EntraApplication(string ObjectId, string AppId, string DisplayName)
{
    /// <summary>Id of the gallery template it was made from; null when it was made otherwise.</summary>
    public string? TemplateId { get; init; }

    /// <summary>Whether only assigned users may sign in.</summary>
    public bool AssignmentRequired { get; init; }

    /// <summary>How people sign in, such as <c>saml</c>; null when that was never set.</summary>
    public string? SingleSignOnMode { get; init; }
}

/// <summary>Finds enterprise applications.</summary>
public sealed class EntraApplications(EntraDirectory directory)
{
    private const int Suggestions = 5;
    internal const string Select = "$select=id,appId,displayName,applicationTemplateId,appRoleAssignmentRequired,preferredSingleSignOnMode";

    private readonly GraphRequests _requests = new(directory);

    /// <summary>The applications with this display name (without case, as Graph compares), application id or object id: one, or several of
    /// one name.</summary>
    /// <exception cref="SourceException"><c>EntraApplicationNotFound</c>, with names that begin alike; or Graph cannot be read.</exception>
    public async Task<IReadOnlyList<EntraApplication>> FindAsync(string nameOrId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrId);
        string text = nameOrId.Trim();
        List<EntraApplication> found = Guid.TryParseExact(text, "D", out Guid id)
            ? await ByIdAsync(id, cancellationToken).ConfigureAwait(false)
            : await QueryAsync($"displayName eq '{GraphRequests.Quoted(text)}'", cancellationToken).ConfigureAwait(false);
        if (found.Count > 0)
            return found;
        List<EntraApplication> alike =
            id != Guid.Empty
                ? []
                : await QueryAsync($"startswith(displayName,'{GraphRequests.Quoted(text)}')", cancellationToken).ConfigureAwait(false);
        string names = string.Join(", ", alike.Select(application => $"'{application.DisplayName}'").Distinct().Take(Suggestions));
        string advice =
            names.Length > 0
                ? $"Names that begin so: {names}."
                : "Its name and ids are in the Entra admin center under Enterprise applications.";
        throw new SourceException("EntraApplicationNotFound", $"There is no enterprise application '{text}' in the tenant. {advice}");
    }

    private async Task<List<EntraApplication>> ByIdAsync(Guid id, CancellationToken cancellationToken)
    {
        BatchAnswer[] answers = await new GraphBatch(_requests)
            .GetAsync(
                [
                    ($"/servicePrincipals/{id:D}?{Select}", GraphNeed.Applications),
                    ($"/servicePrincipals(appId='{id:D}')?{Select}", GraphNeed.Applications),
                ],
                cancellationToken
            )
            .ConfigureAwait(false);
        return [.. answers.Select(answer => answer.Found).OfType<JsonElement>().Select(Read).Distinct()];
    }

    private async Task<List<EntraApplication>> QueryAsync(string filter, CancellationToken cancellationToken)
    {
        RequestInformation request = _requests.Client.ServicePrincipals.ToGetRequestInformation(options =>
        {
            options.QueryParameters.Filter = filter;
            options.QueryParameters.Select = Select["$select=".Length..].Split(',');
        });
        var found = new List<EntraApplication>();
        await foreach (
            JsonElement item in _requests.ListAsync(request, GraphNeed.Applications, null, cancellationToken).ConfigureAwait(false)
        )
        {
            found.Add(Read(item));
        }
        return found;
    }

    internal static EntraApplication Read(JsonElement item) =>
        new(JsonText.OrEmpty(item, "id"), JsonText.OrEmpty(item, "appId"), JsonText.OrEmpty(item, "displayName"))
        {
            TemplateId = JsonText.Of(item, "applicationTemplateId"),
            AssignmentRequired = JsonText.Property(item, "appRoleAssignmentRequired") is { ValueKind: JsonValueKind.True },
            SingleSignOnMode = JsonText.Of(item, "preferredSingleSignOnMode"),
        };
}
