namespace TravelPerkScim.Provisioning.Read;

/// <summary>How ids of source objects are compared.</summary>
public static class SourceAnchor
{
    /// <summary>
    /// A Graph id in its canonical form, so that a tool that upper-cases GUIDs or puts them in braces, or a byte order mark in the middle of joined files, does not make a
    /// user another one; any other id as it is, without blanks and byte order marks around it.
    /// </summary>
    public static string Canonical(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        id = id.Trim().Trim('\uFEFF').Trim();
        return Guid.TryParseExact(id, "D", out Guid guid) || Guid.TryParseExact(id, "B", out guid) ? guid.ToString("D") : id;
    }
}
