using System.Globalization;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>
/// A user as kept: the answer's JSON, ready to be sent, and what look-ups need. Never changed, only replaced,
/// so a page can be written while users change. Bytes rather than nodes keep 100,000 users near 100 MB and a page a copy.
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
