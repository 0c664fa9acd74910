using System.Globalization;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>A number with what it counts.</summary>
internal static class Counted
{
    /// <summary>Such as "1 user" and "2 users".</summary>
    public static string Of(long number, string one, string more) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : more)}");
}
