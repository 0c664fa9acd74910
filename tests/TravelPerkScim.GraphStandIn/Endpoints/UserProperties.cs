using System.Text.Json;
using TravelPerkScim.GraphStandIn.Protocol;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary>Which properties users have, and how they are written.</summary>
internal sealed class UserProperties(StandInDirectory directory)
{
    private static readonly HashSet<string> s_known = new(
        (
            "id accountEnabled ageGroup assignedLicenses assignedPlans businessPhones city "
            + "companyName consentProvidedForMinor country createdDateTime creationType deletedDateTime "
            + "department displayName employeeHireDate employeeId employeeLeaveDateTime employeeOrgData "
            + "employeeType externalUserState faxNumber givenName identities imAddresses "
            + "isResourceAccount jobTitle legalAgeGroupClassification mail mailNickname "
            + "mobilePhone officeLocation onPremisesDistinguishedName onPremisesDomainName "
            + "onPremisesExtensionAttributes onPremisesImmutableId onPremisesSamAccountName "
            + "onPremisesSecurityIdentifier onPremisesSyncEnabled onPremisesUserPrincipalName otherMails "
            + "passwordPolicies postalCode preferredDataLocation preferredLanguage "
            + "proxyAddresses state streetAddress surname usageLocation userPrincipalName userType"
        ).Split(' '),
        StringComparer.OrdinalIgnoreCase
    );

    private static readonly HashSet<string> s_singleOnly = new(
        "aboutMe birthday hireDate interests mailboxSettings mySite pastProjects preferredName responsibilities schools skills".Split(' '),
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>The error for a selection that cannot be read, or null.</summary>
    public GraphResponse? Refuse(IEnumerable<string> select, bool collection)
    {
        foreach (string name in select)
        {
            if (s_singleOnly.Contains(name))
            {
                if (collection)
                    return GraphResponse.Error(501, "NotImplemented", "This operation target is not yet supported.");
            }
            else if (!s_known.Contains(name) && name != "manager" && !directory.Extensions.Contains(name))
            {
                return GraphResponse.Error(400, "BadRequest", $"Could not find a property named '{name}' on type 'microsoft.graph.user'.");
            }
        }
        return null;
    }

    /// <summary>A whole user: a property without a value is null.</summary>
    public void WriteWhole(Utf8JsonWriter json, StandInUser user, string[] select, bool manager)
    {
        json.WriteString("id", user.Id);
        foreach (string name in select.Where(name => name is not ("id" or "manager")))
        {
            json.WritePropertyName(name);
            GraphWriter.Value(json, user.Properties.GetValueOrDefault(name));
        }
        if (manager && user.ManagerId is { } id && directory.IsLive(id))
        {
            json.WritePropertyName("manager");
            GraphWriter.Reference(json, directory, id);
        }
    }

    /// <summary>A user in a delta round: a property that was never set is left out.</summary>
    /// <param name="json">Written to.</param>
    /// <param name="user">Who.</param>
    /// <param name="select">Tracked properties.</param>
    /// <param name="since">Only properties that changed after; -1 is all.</param>
    public void WriteDelta(Utf8JsonWriter json, StandInUser user, string[] select, long since)
    {
        json.WriteString("id", user.Id);
        foreach (string name in select)
        {
            if (name == "manager")
            {
                WriteManager(json, user, since);
            }
            else if (name != "id" && user.Properties.TryGetValue(name, out object? value) && IsTracked(user, name, since))
            {
                json.WritePropertyName(name);
                GraphWriter.Value(json, value);
            }
        }
    }

    private void WriteManager(Utf8JsonWriter json, StandInUser user, long since)
    {
        if (user.ManagerId is not { } id || !directory.IsLive(id) || !IsTracked(user, "manager", since))
            return;
        json.WriteStartArray("manager@delta");
        GraphWriter.Reference(json, directory, id);
        json.WriteEndArray();
    }

    private static bool IsTracked(StandInUser user, string name, long since) =>
        since < 0 || user.ChangedProperties is null || (user.ChangedProperties.TryGetValue(name, out long changed) && changed > since);
}
