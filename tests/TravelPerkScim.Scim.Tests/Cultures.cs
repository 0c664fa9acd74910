using System.Globalization;

namespace TravelPerkScim.Scim.Tests;

/// <summary>Runs a body under another culture and puts the old one back.</summary>
internal static class Cultures
{
    public static void Under(string name, Action body)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo(name);
        try
        {
            body();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
