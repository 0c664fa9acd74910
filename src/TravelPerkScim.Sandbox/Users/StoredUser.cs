using System.Globalization;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>
/// A user as kept: the answer's JSON, ready to be sent, and the values for look-ups. It is never changed, only replaced, so a page can be
/// written while users change. It holds bytes and no nodes, so that 100,000 users take some 100 MB and a page is a copy.
/// </summary>
internal sealed record StoredUser(
    long Id,
    string UserName,
    string? ExternalId,
    long? ManagerId,
    string DisplayName,
    bool Active,
    DateTimeOffset Created,
    byte[] Json
)
{
    public string IdText => Id.ToString(CultureInfo.InvariantCulture);
}
