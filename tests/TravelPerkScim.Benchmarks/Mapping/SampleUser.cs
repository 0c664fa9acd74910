using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Benchmarks;

/// <summary>A source user as a class of a program that knows only this mapping. Some people lack some attributes, as in a
/// directory.</summary>
internal sealed record SampleUser
{
    private static readonly string?[] s_languages = ["en-GB", "en-US", "es-ES", "de-DE", "fr-FR", "pt-PT", "es", null, ""];

    public required string ObjectId { get; init; }

    public required string UserPrincipalName { get; init; }

    public required string GivenName { get; init; }

    public required string Surname { get; init; }

    public bool? IsSoftDeleted { get; init; }

    public string? PreferredLanguage { get; init; }

    public string? TelephoneNumber { get; init; }

    public string? JobTitle { get; init; }

    public string? CostCenter { get; init; }

    public SourceReference? Manager { get; init; }

    public string? MiddleName { get; init; }

    public string? HonorificPrefix { get; init; }

    public string? Gender { get; init; }

    public string? DateOfBirth { get; init; }

    public string? TravelPolicy { get; init; }

    public string? InvoiceProfiles { get; init; }

    public string? EmergencyContactName { get; init; }

    public string? EmergencyContactPhone { get; init; }

    public static SampleUser[] Make(int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(n => new SampleUser
                {
                    ObjectId = $"00000000-0000-4000-8000-{n:D12}",
                    UserPrincipalName = $"person{n}@contoso.com",
                    GivenName = $"Given{n}",
                    Surname = $"Family{n}",
                    IsSoftDeleted = random.Next(50) == 0,
                    PreferredLanguage = s_languages[random.Next(s_languages.Length)],
                    TelephoneNumber = Some(90, $"+34 93{n:D7}"),
                    JobTitle = Some(95, $"Title {n % 40}"),
                    CostCenter = Some(90, $"CC-{n % 30}"),
                    Manager = n == 0 ? null : new SourceReference($"00000000-0000-4000-8000-{n / 8:D12}"),
                    MiddleName = Some(20, "Elena"),
                    HonorificPrefix = Some(60, n % 2 == 0 ? "MRS" : "MR"),
                    Gender = Some(80, n % 2 == 0 ? "F" : "M"),
                    DateOfBirth = Some(80, "1980/02/02"),
                    TravelPolicy = Some(80, $"Policy {n % 5}"),
                    InvoiceProfiles = Some(70, n % 10 == 0 ? "Contoso SL; Contoso Ltd" : "Contoso SL"),
                    EmergencyContactName = Some(40, "Juan Ruiz"),
                    EmergencyContactPhone = Some(40, "+34 600654321"),
                }),
        ];

        string? Some(int percent, string value) => random.Next(100) < percent ? value : null;
    }

    public SourceObject ToSource(SourceLayout layout)
    {
        var source = new SourceObject(ObjectId, layout);
        Set("objectId", ObjectId);
        Set("userPrincipalName", UserPrincipalName);
        Set("givenName", GivenName);
        Set("surname", Surname);
        Set("IsSoftDeleted", IsSoftDeleted);
        Set("preferredLanguage", PreferredLanguage);
        Set("telephoneNumber", TelephoneNumber);
        Set("jobTitle", JobTitle);
        Set("employeeOrgData.costCenter", CostCenter);
        Set("manager", Manager);
        Set("extensionAttribute8", MiddleName);
        Set("extensionAttribute9", HonorificPrefix);
        Set("extensionAttribute10", Gender);
        Set("extensionAttribute11", DateOfBirth);
        Set("extensionAttribute12", TravelPolicy);
        Set("extensionAttribute13", InvoiceProfiles);
        Set("extensionAttribute14", EmergencyContactName);
        Set("extensionAttribute15", EmergencyContactPhone);
        return source;

        void Set(string name, object? value) => source.Values[layout.SlotOf(name)] = value;
    }
}
