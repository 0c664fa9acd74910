using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Users;

/// <summary>One attribute that TravelPerk publishes, with the name of its parameter and property.</summary>
internal sealed record UserAttribute(string Parameter, AttributePath Path)
{
    public static readonly UserAttribute UserName = new("UserName", "userName");
    public static readonly UserAttribute ExternalId = new("ExternalId", "externalId");
    public static readonly UserAttribute Active = new("Active", "active");
    public static readonly UserAttribute HonorificPrefix = new("HonorificPrefix", "name.honorificPrefix");
    public static readonly UserAttribute GivenName = new("GivenName", "name.givenName");
    public static readonly UserAttribute MiddleName = new("MiddleName", "name.middleName");
    public static readonly UserAttribute FamilyName = new("FamilyName", "name.familyName");
    public static readonly UserAttribute Title = new("Title", "title");
    public static readonly UserAttribute WorkPhone = new("WorkPhone", "phoneNumbers[type eq \"work\"].value");
    public static readonly UserAttribute PreferredLanguage = new("PreferredLanguage", "preferredLanguage");
    public static readonly UserAttribute Locale = new("Locale", "locale");
    public static readonly UserAttribute CostCenter = new("CostCenter", TravelPerkSchema.EnterpriseUser + ":costCenter");
    public static readonly UserAttribute Manager = new("Manager", TravelPerkSchema.EnterpriseUser + ":manager");
    public static readonly UserAttribute Gender = new("Gender", TravelPerkSchema.TravelPerkUser + ":gender");
    public static readonly UserAttribute DateOfBirth = new("DateOfBirth", TravelPerkSchema.TravelPerkUser + ":dateOfBirth");
    public static readonly UserAttribute TravelPolicy = new("TravelPolicy", TravelPerkSchema.TravelPerkUser + ":travelPolicy");
    public static readonly UserAttribute InvoiceProfile = new("InvoiceProfile", TravelPerkSchema.TravelPerkUser + ":invoiceProfiles");
    public static readonly UserAttribute EmergencyContactName = new(
        "EmergencyContactName",
        TravelPerkSchema.TravelPerkUser + ":emergencyContact.name"
    );
    public static readonly UserAttribute EmergencyContactPhone = new(
        "EmergencyContactPhone",
        TravelPerkSchema.TravelPerkUser + ":emergencyContact.phone"
    );

    private UserAttribute(string parameter, string path)
        : this(parameter, AttributePath.Parse(path)) { }

    /// <summary>All 19, in reading order.</summary>
    public static IReadOnlyList<UserAttribute> All { get; } =
    [
        UserName,
        ExternalId,
        Active,
        HonorificPrefix,
        GivenName,
        MiddleName,
        FamilyName,
        Title,
        WorkPhone,
        PreferredLanguage,
        Locale,
        CostCenter,
        Manager,
        Gender,
        DateOfBirth,
        TravelPolicy,
        InvoiceProfile,
        EmergencyContactName,
        EmergencyContactPhone,
    ];
}
