using System.Globalization;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>The one way in which messages and views show a moment: local time with its offset from UTC. Data has the moment
/// itself.</summary>
public static class ShownTime
{
    /// <summary>Such as <c>2026-03-02 09:00:00 +01:00</c>.</summary>
    public static string Text(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
}
