namespace TravelPerkScim.Provisioning.Read;

/// <summary>The form in which ids of source objects are compared.</summary>
public static class SourceAnchor
{
    /// <summary>
    /// A Graph id in its canonical form; any other id as it is, without blanks and byte order marks around it. Some tools upper-case GUIDs
    /// or put them in braces, and joined files have byte order marks in the middle. The id must still be the same user's.
    /// </summary>
    public static string Canonical(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        id = id.Trim().Trim('\uFEFF').Trim();
        return Guid.TryParseExact(id, "D", out Guid guid) || Guid.TryParseExact(id, "B", out guid) ? Lower(guid, id) : id;
    }

    // A directory has many ids, and most of them are in the canonical form already.
    private static string Lower(Guid guid, string id)
    {
        Span<char> form = stackalloc char[36];
        guid.TryFormat(form, out _, "D");
        return form.SequenceEqual(id) ? id : new string(form);
    }
}
