using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Schema;

/// <summary>The 19 attributes that TravelPerk publishes (Entra's TravelPerk provisioning tutorial), and more when they are
/// discovered.</summary>
public static class TravelPerkSchema
{
    public const string CoreUser = "urn:ietf:params:scim:schemas:core:2.0:User";
    public const string EnterpriseUser = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    public const string TravelPerkUser = "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User";

    private static readonly Lazy<Dictionary<AttributePath, ScimSchemaAttribute>> s_byPath = new(() =>
        UserAttributes.ToDictionary(attribute => attribute.Path)
    );

    private static readonly Lazy<IReadOnlyList<ScimSchemaAttribute>> s_userAttributes = new(Build);

    /// <summary>
    /// The 19, in the tutorial's order. Free text is case-exact, so that a corrected capital letter reaches TravelPerk. userName, language
    /// and locale are not, because services rewrite their case.
    /// </summary>
    public static IReadOnlyList<ScimSchemaAttribute> UserAttributes => s_userAttributes.Value;

    /// <summary>One of the 19 by path, or null.</summary>
    public static ScimSchemaAttribute? Find(AttributePath path) => s_byPath.Value.GetValueOrDefault(path);

    /// <summary>The 19, and the other attributes that the server's <c>/Schemas</c> documents describe.</summary>
    public static IReadOnlyList<ScimSchemaAttribute> WithDiscovered(IEnumerable<JsonObject> schemas) =>
        [.. UserAttributes, .. SchemaReader.Read(schemas).Where(attribute => Find(attribute.Path) is null)];

    private static ScimSchemaAttribute[] Build() =>
        [
            new()
            {
                Path = UserPaths.UserName,
                Required = true,
                Rule = TravelPerkRules.UserName,
                Description = "E-mail address the user signs in with; unique.",
            },
            new()
            {
                Path = UserPaths.ExternalId,
                CaseExact = true,
                Rule = TravelPerkRules.NotBlank,
                Description = "The source's own id of the user.",
            },
            new()
            {
                Path = UserPaths.Active,
                Type = ScimAttributeType.Boolean,
                Rule = TravelPerkRules.Boolean,
                Description = "An inactive user cannot book.",
            },
            new()
            {
                Path = UserPaths.HonorificPrefix,
                CaseExact = true,
                Rule = TravelPerkRules.Text,
                Description = "Form of address, such as MR or MRS.",
            },
            new()
            {
                Path = UserPaths.FamilyName,
                Required = true,
                CaseExact = true,
                Rule = TravelPerkRules.NotBlank,
                Description = "Family name, as in the travel document.",
            },
            new()
            {
                Path = UserPaths.GivenName,
                Required = true,
                CaseExact = true,
                Rule = TravelPerkRules.NotBlank,
                Description = "Given name, as in the travel document.",
            },
            new()
            {
                Path = UserPaths.MiddleName,
                CaseExact = true,
                Rule = TravelPerkRules.Text,
                Description = "Middle name.",
            },
            new()
            {
                Path = UserPaths.PreferredLanguage,
                Rule = TravelPerkRules.PreferredLanguage,
                Description = "Language of the user's TravelPerk: en, fr, de or es.",
            },
            new()
            {
                Path = UserPaths.Locale,
                Rule = TravelPerkRules.Locale,
                Description = "Language tag for formats, such as en or en-gb.",
            },
            new()
            {
                Path = UserPaths.WorkPhone,
                CaseExact = true,
                Rule = TravelPerkRules.Phone,
                Description = "Work phone with country code, such as +34 1234567.",
            },
            new()
            {
                Path = UserPaths.Title,
                CaseExact = true,
                Rule = TravelPerkRules.Text,
                Description = "Job title.",
            },
            new()
            {
                Path = UserPaths.CostCenter,
                CaseExact = true,
                Rule = TravelPerkRules.NotBlank,
                Description = "Cost centre; must exist in TravelPerk under exactly this name.",
            },
            new()
            {
                Path = UserPaths.Manager,
                Type = ScimAttributeType.Reference,
                CaseExact = true,
                Rule = TravelPerkRules.NotBlank,
                Description = "TravelPerk id of the manager, who must exist first and becomes the approver.",
            },
            new()
            {
                Path = UserPaths.Gender,
                CaseExact = true,
                Rule = TravelPerkRules.Gender,
                Description = "M or F.",
            },
            new()
            {
                Path = UserPaths.DateOfBirth,
                CaseExact = true,
                Rule = TravelPerkRules.DateOfBirth,
                Description = "Date of birth, YYYY-MM-DD or YYYY/MM/DD.",
            },
            new()
            {
                Path = UserPaths.InvoiceProfiles,
                MultiValued = true,
                CaseExact = true,
                Rule = TravelPerkRules.EachNotBlank,
                Description = "Invoice profiles; each must exist in TravelPerk under exactly this name.",
            },
            new()
            {
                Path = UserPaths.EmergencyContactName,
                CaseExact = true,
                Rule = TravelPerkRules.NotBlank,
                Description = "Name of the emergency contact.",
            },
            new()
            {
                Path = UserPaths.EmergencyContactPhone,
                CaseExact = true,
                Rule = TravelPerkRules.Phone,
                Description = "Phone of the emergency contact with country code.",
            },
            new()
            {
                Path = UserPaths.TravelPolicy,
                CaseExact = true,
                Rule = TravelPerkRules.NotBlank,
                Description = "Travel policy; must exist in TravelPerk under exactly this name.",
            },
        ];
}
