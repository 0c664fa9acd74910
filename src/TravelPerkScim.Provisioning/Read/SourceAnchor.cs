namespace TravelPerkScim.Provisioning.Read;

/// <summary>How ids of source objects are compared.</summary>
public static class SourceAnchor
{
    /// <summary>
    /// A Graph id in its canonical form, so that a tool that upper-cases GUIDs or puts them in braces, or a byte order mark in the middle
    /// of joined files, does not make a
    /// user another one; any other id as it is, without blanks and byte order marks around it.
    /// </summary>
    public static string Canonical(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        id = id.Trim().Trim('\uFEFF').Trim();
        return Guid.TryParseExact(id, "D", out Guid guid) || Guid.TryParseExact(id, "B", out guid) ? Lower(guid, id) : id;
    }

    // Most ids are in that form already, and a directory has many.
    private static string Lower(Guid guid, string id)
    {
        Span<char> form = stackalloc char[36];
        guid.TryFormat(form, out _, "D");
        return form.SequenceEqual(id) ? id : new string(form);
    }
}
