namespace TravelPerkScim.Mapping.Source;

/// <summary>
/// The userPrincipalName of a guest, which the inviting tenant makes of the home address:
/// <c>anna_contoso.com#EXT#@tenant.onmicrosoft.com</c>.
/// Mappings and scopes see the home address as userPrincipalName and the full name as originalUserPrincipalName, as in Entra's provisioning
/// service.
/// </summary>
public static class GuestName
{
    private const string Marker = "#EXT#";

    /// <summary>The home address in the userPrincipalName of a guest; any other name as it is.</summary>
    public static string Home(string userPrincipalName)
    {
        ArgumentNullException.ThrowIfNull(userPrincipalName);
        int marker = userPrincipalName.IndexOf(Marker, StringComparison.OrdinalIgnoreCase);
        if (marker < 0)
            return userPrincipalName;
        // A domain holds no underscore, so the last one stands for the @.
        int at = userPrincipalName.LastIndexOf('_', marker);
        bool hasBothParts = at > 0 && at < marker - 1;
        return hasBothParts ? $"{userPrincipalName[..at]}@{userPrincipalName[(at + 1)..marker]}" : userPrincipalName;
    }

    /// <summary>How the userPrincipalName of a guest with this home address begins; null for text that is no address, or is a guest's full
    /// name.</summary>
    public static string? PrefixOf(string homeAddress)
    {
        ArgumentNullException.ThrowIfNull(homeAddress);
        int at = homeAddress.LastIndexOf('@');
        bool isHome = at > 0 && at < homeAddress.Length - 1 && !homeAddress.Contains(Marker, StringComparison.OrdinalIgnoreCase);
        return isHome ? $"{homeAddress[..at]}_{homeAddress[(at + 1)..]}{Marker}" : null;
    }

    /// <summary>Both names of an object that was just read.</summary>
    public static void Apply(SourceObject user)
    {
        ArgumentNullException.ThrowIfNull(user);
        int name = user.Layout.UserPrincipalName;
        if (name < 0 || user.Values[name] is not string full)
            return;
        int original = user.Layout.OriginalUserPrincipalName;
        if (original >= 0)
            user.Values[original] ??= full;
        user.Values[name] = Home(full);
    }
}
