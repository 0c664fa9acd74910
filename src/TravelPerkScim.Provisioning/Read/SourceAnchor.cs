namespace TravelPerkScim.Provisioning.Read;

/// <summary>How ids of source objects are compared.</summary>
public static class SourceAnchor
{
    /// <summary>A Graph id in its canonical (lower) case, so that a tool that upper-cases GUIDs does not make everyone a stranger; any other id as it is.</summary>
    public static string Canonical(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        id = id.Trim();
        return Guid.TryParseExact(id, "D", out _) ? id.ToLowerInvariant() : id;
    }
}
