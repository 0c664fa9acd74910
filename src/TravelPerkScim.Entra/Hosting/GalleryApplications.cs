using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>
/// Makes enterprise applications from Microsoft's gallery, and removes them. Only an application from a template can be provisioned ("Known
/// issues for provisioning in Microsoft Entra ID"), so a plain registration does not do.
/// </summary>
/// <param name="directory">The tenant.</param>
/// <param name="progress">Told what is waited for.</param>
public sealed class GalleryApplications(EntraDirectory directory, IProgress<string>? progress = null)
{
    // Perk is TravelPerk's new name. The gallery may use either name.
    private static readonly string[] s_names = ["TravelPerk", "Perk"];

    private static readonly GraphNeed s_template = new(EntraPermissions.Applications, "the gallery application")
    {
        Action = "finding the gallery application",
    };
    private static readonly GraphNeed s_read = ApplicationNeeds.Read("reading the enterprise application");
    private static readonly GraphNeed s_make = new(EntraPermissions.ApplicationsWrite, "the gallery application")
    {
        Action = "making the enterprise application",
    };
    private static readonly GraphNeed s_remove = ApplicationNeeds.Write("removing the enterprise application");

    private readonly GraphRequests _requests = new(directory);
    private readonly Settling _settling = new(directory.Options.TimeProvider, progress);

    /// <summary>
    /// The gallery's application of this name. Case does not count. TravelPerk and Perk are one name.
    /// </summary>
    /// <exception cref="SourceException"><c>EntraTemplateNotFound</c>, <c>EntraTemplateAmbiguous</c>; or Graph cannot be read.</exception>
    public async Task<GalleryTemplate> FindTemplateAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        string wanted = name.Trim();
        string[] names = s_names.Contains(wanted, StringComparer.OrdinalIgnoreCase)
            ? [wanted, .. s_names.Where(other => !other.Equals(wanted, StringComparison.OrdinalIgnoreCase))]
            : [wanted];
        foreach (string one in names)
        {
            List<GalleryTemplate> found = await QueryTemplatesAsync(one, cancellationToken).ConfigureAwait(false);
            if (found.Count > 1)
                throw Ambiguous(one, found);
            if (found.Count == 1)
                return found[0];
        }
        string called = string.Join(" or ", names.Select(one => $"'{one}'"));
        throw new SourceException(
            "EntraTemplateNotFound",
            $"The gallery has no application called {called}. "
                + "Give its name as the Entra admin center shows it under Enterprise applications, New application."
        );
    }

    private static SourceException Ambiguous(string name, List<GalleryTemplate> found)
    {
        string templates = string.Join(", ", found.Select(one => $"{one.Id} of {one.Publisher ?? "an unnamed publisher"}"));
        return new SourceException(
            "EntraTemplateAmbiguous",
            $"The gallery has {found.Count} applications called '{name}': {templates}. "
                + "Make the right one in the Entra admin center; Get-EntraApplication finds it then."
        );
    }

    /// <summary>The application that was made from this template under this name; null when there is none.</summary>
    /// <exception cref="SourceException"><c>EntraApplicationAmbiguous</c>, which names the ids; or Graph cannot be read.</exception>
    public async Task<EntraApplication?> FindAsync(GalleryTemplate template, string displayName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(template);
        var found = new List<EntraApplication>();
        string path =
            $"servicePrincipals?$filter=applicationTemplateId eq '{GraphRequests.Quoted(template.Id)}'&{EntraApplications.Select}";
        await foreach (JsonElement item in _requests.ListAsync(path, s_read, cancellationToken).ConfigureAwait(false))
        {
            if (EntraApplications.Read(item) is var one && one.DisplayName.Equals(displayName, StringComparison.OrdinalIgnoreCase))
                found.Add(one);
        }
        if (found.Count < 2)
            return found.FirstOrDefault();
        string ids = string.Join(", ", found.Select(one => one.ObjectId));
        throw new SourceException(
            "EntraApplicationAmbiguous",
            $"{found.Count} enterprise applications from this template are called '{displayName}'. "
                + $"Give another name with -Name, or go on with one of them by its object id: {ids}."
        );
    }

    /// <summary>
    /// Makes the application once: it is looked for before, and again when the answer is lost. Returns when Graph has shown its application
    /// object and its service principal several times in a row.
    /// </summary>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>, <c>EntraApplicationAmbiguous</c>; or Graph refused it.</exception>
    public async Task<EntraApplication> MakeAsync(GalleryTemplate template, string displayName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentException.ThrowIfNullOrWhiteSpace(displayName);
        EntraApplication made = await _settling
            .MakeOnceAsync(
                $"the application '{displayName}'",
                token => FindAsync(template, displayName, token),
                token => InstantiateAsync(template, displayName, token),
                cancellationToken
            )
            .ConfigureAwait(false);
        return await SettleAsync(made, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until Graph has shown both objects of an application several times in a row.</summary>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>.</exception>
    public Task<EntraApplication> SettleAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        return _settling.UntilAsync(
            $"the application '{application.DisplayName}'",
            async token =>
            {
                using JsonDocument? principal = await _requests
                    .SendAsync(Method.GET, $"servicePrincipals/{application.ObjectId}?{EntraApplications.Select}", null, s_read, token)
                    .ConfigureAwait(false);
                using JsonDocument? registration = await _requests
                    .SendAsync(Method.GET, $"applications(appId='{application.AppId}')?$select=id", null, s_read, token)
                    .ConfigureAwait(false);
                return principal is null || registration is null ? null : EntraApplications.Read(principal.RootElement);
            },
            cancellationToken
        );
    }

    /// <summary>
    /// Removes the application object, then the service principal. Both stay in the recycle bin for 30 days. An object that is gone already
    /// is skipped. If the service principal went first, an interrupted removal would leave an application that no search by name finds.
    /// </summary>
    /// <exception cref="SourceException">Graph refused it.</exception>
    public async Task RemoveAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        string principal = $"servicePrincipals/{application.ObjectId}";
        using JsonDocument? registration = await _requests
            .FindAsync($"applications(appId='{application.AppId}')?$select=id", s_read, cancellationToken)
            .ConfigureAwait(false);
        if (JsonText.Of(JsonText.Root(registration), "id") is { } id)
            await RemoveAsync($"applications/{id}", cancellationToken).ConfigureAwait(false);
        await RemoveAsync(principal, cancellationToken).ConfigureAwait(false);
        await _settling
            .UntilAsync(
                $"that the application '{application.DisplayName}' is gone",
                async token =>
                {
                    using JsonDocument? left = await _requests.FindAsync($"{principal}?$select=id", s_read, token).ConfigureAwait(false);
                    return left is null ? application : null;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private async Task RemoveAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await _requests.ChangeAsync(Method.DELETE, path, null, s_remove, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceException e) when (e.Failure == SourceFailure.NotFound)
        {
            // The object is gone already.
        }
    }

    private async Task<EntraApplication> InstantiateAsync(GalleryTemplate template, string displayName, CancellationToken cancellationToken)
    {
        using JsonDocument? answer = await _requests
            .SendOnceAsync(
                Method.POST,
                $"applicationTemplates/{Uri.EscapeDataString(template.Id)}/instantiate",
                new JsonObject { ["displayName"] = displayName },
                s_make,
                cancellationToken
            )
            .ConfigureAwait(false);
        JsonElement principal = JsonText.Property(JsonText.Root(answer), "servicePrincipal");
        EntraApplication made = EntraApplications.Read(principal);
        return made is { ObjectId.Length: > 0, AppId.Length: > 0 }
            ? made with
            {
                DisplayName = displayName,
            }
            : throw GraphFailure.Invalid("names no service principal");
    }

    private async Task<List<GalleryTemplate>> QueryTemplatesAsync(string name, CancellationToken cancellationToken)
    {
        var found = new List<GalleryTemplate>();
        string path = $"applicationTemplates?$filter=displayName eq '{Uri.EscapeDataString(GraphRequests.Quoted(name))}'";
        await foreach (JsonElement item in _requests.ListAsync(path, s_template, cancellationToken).ConfigureAwait(false))
        {
            // The names that Graph's filter gives are compared again, because the wrong application is worse than none.
            if (
                JsonText.NotEmpty(item, "id") is { } id
                && JsonText.Of(item, "displayName") is { } displayName
                && displayName.Equals(name, StringComparison.OrdinalIgnoreCase)
            )
            {
                found.Add(new GalleryTemplate(id, displayName, JsonText.Of(item, "publisher")));
            }
        }
        return found;
    }
}
