namespace TravelPerkScim.Scim.Schema;

/// <summary>The paths of users that this project reads itself, parsed once.</summary>
internal static class UserPaths
{
    public static readonly AttributePath Id = Core("id");
    public static readonly AttributePath UserName = Core("userName");
    public static readonly AttributePath ExternalId = Core("externalId");
    public static readonly AttributePath Active = Core("active");
    public static readonly AttributePath HonorificPrefix = Core("name.honorificPrefix");
    public static readonly AttributePath FamilyName = Core("name.familyName");
    public static readonly AttributePath GivenName = Core("name.givenName");
    public static readonly AttributePath MiddleName = Core("name.middleName");
    public static readonly AttributePath PreferredLanguage = Core("preferredLanguage");
    public static readonly AttributePath Locale = Core("locale");
    public static readonly AttributePath WorkPhone = Core("phoneNumbers[type eq \"work\"].value");
    public static readonly AttributePath Title = Core("title");
    public static readonly AttributePath Created = Core("meta.created");
    public static readonly AttributePath LastModified = Core("meta.lastModified");

    public static readonly AttributePath CostCenter = Enterprise("costCenter");
    public static readonly AttributePath Manager = Enterprise("manager");
    public static readonly AttributePath ManagerDisplayName = Enterprise("manager.displayName");

    public static readonly AttributePath Gender = TravelPerk("gender");
    public static readonly AttributePath DateOfBirth = TravelPerk("dateOfBirth");
    public static readonly AttributePath InvoiceProfiles = TravelPerk("invoiceProfiles");
    public static readonly AttributePath EmergencyContactName = TravelPerk("emergencyContact.name");
    public static readonly AttributePath EmergencyContactPhone = TravelPerk("emergencyContact.phone");
    public static readonly AttributePath TravelPolicy = TravelPerk("travelPolicy");

    private static AttributePath Core(string path) => AttributePath.Parse(path);

    private static AttributePath Enterprise(string path) => AttributePath.Parse($"{TravelPerkSchema.EnterpriseUser}:{path}");

    private static AttributePath TravelPerk(string path) => AttributePath.Parse($"{TravelPerkSchema.TravelPerkUser}:{path}");
}
