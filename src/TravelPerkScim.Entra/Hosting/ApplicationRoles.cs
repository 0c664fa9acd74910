using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>
/// The roles of an enterprise application. They are a list in its application object, and each change replaces the whole list. The service
/// principal, which assignments and provisioning read, shows them some seconds later.
/// </summary>
/// <param name="directory">The tenant.</param>
/// <param name="progress">Told what is waited for.</param>
public sealed class ApplicationRoles(EntraDirectory directory, IProgress<string>? progress = null)
{
    private static readonly GraphNeed s_read = ApplicationNeeds.Read("reading the roles of the enterprise application");
    private static readonly GraphNeed s_write = ApplicationNeeds.Write("changing the roles of the enterprise application");

    private readonly GraphRequests _requests = new(directory);
    private readonly Settling _settling = new(directory.Options.TimeProvider, progress);

    /// <summary>The roles, as the service principal has them.</summary>
    /// <exception cref="SourceException">Graph cannot be read.</exception>
    public async Task<IReadOnlyList<ApplicationRole>> ReadAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        using JsonDocument? principal = await _requests
            .SendAsync(Method.GET, $"servicePrincipals/{application.ObjectId}?$select=id,appRoles", null, s_read, cancellationToken)
            .ConfigureAwait(false);
        return [.. Items(principal).Select(Read)];
    }

    /// <summary>The role of that name, value or id; without a name, the only one that people are meant to have.</summary>
    /// <exception cref="SourceException"><c>EntraRoleNotFound</c> or <c>EntraRoleMissing</c>, which name the roles.</exception>
    public static ApplicationRole Choose(EntraApplication application, IReadOnlyList<ApplicationRole> roles, string? name)
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(roles);
        return name is null ? ChooseOnly(application, roles) : ChooseByName(application, roles, name);
    }

    private static ApplicationRole ChooseOnly(EntraApplication application, IReadOnlyList<ApplicationRole> roles)
    {
        ApplicationRole[] assignable = [.. roles.Where(role => role.IsAssignable)];
        if (assignable.Length == 1)
            return assignable[0];
        if (roles.Count == 0)
            return ApplicationRole.DefaultAccess;
        throw new SourceException(
            "EntraRoleMissing",
            assignable.Length == 0
                ? $"The application '{application.DisplayName}' has no role that users and groups can have. "
                    + "Add one with Add-EntraApplicationRole."
                : $"The application '{application.DisplayName}' has several roles. Give one with -Role: {NamesOf(roles)}."
        );
    }

    private static ApplicationRole ChooseByName(EntraApplication application, IReadOnlyList<ApplicationRole> roles, string name)
    {
        ApplicationRole[] found = [.. roles.Where(role => role.IsEnabled && role.IsForUsers && role.IsCalled(name))];
        // Several roles can have one display name, but only one has a value.
        ApplicationRole? chosen =
            found.Length == 1 ? found[0] : found.FirstOrDefault(role => name.Equals(role.Value, StringComparison.Ordinal));
        if (chosen is not null)
            return chosen;
        if (roles.Count == 0 && ApplicationRole.DefaultAccess.IsCalled(name))
            return ApplicationRole.DefaultAccess;
        string known = NamesOf(roles);
        string advice = known.Length > 0 ? $"Its roles: {known}." : "Add one with Add-EntraApplicationRole.";
        throw new SourceException(
            "EntraRoleNotFound",
            $"The application '{application.DisplayName}' has no role '{name}' that users and groups can have. {advice}"
        );
    }

    private static string NamesOf(IReadOnlyList<ApplicationRole> roles) =>
        string.Join(", ", roles.Where(role => role.IsAssignable).Select(role => $"'{role.ShortName}'"));

    /// <summary>
    /// The role with this value, name or id; null when there is none. It is read from the application object, where changes are made.
    /// </summary>
    /// <exception cref="SourceException">Graph cannot be read.</exception>
    public async Task<ApplicationRole?> FindAsync(EntraApplication application, string name, CancellationToken cancellationToken)
    {
        using JsonDocument registration = await RegistrationAsync(application, cancellationToken).ConfigureAwait(false);
        return Items(registration).Select(Read).FirstOrDefault(role => role.IsCalled(name));
    }

    /// <summary>Adds a role, or enables it when it is there and disabled. Returns when the service principal shows it.</summary>
    /// <exception cref="SourceException"><c>EntraNotSettled</c>; or Graph refused it.</exception>
    public async Task<ApplicationRole> AddAsync(
        EntraApplication application,
        string displayName,
        string value,
        string? description,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(application);
        ApplicationRole? known = await FindAsync(application, value, cancellationToken).ConfigureAwait(false);
        if (known is not { IsEnabled: true } || known.Value != value)
        {
            (string id, JsonArray roles) = await AgreedAsync(application, cancellationToken).ConfigureAwait(false);
            if (AddOrEnable(roles, displayName, value, description))
                await ReplaceAsync(id, roles, cancellationToken).ConfigureAwait(false);
        }
        return await UntilBothShowAsync(
                application,
                $"the role '{value}'",
                roles => roles.FirstOrDefault(role => role.IsEnabled && value.Equals(role.Value, StringComparison.Ordinal)),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    // False when the role is there and enabled.
    private static bool AddOrEnable(JsonArray roles, string displayName, string value, string? description)
    {
        JsonObject? there = Objects(roles).FirstOrDefault(role => value.Equals(JsonText.Of(role, "value"), StringComparison.Ordinal));
        if (there is not null)
        {
            bool wasEnabled = there["isEnabled"]?.GetValueKind() == JsonValueKind.True;
            there["isEnabled"] = true;
            return !wasEnabled;
        }
        roles.Add(
            new JsonObject
            {
                ["id"] = Guid.NewGuid().ToString("D"),
                ["displayName"] = displayName,
                ["value"] = value,
                ["description"] = description ?? displayName,
                ["isEnabled"] = true,
                ["allowedMemberTypes"] = new JsonArray("User"),
            }
        );
        return true;
    }

    /// <summary>
    /// Removes a role: disables it, which Graph wants first, and takes it off the list. Returns when the service principal no longer shows
    /// the role.
    /// </summary>
    /// <exception cref="SourceException"><c>EntraRoleProtected</c>, <c>EntraNotSettled</c>; or Graph refused it.</exception>
    public async Task RemoveAsync(EntraApplication application, ApplicationRole role, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(role);
        if (role.IsMicrosofts)
        {
            throw new SourceException(
                "EntraRoleProtected",
                $"The role '{role.DisplayName}' belongs to the gallery application, and single sign-on needs it. It is not removed."
            );
        }
        (string id, JsonArray roles) = await AgreedAsync(application, cancellationToken).ConfigureAwait(false);
        JsonObject? there = Objects(roles)
            .FirstOrDefault(one => role.Id.Equals(JsonText.Of(one, "id"), StringComparison.OrdinalIgnoreCase));
        if (there is not null)
        {
            if (there["isEnabled"]?.GetValueKind() != JsonValueKind.False)
            {
                there["isEnabled"] = false;
                await ReplaceAsync(id, roles, cancellationToken).ConfigureAwait(false);
                await UntilDisabledAsync(application, role, cancellationToken).ConfigureAwait(false);
            }
            roles.Remove(there);
            await ReplaceAsync(id, roles, cancellationToken).ConfigureAwait(false);
        }
        await UntilBothShowAsync(
                application,
                $"that the role '{role.ShortName}' is gone",
                roles => roles.Any(one => one.Id == role.Id) ? null : role,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private Task<ApplicationRole> UntilDisabledAsync(
        EntraApplication application,
        ApplicationRole role,
        CancellationToken cancellationToken
    ) =>
        _settling.UntilAsync(
            $"that the role '{role.ShortName}' is disabled",
            async token =>
            {
                using JsonDocument now = await RegistrationAsync(application, token).ConfigureAwait(false);
                return Items(now).Select(Read).Any(one => one.Id == role.Id && one.IsEnabled) ? null : role;
            },
            cancellationToken
        );

    private async Task<ApplicationRole> UntilBothShowAsync(
        EntraApplication application,
        string what,
        Func<IReadOnlyList<ApplicationRole>, ApplicationRole?> find,
        CancellationToken cancellationToken
    ) =>
        await _settling
            .UntilAsync(
                what,
                async token =>
                {
                    using JsonDocument registration = await RegistrationAsync(application, token).ConfigureAwait(false);
                    // Both objects must show it, because the next change of the list begins with the list of the application object.
                    return find([.. Items(registration).Select(Read)]) is null
                        ? null
                        : find(await ReadAsync(application, token).ConfigureAwait(false));
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    private Task<JsonDocument> RegistrationAsync(EntraApplication application, CancellationToken cancellationToken) =>
        _requests.GetAsync($"applications(appId='{application.AppId}')?$select=id,appRoles", s_read, cancellationToken);

    /// <summary>The application's id and its list of roles, as several answers in a row agree on it.</summary>
    private async Task<(string Id, JsonArray Roles)> AgreedAsync(EntraApplication application, CancellationToken cancellationToken)
    {
        string? id = null;
        JsonArray roles = await _settling
            .AgreedAsync(
                "the same roles",
                async token =>
                {
                    using JsonDocument registration = await RegistrationAsync(application, token).ConfigureAwait(false);
                    id = JsonText.Required(registration.RootElement, "id", "names no application");
                    return Copy(registration);
                },
                JsonNode.DeepEquals,
                cancellationToken
            )
            .ConfigureAwait(false);
        return (id!, roles);
    }

    private async Task ReplaceAsync(string id, JsonArray roles, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["appRoles"] = roles.DeepClone() };
        await _settling
            .RetryAsync(
                "the enterprise application",
                token => _requests.ChangeAsync(Method.PATCH, $"applications/{id}", body, s_write, token),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>The list with all that Graph says of each role. A role that is left out of a change would be removed.</summary>
    /// <exception cref="SourceException"><c>EntraResponseInvalid</c>: there is no list, and an empty one in its place would remove every
    /// role.</exception>
    private static JsonArray Copy(JsonDocument registration) =>
        JsonArray.Create(JsonText.RequiredList(registration.RootElement, "appRoles", "has no list of roles").Clone())!;

    private static IEnumerable<JsonObject> Objects(JsonArray roles) => roles.OfType<JsonObject>();

    private static JsonElement.ArrayEnumerator Items(JsonDocument? answer) => JsonText.Items(JsonText.Root(answer), "appRoles");

    private static ApplicationRole Read(JsonElement role) =>
        new(JsonText.OrEmpty(role, "id"), JsonText.OrEmpty(role, "displayName"), JsonText.NotEmpty(role, "value"))
        {
            Description = JsonText.Of(role, "description"),
            IsEnabled = JsonText.Property(role, "isEnabled") is not { ValueKind: JsonValueKind.False },
            IsForUsers =
                JsonText.Property(role, "allowedMemberTypes") is not { ValueKind: JsonValueKind.Array } kinds
                || kinds.EnumerateArray().Any(kind => JsonText.Of(kind) == "User"),
        };
}
