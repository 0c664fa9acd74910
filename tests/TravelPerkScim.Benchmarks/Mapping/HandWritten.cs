using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Benchmarks;

/// <summary>The default mapping as somebody would write it in C# who needs no other: typed properties in, the same 19 values out.</summary>
internal static class HandWritten
{
    private static readonly object s_true = true;
    private static readonly object s_false = false;

    public static void Map(SampleUser user, Span<object?> desired)
    {
        desired[0] = user.UserPrincipalName;
        desired[1] = user.ObjectId;
        desired[2] = user.IsSoftDeleted switch
        {
            null => null,
            true => s_false,
            false => s_true,
        };
        desired[3] = user.GivenName;
        desired[4] = user.Surname;
        desired[5] = Present(user.MiddleName);
        desired[6] = Present(user.HonorificPrefix);
        string language = Left(user.PreferredLanguage, 2).ToLowerInvariant();
        desired[7] = language is "en" or "fr" or "de" or "es" ? language : IgnoredFlow.Instance;
        desired[8] = Present(user.PreferredLanguage?.ToLowerInvariant() == "en-gb" ? "en-gb" : language);
        desired[9] = user.TelephoneNumber;
        desired[10] = user.JobTitle;
        desired[11] = user.CostCenter;
        desired[12] = user.Manager;
        desired[13] = Present(user.Gender);
        desired[14] = Present(user.DateOfBirth);
        desired[15] = Present(user.TravelPolicy);
        string[]? profiles = user.InvoiceProfiles?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        desired[16] = profiles is { Length: > 0 } ? profiles : IgnoredFlow.Instance;
        desired[17] = Present(user.EmergencyContactName);
        desired[18] = Present(user.EmergencyContactPhone);
    }

    private static object Present(string? value) => string.IsNullOrEmpty(value) ? IgnoredFlow.Instance : value;

    private static string Left(string? value, int count) =>
        value is null ? ""
        : value.Length <= count ? value
        : value[..count];
}
