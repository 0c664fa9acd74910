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
    /// <summary>Looks that must agree that an application is not there after the answer to its making was lost: about a minute.</summary>
    private const int LooksAfterLostAnswer = 9;

    private const int Attempts = 3;

    // Perk is TravelPerk's new name, and the gallery may take either.
    private static readonly string[] s_names = ["TravelPerk", "Perk"];

    private static readonly GraphNeed s_template = new(EntraPermissions.Applications, "the gallery application")
    {
        Action = "finding the gallery application",
    };
    private static readonly GraphNeed s_read = new(EntraPermissions.Applications, "the enterprise application")
    {
        Action = "reading the enterprise application",
    };
    private static readonly GraphNeed s_make = new(EntraPermissions.ApplicationsWrite, "the gallery application")
    {
        Action = "making the enterprise application",
    };
    private static readonly GraphNeed s_remove = new(EntraPermissions.ApplicationsWrite, "the enterprise application")
    {
        Action = "removing the enterprise application",
    };

    private readonly GraphRequests _requests = new(directory);
    private readonly Settling _settling = new(directory.Options.TimeProvider, progress);

    /// <summary>
    /// The gallery's application of this name, letter for letter but for case. For TravelPerk, Perk does as well, and the other way round.
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
            {
                throw new SourceException(
                    "EntraTemplateAmbiguous",
                    $"The gallery has {found.Count} applications called '{one}': "
                        + $"{string.Join(", ", found.Select(template => $"{template.Id} of {template.Publisher ?? "an unnamed publisher"}"))}. "
                        + $"Make the right one in the Entra admin center; Get-EntraApplication finds it then."
                );
            }
            if (found.Count == 1)
                return found[0];
        }
        throw new SourceException(
            "EntraTemplateNotFound",
            $"The gallery has no application called {string.Join(" or ", names.Select(one => $"'{one}'"))}. "
                + $"Give its name as the Entra admin center shows it under Enterprise applications, New application."
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
        return found.Count < 2
            ? found.FirstOrDefault()
            : throw new SourceException(
                "EntraApplicationAmbiguous",
                $"{found.Count} enterprise applications from this template are called '{displayName}'. "
                    + $"Give another name with -Name, or go on with one of them by its object id: "
                    + $"{string.Join(", ", found.Select(one => one.ObjectId))}."
            );
    }

    /// <summary>
    /// Makes the application, once: it is looked for before, and again when the answer is lost. Returns when its application object and its
    /// service principal are seen several times in a row.
    /// </summary>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>, <c>EntraApplicationAmbiguous</c>; or Graph refused it.</exception>
    public async Task<EntraApplication> MakeAsync(GalleryTemplate template, string displayName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentException.ThrowIfNullOrWhiteSpace(displayName);
        string what = $"the application '{displayName}'";
        EntraApplication? made = await _settling
            .LookAsync(what, Settling.GoodInARow, token => FindAsync(template, displayName, token), cancellationToken)
            .ConfigureAwait(false);
        for (int attempt = 1; made is null; attempt++)
        {
            try
            {
                made = await InstantiateAsync(template, displayName, cancellationToken).ConfigureAwait(false);
            }
            catch (SourceException e) when (e.ErrorId is "EntraUnreachable" or "EntraResponseInvalid")
            {
                made = await _settling
                    .LookAsync(what, LooksAfterLostAnswer, token => FindAsync(template, displayName, token), cancellationToken)
                    .ConfigureAwait(false);
                if (made is null && attempt == Attempts)
                    throw;
            }
        }
        return await SettleAsync(made, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until both objects of an application are seen several times in a row.</summary>
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
    /// Removes the application object, then the service principal; both stay in the recycle bin for 30 days. What is gone already is passed
    /// over. The application goes first: were it the service principal, an interrupted removal would leave an application that no search by
    /// name finds.
    /// </summary>
    /// <exception cref="SourceException">Graph refused it.</exception>
    public async Task RemoveAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        using JsonDocument? registration = await UnlessMissingAsync(
                Method.GET,
                $"applications(appId='{application.AppId}')?$select=id",
                s_read,
                cancellationToken
            )
            .ConfigureAwait(false);
        if (registration is not null && JsonText.Of(registration.RootElement, "id") is { } id)
            (await UnlessMissingAsync(Method.DELETE, $"applications/{id}", s_remove, cancellationToken).ConfigureAwait(false))?.Dispose();
        (
            await UnlessMissingAsync(Method.DELETE, $"servicePrincipals/{application.ObjectId}", s_remove, cancellationToken)
                .ConfigureAwait(false)
        )?.Dispose();
        await _settling
            .UntilAsync(
                $"that the application '{application.DisplayName}' is gone",
                async token =>
                {
                    using JsonDocument? left = await UnlessMissingAsync(
                            Method.GET,
                            $"servicePrincipals/{application.ObjectId}?$select=id",
                            s_read,
                            token
                        )
                        .ConfigureAwait(false);
                    return left is null ? application : null;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private async Task<JsonDocument?> UnlessMissingAsync(Method method, string path, GraphNeed need, CancellationToken cancellationToken)
    {
        try
        {
            return await _requests.SendAsync(method, path, null, need, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceException e) when (e.ErrorId == GraphFailure.ObjectNotFound)
        {
            return null;
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
        return
            answer is not null
            && JsonText.Property(answer.RootElement, "servicePrincipal") is { } principal
            && EntraApplications.Read(principal) is { ObjectId.Length: > 0, AppId.Length: > 0 } made
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
            // The filter is Graph's; what it lets through is compared again, because the wrong application is worse than none.
            if (
                JsonText.Of(item, "id") is { Length: > 0 } id
                && JsonText.Of(item, "displayName") is { } displayName
                && displayName.Equals(name, StringComparison.OrdinalIgnoreCase)
            )
                found.Add(new GalleryTemplate(id, displayName, JsonText.Of(item, "publisher")));
        }
        return found;
    }
}
